from uuid import uuid4

from django.db import models


class Firm(models.Model):
    """A law firm or a company. It never signs in: its acts name a natural person (G13)."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=200)
    folded_name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name
