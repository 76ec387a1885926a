"""The hash tree of RFC 9162 (section 2.1), grown one leaf at a time.

A leaf and a node are hashed with different first bytes, so that a node can
never be shown as a leaf. Only complete sub-trees are ever stored: their hashes
never change, whatever is appended later.

    level 2          (2,0)
    level 1     (1,0)     (1,1)
    level 0  (0,0) (0,1) (0,2) (0,3) (0,4)      frontier of 5 leaves: (2,0) (0,4)
"""

from dataclasses import dataclass
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

Node = tuple[int, int, bytes]  # level, position, hash


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the complete sub-trees of a tree, the largest (left-most) first.

    All that is needed to append and to know the root: one hash for each bit
    set in `size`. Store it as a size and a list of bytes.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ValueError("a frontier has one hash for each bit of its size")
        if any(len(hash_) != HASH_SIZE for hash_ in self.hashes):
            raise ValueError("a hash has 32 bytes")

    def append(self, leaf: bytes) -> tuple["Frontier", list[Node]]:
        """The frontier with the hash of one leaf more, and the nodes that this completed.

        The first of these nodes is the leaf itself, at level 0.
        """
        if len(leaf) != HASH_SIZE:
            raise ValueError("a hash has 32 bytes")
        hashes = list(self.hashes)
        level, position, current = 0, self.size, leaf
        completed: list[Node] = [(level, position, current)]
        while position % 2:
            current = node_hash(hashes.pop(), current)
            level, position = level + 1, position // 2
            completed.append((level, position, current))
        return Frontier(self.size + 1, (*hashes, current)), completed

    def root(self) -> bytes:
        if not self.hashes:
            return EMPTY_ROOT
        current = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            current = node_hash(left, current)
        return current
