from django.db import models

from accedit.domain.evidence.models.log_head import LogHead


class Leaf(models.Model):
    """The canonical bytes of one entry: it shows that something happened, not what (evidence.md 4.2)."""

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="leaves")
    index = models.BigIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["log", "index"], name="one_leaf_per_index")]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.index}"


class TreeNode(models.Model):
    """The hash of a complete sub-tree: `level` 0 is the leaf's own hash."""

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="nodes")
    level = models.SmallIntegerField()
    position = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["log", "level", "position"], name="one_hash_per_sub_tree"
            )
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.level}/{self.position}"


class Opening(models.Model):
    """One claim of a leaf in clear, with the salt that hides it elsewhere.

    Deleting the row erases the datum; the tree stays valid.
    """

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="openings")
    index = models.BigIntegerField()
    claim = models.CharField(max_length=60)
    salt = models.BinaryField()
    value = models.JSONField(null=True)  # SQL null stands for the JSON null

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["log", "index", "claim"], name="one_opening_per_claim")
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.index}/{self.claim}"


class InnerLeaf(models.Model):
    """One line of a long list (a roster) whose claim is only the root of a small tree of its own.

    A line is shown with its salt and its path; the others stay hidden (evidence.md 4.2).
    """

    log = models.ForeignKey(LogHead, models.PROTECT, related_name="inner_leaves")
    index = models.BigIntegerField()
    claim = models.CharField(max_length=60)
    position = models.IntegerField()
    salt = models.BinaryField()
    value = models.JSONField(null=True)  # SQL null stands for the JSON null

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["log", "index", "claim", "position"], name="one_line_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.log_id}/{self.index}/{self.claim}/{self.position}"
