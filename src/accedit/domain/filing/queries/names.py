"""Names and numbers behind ids, for a list that speaks of places and pieces: only of those that the asker may see."""

from collections.abc import Iterable
from uuid import UUID

from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.queries import Standings, as_seen


def places_named(ids: Iterable[UUID], *, within: Standings) -> dict[UUID, str]:
    return dict(
        Node.objects.filter(within.visible(), room=within.room, pk__in=list(ids))
        .order_by()
        .values_list("pk", "name")
    )


def pieces_named(ids: Iterable[UUID], *, within: Standings) -> dict[UUID, Deposit]:
    """By the id of the node."""
    seen = Node.objects.filter(within.visible(), room=within.room, pk__in=list(ids))
    rows = Deposit.objects.filter(node__in=seen.values("pk")).select_related("box", "node")
    return {row.node_id: as_seen(row, within=within) for row in rows}
