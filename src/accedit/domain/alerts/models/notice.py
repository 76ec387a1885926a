from uuid import uuid4

from django.db import models

from accedit.domain.alerts.models.addressee import Addressee
from accedit.domain.post.models import Letter, Message


class Notice(models.Model):
    """An avis de dépôt: one basket, one addressee, a mail or a letter or both, and its fate in the log.

    Past the hour's cap several avis to one addressee share a message (`gathered`).
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room_id = models.UUIDField(db_index=True)
    basket_id = models.UUIDField(db_index=True)
    addressee = models.ForeignKey(Addressee, models.PROTECT, related_name="notices")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="notices")
    letter = models.OneToOneField(Letter, models.PROTECT, null=True, related_name="notice")
    gathered = models.BooleanField(default=False)
    log_origin = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    fate_logged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basket_id", "addressee"], name="told_once_per_basket"),
            models.CheckConstraint(
                condition=models.Q(message__isnull=False) | models.Q(letter__isnull=False),
                name="told_by_mail_or_by_letter",
            ),
        ]
        indexes = [
            models.Index(
                fields=["created_at"],
                condition=models.Q(fate_logged_at__isnull=True),
                name="notices_whose_fate_is_open",
            )
        ]

    def __str__(self) -> str:
        return f"notice {self.pk}"
