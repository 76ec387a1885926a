"""What laying a place elsewhere would open and close, and where it may go. Nothing is written here."""

from dataclasses import replace
from uuid import UUID

from django.db import connection

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.queries import Standings, changes, places
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.rights import Spot
from accedit.shared.refusals import Kind, Refusal


class IntoItself(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "Un dossier ne se range ni dans lui-même ni dans un de ses propres sous-dossiers : choisissez un autre endroit."


def of_move(*, node: Node, parent: Node, within: Standings) -> Preview:
    """If `node` lay in `parent`. A file has no place of its own: it is reckoned as one. Raises
    `IntoItself`: without the room's lock, another move may just have laid `parent` below it."""
    now = changes.laid(within=within)
    above: UUID | None = parent.pk
    while above is not None:
        if above == node.pk:
            raise IntoItself
        above = now.layout.tree[above].parent
    if node.kind == NodeKind.FILE:
        held = {**now.layout.tree, node.pk: Spot(node.parent_id)}
        now = replace(now, layout=replace(now.layout, tree=held))
    after = replace(
        now.layout, tree={**now.layout.tree, node.pk: Spot(parent.pk, sealed=node.sealed)}
    )
    return changes.preview(now, after, tops=[node.pk], what=["move", node.pk, parent.pk])


def targets(node: Node, *, within: Standings) -> list[Node]:
    """The folders to which the asker may lay `node`: they may add there, and it is not below it.
    Those that are there for boxes and archives are not proposed."""
    found = places(within=within)
    of_sides = {one.parent_id for one in found if one.kind in (NodeKind.BOX, NodeKind.ARCHIVE)}
    barred = {node.pk}
    for place in found:  # parents come before children
        if place.parent_id in barred:
            barred.add(place.pk)
    return [
        place
        for place in found
        if place.pk not in barred
        and place.pk != node.parent_id
        and place.pk not in of_sides
        and place.kind in (NodeKind.ROOT, NodeKind.FOLDER)
        and Right.ADD in within.on(place)
    ]


ABOVE = """
with recursive above(id, parent_id) as (
    select id, parent_id from filing_node where id = %s
    union
    select n.id, n.parent_id from filing_node n join above a on n.id = a.parent_id
)
select id from above
"""
BELOW = """
with recursive below(id, kind, level) as (
    select id, kind, 0 from filing_node where id = %s
    union all
    select n.id, n.kind, b.level + 1 from filing_node n join below b on n.parent_id = b.id
)
select max(level), coalesce(bool_or(kind in ('box', 'archive')), false) from below
"""


def at_or_above(node: Node) -> set[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(ABOVE, [node.pk])
        return {row[0] for row in cursor.fetchall()}


def height(node: Node) -> int:
    """How many levels hang below it."""
    return _below(node)[0]


def holds_boxes(node: Node) -> bool:
    """Whether a box or an archive hangs at or below it."""
    return _below(node)[1]


def _below(node: Node) -> tuple[int, bool]:
    with connection.cursor() as cursor:
        cursor.execute(BELOW, [node.pk])
        level, boxes = cursor.fetchone()
    return int(level), bool(boxes)
