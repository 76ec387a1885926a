from django.db import models


class LogHead(models.Model):
    """Where a log stands: the only row of a log that changes, and it only grows.

    `frontier` holds the hashes of the complete sub-trees at the right edge, 32 bytes
    each, largest first (the compact range of RFC 9162), so that appending reads no leaf.

    After an incident a log goes on under another name: `first` is the name it began with,
    `number` counts its names from 1, `before` the leaves under the earlier ones. The one with
    the highest number is written to; the others stand still.
    """

    origin = models.CharField(max_length=300, unique=True)
    first = models.CharField(max_length=300)
    number = models.SmallIntegerField(default=1)
    before = models.BigIntegerField(default=0)
    size = models.BigIntegerField(default=0)
    frontier = models.BinaryField(default=b"")
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gte=0), name="log_size_is_not_negative"
            ),
            models.UniqueConstraint(fields=["first", "number"], name="one_log_per_number"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} ({self.size})"
