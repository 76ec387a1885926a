"""Rows L10, L11, L13, L15 and L20 of the log: what appending promises, on a real database."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import Checkpoint, Entry, InnerLeaf, Leaf, LogHead, Opening
from accedit.domain.evidence.operations import checking, log, signatures
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.evidence.operations.signatures import sign_head, signer
from accedit_ledger.leaf import Opening as Disclosed
from accedit_ledger.leaf import read_leaf
from accedit_ledger.tree import leaf_hash
from accedit_ledger.vocabulary import MissingClaims, UnknownKind

ACTOR = {"id": "essai", "name": "Anne Vasseur", "role": "expert"}
NOON = datetime(2026, 11, 16, 11, 0, tzinfo=UTC)


def fresh() -> str:
    """The name of a log that nobody wrote to."""
    return log.acts_of(uuid4())


def fact(reason: str = "", **lists: list[dict[str, str]]) -> Fact:
    return Fact(
        kind="case.closed",
        claims={"actor": ACTOR, "reason": reason},
        received_at=NOON,
        lists=lists,
    )


def reasons(origin: str) -> list[Any]:
    rows = Opening.objects.filter(log__origin=origin, claim="reason").order_by("index")
    return [row.value for row in rows]


class TestCommitted:
    """Rows really committed: each test writes to a log of its own, and leaves it."""

    @pytest.fixture(autouse=True)
    def _committed(self, committed: None) -> None:
        pass

    def test_an_append_rolled_back_leaves_its_place_to_another(self) -> None:
        """L10: the index is used again, and nothing was ever signed for what was taken back."""
        origin = fresh()
        log.append(origin, [fact("premier")])
        with transaction.atomic():
            log.append(origin, [fact("repris")])
            transaction.set_rollback(True)
        seen_between = queries.size(origin)

        log.append(origin, [fact("second")])
        checkpoint = sign_head(origin)

        assert (seen_between, queries.size(origin)) == (1, 2)
        assert reasons(origin) == ["premier", "second"]
        assert checkpoint.size == 2
        assert Checkpoint.objects.filter(log__origin=origin).count() == 1
        assert list(checking.damages(origin)) == []

    def test_nothing_is_signed_before_it_is_committed(self) -> None:
        origin = fresh()
        log.append(origin, [fact("premier")])
        sign_head(origin)

        with transaction.atomic():
            log.append(origin, [fact("pas encore")])
            with pytest.raises(RuntimeError):
                sign_head(origin)

        remembered = signer().store.last(origin)
        assert remembered is not None
        assert remembered.size == 1

    def test_a_thousand_facts_from_eight_threads_make_one_chain(self) -> None:
        """L11, in calls of one to ten facts: dense indices, each fact once, each thread's facts in their order."""
        origin = fresh()

        def writer(thread: int) -> None:
            try:
                told = 0
                for many in [1, 2, 3, 4, 5, 10] * 5:
                    log.append(origin, [fact(f"{thread}/{told + i}") for i in range(many)])
                    told += many
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(writer, range(8)))
        checkpoint = sign_head(origin)

        said = reasons(origin)
        indices = Leaf.objects.filter(log__origin=origin).order_by("index")
        assert checkpoint.size == queries.size(origin) == 1000
        assert list(indices.values_list("index", flat=True)) == list(range(1000))
        assert Counter(said) == Counter(f"{t}/{r}" for t in range(8) for r in range(125))
        for thread in range(8):
            own = [int(reason.split("/")[1]) for reason in said if reason.startswith(f"{thread}/")]
            assert own == list(range(125))
        assert list(checking.damages(origin)) == []

    def test_eight_threads_that_append_and_sign_see_no_refusal(self) -> None:
        """One history: each answer covers what its caller had committed, and all agree."""
        origin = fresh()

        def depositor(thread: int) -> list[tuple[int, Checkpoint]]:
            try:
                made = []
                for rank in range(20):
                    (entry,) = log.append(origin, [fact(f"{thread}/{rank}")])
                    made.append((entry.index, sign_head(origin)))
                return made
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as threads:
            answers = [pair for made in threads.map(depositor, range(8)) for pair in made]

        assert len(answers) == 160
        assert all(index < checkpoint.size for index, checkpoint in answers)
        sizes = {checkpoint.size: bytes(checkpoint.root) for _, checkpoint in answers}
        assert {(c.size, bytes(c.root)) for _, c in answers} == set(sizes.items())
        assert list(checking.damages(origin)) == []

    def test_whoever_is_always_overtaken_gets_the_longer_head(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Between our reading of the head and our asking, others deposit and sign, each time."""
        origin = fresh()
        log.append(origin, [fact("le nôtre")])
        asked = signatures._signed

        def overtaken(head: LogHead) -> Checkpoint:
            monkeypatch.setattr(signatures, "_signed", asked)
            log.append(origin, [fact("un autre")])
            sign_head(origin)
            log.append(origin, [fact("un autre encore, pas signé")])
            monkeypatch.setattr(signatures, "_signed", overtaken)
            return asked(head)

        monkeypatch.setattr(signatures, "_signed", overtaken)

        assert sign_head(origin).size == 2

    def test_two_logs_written_at_once_do_not_mix(self) -> None:
        one, other = fresh(), fresh()

        def writer(origin: str) -> None:
            try:
                for rank in range(20):
                    log.append(origin, [fact(f"{origin}/{rank}")])
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(writer, [one, other, one, other]))

        for origin in (one, other):
            assert queries.size(origin) == 40
            assert {reason.rpartition("/")[0] for reason in reasons(origin)} == {origin}
            assert list(checking.damages(origin)) == []


@pytest.mark.django_db
class TestUndone:
    def test_one_call_appends_its_facts_in_order(self) -> None:
        origin = fresh()

        entries = log.append(origin, [fact("a"), fact("b"), fact("c")])

        assert [entry.index for entry in entries] == [0, 1, 2]
        assert reasons(origin) == ["a", "b", "c"]
        assert log.append(origin, []) == []
        assert queries.size(origin) == 3

    def test_the_clock_going_back_does_not_take_the_log_with_it(self) -> None:
        """L20: the hour of a leaf is the last leaf's, until the clock has caught up."""
        origin = fresh()
        (first,) = log.append(origin, [fact("avant")])
        ahead = (first.at + timedelta(hours=1)).replace(microsecond=123000)
        LogHead.objects.filter(origin=origin).update(last_at=ahead)

        log.append(origin, [fact("pendant"), fact("encore")])

        hours = [
            read_leaf(bytes(leaf.data)).at
            for leaf in Leaf.objects.filter(log__origin=origin).order_by("index")
        ]
        assert hours == [first.at, ahead, ahead]
        assert [d.what for d in checking.damages(origin)] == []

    def test_the_hour_is_the_database_s_and_not_the_caller_s(self) -> None:
        """B8: whatever hour a sender claims, the leaf bears ours."""
        origin = fresh()
        claimed = datetime(2016, 1, 1, tzinfo=UTC)
        with connection.cursor() as cursor:
            cursor.execute("select clock_timestamp()")
            before = cursor.fetchone()[0]

        (entry,) = log.append(
            origin,
            [Fact(kind="case.closed", claims={"actor": ACTOR, "reason": ""}, received_at=claimed)],
        )

        assert timedelta(milliseconds=-1) <= entry.at - before < timedelta(minutes=1)

    @pytest.mark.parametrize(
        ("kind", "claims", "error"),
        [
            ("case.painted", {"actor": ACTOR}, UnknownKind),
            ("case.closed", {"actor": ACTOR}, MissingClaims),
            ("case.closed", {"reason": ""}, MissingClaims),
            ("case.closed", {"reason": "", "actor": {"id": "x"}}, MissingClaims),
        ],
    )
    def test_what_is_not_of_the_vocabulary_is_not_written(
        self, kind: str, claims: dict[str, object], error: type[Exception]
    ) -> None:
        origin = fresh()

        with pytest.raises(error), transaction.atomic():
            log.append(origin, [Fact(kind=kind, claims=claims, received_at=NOON)])

        assert queries.size(origin) == 0

    def test_two_kinds_of_entry_look_alike(self) -> None:
        """L15: as many digests, and the same bytes but for them, whatever happened."""
        origin = fresh()
        opened = Fact(
            kind="case.opened",
            claims={
                "actor": ACTOR,
                **dict.fromkeys(
                    ("reference", "title", "template", "court", "mission_sha256", "expert"),
                    "x" * 99,
                ),
            },
            received_at=NOON,
        )
        log.append(origin, [opened, fact("court")])

        first, second = (bytes(leaf.data) for leaf in Leaf.objects.filter(log__origin=origin))

        assert len(first) == len(second)
        assert len(read_leaf(first).digests) == len(read_leaf(second).digests) == 24

    def test_decoys_are_not_openings_of_anything_and_never_the_same(self) -> None:
        origin = fresh()
        log.append(origin, [fact("même"), fact("même")])

        first, second = (
            set(read_leaf(bytes(leaf.data)).digests)
            for leaf in Leaf.objects.filter(log__origin=origin)
        )

        assert not first & second

    def test_erased_openings_leave_the_log_whole_and_the_words_nowhere(
        self, own_store: Path
    ) -> None:
        """L13: openings and lines of lists go; leaves, tree and signatures stand."""
        origin = fresh()
        log.append(origin, [fact("avant")])
        log.append(origin, [fact("Secret de Martin", members=[{"n": "Martin"}, {"n": "Aubry"}])])
        sign_head(origin)

        Opening.objects.filter(log__origin=origin, index=1, claim="reason").delete()
        InnerLeaf.objects.filter(log__origin=origin, index=1, position=0).delete()

        assert list(checking.damages(origin)) == []
        assert "Martin" not in everything_of(origin)
        assert "avant" in everything_of(origin)

    def test_nobody_guesses_a_claim_without_its_salt(self) -> None:
        """L14, small: the leaf and ten thousand likely values, no match."""
        origin = fresh()
        log.append(origin, [fact("oui")])
        digests = set(read_leaf(bytes(Leaf.objects.get(log__origin=origin).data)).digests)

        guesses = (
            Disclosed("reason", bytes([salt]) * 32, value).digest
            for salt in range(100)
            for value in ["oui", "non", *map(str, range(98))]
        )

        assert digests.isdisjoint(guesses)
        salts = set(Opening.objects.filter(log__origin=origin).values_list("salt", flat=True))
        assert len(salts) == Opening.objects.filter(log__origin=origin).count()

    def test_a_leaf_says_nothing_of_what_happened(self) -> None:
        origin = fresh()
        log.append(origin, [fact("Secret de Martin")])

        data = bytes(Leaf.objects.get(log__origin=origin).data)

        assert set(read_leaf(data).__slots__) == {"log", "index", "at", "anchor", "digests", "data"}
        for word in (b"Martin", b"case.closed", b"Vasseur", b"reason"):
            assert word not in data

    def test_the_first_hash_of_the_tree_is_the_leaf_s(self) -> None:
        origin = fresh()
        log.append(origin, [fact()])

        assert queries.head(origin).root == leaf_hash(
            bytes(Leaf.objects.get(log__origin=origin).data)
        )


def everything_of(origin: str) -> str:
    """All that the tables hold of a log, as text."""
    rows: list[object] = []
    for model in (Leaf, Opening, InnerLeaf, Entry, Checkpoint):
        rows += [
            {k: bytes(v) if isinstance(v, memoryview) else v for k, v in row.items()}
            for row in model.objects.filter(log__origin=origin).values()
        ]
    return str(rows)
