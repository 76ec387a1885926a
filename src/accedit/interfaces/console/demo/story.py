"""The demo's story: weeks of work in three cases, told in order, up to `now`.

Day 0 is the Monday of this week; each act happens so many days before. Within a case the
acts follow one another in the order of their hours, as in a real journal. The log's own
hours are the database's, and say truly that all was entered in one go.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from accedit.domain.cases import access as case_access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.operations import roster
from accedit.domain.filing.operations import boxes, withdrawals
from accedit.domain.people.enums import Covers, PersonKind, Scope
from accedit.domain.people.operations import accounts, delegations, tokens
from accedit.interfaces.console.demo import acts
from accedit.interfaces.console.demo.acts import Cast, Opened
from accedit.interfaces.console.demo.cases import (
    ARCHITECT,
    BOILER,
    ENGINEER,
    FLOORER,
    GYMNASIUM,
    HEAT_PUMP,
    HOUSEHOLD,
    INSTALLER,
    OWNER,
    STRUCTURE,
    VEXIN,
)
from accedit.interfaces.console.demo.people import (
    ACHARD,
    ANSELME,
    ASSISTANT,
    DELAHAYE,
    DUBOSC,
    EXPERT,
    FERRAND,
    LEMOINE,
    ROUSSIN,
    SHOWN,
    STRANGER,
    Player,
)
from accedit.interfaces.console.demo.pieces import Piece, document, monday, photograph, plan
from accedit.shared.refusals import PARIS

OWN_SCOPE = {
    "expert": Scope.MANAGE,
    "assistant": Scope.MANAGE,
    "counsel": Scope.DEPOSIT,
    "party": Scope.DEPOSIT,
    "stranger": Scope.MANAGE,
}
OWNER_FIRST = (
    *("contrat-2009", "cctp-protections", "constat-huissier", "photographies-2011"),
    *("humidite", "reunion-2012", "devis-littoral", "devis-tessandier"),
)
OWNER_NEXT = ("avenant-2012", "reclamation", "note-1", "honoraires")
PLAN = "Plan de repérage des lames déformées.png"
PHOTO = "IMG_2041.png"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What there is once all is told; the tokens are shown here and kept nowhere."""

    cases: list[Opened]
    origins: set[str]
    tokens: dict[str, str]
    cast: Cast


@dataclass(slots=True)
class Story:
    now: datetime
    cast: Cast
    origins: set[str]

    def hour(self, days: int, clock: str) -> datetime:
        """« 17:42 » in Paris, so many days before Monday; never after `now`."""
        day = monday(self.now) - timedelta(days=days)
        return min(datetime.combine(day, time.fromisoformat(clock), PARIS), self.now)

    def papers(self, *words: str) -> list[Piece]:
        return [document(word, now=self.now) for word in words]

    def deposited(self, deposits: list[Any], *, at: datetime) -> list[Any]:
        """The avis go out a minute later."""
        self.origins |= {one.log_origin for one in deposits}
        acts.post_goes_out(at=min(at + timedelta(minutes=1), self.now))
        return deposits


@transaction.atomic
def told(*, now: datetime) -> Loaded:
    """All of it, or nothing. Refused (`AddressTaken`) where it was told already."""
    story = Story(now, Cast(), set())
    _experts(story)
    gymnasium = _gymnasium_opens(story)
    _owner_deposits(story, gymnasium)
    _architect_deposits(story, gymnasium)
    following = _owner_deposits_again(story, gymnasium)
    _others_deposit(story, gymnasium)
    _last_days(story, gymnasium, following)
    pump = _heat_pump(story)
    _stranger(story)
    keys = {player.email: _token(story, player) for player in SHOWN}
    return Loaded([gymnasium, pump], story.origins, keys, story.cast)


def _experts(story: Story) -> None:
    at = story.hour(60, "09:00")
    expert = story.cast.enters(
        EXPERT,
        kind=PersonKind.EXPERT,
        title="Expert près la cour d'appel de Paris",
        phone="01 99 00 12 34",
        at=at,
    )
    space = accounts.open_space(
        expert=expert,
        name=f"Espace de {EXPERT.name}",
        quota_bytes=settings.DEFAULT_QUOTA_BYTES,
        list_number="Expert près la cour d'appel de Paris, bâtiment, parquets et menuiseries",
        address="8, passage des Épinettes\n75000 Paris",
        at=at,
    )
    assistant = story.cast.enters(ASSISTANT, kind=PersonKind.ASSISTANT, at=at)
    delegations.delegate(space=space, to=assistant, covers=list(Covers), at=at)


def _gymnasium_opens(story: Story) -> Opened:
    opened = acts.open_case(GYMNASIUM, actor=story.cast.actor(EXPERT), at=story.hour(45, "10:20"))
    acts.post_goes_out(at=story.hour(45, "10:21"))
    entrances = ((DELAHAYE, 45), (LEMOINE, 42), (ROUSSIN, 41), (DUBOSC, 40), (ACHARD, 39))
    for player, days in entrances:
        story.cast.comes_in(player, at=story.hour(days, "18:05"))
        if player is not ACHARD:  # he has not answered yet
            story.cast.agrees(player, case_id=opened.id, at=story.hour(days, "18:09"))
    expert = story.cast.actor(EXPERT)
    for side, days in ((OWNER, -10), (ARCHITECT, -10), (ENGINEER, -10), (FLOORER, 8)):
        limit = monday(story.now) - timedelta(days=days)
        boxes.set_due(
            opened.boxes[side].folder_id,
            due_at=datetime.combine(limit, time(), PARIS),
            actor=expert,
            at=story.hour(38, "11:00"),
        )
    return opened


def _owner_deposits(story: Story, opened: Opened) -> None:
    counsel, at = story.cast.actor(DELAHAYE), story.hour(34, "17:42")
    box = opened.boxes[OWNER]
    first = acts.deposit(*story.papers(*OWNER_FIRST), box=box, actor=counsel, at=at)
    story.deposited(first, at=at)
    _lawyer_s_address_is_completed(story, opened)
    _first_letter_is_posted(story, opened)
    acts.read(first[:4], actor=story.cast.actor(EXPERT), at=story.hour(33, "08:50"))
    acts.read(first[:3], actor=story.cast.actor(LEMOINE), at=story.hour(32, "21:15"), preview=False)


def _first_letter_is_posted(story: Story, opened: Opened) -> None:
    assistant = story.cast.actor(ASSISTANT)
    first = next(one for one in acts.letters_of(opened.id) if one.to_name == VEXIN)
    letter = case_access.letter(opened.id, first.pk, asker=assistant)
    at = story.hour(33, "15:30")
    roster.letter_printed(letter, at=at)
    roster.letter_posted(letter, case=opened.case, on=at.date(), actor=assistant, at=at)


def _lawyer_s_address_is_completed(story: Story, opened: Opened) -> None:
    """He has not agreed to electronic exchange yet: letters are made for him too."""
    assistant = story.cast.actor(ASSISTANT)
    found = next(one for one in cases.roster(opened.case) if one.name == ACHARD.name)
    roster.record_address(
        case_access.line(found.pk, asker=assistant, covers=Covers.LETTERS),
        address="27, rue des Feuillants\n75000 Paris",
        actor=assistant,
        at=story.hour(33, "15:20"),
    )


def _architect_deposits(story: Story, opened: Opened) -> None:
    at = story.hour(31, "16:10")
    papers = story.papers("dire-architecte", "chantier-31", "correspondance")
    architect = acts.deposit(
        *papers, box=opened.boxes[ARCHITECT], actor=story.cast.actor(ROUSSIN), at=at
    )
    story.deposited(architect, at=at)
    withdrawals.withdraw(
        architect[2].node_id,
        reason="Correspondance entre avocats déposée par erreur : Me Roussin demande son retrait.",
        actor=story.cast.actor(EXPERT),
        at=story.hour(31, "17:25"),
    )


def _owner_deposits_again(story: Story, opened: Opened) -> list[Any]:
    at = story.hour(27, "19:03")
    following = acts.deposit(
        *story.papers(*OWNER_NEXT),
        box=opened.boxes[OWNER],
        actor=story.cast.actor(DELAHAYE),
        at=at,
    )
    return story.deposited(following, at=at)


def _others_deposit(story: Story, opened: Opened) -> None:
    at = story.hour(25, "11:12")
    by_post = acts.deposit_for(
        *story.papers("courrier-vexin"),
        party_id=opened.parties[VEXIN],
        received_on=story.hour(26, "09:00").date(),
        box=opened.boxes[STRUCTURE],
        actor=story.cast.actor(ASSISTANT),
        at=at,
    )
    story.deposited(by_post, at=at)
    at = story.hour(17, "18:55")
    drawn = plan(name=PLAN, title="Plan de repérage", now=story.now)
    engineer = acts.deposit(
        *story.papers("note-technique-20"),
        drawn,
        box=opened.boxes[ENGINEER],
        actor=story.cast.actor(LEMOINE),
        at=at,
        numbers=("12", "12 bis"),
    )
    story.deposited(engineer, at=at)


def _last_days(story: Story, opened: Opened, owner: list[Any]) -> None:
    at = story.hour(5, "21:36")
    taken = photograph(
        4, name=PHOTO, title="Photo prise avec mon téléphone", mark="14/10/2011", now=story.now
    )
    late = acts.deposit(
        *story.papers("lettre-dubosc"),
        taken,
        box=opened.boxes[FLOORER],
        actor=story.cast.actor(DUBOSC),
        at=at,
    )
    story.deposited(late, at=at)
    at = story.hour(3, "17:48")
    dire = acts.deposit(
        *story.papers("dire-bureau-etudes"),
        box=opened.boxes[ENGINEER],
        actor=story.cast.actor(ACHARD),
        at=at,
    )
    story.deposited(dire, at=at)
    acts.read([*owner[:2], *late], actor=story.cast.actor(EXPERT), at=story.hour(3, "18:30"))


def _heat_pump(story: Story) -> Opened:
    opened = acts.open_case(
        HEAT_PUMP, actor=story.cast.actor(ASSISTANT), at=story.hour(20, "14:00")
    )
    acts.post_goes_out(at=story.hour(20, "14:01"))
    story.cast.agrees(LEMOINE, case_id=opened.id, at=story.hour(19, "09:31"))
    story.cast.comes_in(FERRAND, at=story.hour(19, "20:40"))
    story.cast.agrees(FERRAND, case_id=opened.id, at=story.hour(19, "20:44"))
    for word, side, player, days, clock in (
        ("devis-pompe", INSTALLER, LEMOINE, 14, "10:02"),
        ("releves-bruit", HOUSEHOLD, FERRAND, 10, "20:18"),
    ):
        at = story.hour(days, clock)
        made = acts.deposit(
            *story.papers(word), box=opened.boxes[side], actor=story.cast.actor(player), at=at
        )
        story.deposited(made, at=at)
    return opened


def _stranger(story: Story) -> None:
    """Another expert, whose case nobody of the two others may learn of."""
    at = story.hour(52, "09:00")
    expert = story.cast.enters(STRANGER, kind=PersonKind.EXPERT, at=at)
    accounts.open_space(
        expert=expert,
        name=f"Espace de {STRANGER.name}",
        quota_bytes=settings.DEFAULT_QUOTA_BYTES,
        at=at,
    )
    opened = acts.open_case(BOILER, actor=story.cast.actor(STRANGER), at=story.hour(14, "11:00"))
    acts.post_goes_out(at=story.hour(14, "11:01"))
    story.cast.comes_in(ANSELME, at=story.hour(13, "18:00"))
    story.cast.agrees(ANSELME, case_id=opened.id, at=story.hour(13, "18:02"))
    at = story.hour(7, "18:30")
    made = acts.deposit(
        *story.papers("rapport-chaudiere"),
        box=opened.boxes["propriétaire"],
        actor=story.cast.actor(ANSELME),
        at=at,
    )
    story.deposited(made, at=at)


def _token(story: Story, player: Player) -> str:
    user = story.cast.users[player.email]
    user.refresh_from_db()
    return tokens.create_token(
        user, name="Démonstration", scope=OWN_SCOPE[player.role], at=story.now
    )[1]
