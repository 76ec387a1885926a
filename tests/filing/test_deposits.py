"""Depositing: in one act or not at all, numbered, late or in time, told by the log."""

from datetime import date, timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.db import transaction

from accedit.domain.cases import access as cases
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import Means, Right
from accedit.domain.filing.operations import baskets, boxes, deposits, rooms
from accedit.domain.filing.operations.baskets import Arrangement
from accedit.domain.filing.operations.deposits import (
    Arrived,
    Behalf,
    IdempotencyConflict,
)
from accedit.domain.filing.reckoning import BadName, BadNumber, NumberTaken
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts, delegations
from accedit.shared.refusals import Forbidden, NotFound
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import basket_with, box_of, entry, one, traces

# What the log says


def test_the_entry_says_everything_of_the_deposit(g: Gymnase) -> None:
    (piece,) = cast.deposited("constat.pdf", box=box_of(g), by=g.owner_counsel)

    claims = dict(entry(piece).claims)
    roster = claims.pop("roster")

    assert entry(piece).kind == "deposit.accepted"
    assert claims == {
        "kind": "deposit.accepted",
        "actor": g.owner_counsel.claim(),
        "depositor": g.owner_counsel.claim(),
        "piece_id": str(piece.node_id),
        "piece_number": "1",
        "side": {"id": str(box_of(g).side), "name": "demandeur"},
        "box": {
            "id": str(box_of(g).folder_id),
            "name": "Boîte aux lettres de la Commune de Valmont",
        },
        "name": "constat.pdf",
        "title": None,
        "size": len(b"contenu de constat.pdf"),
        "sha256": piece.blob.sha256,
        "on_behalf_of": None,
        "received_by_means": None,
        "received_on": None,
        "received_from": "2026-11-16T11:00:00.000Z",
        "received_at": "2026-11-16T11:00:01.000Z",
        "deposited_at": "2026-11-16T11:00:02.000Z",
        "late": False,
        "due_at": None,
        "door": "page",
    }
    assert set(roster) == {"root", "size"}
    assert roster["size"] == 8  # six who are told, the assistant, and the party served by post


def test_the_hour_that_counts_is_ours_whatever_the_sender_says(g: Gymnase) -> None:
    """B8: times of arrival are claims; the leaf's own hour is the database's."""
    (piece,) = cast.deposited("a.pdf", box=box_of(g), by=g.owner_counsel, at=NOON)

    assert entry(piece).claims["received_from"] == "2026-11-16T11:00:00.000Z"
    assert entry(piece).at > NOON - timedelta(days=365)
    assert entry(piece).at != NOON


def test_the_depositor_is_who_is_signed_in_and_no_field_changes_it(g: Gymnase) -> None:
    """B13."""
    piece, _ = one(g)

    assert piece.depositor_id == g.owner_counsel.user_id
    assert entry(piece).actor_id == g.owner_counsel.user_id
    assert "depositor" not in Arrived.__slots__


def test_the_firm_of_the_depositor_is_named_with_the_person(g: Gymnase) -> None:
    """G13."""
    lawyer = g.engineer_counsels[1]

    (piece,) = cast.deposited("a.pdf", box=box_of(g, "bureau d'études"), by=lawyer)

    assert (piece.depositor_name, piece.firm) == ("Me Omar Diallo", lawyer.firm)
    assert entry(piece).claims["depositor"]["firm"] == lawyer.firm


# Numbers


def test_numbers_follow_each_other_by_side(g: Gymnase) -> None:
    first = cast.deposited("a.pdf", "b.pdf", box=box_of(g), by=g.owner_counsel)
    other = cast.deposited("c.pdf", box=box_of(g, "architecte"), by=g.architect_counsel)
    then = cast.deposited("d.pdf", box=box_of(g), by=g.owner_counsel)

    assert [p.number for p in [*first, *other, *then]] == ["1", "2", "1", "3"]


def test_two_lawyers_of_one_side_share_its_numbers(g: Gymnase) -> None:
    box = box_of(g, "bureau d'études")

    pieces = [
        *cast.deposited("a.pdf", box=box, by=g.engineer_counsels[0]),
        *cast.deposited("b.pdf", box=box, by=g.engineer_counsels[1]),
    ]

    assert [piece.number for piece in pieces] == ["1", "2"]


def test_a_lawyer_s_own_numbers_are_kept_and_the_others_go_on_after_them(g: Gymnase) -> None:
    basket, items = basket_with("a", "b", "c", "d", box=box_of(g), by=g.owner_counsel)
    baskets.arrange(
        basket,
        wanted={
            items[0].pk: Arrangement(rank=4, number="12 bis", title=" Plan "),
            items[1].pk: Arrangement(rank=1),
            items[2].pk: Arrangement(rank=2, number="12"),
            items[3].pk: Arrangement(rank=3),
        },
    )

    pieces = baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)

    assert [(p.name, p.number) for p in pieces] == [
        ("b", "13"),
        ("c", "12"),
        ("d", "14"),
        ("a", "12 bis"),
    ]
    by_number, _ = queries.pieces(
        within=access.room(g.case.pk, asker=g.expert), wanted=queries.PieceFilter(by_number=True)
    )
    assert [p.number for p in by_number.items] == ["12", "12 bis", "13", "14"]


def test_a_number_is_never_given_twice_in_a_side(g: Gymnase) -> None:
    one(g, upload="u1", number="4")

    with pytest.raises(NumberTaken) as refusal:
        one(g, upload="u2", number=" 04 ")

    assert refusal.value.for_people() == (
        "La pièce n° 4 existe déjà pour cette partie : choisissez un autre numéro, par exemple 5."
    )


def test_a_number_given_twice_in_a_basket_deposits_nothing(g: Gymnase) -> None:
    basket, items = basket_with("a", "b", box=box_of(g), by=g.owner_counsel)
    baskets.arrange(basket, wanted={item.pk: Arrangement(rank=1, number="7") for item in items})
    before = traces()

    with pytest.raises(NumberTaken), transaction.atomic():
        baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)

    assert traces() == before


def test_a_number_that_cannot_be_read_changes_nothing_in_the_basket(g: Gymnase) -> None:
    basket, items = basket_with("a", "b", box=box_of(g), by=g.owner_counsel)

    with pytest.raises(BadNumber), transaction.atomic():
        baskets.arrange(
            basket,
            wanted={
                items[0].pk: Arrangement(rank=2, title="Premier"),
                items[1].pk: Arrangement(rank=1, number="douze"),
            },
        )

    assert [(i.name, i.title) for i in queries.basket_items(basket)] == [("a", ""), ("b", "")]


# Lateness (B9): accepted, marked, judged on the first byte


@pytest.mark.parametrize(
    ("first", "last", "late"), [(-3600, -1, False), (-1, 3600, False), (0, 1, True), (1, 2, True)]
)
def test_being_in_time_is_judged_on_the_first_byte(
    g: Gymnase, first: int, last: int, late: bool
) -> None:
    box = box_of(g)
    boxes.set_due(box.folder_id, due_at=NOON, actor=g.expert, at=NOON - timedelta(days=9))
    box.refresh_from_db()
    stored = cast.stored(at=NOON + timedelta(seconds=first), lasting=last - first)

    piece, _ = deposits.deposit_one(
        box=box, actor=g.owner_counsel, arrived=Arrived(stored=stored, name="a"), at=NOON
    )

    claims = entry(piece).claims
    assert piece.late is late
    assert claims["late"] is late
    assert claims["due_at"] == "2026-11-16T11:00:00.000Z"
    assert [claims["received_from"], claims["received_at"]] == [
        f"{NOON + timedelta(seconds=s):%Y-%m-%dT%H:%M:%S}.000Z" for s in (first, last)
    ]


# Names (B4, C8)


def test_a_name_that_its_depositor_can_see_gets_a_suffix(g: Gymnase) -> None:
    box = box_of(g)
    first = cast.deposited("plan.pdf", box=box, by=g.owner_counsel)

    then = cast.deposited("PLAN.pdf", "plan.pdf", box=box, by=g.owner_counsel)

    assert [p.node.name for p in [*first, *then]] == ["plan.pdf", "PLAN (2).pdf", "plan (3).pdf"]
    assert [p.name for p in [*first, *then]] == ["plan.pdf", "PLAN.pdf", "plan.pdf"]


def test_a_name_that_its_depositor_cannot_see_does_not_show_by_a_suffix(g: Gymnase) -> None:
    """With add alone: the answer is the same with and without somebody else's file of that name."""
    blind = accounts.enter_person(
        name="Coursier", kind=g.owner_counsel.kind, email=f"{uuid4().hex}@x.example", at=NOON
    )
    rooms.let_in(blind, room=g.case.room, at=NOON)
    rooms.grant(box_of(g).folder, to=blind, rights=[Right.ADD], by=g.expert.user_id, at=NOON)
    courier = actor_of(blind, door=Door.PAGE)
    cast.deposited("plan.pdf", box=box_of(g), by=g.owner_counsel)

    own = [
        cast.deposited("plan.pdf", box=box_of(g), by=courier)[0],
        cast.deposited("plan.pdf", box=box_of(g), by=courier)[0],
    ]

    assert [p.node.name for p in own] == ["plan.pdf", "plan (2).pdf"]


def test_a_bad_name_refuses_before_anything_is_kept(g: Gymnase) -> None:
    before = traces()

    with pytest.raises(BadName), transaction.atomic():
        one(g, name="a/b")
    basket, _ = basket_with(box=box_of(g), by=g.owner_counsel)
    with pytest.raises(BadName):
        baskets.add_file(basket, stored=cast.stored(), name="a\\b", upload="x")

    assert traces() == before


# Once and only once


def test_the_same_upload_again_answers_with_the_first_deposit(g: Gymnase) -> None:
    first, new = one(g)
    before = traces()

    again, fresh = one(g)

    assert (new, fresh) == (True, False)
    assert again == first
    assert traces() == before


def test_the_same_upload_for_another_file_is_refused(g: Gymnase) -> None:
    one(g, digest="d1")

    with pytest.raises(IdempotencyConflict):
        one(g, digest="d2")


def test_an_upload_of_somebody_else_s_is_not_mine(g: Gymnase) -> None:
    box = box_of(g, "bureau d'études")

    made = [
        deposits.deposit_one(
            box=box,
            actor=lawyer,
            arrived=Arrived(stored=cast.stored(), name="a.pdf", upload="u", request_digest="d"),
            at=NOON,
        )
        for lawyer in g.engineer_counsels
    ]

    assert [new for _, new in made] == [True, True]
    assert made[0][0] != made[1][0]


def test_a_replay_is_answered_even_after_the_room_has_closed(g: Gymnase) -> None:
    first, _ = one(g)
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    assert one(g) == (first, False)


def test_a_basket_deposited_again_answers_the_same(g: Gymnase) -> None:
    basket, _ = basket_with("a", "b", box=box_of(g), by=g.owner_counsel)
    first = baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON)
    before = traces()

    again = baskets.deposit_basket(basket, actor=g.owner_counsel, at=NOON + timedelta(hours=1))

    assert list(again) == list(first)
    assert traces() == before


def test_a_file_added_again_to_a_basket_is_there_once(g: Gymnase) -> None:
    basket, (item,) = basket_with("a", box=box_of(g), by=g.owner_counsel)

    again, new = baskets.add_file(basket, stored=cast.stored(b"a"), name="a", upload="a")

    assert (again, new) == (item, False)
    assert [i.name for i in queries.basket_items(basket)] == ["a"]


def test_another_file_under_the_same_upload_is_refused(g: Gymnase) -> None:
    basket, _ = basket_with("a", box=box_of(g), by=g.owner_counsel)

    with pytest.raises(IdempotencyConflict):
        baskets.add_file(basket, stored=cast.stored(b"autre"), name="a", upload="a")

    assert [i.sha256 for i in queries.basket_items(basket)] == [sha256(b"a").hexdigest()]


# On behalf of somebody


def behalf(g: Gymnase, party: str = "Menuiserie Fauvel", side: str = "menuisier") -> Behalf:
    return cases.behalf(
        g.parties[party].pk, box=box_of(g, side), means=Means.POST, received_on=date(2026, 11, 14)
    )


def test_the_assistant_enters_what_came_by_post_and_the_log_says_so(g: Gymnase) -> None:
    (piece,) = cast.deposited(
        "lettre.pdf", box=box_of(g, "menuisier"), by=g.assistant, behalf=behalf(g)
    )

    claims = entry(piece).claims
    assert piece.on_behalf_of == g.parties["Menuiserie Fauvel"].pk
    assert claims["depositor"]["name"] == "Lucie Morel"
    assert claims["on_behalf_of"] == {
        "id": str(g.parties["Menuiserie Fauvel"].pk),
        "name": "Menuiserie Fauvel",
    }
    assert (claims["received_by_means"], claims["received_on"]) == ("post", "2026-11-14")


def test_a_lawyer_does_not_deposit_on_behalf_of_another(g: Gymnase) -> None:
    with pytest.raises(Forbidden):
        baskets.open_basket(
            box=box_of(g), actor=g.owner_counsel, at=NOON, behalf=behalf(g, "Commune de Valmont", "demandeur")
        )  # fmt: skip


def test_an_assistant_to_whom_it_is_not_confided_does_not_either(g: Gymnase) -> None:
    user = User.objects.get(pk=g.assistant.user_id)
    delegations.delegate(space=g.case.room.space, to=user, covers=[], at=NOON)

    with pytest.raises(Forbidden):
        baskets.open_basket(
            box=box_of(g, "menuisier"), actor=g.assistant, at=NOON, behalf=behalf(g)
        )


def test_a_party_of_another_side_is_nobody_for_this_box(g: Gymnase) -> None:
    with pytest.raises(NotFound):
        behalf(g, "Menuiserie Fauvel", "demandeur")
