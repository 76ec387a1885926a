"""Who is on the liste de diffusion of a room, and how each is told."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.models import Addressee
from accedit.domain.people.models import User


@transaction.atomic
def enter(
    *,
    room_id: UUID,
    name: str,
    how: How,
    at: datetime,
    user: User | None = None,
    party_id: UUID | None = None,
    side: UUID | None = None,
    address: str = "",
) -> Addressee:
    return Addressee.objects.create(
        room_id=room_id,
        name=name,
        how=how,
        user=user,
        party_id=party_id,
        side=side,
        address=address,
        since=at,
    )


@transaction.atomic
def tell_by(addressee: Addressee, *, how: How) -> None:
    Addressee.objects.filter(pk=addressee.pk).update(how=how)


@transaction.atomic
def write_to(addressee: Addressee, *, address: str) -> None:
    Addressee.objects.filter(pk=addressee.pk).update(address=address)


@transaction.atomic
def leave(addressee: Addressee, *, at: datetime) -> None:
    Addressee.objects.filter(pk=addressee.pk, until__isnull=True).update(until=at)
