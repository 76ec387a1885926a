"""What the tests of this part begin with."""

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.queries import Told
from accedit.domain.filing.models import Basket, BasketItem, Blob, Box, Deposit, Node, Room
from accedit.domain.filing.operations import baskets, deposits
from accedit.domain.filing.operations.deposits import (
    Arrived,
)
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import NOON, Gymnase


def box_of(g: Gymnase, side: str = "demandeur") -> Box:
    return g.boxes[side]


def entry(piece: Deposit) -> Told:
    told = evidence.entry(piece.log_origin, index=piece.log_index)
    assert told is not None
    return told


def traces() -> dict[str, int]:
    """How much there is of everything that a deposit makes."""
    return {model.__name__: model.objects.count() for model in (Node, Blob, Deposit, Message)} | {
        "bytes": sum(Room.objects.values_list("used_bytes", flat=True))
    }


def basket_with(*names: str, box: Box, by: Actor) -> tuple[Basket, list[BasketItem]]:
    basket = baskets.open_basket(box=box, actor=by, at=NOON)
    items = [
        baskets.add_file(basket, stored=cast.stored(name.encode()), name=name, upload=name)[0]
        for name in names
    ]
    return basket, items


def one(g: Gymnase, *, upload: str = "u1", digest: str = "d", **more: str) -> tuple[Deposit, bool]:
    return deposits.deposit_one(
        box=box_of(g),
        actor=g.owner_counsel,
        arrived=Arrived(
            stored=cast.stored(), name=more.pop("name", "a.pdf"), upload=upload, request_digest=digest,
            **more,
        ),
        at=NOON,
    )  # fmt: skip
