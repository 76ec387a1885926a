"""The acts of deposit of a room, newest first: what each avis de dépôt was about."""

from uuid import UUID

from django.db.models import Count, Q

from accedit.domain.alerts.models import Notice
from accedit.domain.filing.models import Basket
from accedit.domain.filing.queries import Standings, as_uuid
from accedit.shared.paging import Page, decode, encode, hour

SIZE = 20


def acts(
    *, within: Standings, told_to: UUID | None, cursor: str | None = None, size: int = SIZE
) -> Page[Basket]:
    """All of them for the expert (`told_to` is None); for a member, those they were told of.
    Each with its `count` of pieces."""
    rows = Basket.objects.filter(box__folder__room=within.room, deposited_at__isnull=False)
    if told_to is not None:
        told = Notice.objects.filter(room_id=within.room.pk, addressee__user=told_to)
        rows = rows.filter(pk__in=told.values("basket_id"))
    after = decode(cursor, size=2)
    if after:
        at = hour(after[0])
        rows = rows.filter(Q(deposited_at__lt=at) | Q(deposited_at=at, pk__lt=as_uuid(after[1])))
    page = list(
        rows.annotate(count=Count("deposits"))
        .select_related("box__folder", "owner__firm")
        .order_by("-deposited_at", "-pk")[: size + 1]
    )
    more, page = len(page) > size, page[:size]
    last = page[-1] if page else None
    key = last.deposited_at.isoformat() if last and last.deposited_at else ""
    return Page(page, encode(key, str(last.pk)) if more and last else None)
