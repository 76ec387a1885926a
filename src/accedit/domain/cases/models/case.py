from uuid import uuid4

from django.db import models

from accedit.domain.cases.enums import Template
from accedit.domain.filing.models import Room
from accedit.domain.people.models import Group


class Case(models.Model):
    """One dispute handled by one expert. It has the same id as its room: one address for both."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room = models.OneToOneField(Room, models.PROTECT, related_name="case")
    group = models.OneToOneField(Group, models.PROTECT, related_name="case")
    template = models.CharField(max_length=30, choices=[(t.value, t.value) for t in Template])
    court = models.CharField(max_length=200, blank=True)
    register_number = models.CharField(max_length=60, blank=True)  # « RG 17/21674 »
    colour = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"case {self.pk}"
