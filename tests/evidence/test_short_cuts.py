"""The short cuts of a check say yes to nothing that the slow way refuses."""

import json
import secrets
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accedit.domain.evidence.reckoning import (
    quick_digest,
    quick_disclosure,
    quick_leaf,
    text_digest,
    text_disclosure,
    usual_leaf,
)
from accedit_ledger.base64s import url
from accedit_ledger.canonical import canonical
from accedit_ledger.leaf import LeafRefused, Opening, leaf_data, read_leaf, utc_text

NOON = datetime(2026, 11, 16, 11, 0, 0, 482000, tzinfo=UTC)
ORIGIN = "accedit.example/e/7/acts"
LEAF = leaf_data(
    log=ORIGIN,
    index=41,
    at=NOON,
    anchor=None,
    openings=[],
    decoy=lambda: secrets.token_bytes(32),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


def slow(data: bytes) -> object:
    try:
        return read_leaf(data)
    except LeafRefused:
        return None


def test_a_usual_leaf_takes_the_short_cut_and_says_the_same() -> None:
    assert quick_leaf(LEAF) == read_leaf(LEAF)


@pytest.mark.parametrize("place", range(0, len(LEAF), 7))
def test_a_leaf_with_one_bit_flipped_is_never_taken_for_another(place: int) -> None:
    for bit in range(8):
        data = bytearray(LEAF)
        data[place] ^= 1 << bit
        quick = quick_leaf(bytes(data))
        assert quick is None or quick == slow(bytes(data))


@pytest.mark.parametrize("anchor", [None, "A" * 43])
def test_a_leaf_in_its_place_is_known_by_its_layout_and_no_other_is(anchor: str | None) -> None:
    """Each bit of it flipped: what is still taken is a leaf, of the same place and digests."""
    data = leaf_data(
        log=ORIGIN,
        index=41,
        at=NOON,
        anchor=anchor,
        openings=[],
        decoy=lambda: secrets.token_bytes(32),
    )
    usual = usual_leaf(data, origin=ORIGIN, index=41)
    assert usual == (
        frozenset(d.encode() for d in read_leaf(data).digests),
        utc_text(NOON).encode(),
    )
    assert usual_leaf(data, origin=ORIGIN, index=4) is None
    assert usual_leaf(data, origin=ORIGIN + "x", index=41) is None
    for place in range(len(data)):
        flipped = bytearray(data)
        flipped[place] ^= 1 << place % 8
        usual = usual_leaf(bytes(flipped), origin=ORIGIN, index=41)
        if usual is not None and usual[1] == utc_text(NOON).encode():
            leaf = read_leaf(bytes(flipped))
            assert (leaf.log, leaf.index, leaf.at) == (ORIGIN, 41, NOON)
            assert usual[0] == frozenset(digest.encode() for digest in leaf.digests)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"i":41', b'"i":041'),
        (b'"i":41', b'"i":-1'),
        (b'"i":41', b'"i":9007199254740993'),
        (b'"v":"ev1"', b'"v":"ev2"'),
        (b'"a":null', b'"a":"x"'),
        (b'"a":null,', b'"a":null, '),
        (b"accedit.example", b"accedit+example"),
        (b"accedit.example", b"accedit example"),
        (b"2026-11-16", b"2026-02-30"),
        (b"11:00:00.482Z", b"24:00:00.482Z"),
        (b".482Z", b".48200"),
        (b"}", b"}\n"),
    ],
)
def test_what_the_slow_way_refuses_the_short_cut_refuses(old: bytes, new: bytes) -> None:
    data = LEAF.replace(old, new)

    assert data != LEAF
    assert slow(data) is None
    assert quick_leaf(data) is None
    usual = usual_leaf(data, origin=ORIGIN, index=41)
    assert usual is None or usual[1] != utc_text(NOON).encode()  # an hour that no row agrees with


def test_digests_out_of_order_or_doubled_are_refused() -> None:
    digests = read_leaf(LEAF).digests
    swapped = LEAF.replace(
        f'"{digests[0]}","{digests[1]}"'.encode(), f'"{digests[1]}","{digests[0]}"'.encode()
    )
    doubled = LEAF.replace(digests[1].encode(), digests[0].encode())

    assert quick_leaf(swapped) is quick_leaf(doubled) is slow(swapped) is slow(doubled) is None
    assert usual_leaf(swapped, origin=ORIGIN, index=41) is None
    assert usual_leaf(doubled, origin=ORIGIN, index=41) is None


@given(claim=st.text(min_size=1, max_size=20), value=values)
@examples(max_examples=300, deadline=None, derandomize=True)
def test_a_quick_digest_is_the_digest_or_nobody_s(claim: str, value: object) -> None:
    salt = bytes(range(32))
    quick = quick_digest(quick_disclosure(claim, salt, value))

    try:
        canonical([claim, value])  # type: ignore[list-item]
    except ValueError:
        return
    opening = Opening(claim, salt, value)  # type: ignore[arg-type]
    if quick != opening.digest:
        assert max(str(value) + claim) >= "\U00010000"  # only such members are sorted otherwise


def test_the_usual_values_take_the_short_cut() -> None:
    salt = bytes(range(32))
    values: list[Any] = [
        None,
        True,
        7,
        "é \u2028 \x7f \x1f",
        {"id": "x", "name": "Œ", "b": [1, "2"]},
    ]
    for value in values:
        opening = Opening("name", salt, value)
        assert quick_disclosure("name", salt, value).decode() == opening.disclosure
        assert quick_digest(quick_disclosure("name", salt, value)) == opening.digest
        stored = json.dumps(value, ensure_ascii=False).encode()  # spaces, members as they came
        written = text_disclosure(url(salt).encode(), b'"name"', stored)
        assert written.decode() == opening.disclosure
        assert text_digest(written).decode() == opening.digest
