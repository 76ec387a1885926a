from django.db import models


class Slowdown(models.Model):
    """Wrong tries of late, for one key (an address from one network, a network, everybody…),
    and the hour before which nothing is tried again; or the invitations that one person has
    sent, and the end of the hour in which they are counted. The key is a SHA-256: it names nobody."""

    key = models.CharField(max_length=64, primary_key=True)
    tries = models.PositiveIntegerField(default=0)
    last_at = models.DateTimeField(db_index=True)
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.tries} tries"
