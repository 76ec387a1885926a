"""What goes in and out over REST. Nothing that is not named here has any effect (A3):
an unknown field is ignored, so that a newer program may speak to an older house.
"""

from datetime import date, datetime, time, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema

from accedit.interfaces.api.ids import read_id
from accedit.shared.refusals import PARIS

EMAIL = r"^\s*[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+\s*$"
YEARS = range(2000, 2200)


def read_due(given: object) -> datetime | None:
    """The first instant that is late. A day alone is wholly in time: midnight after it, in Paris."""
    if given is None:
        return None
    due = _instant(given) if isinstance(given, str) else None
    if due is None:
        raise ValueError(
            "écrivez un jour (2026-11-30) ou une heure avec son fuseau (2026-11-30T17:00:00+01:00)"
        )
    if due.tzinfo is None:
        raise ValueError("l'heure doit dire son fuseau, par exemple 2026-11-30T17:00:00+01:00")
    if due.year not in YEARS:
        raise ValueError(f"l'année doit être comprise entre {YEARS[0]} et {YEARS[-1]}")
    return due


def _instant(text: str) -> datetime | None:
    try:
        if len(text) != len("2026-11-16"):
            return datetime.fromisoformat(text)
        day = date.fromisoformat(text)
        return datetime.combine(day + timedelta(days=1), time.min, tzinfo=PARIS)
    except (ValueError, OverflowError):
        return None


Id = Annotated[UUID, BeforeValidator(lambda given: read_id(str(given)))]
Hour = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
Day = Annotated[str, WithJsonSchema({"type": "string", "format": "date"})]
Due = Annotated[
    datetime | None,
    BeforeValidator(read_due),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "string", "format": "date"},
                {"type": "null"},
            ],
            "description": "Premier instant hors délai : une heure avec son fuseau, ou un jour, "
            "compris en entier (le lendemain à minuit, heure de Paris). null retire la date limite.",
        }
    ),
]
Email = Annotated[str, Field(min_length=3, max_length=254, pattern=EMAIL)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Kind = Literal["root", "folder", "box", "archive", "file"]
Right = Literal["browse", "read", "download", "add", "modify", "delete", "manage"]
TemplateName = Literal[
    "judicial_civil",
    "judicial_admin_summary",
    "judicial_admin_merits",
    "amicable_agreed",
    "amicable_convened",
    "unofficial",
]


class Problem(Schema):
    """RFC 9457. `code` is what a program reads, `detail` what a person reads."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class CounselIn(Schema):
    name: Line
    email: Email
    firm: Annotated[str, Field(max_length=200)] | None = None


class PartyIn(Schema):
    """Parties of the same `side` share a box. Without counsel: an address, or `by_post`."""

    name: Line
    side: Annotated[str, Field(min_length=1, max_length=60)]
    kind: Literal["company", "person", "public_body"]
    email: Email | None = None
    by_post: StrictBool | None = None
    address: Annotated[str, Field(max_length=4000)] | None = None
    counsel: CounselIn | None = None
    counsels: Annotated[list[CounselIn], Field(max_length=20)] | None = None


class CaseIn(Schema):
    template: TemplateName
    title: Line
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    court: Annotated[str, Field(max_length=200)] | None = None
    register_number: Annotated[str, Field(max_length=60)] | None = None
    parties: Annotated[list[PartyIn], Field(max_length=60)] = []


class ReasonIn(Schema):
    reason: Annotated[str, Field(max_length=1000)] | None = None


class WithdrawIn(Schema):
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


class FolderIn(Schema):
    name: Line


class MoveIn(Schema):
    """Where to: a folder of the same room."""

    parent_id: Id


class DueIn(Schema):
    due_at: Due


class Depositor(Schema):
    """`email` is for the expert and those who act for them."""

    user_id: UUID
    name: str
    email: str | None = None


class Box(Schema):
    """`id` is the node of the box, to which deposits are made; `side` the word of the side."""

    id: UUID
    archive_id: UUID | None
    side: str
    name: str
    due_at: Hour | None
    depositors: list[Depositor]


class Counsel(Schema):
    user_id: UUID
    name: str
    firm: str


class Party(Schema):
    id: UUID
    name: str
    side: str
    kind: str
    by_post: bool
    counsel: list[Counsel]


class PartyJoined(Schema):
    id: UUID
    name: str
    side: str
    box: Box


class CaseLine(Schema):
    id: UUID
    title: str
    reference: str
    template: TemplateName
    opened_at: Hour
    closed_at: Hour | None


class Case(CaseLine):
    """`root_id` is null, and `parties` empty, for whoever may not browse the room's root."""

    root_id: UUID | None
    court: str
    register_number: str
    parties: list[Party]
    boxes: list[Box]


class CasePage(Schema):
    items: list[CaseLine]
    next_cursor: str | None


class CaseState(Schema):
    id: UUID
    closed_at: Hour | None


class JournalLine(Schema):
    """One entry of the room's acts log. `label` says it in French; `claims` are its openings,
    without what tells of the content of a piece that the asker may not read."""

    index: int
    kind: str
    label: str
    at: Hour
    node_id: UUID | None
    claims: dict[str, Any]


class JournalPage(Schema):
    items: list[JournalLine]
    next_cursor: str | None


class Node(Schema):
    """`parent_id` is null where the parent is not shown to the asker. A file adds its piece;
    `sha256`, `size` and `title` only for whoever may read it."""

    id: UUID
    kind: Kind
    name: str
    parent_id: UUID | None
    rights: list[Right]
    sealed: bool | None = None
    piece_number: str | None = None
    received_at: Hour | None = None
    late: bool | None = None
    withdrawn: bool | None = None
    title: str | None = None
    size: int | None = None
    sha256: str | None = None


class Archived(Node):
    """`gained`: who reads the piece now and did not before."""

    gained: list[UUID]


class ArchiveIn(Schema):
    """`gaining`: whoever will come to read the piece by it, confirmed by id."""

    gaining: Annotated[list[Id], Field(max_length=1000)] | None = None


class NodePage(Schema):
    items: list[Node]
    next_cursor: str | None


class GrantIn(Schema):
    rights: Annotated[list[Right], Field(max_length=7)]


class SealIn(Schema):
    """`losing`: the readers of deposited pieces who will read them no more, confirmed by id."""

    losing: Annotated[list[Id], Field(max_length=1000)] | None = None


class Moved(Schema):
    """What somebody gained or lost at a place, and so at all that is below it until a seal."""

    user_id: UUID
    node_id: UUID
    rights: list[Right]


class GrantChanged(Schema):
    """What is given there now to this subject, and what the change opened and closed."""

    node_id: UUID
    subject: str
    rights: list[Right]
    gained: list[Moved]
    lost: list[Moved]


class Sealed(Schema):
    id: UUID
    sealed: bool
    gained: list[Moved]
    lost: list[Moved]


class Renamed(Schema):
    id: UUID
    name: str


class Because(Schema):
    """One right and the one grant that gives it. `role` is `grant`, or says that the person has
    it as the room's `owner` or as a `delegate` of the owner."""

    right: Right
    node_id: UUID
    subject: str
    granted_by: UUID | None
    granted_at: Hour | None
    role: Literal["owner", "delegate", "grant"]


class Lacking(Schema):
    """A right that is not held and what stands in the way; `node_id` is the seal, if one does."""

    right: Right
    obstacle: str
    node_id: UUID | None = None


class RightsExplained(Schema):
    rights: list[Right]
    because: list[Because]
    missing: list[Lacking]


class BoxDue(Schema):
    id: UUID
    due_at: Hour | None


class Deposited(Schema):
    deposit_id: UUID
    node_id: UUID
    piece_number: str
    sha256: str
    size: int
    received_at: Hour
    late: bool
    receipt_url: str
