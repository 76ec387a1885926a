from uuid import uuid4

from django.db import models

from accedit.domain.people.enums import Scope
from accedit.domain.people.models.user import User


class ApiToken(models.Model):
    """A program's key to act for one person: 256 random bits, of which only the SHA-256 is kept."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=10, choices=[(s.value, s.value) for s in Scope])
    room_id = models.UUIDField(null=True)
    epoch = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.name}"
