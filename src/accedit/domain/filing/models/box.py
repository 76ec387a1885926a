from uuid import uuid4

from django.db import models

from accedit.domain.filing.models.node import Node


class Box(models.Model):
    """The drop box of one side: its depositors add pieces, and nobody changes or removes them.

    The date limite is announced to the parties: afterwards it moves only through
    `operations.boxes.set_due`, which writes the change into the log. A piece
    that comes later is accepted and marked late; only a closed room refuses.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    folder = models.OneToOneField(Node, models.PROTECT, related_name="box")
    archive = models.OneToOneField(Node, models.PROTECT, related_name="box_archived")
    side = models.UUIDField("partie", unique=True)
    side_name = models.CharField(max_length=200)
    due_at = models.DateTimeField("date limite", null=True)

    def __str__(self) -> str:
        return f"box {self.pk}"
