from uuid import uuid4

from django.db import models


class Blob(models.Model):
    """Stored bytes: where they are (an opaque key), what they are (SHA-256, size). Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"blob {self.pk}"
