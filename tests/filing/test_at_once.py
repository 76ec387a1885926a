"""Many at once, really committed: one piece for one upload, one number and one name each."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connection

from accedit.domain.evidence import queries as evidence
from accedit.domain.filing import access
from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import baskets, deposits, rooms
from accedit.domain.filing.operations.deposits import Arrived
from accedit.domain.filing.queries import checks
from accedit.domain.post.models import Message
from accedit.shared.refusals import Refusal
from tests import cast
from tests.cast import NOON, Gymnase

pytestmark = pytest.mark.usefixtures("committed")


def one(g: Gymnase, *, upload: str = "u1", name: str = "a.pdf") -> tuple[Deposit, bool]:
    return deposits.deposit_one(
        box=g.boxes["demandeur"],
        actor=g.owner_counsel,
        arrived=Arrived(stored=cast.stored(), name=name, upload=upload, request_digest="d"),
        at=NOON,
    )


def test_twenty_finishes_of_one_upload_make_one_piece() -> None:
    """B6."""
    g = cast.gymnase()

    def finish(_: int) -> tuple[UUID, bool]:
        try:
            piece, new = one(g)
            return piece.pk, new
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(finish, range(20)))

    assert len({piece for piece, _ in made}) == 1
    assert [new for _, new in made].count(True) == 1
    assert Deposit.objects.filter(box=g.boxes["demandeur"]).count() == 1


def test_deposits_at_once_get_each_a_number_and_a_name_of_their_own() -> None:
    g = cast.gymnase()

    def deposit(rank: int) -> str:
        try:
            return one(g, upload=f"u{rank}", name="plan.pdf")[0].number
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(deposit, range(16)))

    names = Deposit.objects.filter(box=g.boxes["demandeur"]).values_list(
        "node__folded_name", flat=True
    )
    assert sorted(map(int, numbers)) == list(range(1, 17))
    assert len(set(names)) == 16
    assert list(checks.damages(room=g.case.pk)) == []


def test_a_basket_sent_twice_at_once_is_deposited_once() -> None:
    """R18: a double click, two tabs."""
    g = cast.gymnase()
    basket = baskets.open_basket(box=g.boxes["demandeur"], actor=g.owner_counsel, at=NOON)
    for name in ("a", "b"):
        baskets.add_file(basket, stored=cast.stored(), name=name, upload=name)
    before = Message.objects.count()

    def send(_: int) -> list[str]:
        try:
            own = access.basket(basket.pk, asker=g.owner_counsel)
            return [p.number for p in baskets.deposit_basket(own, actor=g.owner_counsel, at=NOON)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(send, range(4)))

    assert answers == [["1", "2"]] * 4
    assert Deposit.objects.filter(basket=basket).count() == 2
    assert Message.objects.count() == before + 6


def test_closing_while_deposits_arrive_leaves_no_deposit_after_it() -> None:
    """Each is either accepted before the closing, or refused: the log has one order."""
    g = cast.gymnase()

    def deposit(rank: int) -> str | None:
        try:
            if rank == 5:
                rooms.close_room(g.case.pk, actor=g.expert, at=NOON)
                return None
            return str(one(g, upload=f"u{rank}")[0].log_index)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = [a for a in threads.map(deposit, range(12)) if a is not None]

    origin = f"localhost/e/{g.case.pk}/acts"
    kinds = [
        told.kind
        for told in evidence.entries(
            origin, asker=g.expert.user_id, seen_nodes=None, size=1000
        ).items
    ][::-1]
    after = kinds[kinds.index("case.closed") :]
    accepted = [a for a in answers if a.isdigit()]
    assert "deposit.accepted" not in after
    assert len(accepted) == kinds.count("deposit.accepted")
    assert set(answers) - set(accepted) <= {"case_closed"}
