"""What has happened in a room since an hour, as far as one may know: what the live page says.

The same rule as the journal's decides what is seen (I15), and an hour counts nothing that is
hidden. A sealed space has a log of its own, read here by those to whom the space is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.filing.models import Node
from accedit.domain.filing.queries import Standings
from accedit.domain.people.rights import Actor

LIMIT = 200  # entries looked at in one log at a time; beyond, the next look goes on
PIECES = frozenset({"deposit.accepted", "dire.deposited"})
PEOPLE = frozenset({"party.joined", "member.added"})
SILENT = ("alert.", "letter.", "invitation.", "consent.", "receipt.", "verification.", "export.",
          "deposit.", "due.passed", "piece.available", "hold.", "erasure.")  # fmt: skip


@dataclass(frozen=True, slots=True)
class News:
    """`until` is the hour of the last entry told, from which to go on."""

    until: datetime
    pieces: int = 0
    people: int = 0
    changed: bool = False

    @property
    def empty(self) -> bool:
        return not (self.pieces or self.people or self.changed)


def newest(*, within: Standings, asker: Actor, otherwise: datetime) -> datetime:
    """The hour of the last entry that one may see: a page shows what was true then."""
    seen = _seen(within)
    hours = [
        evidence.newest(origin, asker=asker.user_id, seen_nodes=seen) for origin in _logs(within)
    ]
    return max((hour for hour in hours if hour is not None), default=otherwise)


def news(*, within: Standings, asker: Actor, since: datetime) -> News:
    """Others' acts since then; one's own are no news to oneself."""
    seen = _seen(within)
    found = [
        evidence.news(origin, asker=asker.user_id, seen_nodes=seen, since=since, limit=LIMIT)
        for origin in _logs(within)
    ]
    ends = [lines[-1][2] for lines in found if lines]
    cut = [_last_whole_hour(lines) for lines in found if len(lines) == LIMIT]
    until = min(cut) if cut else max(ends, default=since)
    told = [line for lines in found for line in lines if line[2] <= until]
    kinds = [kind for kind, who, _ in told if who != asker.user_id]
    return News(
        until=until,
        pieces=sum(kind in PIECES for kind in kinds),
        people=sum(kind in PEOPLE for kind in kinds),
        changed=any(kind not in PIECES | PEOPLE and not kind.startswith(SILENT) for kind in kinds),
    )


def _last_whole_hour(lines: Sequence[tuple[str, UUID | None, datetime]]) -> datetime:
    """Of lines that were cut short: the last hour of which none was left behind. Entries made
    together have one hour."""
    last = lines[-1][2]
    return max((at for _, _, at in lines if at < last), default=last)


def _logs(within: Standings) -> Sequence[str]:
    """The room's acts log, and that of each sealed space that is open to them."""
    sealed: Sequence[UUID] = list(
        Node.objects.filter(within.visible(), room=within.room, sealed=True).values_list(
            "pk", flat=True
        )
    )
    room = within.room.pk
    return [log.acts_of(room), *(log.acts_of(room, sealed=space) for space in sealed)]


def _seen(within: Standings) -> QuerySet[Any] | None:
    if within.acts_for_owner:
        return None
    return Node.objects.filter(within.visible(), room=within.room).values("pk")
