"""What lies in each box of a room, in short: how many pieces, and the last ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber

from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.queries import Standings

LATEST = 3


@dataclass(slots=True)
class BoxContent:
    count: int = 0
    latest: list[Deposit] = field(default_factory=list)


def box_contents(*, within: Standings) -> Mapping[UUID, BoxContent]:
    """By id of the box, what the asker may see of it, wherever its pieces lie today: two queries."""
    seen = Node.objects.filter(within.visible(), room=within.room, evidence=True).values("pk")
    rows = Deposit.objects.filter(node__in=seen)
    found: dict[UUID, BoxContent] = {}
    for box, count in rows.order_by().values_list("box_id").annotate(count=Count("pk")):
        found[box] = BoxContent(count)
    ranked = rows.annotate(
        rank=Window(
            RowNumber(), partition_by=F("box"), order_by=[F("log_index").desc(), F("pk").desc()]
        )
    ).filter(rank__lte=LATEST)
    for row in ranked.select_related("node", "blob", "basket").order_by("-log_index", "-pk"):
        found[row.box_id].latest.append(row)
    return found
