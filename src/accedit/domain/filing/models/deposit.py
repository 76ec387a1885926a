from uuid import uuid4

from django.db import models

from accedit.domain.filing.models.basket import Basket
from accedit.domain.filing.models.blob import Blob
from accedit.domain.filing.models.box import Box
from accedit.domain.filing.models.node import Node
from accedit.domain.people.models import User


class Deposit(models.Model):
    """A piece as it was deposited: a fact, never changed (the table refuses UPDATE and DELETE).

    `upload` is the depositor's own key: the same one again answers with this deposit.
    `number_key` orders « 12 bis » after 12. `log_index` is its entry in the acts log.
    `readable` is no column: queries say with it whether whoever asks may read the content.
    """

    readable = True

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    basket = models.ForeignKey(Basket, models.PROTECT, related_name="deposits")
    box = models.ForeignKey(Box, models.PROTECT, related_name="deposits")
    node = models.OneToOneField(Node, models.PROTECT, related_name="deposit")
    blob = models.OneToOneField(Blob, models.PROTECT, related_name="deposit")
    depositor = models.ForeignKey(User, models.PROTECT, related_name="deposits")
    depositor_name = models.CharField(max_length=200)
    firm = models.CharField(max_length=200, blank=True)
    on_behalf_of = models.UUIDField(null=True)
    side = models.UUIDField()
    number = models.CharField(max_length=20)
    number_key = models.IntegerField()
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    upload = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    received_from = models.DateTimeField()
    received_at = models.DateTimeField()
    late = models.BooleanField()
    log_origin = models.CharField(max_length=300)
    log_index = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["side", "number"], name="one_piece_per_number_and_side"
            ),
            models.UniqueConstraint(
                fields=["box", "depositor", "upload"], name="one_deposit_per_upload"
            ),
        ]
        indexes = [
            models.Index(fields=["box", "number_key", "id"], name="pieces_by_number"),
            models.Index(fields=["box", "-log_index", "-id"], name="pieces_newest_first"),
            models.Index(fields=["depositor", "-received_at", "-id"], name="pieces_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"deposit {self.pk}"
