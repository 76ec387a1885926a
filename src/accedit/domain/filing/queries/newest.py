"""The first rows of a room's pieces, found box by box: each box has its index, the room has none."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from accedit.domain.filing.models import Box, Deposit


def firsts(
    rows: QuerySet[Deposit], *, room: UUID, order: Sequence[str], most: int
) -> dict[UUID, list[UUID]]:
    """By id of the box, the first `most` of `rows` in it: one query, however many pieces lie there."""
    of_box = rows.filter(box=OuterRef("pk")).order_by(*order).values("pk")[:most]
    boxes = Box.objects.filter(folder__room=room).annotate(firsts=ArraySubquery(of_box))
    # Whoever sees nothing at all asks for nothing, and is answered with no list.
    return {box: found or [] for box, found in boxes.values_list("pk", "firsts")}
