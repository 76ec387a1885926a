"""A party joins a case: its side, its box, its counsel or itself, its line of the roster.

The same acts whether it is there from the first day or joined late: whoever joins reads
the whole past file at once, because rights are computed and never copied.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases import access, stages
from accedit.domain.cases.enums import PartyKind, RosterRole, RosterState
from accedit.domain.cases.models import Case, Consent, Mandate, Party, RosterLine, Side
from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact, stamp
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Node, Room
from accedit.domain.filing.operations import places, rooms
from accedit.domain.people.enums import Channel, Covers, PersonKind
from accedit.domain.people.models import Firm, User
from accedit.domain.people.operations import accounts, groups, invitations, pacing
from accedit.domain.people.rights import Actor
from accedit.domain.post.operations import outbox
from accedit.shared.fields import email_address, folded, one_line, optional_line, several_lines
from accedit.shared.refusals import Invalid, Kind, Refusal


@dataclass(frozen=True, slots=True)
class CounselDraft:
    name: str
    email: str
    firm: str = ""


@dataclass(frozen=True, slots=True)
class PartyDraft:
    """A party as it is typed. Parties with the same `side` share a box."""

    name: str
    side: str
    kind: PartyKind
    email: str = ""
    by_post: bool = False
    address: str = ""
    counsel: Sequence[CounselDraft] = field(default_factory=tuple)


class AlreadyThere(Refusal):
    """A form sent twice, or the same party typed again."""

    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "« {name} » est déjà dans ce dossier, du côté « {side} »."


@transaction.atomic
def join_party(case_id: UUID, *, draft: PartyDraft, actor: Actor, at: datetime) -> Party:
    """A late side joins: everything it needs, in one act."""
    entered = access.managed_case(case_id, asker=actor, covers=Covers.OPEN_CASES)
    room = Room.objects.select_for_update().get(pk=case_id)
    rooms.refuse_if_closed(room)
    return enter_party(entered.case, draft=draft, actor=actor, at=at)


def enter_party(case: Case, *, draft: PartyDraft, actor: Actor, at: datetime) -> Party:
    _check(draft)
    side, box = _side(case, draft=draft, at=at)
    for known in Party.objects.filter(side=side):
        if folded(known.name) == folded(draft.name):
            raise AlreadyThere(name=known.name, side=side.word)
    party = Party.objects.create(
        case=case,
        side=side,
        name=draft.name,
        kind=draft.kind,
        email=email_address(draft.email) if draft.email else "",
        address=several_lines(draft.address, what="Adresse postale"),
        by_post=draft.by_post,
        joined_at=at,
        rank=Party.objects.filter(case=case).count(),
    )
    told(
        case,
        "party.joined",
        actor=actor,
        at=at,
        party={"id": str(party.pk), "name": party.name},
        party_kind=party.kind,
        side={"id": str(side.pk), "name": side.word},
        box={"id": str(box.folder_id), "name": box.folder.name},
        by_post=party.by_post,
    )
    if draft.counsel:
        for counsel in draft.counsel:
            enter_counsel(party, box=box, draft=counsel, actor=actor, at=at)
    elif party.by_post:
        enter_line(case, name=party.name, role=RosterRole.PARTY, how=How.POST, at=at, party=party)
    else:
        _private_party(party, box=box, actor=actor, at=at)
    return party


def _check(draft: PartyDraft) -> None:
    one_line(draft.name, what="Nom de la partie")
    one_line(draft.side, what="Côté", limit=60)
    optional_line(folded(draft.side), what="Côté", limit=60)  # a letter may fold into several
    for counsel in draft.counsel:
        one_line(counsel.name, what="Nom de l'avocat")
        email_address(counsel.email)
    if not (draft.counsel or draft.by_post or draft.email or draft.address):
        raise Invalid(
            what=f"{draft.name} : donnez un avocat, une adresse électronique, ou indiquez « par la poste »."
        )


def _side(case: Case, *, draft: PartyDraft, at: datetime) -> tuple[Side, Box]:
    """The side of this word, made with its box and archive at first need."""
    word = folded(draft.side)
    side = Side.objects.filter(case=case, folded_word=word).first()
    if side:
        return side, Box.objects.select_related("folder__room").get(side=side.pk)
    side = Side.objects.create(
        case=case,
        word=draft.side,
        folded_word=word,
        rank=Side.objects.filter(case=case).count(),
    )
    top = {
        node.name: node
        for node in Node.objects.filter(room=case.room, parent__kind=NodeKind.ROOT).select_related(
            "room"
        )
    }
    made = places.open_box(
        boxes=top[stages.BOXES],
        archives=top[stages.ARCHIVES],
        side=side.pk,
        label=draft.name,
        side_name=draft.side,
        at=at,
    )
    return side, made.box


def enter_counsel(
    party: Party, *, box: Box, draft: CounselDraft, actor: Actor, at: datetime
) -> Mandate:
    """The lawyer acts for the party: reads the room, deposits in the side's box, is told."""
    firm = accounts.firm_named(draft.firm)
    user, _ = accounts.professional(name=draft.name, email=draft.email, firm=firm, at=at)
    mandate, new = Mandate.objects.get_or_create(
        party=party, counsel=user, until=None, defaults={"firm": firm, "since": at}
    )
    if new:
        _open_room_to(
            user, party=party, box=box, role=RosterRole.COUNSEL, actor=actor, at=at, firm=firm
        )
    return mandate


def _private_party(party: Party, *, box: Box, actor: Actor, at: datetime) -> None:
    user = _back_again(party) or accounts.enter_person(
        name=party.name,
        kind=PersonKind.PRIVATE,
        email=party.email or None,
        address=party.address,
        only_room=party.case_id,
        at=at,
    )
    party.user = user
    party.save(update_fields=["user"])
    _open_room_to(user, party=party, box=box, role=RosterRole.PARTY, actor=actor, at=at)


def _back_again(party: Party) -> User | None:
    """Whoever stood for a party of this case under this address, was let out, and comes back."""
    known = User.objects.filter(
        kind=PersonKind.PRIVATE, email=party.email or None, only_room=party.case_id, parties=None
    )
    return known.first() if party.email else None


@transaction.atomic
def open_to_party(party: Party, *, email: str, actor: Actor, at: datetime) -> User:
    """The counsel lets the party it represents read and deposit. `party` comes from
    `access.represented_party`."""
    if party.user_id:
        raise Invalid(what="Cette partie a déjà un accès au dossier.")
    rooms.refuse_if_closed(Room.objects.select_for_update().get(pk=party.case_id))
    party.email = email_address(email)
    party.opened_by_counsel_at = at
    party.save(update_fields=["email", "opened_by_counsel_at"])
    box = Box.objects.select_related("folder__room").get(side=party.side_id)
    _private_party(party, box=box, actor=actor, at=at)
    party.refresh_from_db()
    assert party.user is not None
    return party.user


def _open_room_to(
    user: User,
    *,
    party: Party,
    box: Box,
    role: RosterRole,
    actor: Actor,
    at: datetime,
    firm: Firm | None = None,
) -> None:
    case = party.case
    known = RosterLine.objects.filter(case=case, user=user, left_at__isnull=True).exists()
    rooms.let_in(user, room=case.room, at=at)
    groups.add(user, to=case.group)
    rooms.grant(box.folder, to=user, rights=[Right.ADD], by=actor.user_id, at=at)
    told(
        case,
        "rights.changed",
        actor=actor,
        at=at,
        node_id=str(box.folder_id),
        subject={"id": str(user.pk), "name": user.name},
        before=[],
        after=[Right.ADD.value],
        gained=[str(user.pk)],
        lost=[],
    )
    if known:
        return
    line = enter_line(
        case,
        name=user.name,
        role=role,
        how=How.BOTH if user.email else How.POST,
        at=at,
        user=user,
        party=party,
        address=user.address,
    )
    _member_added(case, line=line, party=party, firm=firm, actor=actor, at=at)
    ask_consent(line, actor=actor, at=at)
    invite(line, actor=actor, at=at)


def enter_line(
    case: Case,
    *,
    name: str,
    role: RosterRole,
    how: How,
    at: datetime,
    user: User | None = None,
    party: Party | None = None,
    address: str = "",
) -> RosterLine:
    """A line of the liste de diffusion, with the state that goes with how it is told. A party's
    address is its own: a letter to its lawyer does not go there."""
    at_home = party.address if party and role == RosterRole.PARTY else ""
    addressee = lists.enter(
        room_id=case.pk,
        name=name,
        how=how,
        user=user,
        party_id=party.pk if party else None,
        side=party.side_id if party else None,
        address=address or at_home,
        at=at,
    )
    state = {How.MAIL: RosterState.CONSENTING, How.BOTH: RosterState.INVITED}.get(
        how, RosterState.INVITED if user else RosterState.BY_POST
    )
    return RosterLine.objects.create(
        case=case,
        user=user,
        party=party,
        addressee=addressee,
        role=role,
        name=name,
        state=state,
        since=at,
        rank=RosterLine.objects.filter(case=case).count(),
    )


def _member_added(
    case: Case, *, line: RosterLine, party: Party, firm: Firm | None, actor: Actor, at: datetime
) -> None:
    user = line.user
    assert user is not None
    member = {"id": str(user.pk), "name": user.name}
    told(
        case,
        "member.added",
        actor=actor,
        at=at,
        about=user.pk,
        member=member | ({"firm": firm.name} if firm else {}),
        member_role=line.role,
        side={"id": str(party.side_id), "name": party.side.word},
        identity_level=user.identity,
    )


def ask_consent(line: RosterLine, *, actor: Actor, at: datetime) -> Consent:
    told(
        line.case,
        "consent.asked",
        actor=actor,
        at=at,
        about=line.user_id,
        audience=Audience.CONCERNED,
        member={"id": str(line.user_id), "name": line.name},
        side=None,
        text_version=stages.CONSENT_VERSION,
    )
    return Consent.objects.create(line=line, asked_at=at, text_version=stages.CONSENT_VERSION)


def invite(line: RosterLine, *, actor: Actor, at: datetime) -> None:
    """A code for whoever never signed in; for the others, a mail that says they are in one more case."""
    user, room = line.user, line.case.room
    assert user is not None
    pacing.count_invitation(actor, at=at)
    about = f"{room.reference} — {room.title}"
    if user.has_usable_password():
        outbox.queue(
            to=user.email or "",
            to_name=user.name,
            subject=f"Vous êtes ajouté au dossier {about}",
            body=ADDED.format(inviter=actor.name, about=about, base=settings.BASE_URL, id=room.pk),
            at=at,
            reference=room.pk,
        )
        return
    channel = Channel.MAIL if user.email else Channel.LETTER
    invitation = invitations.invite(
        user, actor=actor, channel=channel, about=about, room_id=room.pk, at=at
    )
    told(
        line.case,
        "invitation.sent",
        actor=actor,
        at=at,
        about=user.pk,
        audience=Audience.CONCERNED,
        invitation_id=str(invitation.pk),
        invitee={"id": str(user.pk), "name": user.name},
        side=None,
        means=channel.value,
        expires_at=stamp(invitation.expires_at),
    )


ADDED = """Bonjour,

{inviter} vous a ajouté à l'expertise suivante :

    {about}

Vous la trouverez parmi vos dossiers, avec vos identifiants habituels : {base}/dossiers/{id}
"""


def told(
    case: Case,
    kind: str,
    *,
    actor: Actor,
    at: datetime,
    about: UUID | None = None,
    audience: Audience = Audience.MEMBERS,
    **claims: Any,
) -> None:
    log.append(
        log.acts_of(case.pk),
        [
            Fact(
                kind=kind,
                claims={"actor": actor.claim(), **claims},
                received_at=at,
                actor_id=actor.user_id,
                about=about,
                audience=audience,
            )
        ],
    )
