from django.db import models

from accedit.domain.alerts.models.addressee import Addressee
from accedit.domain.post.models import Message


class Gathering(models.Model):
    """The avis that came past the hour's cap, told to one addressee by one message.

    `lines` holds one count for each depositor, side and party deposited for, so that the
    message stays short however many deposits there are; `heads` the latest checkpoint of
    each log that it tells of, by origin.
    """

    message = models.OneToOneField(
        Message, models.PROTECT, primary_key=True, related_name="gathering"
    )
    addressee = models.ForeignKey(Addressee, models.PROTECT, related_name="gatherings")
    lines = models.JSONField(default=list)
    heads = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"gathering {self.pk}"
