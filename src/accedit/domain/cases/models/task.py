from uuid import uuid4

from django.db import models

from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.models.case import Case


class Task(models.Model):
    """Something that waits for the expert. `reference` is what it is about (a letter, a message, a piece)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    case = models.ForeignKey(Case, models.CASCADE, related_name="tasks")
    kind = models.CharField(max_length=30, choices=[(k.value, k.value) for k in TaskKind])
    subject = models.CharField(max_length=300)
    reference = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "reference"],
                condition=models.Q(reference__isnull=False),
                name="one_task_per_thing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
