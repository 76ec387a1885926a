"""A basket is deposited as it was shown, in time as it was deposited, by whom it was confided to."""

from datetime import date, timedelta

import pytest

from accedit.domain.filing.enums import Means
from accedit.domain.filing.models import Basket, Deposit
from accedit.domain.filing.operations import baskets, boxes
from accedit.domain.filing.operations.baskets import BasketChanged, as_shown
from accedit.domain.filing.operations.deposits import Arrived, Behalf, QuotaFull, deposit_one
from accedit.domain.filing.queries import basket_items
from accedit.domain.people.enums import Covers
from accedit.domain.people.models import Space, User
from accedit.domain.people.operations import delegations
from accedit.shared.refusals import Forbidden, Invalid
from tests import cast
from tests.cast import NOON, Gymnase

LATER = NOON + timedelta(hours=1)


def filled(g: Gymnase) -> Basket:
    basket = baskets.open_basket(box=g.boxes["demandeur"], actor=g.owner_counsel, at=NOON)
    baskets.add_file(basket, stored=cast.stored(), name="vue.pdf", upload="1")
    return basket


def test_a_file_that_came_after_the_last_screen_is_not_deposited_unseen(g: Gymnase) -> None:
    basket = filled(g)
    shown = as_shown(basket_items(basket))
    baskets.add_file(basket, stored=cast.stored(b"autre"), name="pas vue.pdf", upload="2")

    with pytest.raises(BasketChanged):
        baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON, shown=shown)

    assert not Deposit.objects.filter(basket=basket).exists()
    now_shown = as_shown(basket_items(basket))
    made = baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON, shown=now_shown)
    assert [piece.name for piece in made] == ["vue.pdf", "pas vue.pdf"]


def test_a_file_parked_before_the_limit_and_deposited_after_it_is_late(g: Gymnase) -> None:
    box = g.boxes["demandeur"]
    basket = filled(g)
    boxes.set_due(box.folder_id, due_at=LATER, actor=g.expert, at=NOON)

    made = baskets.deposit_basket(basket, actor=g.owner_counsel, at=LATER + timedelta(minutes=1))

    assert [piece.late for piece in made] == [True]


def test_an_assistant_to_whom_it_is_not_confided_deposits_nothing_in_any_way(g: Gymnase) -> None:
    space = Space.objects.get(expert=g.expert.user_id)
    lucie = User.objects.get(pk=g.assistant.user_id)
    delegations.delegate(space=space, to=lucie, covers=[Covers.INVITE], at=NOON)
    box = g.boxes["menuisier"]
    behalf = Behalf(g.parties["Menuiserie Fauvel"].pk, "Menuiserie Fauvel", Means.POST)

    for on_behalf in (behalf, None):
        with pytest.raises(Forbidden):
            deposit_one(
                box=box,
                actor=g.assistant,
                arrived=Arrived(stored=cast.stored(), name="lettre.pdf"),
                at=NOON,
                behalf=on_behalf,
            )

    assert not Deposit.objects.filter(box=box).exists()


@pytest.mark.parametrize("day", [date(2026, 11, 17), date(1, 1, 1)])
def test_a_letter_comes_neither_tomorrow_nor_before_the_century(g: Gymnase, day: date) -> None:
    behalf = Behalf(g.parties["Menuiserie Fauvel"].pk, "Menuiserie Fauvel", Means.POST, day)

    with pytest.raises(Invalid):
        deposit_one(
            box=g.boxes["menuisier"],
            actor=g.expert,
            arrived=Arrived(stored=cast.stored(), name="lettre.pdf"),
            at=NOON,
            behalf=behalf,
        )


def test_what_waits_in_baskets_counts_in_the_quota(g: Gymnase) -> None:
    basket = filled(g)
    waiting = sum(item.size for item in basket_items(basket))
    Space.objects.filter(expert=g.expert.user_id).update(quota_bytes=waiting + 3)

    with pytest.raises(QuotaFull):
        baskets.add_file(basket, stored=cast.stored(b"1234"), name="trop.pdf", upload="2")

    baskets.add_file(basket, stored=cast.stored(b"123"), name="juste.pdf", upload="3")
