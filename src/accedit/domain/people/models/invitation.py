from uuid import uuid4

from django.db import models

from accedit.domain.people.enums import Channel
from accedit.domain.people.models.user import User


class Invitation(models.Model):
    """A code that lets one person set their password and authenticator, once, within seven days.

    Only its SHA-256 is kept. `address` binds it: a mail's code works with that address only.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    room_id = models.UUIDField(null=True, db_index=True)
    channel = models.CharField(max_length=10, choices=[(c.value, c.value) for c in Channel])
    address = models.CharField(max_length=254, blank=True)
    code_digest = models.CharField(max_length=64, unique=True)
    sent_by = models.ForeignKey(User, models.PROTECT, related_name="+", null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)
    message_id = models.UUIDField(null=True)  # of the post: the mail or the letter that carries it

    def __str__(self) -> str:
        return f"invitation of {self.user_id}"
