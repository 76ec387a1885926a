from uuid import uuid4

from django.db import models

from accedit.domain.people.models.user import User


class Group(models.Model):
    """People who are granted rights together. Flat: a group holds no group. `room_id` is opaque here."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=200)
    room_id = models.UUIDField(null=True, db_index=True)

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "user"], name="one_membership_per_group")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group_id}"
