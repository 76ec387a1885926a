"""Lists of messages and letters, for whoever knows their references."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from accedit.domain.post.models import Letter, Message


def latest_messages(limit: int = 200) -> QuerySet[Message]:
    """For the demo's page only."""
    return Message.objects.order_by("-created_at", "-id")[:limit]


def letters(references: Iterable[UUID]) -> QuerySet[Letter]:
    return Letter.objects.filter(reference__in=references).order_by("-created_at", "id")


def still_waiting() -> int:
    return Message.objects.filter(fate="waiting").count()
