"""What each expert's space uses of the platform, for whoever runs it.

Numbers and states only: no title of a case, no name of a piece or of a party, no
address of a mail (attacks.md A24).
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum

from accedit.domain.alerts.models import Notice
from accedit.domain.filing.models import Room
from accedit.domain.people.models import Space
from accedit.domain.post.enums import Fate


@dataclass(frozen=True, slots=True)
class Use:
    space: str
    expert: str
    open_cases: int
    closed_cases: int
    used_bytes: int
    quota_bytes: int
    mails_waiting: int
    mails_not_arrived: int


def of_each_space() -> list[Use]:
    """Three queries, whatever the number of spaces."""
    waiting, lost = _mails()
    spaces = (
        Space.objects.select_related("expert")
        .annotate(
            open_cases=Count("rooms", filter=Q(rooms__closed_at__isnull=True)),
            closed_cases=Count("rooms", filter=Q(rooms__closed_at__isnull=False)),
            used=Sum("rooms__used_bytes", default=0),
        )
        .order_by("name", "pk")
    )
    return [
        Use(
            space=space.name,
            expert=space.expert.name,
            open_cases=space.open_cases,
            closed_cases=space.closed_cases,
            used_bytes=space.used,
            quota_bytes=space.quota_bytes,
            mails_waiting=waiting.get(space.pk, 0),
            mails_not_arrived=lost.get(space.pk, 0),
        )
        for space in spaces
    ]


def _mails() -> tuple[dict[UUID, int], dict[UUID, int]]:
    """Avis that wait, and avis that came to nothing, by space."""
    space_of = dict(Room.objects.values_list("pk", "space_id"))
    waiting: dict[UUID, int] = {}
    lost: dict[UUID, int] = {}
    rows = (
        Notice.objects.filter(message__isnull=False)
        .exclude(message__fate=Fate.SENT)
        .values_list("room_id", "message__fate")
        .annotate(count=Count("pk"))
    )
    for room, fate, count in rows:
        kept = waiting if fate == Fate.WAITING else lost
        space = space_of[room]
        kept[space] = kept.get(space, 0) + count
    return waiting, lost
