from uuid import uuid4

from django.db import models

from accedit.domain.filing.enums import NodeKind
from accedit.domain.filing.models.room import Room


class Node(models.Model):
    """A place or a file of the tree.

    `scope` is the nearest node at or above that holds a grant, a seal or a kind
    boundary (root, box, archive): rights are reckoned per scope, never per node.
    Two nodes of one parent may bear the same name, a piece or a place: what collides depends
    on what whoever named the second could see (attacks.md B4), so the table cannot decide it.
    `folded_name` is what collides on any computer; `sort_key` is French order;
    of a piece, the order of its number first.
    """

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    room = models.ForeignKey(Room, models.CASCADE, related_name="nodes")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    scope = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in NodeKind])
    name = models.CharField(max_length=200)
    folded_name = models.CharField(max_length=600)
    sort_key = models.CharField(max_length=620)
    depth = models.PositiveSmallIntegerField()
    side = models.UUIDField(null=True)
    sealed = models.BooleanField(default=False)
    evidence = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_reason = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room"], condition=models.Q(kind="root"), name="one_root_per_room"
            ),
            models.CheckConstraint(
                condition=models.Q(kind="root", parent__isnull=True)
                | (~models.Q(kind="root") & models.Q(parent__isnull=False)),
                name="only_the_root_has_no_parent",
            ),
            models.CheckConstraint(
                condition=models.Q(evidence=False) | models.Q(kind="file"),
                name="evidence_is_a_file",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["box", "archive"], side__isnull=False)
                | ~models.Q(kind__in=["box", "archive"]),
                name="box_and_archive_belong_to_one_side",
            ),
        ]
        indexes = [
            models.Index(fields=["parent", "sort_key", "id"], name="children_in_french_order"),
            models.Index(fields=["parent", "folded_name"], name="nodes_by_name"),
            models.Index(fields=["room", "scope"], name="nodes_by_scope"),
            models.Index(fields=["room", "-created_at", "id"], name="nodes_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_place(self) -> bool:
        return self.kind != NodeKind.FILE
