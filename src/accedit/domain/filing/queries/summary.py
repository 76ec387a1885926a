"""What lies in each box of a room, in short: how many pieces, and the last ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count

from accedit.domain.filing.models import Box, Deposit, Node
from accedit.domain.filing.queries import Standings, as_seen
from accedit.domain.filing.queries.newest import firsts

LATEST = 3
NEWEST = ("-log_index", "-pk")


@dataclass(slots=True)
class BoxContent:
    count: int = 0
    latest: list[Deposit] = field(default_factory=list)


def box_contents(*, within: Standings) -> Mapping[UUID, BoxContent]:
    """By id of the box, what the asker may see of it, wherever its pieces lie today: four queries.

    A piece keeps the side of its box, which is counted without looking at the deposits.
    """
    seen = Node.objects.filter(within.visible(), room=within.room, evidence=True)
    counts = dict(seen.order_by().values_list("side").annotate(count=Count("pk")))
    sides = Box.objects.filter(folder__room=within.room, side__in=list(counts))
    found = {box: BoxContent(counts[side]) for box, side in sides.values_list("pk", "side")}
    latest = firsts(
        Deposit.objects.filter(node__in=seen.values("pk")),
        room=within.room.pk,
        order=NEWEST,
        most=LATEST,
    )
    rows = Deposit.objects.filter(pk__in=[pk for some in latest.values() for pk in some])
    for row in rows.select_related("node", "blob", "basket").order_by(*NEWEST):
        found[row.box_id].latest.append(as_seen(row, within=within))
    return found
