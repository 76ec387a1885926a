from uuid import uuid4

from django.db import models


class Letter(models.Model):
    """A letter to print, for whoever is served by post, and the day it was posted."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    to_name = models.CharField(max_length=200)
    address = models.TextField(blank=True)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    reference = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True)
    posted_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["reference"], name="letters_by_reference")]

    def __str__(self) -> str:
        return f"letter {self.pk}"
