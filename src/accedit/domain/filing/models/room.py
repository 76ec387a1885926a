from uuid import uuid4

from django.db import models

from accedit.domain.people.models import Space, User


class Room(models.Model):
    """One tree, one owner, its members. `epoch` grows with every change of rights.

    `used_bytes` counts what was accepted, under the room's lock. `default_group` is
    the group whose members read the whole room: the liste de diffusion.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    title = models.CharField(max_length=200)
    reference = models.CharField(max_length=100)
    owner = models.ForeignKey(User, models.PROTECT, related_name="rooms")
    space = models.ForeignKey(Space, models.PROTECT, related_name="rooms")
    notice = models.CharField(
        max_length=600, blank=True
    )  # said in each avis: what this does not replace
    names_in_alerts = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    epoch = models.PositiveIntegerField(default=0)
    used_bytes = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class RoomMember(models.Model):
    """Whoever is let into the room. Grants say to what; without this row they say nothing."""

    room = models.ForeignKey(Room, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.PROTECT, related_name="rooms_joined")
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"],
                condition=models.Q(left_at__isnull=True),
                name="member_once_per_room",
            )
        ]
        indexes = [models.Index(fields=["user", "room"], name="rooms_of_a_member")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.room_id}"
