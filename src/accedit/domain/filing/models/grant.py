from django.contrib.postgres.fields import ArrayField
from django.db import models

from accedit.domain.filing.models.node import Node
from accedit.domain.people.models import Group, User


class Grant(models.Model):
    """This person or group has these rights, from this place down."""

    node = models.ForeignKey(Node, models.CASCADE, related_name="grants")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="grants")
    group = models.ForeignKey(Group, models.CASCADE, null=True, related_name="grants")
    rights = ArrayField(models.CharField(max_length=10))
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, group__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False),
                name="granted_to_a_person_or_a_group",
            ),
            models.UniqueConstraint(
                fields=["node", "user"],
                condition=models.Q(user__isnull=False),
                name="one_grant_a_person",
            ),
            models.UniqueConstraint(
                fields=["node", "group"],
                condition=models.Q(group__isnull=False),
                name="one_grant_a_group",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rights} on {self.node_id}"
