"""Rows L22 and L14: a long log is checked whole, at a rate that is told; a claim is not guessed."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from accedit.domain.evidence.models import Leaf, Opening
from accedit.domain.evidence.operations import checking, log
from accedit.domain.evidence.operations.signatures import sign_head
from accedit.domain.evidence.queries import checks
from accedit.domain.evidence.queries.checks import Damage
from accedit_ledger.leaf import Opening as Disclosed
from accedit_ledger.leaf import read_leaf
from tests.evidence.test_appending import fact

SOAK = bool(os.environ.get("ACCEDIT_SOAK"))
LEAVES = 100_000 if SOAK else 1_500
GUESSES = 10**6 if SOAK else 10**4
AT_LEAST = 200  # leaves a second, on a machine that does six other things


def test_l22_a_long_log_is_checked_whole(own_store: Path) -> None:
    origin = log.acts_of(uuid4())
    for start in range(0, LEAVES, 500):
        log.append(origin, [fact(f"entrée {rank}") for rank in range(start, start + 500)])
    sign_head(origin)
    with connection.cursor() as cursor:
        cursor.execute("analyze")
    started, used = time.perf_counter(), time.process_time()
    assert list(checking.damages(origin)) == []
    rate = LEAVES / (time.perf_counter() - started)
    ours = LEAVES / (time.process_time() - used)
    print(f"{LEAVES} leaves checked, {rate:.0f} a second, {ours:.0f} a second of this process")

    Leaf.objects.filter(log__origin=origin, index=LEAVES - 2).update(data=b"{}")

    assert [d.where for d in checking.damages(origin)] == [f"{origin}#{LEAVES - 2}"]
    assert rate > AT_LEAST


def test_l22_a_sound_log_is_never_read_row_by_row(
    own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or the short cut would be lost without a word. A list, objects, heads signed on the way,
    and a block that is not full: none of them stops it; one changed mention does."""
    origin = log.acts_of(uuid4())
    people = [{"name": f"Personne {rank}", "hash": '\t\n"é\u2028/+'} for rank in range(5)]
    for size in (1, 700, 400, 3):
        log.append(origin, [fact("à vérifier\n\t\\", people=people) for _ in range(size)])
        sign_head(origin)
    read: list[int] = []

    def row_by_row(_: object, start: int, end: int, **signed: object) -> Iterator[Damage]:
        read.append(start)
        yield from ()

    monkeypatch.setattr(checks._State, "_row_by_row", row_by_row)

    assert list(checking.damages(origin)) == []
    assert read == []
    Opening.objects.filter(log__origin=origin, index=1100, claim="reason").update(value="autre")
    list(checking.damages(origin))
    assert read == [1024]


def test_l14_a_claim_is_not_guessed_without_its_salt(own_store: Path) -> None:
    """All that is public is known: the leaf, the names of claims, every likely value."""
    origin = log.acts_of(uuid4())
    log.append(origin, [fact("oui")])
    digests = set(read_leaf(bytes(Leaf.objects.get(log__origin=origin).data)).digests)
    likely = ["oui", "non", "", None, True, False, *range(94)]

    def tried(number: int) -> str:
        salt = (number // len(likely)).to_bytes(32, "big")
        return Disclosed("reason", salt, likely[number % len(likely)]).digest

    assert not any(tried(number) in digests for number in range(GUESSES))
