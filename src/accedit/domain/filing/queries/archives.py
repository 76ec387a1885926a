"""Where a piece goes when the expert archives it, and whom that changes anything for."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from accedit.domain.filing import queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Deposit, Node, Room
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.rights import READING
from accedit.domain.people.models import User


@dataclass(frozen=True, slots=True)
class Change:
    """Who would read a piece that they do not read today, and who would lose any part of reading."""

    gained: frozenset[UUID]
    lost: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Named:
    gained: Sequence[User]
    lost: Sequence[User]


def change(*, box: Box) -> Change:
    """Between the box and its archive, for any piece of the side. A piece that is withdrawn is
    compared as if it were not: it may be restored in the archive."""
    here = queries.holders(box.folder, at_kind=NodeKind.FILE)
    there = queries.holders(box.archive, at_kind=NodeKind.FILE)
    return Change(
        gained=frozenset(u for u in there if Right.READ in there[u] and Right.READ not in here[u]),
        lost=frozenset(u for u in here if (here[u] & READING) - there[u]),
    )


def mark(found: Change, *, box: Box, pieces: Collection[UUID]) -> str:
    """Of what was shown before these pieces go: another mark is another effect, or other pieces."""
    epoch = Room.objects.values_list("epoch", flat=True).get(pk=box.folder.room_id)
    said = [str(epoch), f"{box.folder_id} {box.archive_id}"]
    for ids in (pieces, found.gained, found.lost):
        said.append(" ".join(sorted({str(one) for one in ids})))
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:40]


def named(found: Change) -> Named:
    people = User.objects.filter(pk__in=found.gained | found.lost).select_related("firm")
    ordered = list(people.order_by("name", "pk"))
    return Named(
        [user for user in ordered if user.pk in found.gained],
        [user for user in ordered if user.pk in found.lost],
    )


def archived_in(node: Node) -> Node | None:
    """The archive that a piece lies in, once it does."""
    parent = node.parent
    return parent if parent is not None and parent.kind == NodeKind.ARCHIVE else None


def still_in_box(box: Box, *, within: Standings) -> list[Deposit]:
    """The pieces that lie in the box today, as the asker sees them, by number."""
    return list(
        Deposit.objects.filter(
            node__in=Node.objects.filter(
                within.visible(), room=within.room, parent=box.folder, evidence=True
            )
        )
        .select_related("node", "blob", "box", "basket")
        .order_by("number_key", "pk")
    )
