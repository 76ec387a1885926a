from django.db import models

from accedit.domain.evidence.models.log_head import LogHead


class Checkpoint(models.Model):
    """A head of a log that was signed: the C2SP note, whole."""

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="checkpoints")
    size = models.BigIntegerField()
    root = models.BinaryField()
    note = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "size"], name="one_checkpoint_per_size")
        ]

    def __str__(self) -> str:
        return f"{self.log_id} at {self.size}"
