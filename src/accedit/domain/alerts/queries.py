"""The liste de diffusion, and what became of each avis de dépôt."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accedit.domain.alerts.models import Addressee, Notice


def roster(room_id: UUID) -> Sequence[Addressee]:
    """Everybody who is told today, in the order in which they came."""
    return list(
        Addressee.objects.filter(room_id=room_id, until__isnull=True)
        .select_related("user")
        .order_by("since", "name", "pk")
    )


def notices(room_id: UUID) -> QuerySet[Notice]:
    """Newest first, each with its mail or letter."""
    return (
        Notice.objects.filter(room_id=room_id)
        .select_related("addressee", "message", "letter")
        .order_by("-created_at", "addressee__name", "pk")
    )


def notices_of(basket_ids: Iterable[UUID]) -> QuerySet[Notice]:
    return (
        Notice.objects.filter(basket_id__in=list(basket_ids))
        .select_related("addressee", "message", "letter")
        .order_by("addressee__since", "addressee__name", "pk")
    )


def letters_to(addressee: Addressee) -> list[UUID]:
    """The letters of avis made for one addressee, posted or not."""
    found = Notice.objects.filter(addressee=addressee, letter__isnull=False)
    return list(found.values_list("letter_id", flat=True))


def fates(room_id: UUID) -> dict[str, int]:
    """How many mails of a room wait, were sent, refused, failed; and letters still to print."""
    return Notice.objects.filter(room_id=room_id).aggregate(
        waiting=Count("pk", filter=Q(message__fate="waiting")),
        sent=Count("pk", filter=Q(message__fate="sent")),
        refused=Count("pk", filter=Q(message__fate="refused")),
        failed=Count("pk", filter=Q(message__fate="failed")),
        to_print=Count("pk", filter=Q(letter__isnull=False, letter__posted_on__isnull=True)),
    )
