"""What follows from the bytes alone: the frontier as it is stored, the lines and roots of lists."""

from collections.abc import Sequence
from typing import Any

from accedit_ledger.leaf import Opening
from accedit_ledger.tree import EMPTY_ROOT, HASH_SIZE, Frontier, leaf_hash


def frontier(size: int, raw: bytes) -> Frontier:
    """Read what a head stores: the hashes of its complete sub-trees, one after the other."""
    hashes = tuple(raw[i : i + HASH_SIZE] for i in range(0, len(raw), HASH_SIZE))
    return Frontier(size, hashes)


def inner_line(*, position: int, salt: bytes, value: Any) -> bytes:
    """The bytes that a line of a list is hashed from: a disclosure whose claim is its position."""
    return Opening(str(position), salt, value).disclosure.encode("ascii")


def inner_root(lines: Sequence[bytes]) -> bytes:
    tree = Frontier(0, ())
    for line in lines:
        tree, _ = tree.append(leaf_hash(line))
    return tree.root() if lines else EMPTY_ROOT
