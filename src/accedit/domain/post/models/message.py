from uuid import uuid4

from django.db import models

from accedit.domain.post.enums import Fate


class Message(models.Model):
    """One mail to one address, and what became of it.

    `answer` is the mail server's own words; `digest` the SHA-256 of the message as sent,
    so that a mail shown later can be compared (attacks.md H7).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    to = models.CharField(max_length=254)
    to_name = models.CharField(max_length=200)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    reference = models.UUIDField(null=True)  # what it is about, for whoever put it here
    created_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    fate = models.CharField(
        max_length=10, choices=[(f.value, f.value) for f in Fate], default=Fate.WAITING
    )
    fate_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"], condition=models.Q(fate="waiting"), name="messages_to_send"
            ),
            models.Index(fields=["reference"], name="messages_by_reference"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk} {self.fate}"
