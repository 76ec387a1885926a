"""A lawyer joins a party, beside the one it has or in their place.

The side keeps its box, its archive and its piece numbers; whoever leaves loses everything at
once, whoever comes reads the whole file and is asked and invited as a new member is.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases.enums import RosterRole
from accedit.domain.cases.models import Case, Mandate, Party, RosterLine, Side
from accedit.domain.cases.operations import leaving
from accedit.domain.cases.operations.parties import CounselDraft, enter_counsel, told
from accedit.domain.filing.models import Box
from accedit.domain.filing.operations import rooms
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.shared.fields import email_address, one_line
from accedit.shared.refusals import Kind, NotFound, Refusal


class SameCounsel(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "{name} est déjà l'avocat de cette partie."


def party_of(case_id: UUID, party_id: UUID, *, actor: Actor) -> Party:
    """A party of a case, for the expert of it alone."""
    leaving.owned_case(case_id, actor=actor)
    party = (
        Party.objects.select_related("case__room", "side").filter(pk=party_id, case=case_id).first()
    )
    if party is None:
        raise NotFound
    return party


@transaction.atomic
def join(
    case_id: UUID,
    party_id: UUID,
    *,
    draft: CounselDraft,
    actor: Actor,
    at: datetime,
    replacing: UUID | None = None,
) -> User:
    """The new counsel. `replacing` is whose place they take, for every party of the side; none:
    they act beside whoever is there."""
    party = party_of(case_id, party_id, actor=actor)
    rooms.locked(case_id)
    one_line(draft.name, what="Nom de l'avocat")
    address = email_address(draft.email)
    box = Box.objects.select_related("folder__room").get(side=party.side_id)
    acting = Mandate.objects.filter(party__side=party.side_id, until__isnull=True)
    here = acting.filter(party=party).select_related("counsel")
    for mandate in here:
        if mandate.counsel.email == address:
            raise SameCounsel(name=mandate.counsel.name)
    parties, before = [party], None
    if replacing is not None:
        left = acting.filter(counsel=replacing).select_related("counsel", "party__case__room")
        ended = list(left.order_by("party__rank"))
        if not ended:
            raise NotFound
        before = ended[0].counsel
        parties = [mandate.party for mandate in ended]
        _ended(before, side=party.side, case=party.case, box=box, actor=actor, at=at)
    for one in parties:
        mandate = enter_counsel(one, box=box, draft=draft, actor=actor, at=at)
        _no_longer_by_post(one, at=at)
    new = mandate.counsel
    told(
        party.case,
        "counsel.changed",
        actor=actor,
        at=at,
        side={"id": str(party.side_id), "name": party.side.word},
        before={"id": str(before.pk), "name": before.name} if before else None,
        after={"id": str(new.pk), "name": new.name},
    )
    return new


def _ended(user: User, *, side: Side, case: Case, box: Box, actor: Actor, at: datetime) -> None:
    """Their mandates for this side; and, if they act for no other side of the case, all the rest."""
    running = Mandate.objects.filter(party__case=case, counsel=user, until__isnull=True)
    running.filter(party__side=side).update(until=at)
    if running.exists():
        rooms.revoke(box.folder, of=user)
        return
    line = (
        RosterLine.objects.select_related("case__room", "addressee", "user")
        .filter(case=case, user=user, left_at__isnull=True)
        .first()
    )
    if line is not None:
        leaving.end(line, reason="Changement d'avocat", actor=actor, at=at)


def _no_longer_by_post(party: Party, *, at: datetime) -> None:
    """A party served by post is served through its lawyer from now on."""
    lines = RosterLine.objects.filter(
        party=party, user=None, left_at__isnull=True, role=RosterRole.PARTY
    )
    for line in lines.select_related("addressee"):
        lists.leave(line.addressee, at=at)
        line.left_at = at
        line.save(update_fields=["left_at"])
    if party.by_post:
        party.by_post = False
        party.save(update_fields=["by_post"])
