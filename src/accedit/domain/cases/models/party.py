from uuid import uuid4

from django.db import models

from accedit.domain.cases.enums import PartyKind
from accedit.domain.cases.models.case import Case
from accedit.domain.people.models import Firm, User


class Side(models.Model):
    """One or several parties who share a box, an archive and piece numbers for the whole case."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="sides")
    word = models.CharField(max_length=60)  # « demandeur », « architecte »
    folded_word = models.CharField(max_length=60)
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "folded_word"], name="one_side_per_word")
        ]

    def __str__(self) -> str:
        return self.word


class Party(models.Model):
    """Somebody bound by or invited to the operations. `user` only where it has no counsel,
    or where its counsel opened the room to it (`opened_by_counsel_at`)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="parties")
    side = models.ForeignKey(Side, models.PROTECT, related_name="parties")
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=[(k.value, k.value) for k in PartyKind])
    email = models.CharField(max_length=254, blank=True)
    address = models.TextField(blank=True)
    by_post = models.BooleanField(default=False)
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="parties")
    opened_by_counsel_at = models.DateTimeField(null=True)
    joined_at = models.DateTimeField()
    rank = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return self.name


class Mandate(models.Model):
    """This lawyer acts for this party, from then until then."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    party = models.ForeignKey(Party, models.CASCADE, related_name="mandates")
    counsel = models.ForeignKey(User, models.PROTECT, related_name="mandates")
    firm = models.ForeignKey(Firm, models.PROTECT, null=True, related_name="mandates")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["party", "counsel"],
                condition=models.Q(until__isnull=True),
                name="one_mandate_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.counsel_id} for {self.party_id}"
