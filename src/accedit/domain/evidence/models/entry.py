from django.db import models

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.models.log_head import LogHead


class Entry(models.Model):
    """What a page needs to find an entry and to decide who may see it. Opaque ids only.

    The row is itself an opening of its leaf, with a salt of its own: whoever changes for whom
    an entry is, or whom it is about, contradicts the leaf (`reckoning.filed`). It is given to
    nobody, so that a receipt does not tell who else was concerned.
    """

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="entries")
    index = models.BigIntegerField()
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    actor = models.UUIDField(null=True)
    node = models.UUIDField(null=True)
    about = models.UUIDField(null=True)
    salt = models.BinaryField()
    audience = models.CharField(max_length=20, choices=[(a.value, a.value) for a in Audience])

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "index"], name="one_entry_per_index")]
        indexes = [
            models.Index(fields=["log", "-index"], name="entries_newest_first"),
            models.Index(fields=["node"], name="entries_of_a_node"),
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.index} {self.kind}"
