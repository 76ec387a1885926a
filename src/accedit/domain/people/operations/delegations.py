"""What an expert confides to an assistant, and takes back."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from accedit.domain.people.enums import Covers
from accedit.domain.people.models import Delegation, Space, User


@transaction.atomic
def delegate(*, space: Space, to: User, covers: Collection[Covers], at: datetime) -> Delegation:
    end(space=space, of=to, at=at)
    return Delegation.objects.create(
        space=space, delegate=to, covers=sorted(c.value for c in covers), given_at=at
    )


@transaction.atomic
def end(*, space: Space, of: User, at: datetime) -> None:
    Delegation.objects.filter(space=space, delegate=of, ended_at__isnull=True).update(ended_at=at)
