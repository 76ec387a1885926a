from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accedit.domain.people.models.user import User


class Space(models.Model):
    """The expert's space (« espace de l'expert »): what one expert owns and what it may cost."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=200)
    expert = models.OneToOneField(User, models.PROTECT, related_name="space")
    address = models.TextField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    list_number = models.CharField(
        max_length=200, blank=True
    )  # « expert près la cour d'appel de … »
    quota_bytes = models.BigIntegerField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Delegation(models.Model):
    """What an expert lets an assistant do, until it ends. Given and ended in the log."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    space = models.ForeignKey(Space, models.CASCADE, related_name="delegations")
    delegate = models.ForeignKey(User, models.PROTECT, related_name="delegations")
    covers = ArrayField(models.CharField(max_length=30))
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["space", "delegate"],
                condition=models.Q(ended_at__isnull=True),
                name="one_delegation_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.delegate_id} for {self.space_id}"
