"""What is refused is refused whole: no piece, no mail, no byte counted."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import transaction

from accedit.domain.filing import access, blobs, queries
from accedit.domain.filing.operations import baskets, deposits, rooms
from accedit.domain.filing.operations.baskets import Arrangement, BasketDeposited
from accedit.domain.filing.operations.deposits import (
    Arrived,
    NothingToDeposit,
    QuotaFull,
)
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import Space, User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, NotFound
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import basket_with, box_of, traces

# Refused, and nothing half done


def test_an_empty_basket_is_not_deposited(g: Gymnase) -> None:
    basket, _ = basket_with(box=box_of(g), by=g.owner_counsel)

    with pytest.raises(NothingToDeposit):
        baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)


def test_a_deposited_basket_takes_nothing_more_and_gives_nothing_back(g: Gymnase) -> None:
    """B3."""
    basket, (item,) = basket_with("a", box=box_of(g), by=g.owner_counsel)
    baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)
    before = traces()

    for act in (
        lambda: baskets.add_file(basket, stored=cast.stored(), name="b", upload="b"),
        lambda: baskets.remove_item(basket, item_id=item.pk),
        lambda: baskets.arrange(basket, wanted={item.pk: Arrangement(rank=1, title="Autre")}),
    ):
        with pytest.raises(BasketDeposited):
            act()

    assert traces() == before


def test_a_full_space_refuses_all_and_keeps_the_basket(g: Gymnase) -> None:
    basket, _ = basket_with("aaa", "bbb", box=box_of(g), by=g.owner_counsel)
    Space.objects.filter(expert=g.expert.user_id).update(quota_bytes=5)
    before = traces()
    fresh = access.basket(basket.pk, asker=g.owner_counsel)

    with pytest.raises(QuotaFull), transaction.atomic():
        baskets.deposit_basket(fresh, actor=g.owner_counsel, at=NOON)

    assert traces() == before
    assert len(queries.basket_items(basket)) == 2


def test_the_quota_counts_the_rooms_of_one_expert_only(g: Gymnase) -> None:
    cast.deposited("a", box=box_of(g), by=g.owner_counsel)
    own, other = (User.objects.get(pk=who.user_id).space.pk for who in (g.expert, g.stranger))

    assert queries.used_bytes(own) == len(b"contenu de a")
    assert queries.used_bytes(other) == 0


@pytest.mark.parametrize(
    "who", ["architect_counsel", "contractor", "stranger"], ids=["opponent", "party", "stranger"]
)
def test_nobody_deposits_in_the_box_of_another_side(g: Gymnase, who: str) -> None:
    """B7."""
    actor: Actor = getattr(g, who)
    before = traces()

    with pytest.raises((Forbidden, NotFound)):
        baskets.open_basket(box=box_of(g), actor=actor, at=NOON)
    with pytest.raises((Forbidden, NotFound)), transaction.atomic():
        deposits.deposit_one(
            box=box_of(g), actor=actor, arrived=Arrived(stored=cast.stored(), name="a"), at=NOON
        )

    assert traces() == before


def test_a_box_taken_away_while_the_basket_was_filled_refuses_at_the_end(g: Gymnase) -> None:
    """A11: decided again in the transaction that writes."""
    basket, _ = basket_with("a", box=box_of(g), by=g.owner_counsel)
    rooms.revoke(box_of(g).folder, of=User.objects.get(pk=g.owner_counsel.user_id))

    with pytest.raises(Forbidden):
        baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)


def test_a_token_that_reads_deposits_nothing(g: Gymnase) -> None:
    with pytest.raises(Forbidden):
        baskets.open_basket(
            box=box_of(g), actor=replace(g.owner_counsel, scope=Scope.READ), at=NOON
        )


def test_nobody_reaches_the_basket_of_another(g: Gymnase) -> None:
    basket, _ = basket_with("a", box=box_of(g, "bureau d'études"), by=g.engineer_counsels[0])

    for who in (g.engineer_counsels[1], g.expert, g.stranger):
        with pytest.raises(NotFound):
            access.basket(basket.pk, asker=who)


def test_what_is_taken_out_of_a_basket_leaves_no_bytes(
    g: Gymnase, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    basket, (item,) = basket_with("a", box=box_of(g), by=g.owner_counsel)

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        baskets.remove_item(basket, item_id=item.pk)

    assert not blobs.path_of(item.blob_id).exists()
    with pytest.raises(NotFound):
        baskets.remove_item(basket, item_id=item.pk)
