from uuid import uuid4

from django.db import models

from accedit.domain.people.models.user import User


class Recovery(models.Model):
    """A person who lost everything asks to come in again (G16): two others say how they
    recognised them, a delay runs, then an invitation leaves. One open at a time."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="recoveries")
    code_digest = models.CharField(max_length=64)  # cancels, without signing in
    asked_at = models.DateTimeField()
    opens_at = models.DateTimeField(null=True)  # set by the second approval
    opened_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(opened_at__isnull=True, cancelled_at__isnull=True),
                name="one_recovery_under_way",
            )
        ]

    def __str__(self) -> str:
        return f"recovery of {self.user_id}"


class Approval(models.Model):
    """One of the two, and in their own words how they made sure of who asks."""

    recovery = models.ForeignKey(Recovery, models.CASCADE, related_name="approvals")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    words = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recovery", "by"], name="one_approval_per_person")
        ]

    def __str__(self) -> str:
        return f"{self.by_id} approves {self.recovery_id}"
