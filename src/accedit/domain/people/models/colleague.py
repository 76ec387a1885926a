from uuid import uuid4

from django.db import models

from accedit.domain.people.models.firm import Firm
from accedit.domain.people.models.user import User


class Colleague(models.Model):
    """A firm proposes to a person to be of it; they answer themselves. The row is the same
    whether the person was known or not, so that proposing teaches nothing (G1)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    firm = models.ForeignKey(Firm, models.CASCADE, related_name="proposals")
    user = models.ForeignKey(User, models.CASCADE, related_name="proposals")
    name = models.CharField(max_length=200)  # as the administrator typed it
    email = models.CharField(max_length=254)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["firm", "user"],
                condition=models.Q(answered_at__isnull=True),
                name="one_proposal_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} for {self.firm_id}"
