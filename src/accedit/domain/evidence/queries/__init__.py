"""Read a log: heads, entries for a page, the nodes a proof needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.models import Entry, LogHead, Opening, TreeNode
from accedit.domain.evidence.reckoning import frontier
from accedit.shared.paging import PAGE, Page, decode, encode, number
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.proofs import root_nodes
from accedit_ledger.tree import Frontier


@dataclass(frozen=True, slots=True)
class Told:
    """An entry with what it says in clear.

    `index` is its place in its log since the log began; in the log of this name (`origin`), of
    which there are several after an incident, its leaf is `leaf`.
    """

    origin: str
    index: int
    leaf: int
    kind: str
    at: datetime
    node: UUID | None
    actor_id: UUID | None
    claims: Mapping[str, Any]


def nodes(log_id: int, wanted: Iterable[tuple[int, int]]) -> Callable[[int, int], bytes]:
    """The hashes of the complete sub-trees named in `wanted`, fetched in one query."""
    condition = Q(pk__in=[])
    for level, position in wanted:
        condition |= Q(level=level, position=position)
    found = {
        (level, position): bytes(hash_)
        for level, position, hash_ in TreeNode.objects.filter(condition, log_id=log_id).values_list(
            "level", "position", "hash"
        )
    }
    return lambda level, position: found[level, position]


def head(origin: str) -> Head | None:
    """Where the log that began as `origin` stands; None for a log never written to."""
    row = LogHead.objects.filter(first=origin, size__gt=0).order_by("-number").first()
    if row is None:
        return None
    return Head(row.origin, row.size, frontier(row.size, bytes(row.frontier)).root())


def continues(head: LogHead | None, signed: Head) -> bool:
    """Whether the log, as the tables hold it, begins as `signed` says."""
    if head is None or head.size < signed.size:
        return False
    places = root_nodes(signed.size)
    node = nodes(head.pk, places)
    try:
        hashes = tuple(node(*place) for place in places)
    except KeyError:
        return False
    return Frontier(signed.size, hashes).root() == signed.root


def standing(origin: str) -> tuple[int, str] | None:
    """The size and root (in hexadecimal) of the log that bears this very name."""
    row = LogHead.objects.filter(origin=origin).first()
    if row is None:
        return None
    try:
        return row.size, frontier(row.size, bytes(row.frontier)).root().hex()
    except ValueError:
        return row.size, "no tree"


def size(origin: str) -> int:
    row = LogHead.objects.filter(origin=origin).first()
    return row.size if row else 0


def entries(
    origin: str,
    *,
    asker: UUID,
    seen_nodes: QuerySet[Any] | None,
    cursor: str | None = None,
    size: int = PAGE,
    kinds: Sequence[str] | None = None,
    node: UUID | None = None,
) -> Page[Told]:
    """A page of a log, newest first, of what `asker` may see: three queries whatever its length.

    `origin` is the name that the log began with: what was entered under later names is there.
    `seen_nodes` are the ids of the nodes they may browse; None for the expert, who sees all.
    """
    rows = _newest_first(origin).filter(_seen(asker, seen_nodes))
    rows = rows.annotate(place=F("log__before") + F("index"))
    if node is not None:
        rows = rows.filter(node=node)
    if kinds is not None:
        rows = rows.filter(kind__in=kinds)
    after = decode(cursor, size=1)
    if after:
        rows = rows.filter(place__lt=number(after[0]))
    page = list(rows.select_related("log")[: size + 1])
    more, page = len(page) > size, page[:size]
    return Page(_told(page), encode(page[-1].place) if more else None)


def news(
    origin: str, *, asker: UUID, seen_nodes: QuerySet[Any] | None, since: datetime, limit: int
) -> list[tuple[str, UUID | None, datetime]]:
    """(kind, who acted, when) of what `asker` may see and was entered after `since`, oldest first.

    Entries of one log are committed in the order of their hours: nothing comes in between later.
    """
    rows = _newest_first(origin).filter(_seen(asker, seen_nodes), at__gt=since)
    return list(rows.reverse().values_list("kind", "actor", "at")[:limit])


def newest(origin: str, *, asker: UUID, seen_nodes: QuerySet[Any] | None) -> datetime | None:
    """When the last entry that `asker` may see was made."""
    rows = _newest_first(origin).filter(_seen(asker, seen_nodes))
    return rows.values_list("at", flat=True).first()


def _newest_first(origin: str) -> "QuerySet[Entry]":
    """The entries of the log that began as `origin`. Its one log is named by its number, so that
    the index gives the newest without sorting; after an incident there are several."""
    logs = list(LogHead.objects.filter(first=origin).values_list("pk", flat=True))
    rows = Entry.objects.filter(log_id__in=logs)
    return rows.order_by("-index") if len(logs) == 1 else rows.order_by("-log__number", "-index")


def sizes(stems: Iterable[str]) -> dict[str, int]:
    """Where each log stands whose origin begins so."""
    wanted = Q(pk__in=[])
    for stem in stems:
        wanted |= Q(origin__startswith=stem)
    return dict(LogHead.objects.filter(wanted).values_list("origin", "size"))


def _seen(asker: UUID, seen_nodes: QuerySet[Any] | None) -> Q:
    """The entries that are for `asker`: the one rule for the journal and for what is told live."""
    if seen_nodes is None:
        return Q()
    mine = Q(actor=asker) | Q(about=asker)
    shared = Q(audience=Audience.MEMBERS) & (Q(node__isnull=True) | Q(node__in=seen_nodes))
    return shared | (mine & ~Q(audience=Audience.EXPERT))


def entry(origin: str, *, index: int) -> Told | None:
    row = Entry.objects.filter(log__origin=origin, index=index).select_related("log").first()
    return _told([row])[0] if row else None


def _told(rows: Sequence[Entry]) -> list[Told]:
    if not rows:
        return []
    claims: dict[tuple[int, int], dict[str, Any]] = {(row.log_id, row.index): {} for row in rows}
    wanted = Q(pk__in=[])
    for log_id in {row.log_id for row in rows}:
        wanted |= Q(log_id=log_id, index__in=[row.index for row in rows if row.log_id == log_id])
    openings = Opening.objects.filter(wanted)
    for log_id, index, claim, value in openings.values_list("log_id", "index", "claim", "value"):
        claims[log_id, index][claim] = value
    return [
        Told(
            row.log.origin,
            row.log.before + row.index,
            row.index,
            row.kind,
            row.at,
            row.node,
            row.actor,
            claims[row.log_id, row.index],
        )
        for row in rows
    ]
