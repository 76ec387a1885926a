from uuid import uuid4

from django.db import models

from accedit.domain.alerts.enums import How
from accedit.domain.people.models import User


class Addressee(models.Model):
    """One line of a room's liste de diffusion: a person who signs in, or one served by post."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    party_id = models.UUIDField(null=True)
    side = models.UUIDField(null=True)
    name = models.CharField(max_length=200)
    address = models.TextField(blank=True)
    how = models.CharField(max_length=20, choices=[(h.value, h.value) for h in How])
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)
    hour_from = models.DateTimeField(null=True)  # when the hour in which avis are counted began
    mails_in_hour = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room_id", "user"],
                condition=models.Q(until__isnull=True, user__isnull=False),
                name="told_once_per_room",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.how})"
