"""Rows L1 to L3 and L6: the tree against the RFC's text, another library, and published vectors."""

import base64
import json
from itertools import pairwise
from pathlib import Path

import pymerkle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.ledger.reference import Reference

from accedit_ledger.proofs import (
    ProofRefused,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    root_nodes,
    verify_consistency,
    verify_inclusion,
)
from accedit_ledger.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash

SIZES = 300
INPUTS = [f"entrée {number}".encode() for number in range(SIZES)]
REFERENCE = Reference(INPUTS)
VECTORS = Path(__file__).parents[3] / "shared" / "data" / "merkle"


def grown() -> tuple[list[Frontier], dict[tuple[int, int], bytes]]:
    frontiers, nodes = [Frontier()], {}
    for data in INPUTS:
        frontier, completed = frontiers[-1].append(leaf_hash(data))
        frontiers.append(frontier)
        nodes.update({(level, position): hash_ for level, position, hash_ in completed})
    return frontiers, nodes


FRONTIERS, NODES = grown()
ROOTS = [frontier.root() for frontier in FRONTIERS]


def node(level: int, position: int) -> bytes:
    return NODES[level, position]


def test_l2_every_root_is_that_of_the_rfc() -> None:
    assert [REFERENCE.mth(size) for size in range(SIZES + 1)] == ROOTS
    assert ROOTS[0] == EMPTY_ROOT


def test_l2_only_complete_sub_trees_are_stored_and_each_once() -> None:
    expected = {
        (level, position)
        for level in range(9)
        for position in range(SIZES)
        if (position + 1) << level <= SIZES
    }

    assert set(NODES) == expected


def test_l2_a_frontier_is_read_back_from_the_stored_nodes() -> None:
    assert [
        Frontier(size, tuple(node(*place) for place in root_nodes(size)))
        for size in range(SIZES + 1)
    ] == FRONTIERS


def test_l2_every_inclusion_proof_is_that_of_the_rfc_and_verifies() -> None:
    for size in range(1, SIZES + 1):
        for index in range(size):
            path = inclusion_proof(index=index, size=size, node=node)
            assert path == REFERENCE.path(index, size)
            leaf, root = node(0, index), ROOTS[size]
            verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)


def test_l2_every_consistency_proof_is_that_of_the_rfc_and_verifies() -> None:
    for new in range(1, SIZES + 1):
        for old in range(1, new + 1):
            path = consistency_proof(old=old, new=new, node=node)
            assert path == REFERENCE.proof(old, new)
            verify_consistency(
                old=old, new=new, path=path, old_root=ROOTS[old], new_root=ROOTS[new]
            )


def test_l2_the_nodes_told_beforehand_are_those_read_and_no_more() -> None:
    for size in range(1, 70):
        for other in range(size):
            read: list[tuple[int, int]] = []

            def noted(level: int, position: int, read: list[tuple[int, int]] = read) -> bytes:
                read.append((level, position))
                return node(level, position)

            inclusion_proof(index=other, size=size, node=noted)
            assert read == inclusion_nodes(other, size)
            read.clear()
            consistency_proof(old=other + 1, new=size, node=noted)
            assert read == consistency_nodes(other + 1, size)


def test_l2_a_proof_holds_for_no_other_place_size_or_length() -> None:
    for size in range(1, 40):
        for index in range(size):
            path = REFERENCE.path(index, size)
            for other in range(size):
                if other != index:
                    assert not is_included(other, size, node(0, index), path, ROOTS[size])
            assert not is_included(index, size, node(0, index), [*path, ROOTS[1]], ROOTS[size])
            if path:
                assert not is_included(index, size, node(0, index), path[:-1], ROOTS[size])
            assert not is_included(size, size, node(0, index), path, ROOTS[size])


def test_l2_a_history_that_was_rewritten_is_not_consistent() -> None:
    for new in range(2, 40):
        for old in range(1, new):
            path = REFERENCE.proof(old, new)
            for wrong in range(1, new + 1):
                if wrong != old:
                    assert not is_consistent(wrong, new, path, ROOTS[old], ROOTS[new])
            assert not is_consistent(old, new, path, ROOTS[new], ROOTS[old])
            assert not is_consistent(old, new, [*path, ROOTS[1]], ROOTS[old], ROOTS[new])
            assert not is_consistent(old, new, path[:-1], ROOTS[old], ROOTS[new])


@settings(deadline=None, derandomize=True)
@given(some.integers(1, SIZES), some.data())
def test_l4_one_bit_changed_anywhere_in_a_proof_is_refused(
    size: int, data: some.DataObject
) -> None:
    index = data.draw(some.integers(0, size - 1))
    parts = [node(0, index), ROOTS[size], *REFERENCE.path(index, size)]
    part = data.draw(some.integers(0, len(parts) - 1))
    bit = data.draw(some.integers(0, 255))

    parts[part] = flipped(parts[part], bit)

    leaf, root, *path = parts
    assert not is_included(index, size, leaf, path, root)


@settings(deadline=None, derandomize=True)
@given(some.integers(2, SIZES), some.data())
def test_l4_one_bit_changed_in_a_consistency_proof_is_refused(
    new: int, data: some.DataObject
) -> None:
    old = data.draw(some.integers(1, new - 1))
    parts = [ROOTS[old], ROOTS[new], *REFERENCE.proof(old, new)]
    part = data.draw(some.integers(0, len(parts) - 1))

    parts[part] = flipped(parts[part], data.draw(some.integers(0, 255)))

    old_root, new_root, *path = parts
    assert not is_consistent(old, new, path, old_root, new_root)


def test_l6_a_node_shown_as_a_leaf_is_refused() -> None:
    left, right = node(0, 0), node(0, 1)
    forged = leaf_hash(left + right)  # the only leaf a forger can hash from two children

    assert node_hash(left, right) == ROOTS[2]
    assert forged != ROOTS[2]
    assert not is_included(0, 1, forged, [], ROOTS[2])
    assert not is_included(0, 2, forged, [node(1, 1)], ROOTS[4])
    assert leaf_hash(b"\x01" + left + right) != ROOTS[2]
    assert not is_included(0, 1, right, [left], ROOTS[2])  # a path longer than the tree is high
    assert not is_consistent(1, 2, [right, node(1, 1)], left, ROOTS[4])


def test_the_empty_tree_proves_nothing() -> None:
    assert not is_included(0, 0, node(0, 0), [], EMPTY_ROOT)
    assert not is_consistent(0, 0, [], EMPTY_ROOT, EMPTY_ROOT)
    assert not is_consistent(0, 1, [], EMPTY_ROOT, ROOTS[1])
    assert not is_consistent(-1, 1, [ROOTS[1]], ROOTS[1], ROOTS[1])


def test_hashes_of_another_length_are_refused() -> None:
    assert not is_included(0, 2, node(0, 0), [node(0, 1)[:-1]], ROOTS[2])
    assert not is_included(0, 2, node(0, 0), [node(0, 1) + b"x"], ROOTS[2])
    assert not is_included(0, 1, b"", [], b"")
    with pytest.raises(ValueError, match="32 bytes"):
        Frontier().append(b"short")
    with pytest.raises(ValueError, match="one hash for each bit"):
        Frontier(3, (ROOTS[1],))


def test_l3_roots_and_proofs_are_those_of_pymerkle() -> None:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for data in INPUTS[:80]:
        tree.append_entry(data)

    for size in range(1, 81):
        assert tree.get_root(size) == ROOTS[size]
        for index in range(size):
            proof = tree.prove_inclusion(index + 1, size)
            pymerkle.verify_inclusion(node(0, index), ROOTS[size], proof)
            assert ours(proof)[1:] == inclusion_proof(index=index, size=size, node=node)
        for old in range(1, size):
            pymerkle.verify_consistency(ROOTS[old], ROOTS[size], tree.prove_consistency(old, size))


def ours(proof: pymerkle.MerkleProof) -> list[bytes]:
    return [bytes.fromhex(hash_) for hash_ in proof.serialize()["path"]]


OUR_POLICY = {
    # A root of 12 bytes: the vector does not look at it, we refuse a hash that is not one.
    "sizes-are-equal-one-and-proof-is-empty.json",
}


@pytest.mark.skipif(not VECTORS.is_dir(), reason="the published vectors are not beside this copy")
def test_l1_the_published_vectors_are_judged_as_their_authors_say() -> None:
    """The empty tree: like the vectors, we refuse to prove anything from it, or with it."""
    files = sorted(VECTORS.rglob("*.json"))
    wrong = []
    for file in files:
        vector = json.loads(file.read_text())
        judged = vector_is_refused(vector)
        if judged != (vector["wantErr"] or file.name in OUR_POLICY):
            wrong.append(str(file.relative_to(VECTORS)))

    assert wrong == []
    assert len(files) == 196


def vector_is_refused(vector: dict[str, object]) -> bool:
    def hashes(name: str) -> list[bytes]:
        return [base64.b64decode(text) for text in vector[name] or []]  # type: ignore[attr-defined]

    def hash_(name: str) -> bytes:
        return base64.b64decode(str(vector[name] or ""))

    def number(name: str) -> int:
        return int(str(vector[name]))

    if "leafIdx" in vector:
        index, size = number("leafIdx"), number("treeSize")
        return not is_included(index, size, hash_("leafHash"), hashes("proof"), hash_("root"))
    old, new = number("size1"), number("size2")
    return not is_consistent(old, new, hashes("proof"), hash_("root1"), hash_("root2"))


def is_included(index: int, size: int, leaf: bytes, path: list[bytes], root: bytes) -> bool:
    try:
        verify_inclusion(index=index, size=size, leaf=leaf, path=path, root=root)
    except ProofRefused:
        return False
    return True


def is_consistent(old: int, new: int, path: list[bytes], old_root: bytes, new_root: bytes) -> bool:
    try:
        verify_consistency(old=old, new=new, path=path, old_root=old_root, new_root=new_root)
    except ProofRefused:
        return False
    return True


def flipped(data: bytes, bit: int) -> bytes:
    place = bit // 8 % len(data)
    return data[:place] + bytes([data[place] ^ 1 << bit % 8]) + data[place + 1 :]


def test_the_levels_of_an_append_follow_each_other() -> None:
    for before, after in pairwise(FRONTIERS):
        _, completed = before.append(node(0, before.size))
        assert [level for level, _, _ in completed] == list(range(len(completed)))
        assert completed[-1][2] == after.hashes[-1]
