"""Proofs of RFC 9162: that a leaf is in a tree, that a tree is the start of another.

Making a proof reads complete sub-trees only, named (level, position). The
`…_nodes` functions say beforehand which ones, so that a database fetches them
in one query; the `…_proof` functions then read them through `node`.
Verifying follows the algorithms of sections 2.1.3.2 and 2.1.4.2.
"""

from collections.abc import Callable, Sequence

from accedit_ledger.tree import HASH_SIZE, node_hash

Place = tuple[int, int]  # level, position
Reader = Callable[[int, int], bytes]
Span = tuple[int, int]  # the leaves [start, end)

MAX_SIZE = 2**53 - 1  # so that a browser's numbers can hold it


class ProofRefused(ValueError):
    """The proof does not show what it claims to; the message says why."""


def root_nodes(size: int) -> list[Place]:
    """The complete sub-trees of a tree, in the order of `Frontier.hashes`."""
    return _cover(0, size)


def inclusion_nodes(index: int, size: int) -> list[Place]:
    return [place for span in _inclusion_spans(index, size) for place in _cover(*span)]


def inclusion_proof(*, index: int, size: int, node: Reader) -> list[bytes]:
    """PATH(index, D_size) of section 2.1.3.1, from the leaf's sibling upwards."""
    return [_span_hash(span, node) for span in _inclusion_spans(index, size)]


def consistency_nodes(old: int, new: int) -> list[Place]:
    return [place for span in _consistency_spans(old, new) for place in _cover(*span)]


def consistency_proof(*, old: int, new: int, node: Reader) -> list[bytes]:
    """PROOF(old, D_new) of section 2.1.4.1."""
    return [_span_hash(span, node) for span in _consistency_spans(old, new)]


def verify_inclusion(
    *, index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes
) -> None:
    """Section 2.1.3.2; `leaf` is the leaf's hash."""
    _require_hashes([leaf, root, *path])
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofRefused("the index is not in the tree")
    place, last, current = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            raise ProofRefused("the path is too long")
        if place % 2 or place == last:
            current = node_hash(sibling, current)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            current = node_hash(current, sibling)
        place, last = place // 2, last // 2
    if last:
        raise ProofRefused("the path is too short")
    if current != root:
        raise ProofRefused("the path does not lead to the root")


def verify_consistency(
    *, old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes
) -> None:
    """Section 2.1.4.2. The empty tree is refused: the start of every tree, it shows nothing."""
    _require_hashes([old_root, new_root, *path])
    if not 0 < old <= new <= MAX_SIZE:
        raise ProofRefused("the sizes do not follow each other")
    if old == new:
        if path or old_root != new_root:
            raise ProofRefused("two trees of one size are not the same")
        return
    hashes = list(path) if old & (old - 1) else [old_root, *path]
    if not hashes:
        raise ProofRefused("the path is too short")
    first, second = _climb(old - 1, new - 1, hashes)
    if first != old_root:
        raise ProofRefused("the path does not lead to the old root")
    if second != new_root:
        raise ProofRefused("the path does not lead to the new root")


def _climb(place: int, last: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    while place % 2:
        place, last = place // 2, last // 2
    first = second = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofRefused("the path is too long")
        if place % 2 or place == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while place % 2 == 0 and place:
                place, last = place // 2, last // 2
        else:
            second = node_hash(second, sibling)
        place, last = place // 2, last // 2
    if last:
        raise ProofRefused("the path is too short")
    return first, second


def _inclusion_spans(index: int, size: int) -> list[Span]:
    """The sub-trees beside the way from the root to a leaf, the lowest first."""
    if not 0 <= index < size:
        raise ValueError("the index is not in the tree")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def _consistency_spans(old: int, new: int) -> list[Span]:
    """SUBPROOF(old, D_new, true): the same descent, down to where the old tree ends."""
    if not 0 < old <= new:
        raise ValueError("the sizes do not follow each other")
    spans, start, end = [], 0, new
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    if start:
        spans.append((start, end))
    return spans[::-1]


def _split(size: int) -> int:
    """The largest power of two smaller than `size`."""
    return 1 << ((size - 1).bit_length() - 1)


def _cover(start: int, end: int) -> list[Place]:
    """The complete sub-trees of [start, end), which starts where a sub-tree of its size may."""
    places = []
    while start < end:
        level = (end - start).bit_length() - 1
        places.append((level, start >> level))
        start += 1 << level
    return places


def _span_hash(span: Span, node: Reader) -> bytes:
    hashes = [node(level, position) for level, position in _cover(*span)]
    current = hashes.pop()
    while hashes:
        current = node_hash(hashes.pop(), current)
    return current


def _require_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(hash_) != HASH_SIZE for hash_ in hashes):
        raise ProofRefused("a hash has 32 bytes")
