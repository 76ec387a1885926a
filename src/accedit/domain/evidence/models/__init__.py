from accedit.domain.evidence.models.checkpoint import Checkpoint
from accedit.domain.evidence.models.entry import Entry
from accedit.domain.evidence.models.leaf import InnerLeaf, Leaf, Opening, TreeNode
from accedit.domain.evidence.models.log_head import LogHead

__all__ = ["Checkpoint", "Entry", "InnerLeaf", "Leaf", "LogHead", "Opening", "TreeNode"]
