"""Several rooms at once give the same answers as one by one (I15)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from accedit.domain.filing import queries
from accedit.domain.filing.models import Room
from accedit.domain.filing.operations import boxes, rooms, withdrawals
from accedit.domain.filing.queries import across
from accedit.domain.people.models import User
from tests import cast
from tests.cast import Gymnase

pytestmark = pytest.mark.django_db


@pytest.fixture
def gymnase() -> Gymnase:
    return cast.gymnase()


def both(gymnase: Gymnase) -> list[Room]:
    wanted = [gymnase.case.pk, gymnase.stranger_case.pk]
    return list(Room.objects.filter(pk__in=wanted).select_related("owner", "space"))


def test_standings_are_those_of_each_room(gymnase: Gymnase) -> None:
    former = User.objects.get(pk=gymnase.architect_counsel.user_id)
    rooms.let_out(former, room=gymnase.case.room, at=cast.NOON)

    for who in [*gymnase.everyone, gymnase.stranger]:
        together = across.standings_of(both(gymnase), asker=who)
        for room in both(gymnase):
            alone = queries.standings(room, asker=who)
            mine = together[room.pk]
            assert mine.empty == alone.empty
            assert {s: r for s, r in mine.held.items() if r} == {
                s: r for s, r in alone.held.items() if r
            }
            assert (mine.is_owner, mine.acts_for_owner) == (alone.is_owner, alone.acts_for_owner)


def test_a_key_of_one_case_opens_no_other(gymnase: Gymnase) -> None:
    key = replace(gymnase.owner_counsel, only_room=gymnase.stranger_case.pk)

    held = across.standings_of(both(gymnase), asker=key)

    assert [held[room.pk].empty for room in both(gymnase)] == [True, True]


def test_counts_are_those_of_the_lists(gymnase: Gymnase) -> None:
    kept, gone = cast.deposited(
        "a.pdf", "b.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel
    )
    withdrawals.withdraw(gone.node_id, reason="erreur", actor=gymnase.expert, at=cast.NOON)

    for who in [*gymnase.everyone, gymnase.stranger]:
        held = across.standings_of(both(gymnase), asker=who)
        counts = across.piece_counts(held.values())
        for room in both(gymnase):
            _, count = queries.pieces(within=queries.standings(room, asker=who))
            assert counts.get(room.pk, 0) == count
    assert kept.number == "1"


def test_the_next_date_limite_is_that_of_ones_own_box(gymnase: Gymnase) -> None:
    for days, side in ((3, "demandeur"), (1, "architecte"), (-1, "entreprise")):
        boxes.set_due(
            gymnase.boxes[side].folder_id,
            due_at=cast.NOON + timedelta(days=days),
            actor=gymnase.expert,
            at=cast.NOON,
        )

    def next_of(who: cast.Actor) -> object:
        held = across.standings_of(both(gymnase), asker=who)
        return across.next_dues(held.values(), at=cast.NOON).get(gymnase.case.pk)

    assert next_of(gymnase.owner_counsel) == cast.NOON + timedelta(days=3)
    assert next_of(gymnase.expert) == cast.NOON + timedelta(days=1)
    assert next_of(gymnase.contractor) is None
    rooms.close_room(gymnase.case.pk, actor=gymnase.expert, at=cast.NOON)
    assert next_of(gymnase.owner_counsel) is None


def test_arrivals_are_the_acts_whose_pieces_one_may_see(gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", "b.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)

    def seen(who: cast.Actor) -> list[tuple[str, int, bool]]:
        held = across.standings_of(both(gymnase), asker=who)
        return [(b.owner.name, b.count, b.late) for b in across.arrivals(held.values())]

    assert seen(gymnase.contractor) == [("Me Claire Aubry", 2, False)]
    assert seen(gymnase.stranger) == []


def test_the_cost_does_not_grow_with_the_rooms(
    gymnase: Gymnase, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for chosen in (both(gymnase)[:1], both(gymnase)):
        with django_assert_num_queries(5):  # type: ignore[operator]
            across.standings_of(chosen, asker=gymnase.expert)
