from uuid import uuid4

from django.db import models

from accedit.domain.alerts.models import Addressee
from accedit.domain.cases.enums import RosterRole, RosterState
from accedit.domain.cases.models.case import Case
from accedit.domain.cases.models.party import Party
from accedit.domain.people.models import User


class RosterLine(models.Model):
    """One line of the liste de diffusion, with the state that the law cares about (errata 5, 6)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="roster")
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="roster_lines")
    party = models.ForeignKey(Party, models.PROTECT, null=True, related_name="roster_lines")
    addressee = models.OneToOneField(Addressee, models.PROTECT, related_name="roster_line")
    role = models.CharField(max_length=20, choices=[(r.value, r.value) for r in RosterRole])
    name = models.CharField(max_length=200)
    state = models.CharField(max_length=20, choices=[(s.value, s.value) for s in RosterState])
    since = models.DateTimeField()
    left_at = models.DateTimeField(null=True)
    rank = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "user"],
                condition=models.Q(left_at__isnull=True, user__isnull=False),
                name="one_roster_line_per_person",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class Consent(models.Model):
    """What a person answered when asked to exchange electronically (CPC 748-2, CJA R.621-7-3)."""

    line = models.ForeignKey(RosterLine, models.CASCADE, related_name="consents")
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    given = models.BooleanField(null=True)
    text_version = models.CharField(max_length=40)

    def __str__(self) -> str:
        return f"consent of {self.line_id}"
