"""A member is let out of a case: everything they hold there ends in one act, by the expert.

Rights are computed, so nothing of theirs is left behind to be found (I21, attacks.md A15). What
they deposited stays; their answers about electronic exchange stay as history. A party that
loses its last representative is served by post from that moment on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases import access
from accedit.domain.cases.enums import RosterRole
from accedit.domain.cases.models import Case, Mandate, Party, RosterLine
from accedit.domain.cases.operations.parties import enter_line, told
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access as filing
from accedit.domain.filing import queries
from accedit.domain.filing.models import BasketItem, Grant
from accedit.domain.filing.operations import rooms
from accedit.domain.people.models import ApiToken, Group, User
from accedit.domain.people.operations import accounts, groups, invitations, tokens
from accedit.domain.people.rights import Actor
from accedit.shared.fields import several_lines
from accedit.shared.refusals import Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Losing:
    """What somebody holds in a case, said before it ends."""

    line: RosterLine
    reads: bool
    places: Sequence[str]  # where they hold rights of their own: their box, above all
    files_waiting: int  # in baskets that are not deposited
    keys: int  # of programs, bound to this case
    alone: Sequence[Party]  # represented by nobody once they have left


def line_to_end(case_id: UUID, line_id: UUID, *, actor: Actor) -> RosterLine:
    """A line of today's liste de diffusion, for the expert of the case alone."""
    owned_case(case_id, actor=actor)
    line = (
        RosterLine.objects.select_related("case__room__owner", "addressee", "user", "party")
        .filter(pk=line_id, case=case_id, left_at__isnull=True, user__isnull=False)
        .first()
    )
    if line is None:
        raise NotFound
    if line.role == RosterRole.EXPERT:
        raise Forbidden(what="l'expert ne se retire pas de son propre dossier")
    return line


def owned_case(case_id: UUID, *, actor: Actor) -> Case:
    entered = access.case(case_id, asker=actor)
    filing.owned_room(case_id, asker=actor)
    return entered.case


def losing(line: RosterLine) -> Losing:
    user, room = person_of(line), line.case.room
    own = Grant.objects.filter(node__room=room, user=user).select_related("node")
    waiting = BasketItem.objects.filter(
        basket__owner=user, basket__deposited_at=None, basket__box__folder__room=room
    )
    root = room.nodes.get(kind="root")
    return Losing(
        line=line,
        reads=user.pk in queries.readers(root),
        places=[grant.node.name for grant in own.order_by("node__sort_key")],
        files_waiting=waiting.count(),
        keys=ApiToken.objects.filter(user=user, room_id=room.pk, revoked_at=None).count(),
        alone=left_alone(line.case, without=user),
    )


def person_of(line: RosterLine) -> User:
    assert line.user is not None
    return line.user


def left_alone(case: Case, *, without: User) -> list[Party]:
    """The parties that only this person stands for today, as counsel or as themselves."""
    theirs = Party.objects.filter(case=case).filter(
        pk__in=Mandate.objects.filter(party__case=case, counsel=without, until__isnull=True).values(
            "party"
        )
    ) | Party.objects.filter(case=case, user=without)
    others = Mandate.objects.filter(party__case=case, until__isnull=True).exclude(counsel=without)
    kept = set(others.values_list("party_id", flat=True))
    return [
        party
        for party in theirs.order_by("rank").distinct()
        if party.pk not in kept and party.user_id in (None, without.pk)
    ]


@transaction.atomic
def let_out(
    case_id: UUID, line_id: UUID, *, reason: str, actor: Actor, at: datetime, address: str = ""
) -> Sequence[Party]:
    """Out at once, with a reason. The parties that nobody stands for any more are answered:
    they are served by post, at `address` where theirs is not known yet."""
    line = line_to_end(case_id, line_id, actor=actor)
    rooms.locked(case_id)
    line = line_to_end(case_id, line_id, actor=actor)
    said = several_lines(reason, what="Motif", limit=1000)
    if not said:
        raise Invalid(what="Motif : dites pourquoi cette personne quitte le dossier.")
    postal = several_lines(address, what="Adresse postale")
    alone = left_alone(line.case, without=person_of(line))
    Mandate.objects.filter(party__case=case_id, counsel=line.user_id, until__isnull=True).update(
        until=at
    )
    end(line, reason=said, actor=actor, at=at)
    for party in alone:
        _by_post(party, address=postal, actor=actor, at=at)
    return alone


def end(line: RosterLine, *, reason: str, actor: Actor, at: datetime) -> None:
    """Membership, grants, groups, notices, sessions and keys. The room is locked by the caller,
    who has ended the mandates."""
    user, case = person_of(line), line.case
    _rights_taken(user, case=case, actor=actor, at=at)
    rooms.let_out(user, room=case.room, at=at)
    for group in Group.objects.filter(room_id=case.pk, memberships__user=user):
        groups.remove(user, of=group)
    lists.leave(line.addressee, at=at)
    line.left_at = at
    line.save(update_fields=["left_at"])
    Party.objects.filter(case=case, user=user).update(user=None, opened_by_counsel_at=None)
    invitations.take_back(user, room_id=case.pk, at=at)
    if user.only_room == case.pk:
        accounts.end_all_access(user.pk)
    for token in ApiToken.objects.filter(user=user, room_id=case.pk, revoked_at=None):
        tokens.revoke_token(token, at=at)
    told(
        case,
        "member.removed",
        actor=actor,
        at=at,
        about=user.pk,
        member={"id": str(user.pk), "name": user.name},
        reason=reason,
    )


def _rights_taken(user: User, *, case: Case, actor: Actor, at: datetime) -> None:
    """Each right of their own, in the log of the space where it was held."""
    for grant in Grant.objects.filter(node__room=case.room, user=user).select_related("node__room"):
        log.append(
            log.acts_of(case.pk, sealed=queries.sealed_above(grant.node)),
            [
                Fact(
                    kind="rights.changed",
                    claims={
                        "actor": actor.claim(),
                        "node_id": str(grant.node_id),
                        "subject": {"id": str(user.pk), "name": user.name},
                        "before": sorted(grant.rights),
                        "after": [],
                        "gained": [],
                        "lost": [str(user.pk)],
                    },
                    received_at=at,
                    actor_id=actor.user_id,
                    node=grant.node_id,
                )
            ],
        )


def _by_post(party: Party, *, address: str, actor: Actor, at: datetime) -> None:
    """The party is on the liste de diffusion by itself: a letter for it at each deposit."""
    party.by_post = True
    party.address = party.address or address
    party.save(update_fields=["by_post", "address"])
    known = RosterLine.objects.filter(party=party, user=None, left_at__isnull=True)
    if not known.exists():
        enter_line(
            party.case, name=party.name, role=RosterRole.PARTY, how=How.POST, at=at, party=party
        )
    told(
        party.case,
        "party.state_changed",
        actor=actor,
        at=at,
        party={"id": str(party.pk), "name": party.name},
        before=None,
        after="by_post",
    )
