"""The leaf: what it hides, what it shows, and what is not one."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from tests.ledger.sample import ACTS, NOON, deposit_claims, log_of

from accedit_ledger.base64s import url
from accedit_ledger.canonical import JSON, MAX_DEPTH, canonical
from accedit_ledger.leaf import (
    MAX_CLAIMS,
    MAX_LEAF,
    PADDED,
    LeafRefused,
    Opening,
    leaf_data,
    new_openings,
    read_leaf,
    utc_hour,
    utc_text,
)
from accedit_ledger.vocabulary import ALWAYS, KINDS


def test_a_digest_is_computed_as_in_rfc_9901() -> None:
    # The example of section 4.2.1 and its digest in 4.2.3, rewritten in our spelling (no spaces).
    opening = Opening("family_name", bytes(range(32)), "Möbius")
    expected = url(b'["AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8","family_name","M\xc3\xb6bius"]')

    assert opening.disclosure == expected
    assert opening.digest == url(sha256(expected.encode()).digest())


def test_l15_two_kinds_of_entry_look_alike() -> None:
    log = log_of(1)
    log.append({"kind": "case.closed", "actor": None, "received_at": None, "reason": "x"})

    leaves = [read_leaf(data) for data in log.leaves]

    assert [len(leaf.digests) for leaf in leaves] == [PADDED, PADDED]
    assert len(log.leaves[0]) == len(log.leaves[1])


def test_l14_a_guessed_value_does_not_match_without_its_salt() -> None:
    log = log_of(1)
    digests = set(read_leaf(log.leaves[0]).digests)
    true = {opening.claim: opening.value for opening in log.openings[0]}

    guesses = {
        Opening(claim, salt, value).digest
        for claim, value in true.items()
        for salt in (b"", bytes(32), b"\xff" * 32)
    }

    assert digests & guesses == set()
    assert {opening.digest for opening in log.openings[0]} <= digests


def test_nothing_of_an_entry_stands_in_clear_in_its_leaf() -> None:
    leaf = log_of(1).leaves[0].decode()

    assert [word for word in ("Martin", "constat", "deposit", "12 bis") if word in leaf] == []


def test_each_claim_has_a_salt_of_its_own() -> None:
    salts: list[bytes] = [opening.salt for opening in log_of(1).openings[0]]

    assert len(set(salts)) == len(salts) == len(deposit_claims())


def test_every_kind_fits_into_a_leaf_with_room_to_say_more() -> None:
    assert [kind.name for kind in KINDS.values() if len(kind.claims) > PADDED - 3] == []
    assert [kind.name for kind in KINDS.values() if kind.claims[:3] != ALWAYS] == []


def test_a_leaf_is_read_back_as_it_was_written() -> None:
    log = log_of(3)

    leaf = read_leaf(log.leaves[2])

    assert (leaf.log, leaf.index, leaf.at, leaf.anchor) == (
        ACTS,
        2,
        NOON + timedelta(seconds=2),
        None,
    )


def test_more_claims_than_digests_or_a_claim_twice_are_bugs() -> None:
    many = new_openings({f"c{number}": 0 for number in range(PADDED + 1)}, random=bytes)
    twice = [Opening("kind", bytes(32), "a"), Opening("kind", b"\1" * 32, "b")]

    for openings in (many, twice, [Opening("kind", b"short", "a")]):
        with pytest.raises(ValueError, match=r"claim|salt"):
            leaf_data(log=ACTS, index=0, at=NOON, anchor=None, openings=openings, decoy=bytes)


def test_an_entry_that_no_receipt_could_hold_is_a_bug() -> None:
    fits: JSON = "x"
    for _ in range(MAX_DEPTH - 3):
        fits = [fits]
    deep: JSON = [fits]
    for value in ("x" * MAX_CLAIMS, deep):
        openings = new_openings({"kind": value}, random=bytes)
        with pytest.raises(ValueError, match=r"too long|too deeply"):
            leaf_data(log=ACTS, index=0, at=NOON, anchor=None, openings=openings, decoy=bytes)

    log = log_of(0)
    log.append({"kind": fits, "reason": "x" * (MAX_CLAIMS // 2)})
    assert log.receipt(0)


def test_decoys_that_repeat_are_a_bug() -> None:
    with pytest.raises(ValueError, match="twice"):
        leaf_data(log=ACTS, index=0, at=NOON, anchor=None, openings=[], decoy=lambda: bytes(32))


def test_l4_no_leaf_with_one_byte_changed_keeps_its_hash() -> None:
    leaf = read_leaf(log_of(1).leaves[0])

    for place in range(len(leaf.data)):
        changed = bytearray(leaf.data)
        changed[place] ^= 1
        try:
            assert read_leaf(bytes(changed)).hash != leaf.hash
        except LeafRefused:
            continue


GOOD = json.loads(log_of(1).leaves[0])
OTHER = url(b"x" * 32)


@pytest.mark.parametrize(
    "changed",
    [
        *({"v": "ev2"}, {"v": None}, {"log": "a b"}, {"log": "a+b"}, {"log": ""}, {"log": "é"}),
        *({"i": -1}, {"i": True}, {"i": "0"}, {"i": None}, {"i": 2**53 - 1}),
        *({"t": "2026-11-22T12:15:31Z"}, {"t": "2026-02-30T12:15:31.482Z"}, {"t": 0}),
        *({"t": "2026-11-22T24:00:00.000Z"}, {"t": "2026-11-22T12:15:31.482+00:00"}),
        *({"t": "٢٠٢٦-11-22T12:15:31.482Z"}, {"t": "0000-11-22T12:15:31.482Z"}),
        *({"a": "short"}, {"a": 1}, {"a": url(b"x" * 31)}, {"a": OTHER + "="}),
        *({"sd": GOOD["sd"][:-1]}, {"sd": GOOD["sd"][::-1]}, {"sd": [OTHER] * 24}, {"sd": "x"}),
        *({"sd": [*GOOD["sd"][:-1], 1]}, {"sd": sorted([*GOOD["sd"], OTHER])}),
        *({"extra": 1}, {"V": "ev1"}),
    ],
)
def test_what_is_not_a_leaf_of_this_version_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(LeafRefused):
        read_leaf(canonical(GOOD | changed))


@pytest.mark.parametrize("member", sorted(GOOD))
def test_a_leaf_without_one_of_its_members_is_refused(member: str) -> None:
    with pytest.raises(LeafRefused):
        read_leaf(canonical({name: value for name, value in GOOD.items() if name != member}))


def test_a_leaf_longer_than_4_kib_or_not_canonical_is_refused() -> None:
    data = log_of(1).leaves[0]

    for other in (data + b" ", data[:-1], b"", b"[]", b"\xff", data.ljust(MAX_LEAF + 1)):
        with pytest.raises(LeafRefused):
            read_leaf(other)


def test_an_hour_is_written_in_utc_whatever_its_zone() -> None:
    paris = NOON.astimezone(timezone(timedelta(hours=1)))

    assert utc_text(paris) == utc_text(NOON) == "2026-11-22T12:15:31.482Z"
    assert utc_hour("2026-11-22T12:15:31.482Z") == NOON
    assert utc_text(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000Z"
    with pytest.raises(ValueError, match="zone"):
        utc_text(NOON.replace(tzinfo=None))
