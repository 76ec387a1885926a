"""Write to a log: in the transaction of the fact, under the log's own row lock.

The hour of a leaf is the database's, and never goes back within a log
(evidence.md 4.6). Many facts of one request are appended together: one lock, four
inserts. Nothing here knows who a person is or what a file is.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.models import Entry, InnerLeaf, Leaf, LogHead, Opening, TreeNode
from accedit.domain.evidence.reckoning import filed, frontier, inner_line, inner_root
from accedit.shared.kill_points import reach
from accedit_ledger import vocabulary
from accedit_ledger.leaf import Opening as Disclosed
from accedit_ledger.leaf import leaf_data, new_openings
from accedit_ledger.tree import Frontier, leaf_hash

HASH = 32


@dataclass(frozen=True, slots=True)
class Fact:
    """What happened, as claims; `actor` among them is the person as the log names them.

    `lists` are claims whose value is the root of a small tree over their lines.
    """

    kind: str
    claims: Mapping[str, Any]
    received_at: datetime
    actor_id: UUID | None = None
    node: UUID | None = None
    about: UUID | None = None
    audience: Audience = Audience.MEMBERS
    lists: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def acts_of(room: UUID, *, sealed: UUID | None = None) -> str:
    """The origin of a room's acts log, or of the log that a sealed space has of its own."""
    return _origin(room, "acts", sealed)


def reads_of(room: UUID, *, sealed: UUID | None = None) -> str:
    return _origin(room, "reads", sealed)


def _origin(room: UUID, log: str, sealed: UUID | None) -> str:
    space = f"/s/{sealed}" if sealed else ""
    return f"{settings.LOG_DOMAIN}/e/{room}{space}/{log}"


@transaction.atomic(savepoint=False)
def append(origin: str, facts: Sequence[Fact]) -> list[Entry]:
    """Append one leaf per fact, in order. Raises `vocabulary.UnknownKind` and `MissingClaims`.

    `origin` is the name that the log began with; the entries say the one it has now.
    """
    if not facts:
        return []
    head = _locked(origin)
    at = _hour(head)
    tree = frontier_of(head)
    leaves, nodes, openings, entries, lines = [], [], [], [], []
    for index, fact in enumerate(facts, start=head.size):
        claims, inner = _claims(fact)
        vocabulary.check(fact.kind, claims)
        disclosed = new_openings(claims, random=secrets.token_bytes)
        entry = _entry(head, index=index, at=at, fact=fact)
        data = leaf_data(
            log=head.origin,
            index=index,
            at=at,
            anchor=None,
            openings=[*disclosed, _filed(entry)],
            decoy=_decoy,
        )
        tree, complete = tree.append(leaf_hash(data))
        leaves.append(Leaf(log=head, index=index, data=data))
        nodes += [TreeNode(log=head, level=lv, position=pos, hash=h) for lv, pos, h in complete]
        openings += [
            Opening(log=head, index=index, claim=o.claim, salt=o.salt, value=o.value)
            for o in disclosed
        ]
        lines += [InnerLeaf(log=head, index=index, **line) for line in inner]
        entries.append(entry)
    Leaf.objects.bulk_create(leaves)
    TreeNode.objects.bulk_create(nodes)
    Opening.objects.bulk_create(openings)
    InnerLeaf.objects.bulk_create(lines)
    Entry.objects.bulk_create(entries)
    reach("log.leaf_appended")
    head.size, head.frontier, head.last_at = tree.size, b"".join(tree.hashes), at
    head.save(update_fields=["size", "frontier", "last_at"])
    reach("log.head_updated")
    return entries


def _locked(origin: str) -> LogHead:
    """The head of the log that began as `origin`, under its present name: ours until the end of
    the transaction; made at first need."""
    heads = LogHead.objects.select_for_update().filter(first=origin).order_by("-number")
    head = heads.first()
    if head is None:
        LogHead.objects.get_or_create(origin=origin, defaults={"first": origin})
        head = heads[0]
    return head


def frontier_of(head: LogHead) -> Frontier:
    return frontier(head.size, bytes(head.frontier))


def _claims(fact: Fact) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    claims = {"kind": fact.kind, "received_at": stamp(fact.received_at), **fact.claims}
    inner: list[dict[str, Any]] = []
    for claim, values in fact.lists.items():
        rows: list[dict[str, Any]] = [
            {
                "claim": claim,
                "position": rank,
                "salt": secrets.token_bytes(32),
                "value": dict(value),
            }
            for rank, value in enumerate(values)
        ]
        root = inner_root(
            [inner_line(position=r["position"], salt=r["salt"], value=r["value"]) for r in rows]
        )
        claims[claim] = {"root": root.hex(), "size": len(rows)}
        inner += rows
    return claims, inner


def _entry(head: LogHead, *, index: int, at: datetime, fact: Fact) -> Entry:
    return Entry(
        log=head,
        index=index,
        kind=fact.kind,
        at=at,
        actor=fact.actor_id,
        node=fact.node,
        about=fact.about,
        audience=fact.audience,
        salt=secrets.token_bytes(32),
    )


def _filed(entry: Entry) -> Disclosed:
    value = filed(actor=entry.actor, node=entry.node, about=entry.about, audience=entry.audience)
    return Disclosed("filed", bytes(entry.salt), dict(value))


def _hour(head: LogHead) -> datetime:
    """The database's hour to the millisecond, never before the last leaf's."""
    with connection.cursor() as cursor:
        cursor.execute("select date_trunc('milliseconds', clock_timestamp())")
        clock: datetime = cursor.fetchone()[0]
    return clock if head.last_at is None or clock >= head.last_at else head.last_at


def _decoy() -> bytes:
    return secrets.token_bytes(HASH)


def stamp(hour: datetime) -> str:
    """An hour as claims write it: UTC, milliseconds, Z."""
    return hour.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
