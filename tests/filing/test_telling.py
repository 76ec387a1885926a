"""Who is about to be told is who is told (I18)."""

import pytest

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.models import Notice
from accedit.domain.filing.operations import rooms
from accedit.domain.filing.queries.telling import readers_named, told_of_a_deposit
from accedit.domain.people.models import Membership, User
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("consents", [True, False])
def test_the_promise_is_what_the_deposit_does(consents: bool) -> None:
    gymnase = cast.gymnase(consents=consents)
    box = gymnase.boxes["demandeur"]
    blin = User.objects.get(pk=gymnase.architect_counsel.user_id)
    Membership.objects.filter(user=blin).delete()  # still on the list, reads no more

    promised = {
        one.name: (one.by_mail, one.by_post) for one in told_of_a_deposit(box) if one.is_told
    }
    deposit = cast.deposited("a.pdf", box=box, by=gymnase.owner_counsel)[0]

    told = {
        notice.addressee.name: (notice.message_id is not None, notice.letter_id is not None)
        for notice in Notice.objects.filter(basket_id=deposit.basket_id)
    }
    assert promised == told
    assert ("Me Hugo Blin" in told) == (not consents)  # by letter, as long as no answer came


def test_who_reads_without_being_told_is_named_too() -> None:
    gymnase = cast.gymnase()

    silent = [one for one in told_of_a_deposit(gymnase.boxes["demandeur"]) if not one.is_told]

    assert [(one.name, one.reads, one.how) for one in silent] == [("Lucie Morel", True, How.NONE)]


def test_the_readers_of_a_piece_by_name_the_expert_first() -> None:
    gymnase = cast.gymnase()
    piece = cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    blin = User.objects.get(pk=gymnase.architect_counsel.user_id)
    rooms.let_out(blin, room=gymnase.case.room, at=cast.NOON)

    names = [user.name for user in readers_named(piece.node)]

    assert names == [
        "Anne Vasseur",
        "Lucie Morel",
        "Me Claire Aubry",
        "Me Inès Carel",
        "Me Omar Diallo",
        "Sols Dubreuil",
    ]
