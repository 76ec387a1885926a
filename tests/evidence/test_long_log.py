"""Rows L22 and L14: a long log is checked whole, at a rate that is told; a claim is not guessed."""

import os
import time
from pathlib import Path
from uuid import uuid4

from django.db import connection

from accedit.domain.evidence.models import Leaf
from accedit.domain.evidence.operations import checking, log
from accedit.domain.evidence.operations.signatures import sign_head
from accedit_ledger.leaf import Opening, read_leaf
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


def test_l14_a_claim_is_not_guessed_without_its_salt(own_store: Path) -> None:
    """All that is public is known: the leaf, the names of claims, every likely value."""
    origin = log.acts_of(uuid4())
    log.append(origin, [fact("oui")])
    digests = set(read_leaf(bytes(Leaf.objects.get(log__origin=origin).data)).digests)
    likely = ["oui", "non", "", None, True, False, *range(94)]

    def tried(number: int) -> str:
        salt = (number // len(likely)).to_bytes(32, "big")
        return Opening("reason", salt, likely[number % len(likely)]).digest

    assert not any(tried(number) in digests for number in range(GUESSES))
