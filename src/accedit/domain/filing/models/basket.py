from uuid import uuid4

from django.db import models

from accedit.domain.filing.enums import Means
from accedit.domain.filing.models.box import Box
from accedit.domain.people.models import User


class Basket(models.Model):
    """What somebody is about to deposit into one box; once deposited, the act that told everyone.

    Only its owner sees it before that. `on_behalf_of` is a party, when the expert or an
    assistant enters what came by post, mail or hand.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    box = models.ForeignKey(Box, models.PROTECT, related_name="baskets")
    owner = models.ForeignKey(User, models.PROTECT, related_name="baskets")
    on_behalf_of = models.UUIDField(null=True)
    on_behalf_name = models.CharField(max_length=200, blank=True)
    means = models.CharField(max_length=10, blank=True, choices=[(m.value, m.value) for m in Means])
    received_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    deposited_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["box", "owner"],
                condition=models.Q(deposited_at__isnull=True, on_behalf_of__isnull=True),
                name="one_open_basket_per_box",
            )
        ]
        indexes = [models.Index(fields=["owner", "deposited_at"], name="baskets_of_a_person")]

    def __str__(self) -> str:
        return f"basket {self.pk}"


class BasketItem(models.Model):
    """A file that has fully arrived and waits in a basket. Its bytes are safe; it is no piece yet.

    `upload` is the sender's own id for this file: sending it again changes nothing.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    basket = models.ForeignKey(Basket, models.CASCADE, related_name="items")
    upload = models.CharField(max_length=200)
    blob_id = models.UUIDField()
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    number = models.CharField(max_length=20, blank=True)
    rank = models.PositiveIntegerField()
    received_from = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["basket", "upload"], name="one_item_per_upload")
        ]
        ordering = ["rank", "id"]

    def __str__(self) -> str:
        return f"item {self.pk}"
