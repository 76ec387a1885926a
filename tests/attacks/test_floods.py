"""Rows B10, B12 and J5: floods, questions asked by the clock, files that hang who draws them."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connections
from django.db.models import Sum
from django.test import override_settings

from accedit.domain.documents.operations import previews
from accedit.domain.documents.operations.previews import PreviewBusy
from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit, Node, Room
from accedit.domain.filing.operations import baskets
from accedit.domain.people.models import Space
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest, left_behind, sentence
from tests.cast import Gymnase
from tests.documents import hostile
from tests.front import ask

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
PETABYTE = 10**15


@pytest.fixture(scope="module")
def others(committed: None) -> Gymnase:
    """Another expert's case, in another space."""
    return cast.gymnase()


@pytest.fixture
def left(people: Gymnase) -> Iterator[Callable[[int], None]]:
    """`left(n)`: the expert's space takes n bytes more, and none beyond."""
    space = Space.objects.get(expert=people.expert.user_id)

    def more(count: int) -> None:
        used = Room.objects.filter(space=space).aggregate(sum=Sum("used_bytes"))["sum"]
        Space.objects.filter(pk=space.pk).update(quota_bytes=used + count)

    yield more
    Space.objects.filter(pk=space.pk).update(quota_bytes=space.quota_bytes)


@doors
@pytest.mark.attack("B10", "pages", "rest")
def test_b10_a_flood_meets_the_quota_and_hurts_nobody_else(
    acts: Acts, people: Gymnase, others: Gymnase, left: Callable[[int], None]
) -> None:
    """Twenty at once into a full space, while somebody deposits elsewhere: all twenty refused
    in words, no node, no byte kept; the other is served."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    left(10)
    before = (Node.objects.filter(parent=box.folder).count(), stored(), left_behind(box, who))

    def flood(number: int) -> tuple[int, str]:
        try:
            outcome = acts.deposit(who, box, name=f"flot {number}.pdf", content=b"x" * 5000)
            return outcome.status, sentence(outcome)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(flood, range(20)))
        elsewhere = acts.deposit(
            others.owner_counsel, others.boxes["demandeur"], name="ailleurs.pdf", content=b"y"
        )

    assert {status for status, _ in answers} == {507}
    assert {"L'espace de l'expert est plein" in words for _, words in answers} == {True}
    after = (Node.objects.filter(parent=box.folder).count(), stored() - 1, left_behind(box, who))
    assert after == before
    assert [one.name for one in elsewhere.deposits] == ["ailleurs.pdf"]


def stored() -> int:
    return sum(1 for _ in blobs.listing())


@pytest.mark.attack("B10", "rest")
def test_b10_a_petabyte_that_is_only_said_is_refused_unread(people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield bytes(1024 * 1024)

    answer = ask(
        "POST",
        f"/api/v1/nodes/{box.folder_id}/deposits?name=creux.bin",
        headers=[
            (b"authorization", f"Bearer {cast.token_for(who)}".encode()),
            (b"content-length", str(PETABYTE).encode()),
            (b"expect", b"100-continue"),
        ],
        body=endless(),
    )

    assert (answer.status, read) == (413, [])


@pytest.mark.attack("B10", "pages")
def test_b10_a_basket_holds_so_many_files_and_no_more(
    people: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(baskets, "MOST_ITEMS", 3)
    acts, box, who = Pages(), people.boxes["architecte"], people.architect_counsel
    with acts.client(who) as pages:
        basket = acts.basket(pages, box)
        assert isinstance(basket, str)
        sent = [
            acts.send(pages, basket, name=f"{n}.pdf", content=b"x", upload=uuid4().hex)
            for n in range(5)
        ]
        kept = left_behind(box, who)
        pages.post(f"/paniers/{basket}/confirmer")

    assert [one.status_code for one in sent] == [201, 201, 201, 413, 413]
    assert kept == 3


@doors
@pytest.mark.attack("B12", "pages", "rest")
def test_b12_bytes_known_elsewhere_are_stored_again(
    acts: Acts, people: Gymnase, others: Gymnase
) -> None:
    """By construction: a blob's key is drawn, never reckoned from its bytes."""
    content = random.Random(12).randbytes(3000)
    first = acts.deposit(
        others.owner_counsel, others.boxes["demandeur"], name="a.pdf", content=content
    )
    second = acts.deposit(
        people.owner_counsel, people.boxes["demandeur"], name="a.pdf", content=content
    )

    known = {one.blob_id for one in (*first.deposits, *second.deposits)}
    assert len(known) == 2
    assert {blobs.path_of(key).read_bytes() for key in known} == {content}
    assert first.status == second.status


@pytest.mark.attack("B12", "rest")
def test_b12_the_clock_does_not_tell_known_bytes_from_new_ones(
    people: Gymnase, others: Gymnase
) -> None:
    """Known and new in turn, so that whatever else the machine does weighs on both alike."""
    acts, box, who, dice = Rest(), people.boxes["demandeur"], people.owner_counsel, random.Random(3)
    content = dice.randbytes(200_000)
    acts.deposit(others.owner_counsel, others.boxes["demandeur"], name="su.pdf", content=content)
    taken: dict[bool, list[float]] = {True: [], False: []}
    for number in range(24):
        known = number % 2 == 0
        body = content if known else dice.randbytes(len(content))
        began = time.perf_counter()
        assert acts.deposit(who, box, name=f"{uuid4().hex}.pdf", content=body).status == 201
        taken[known].append(time.perf_counter() - began)

    assert chance_of_such_a_gap(taken[True], taken[False]) > 0.001


def chance_of_such_a_gap(one: list[float], other: list[float]) -> float:
    """How often a mere shuffle of all the times parts their medians as much (permutation test)."""
    gap = abs(statistics.median(one) - statistics.median(other))
    dice, both, as_wide = random.Random(0), [*one, *other], 0
    for _ in range(5000):
        dice.shuffle(both)
        here, there = both[: len(one)], both[len(one) :]
        as_wide += abs(statistics.median(here) - statistics.median(there)) >= gap
    return as_wide / 5000


def test_a_store_that_knew_bytes_again_would_be_seen_by_the_clock() -> None:
    """The control: times as they would be, four milliseconds shorter where nothing is written."""
    dice = random.Random(1)
    new = [dice.gauss(0.030, 0.001) for _ in range(12)]
    known = [dice.gauss(0.026, 0.001) for _ in range(12)]

    assert chance_of_such_a_gap(known, new) < 0.001
    assert chance_of_such_a_gap(new[:6], new[6:]) > 0.001


@pytest.mark.attack("J5", "pages")
def test_j5_a_file_that_hangs_who_draws_it_is_tried_three_times_then_left(
    people: Gymnase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three visits find the drawing too long; from then on the piece is shown without a picture
    and nothing is drawn. Another file of the same box is drawn as ever."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    killer = cast.deposited("tueur.pdf", box=box, by=who, content=lambda _: hostile.pdf((595, 842)))
    plain = cast.deposited("devis.pdf", box=box, by=who, content=lambda _: hostile.pdf((300, 300)))
    with override_settings(PREVIEW_FOLDER=tmp_path), Pages().client(who) as pages:
        monkeypatch.setattr(previews, "DRAWING", 0.001)  # no drawing is that quick
        tries = [outcome_of(killer[0]) for _ in range(4)]
        monkeypatch.undo()
        shown = pages.get(f"/pieces/{killer[0].node_id}")
        other = previews.pages(plain[0])

    assert tries == ["busy", "busy", None, None]
    assert shown.status_code == 200
    assert other == 1


def outcome_of(piece: Deposit) -> str | int | None:
    try:
        return previews.pages(piece)
    except PreviewBusy:
        return "busy"
