"""A piece put away in the archive of its side, over REST."""

import pytest

from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node, RoomMember
from accedit.domain.filing.operations import rooms
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import User
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import entries, facts, problem
from tests.cast import NOON, Gymnase


@pytest.fixture
def piece(people: Gymnase) -> Deposit:
    return cast.deposited("devis.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]


def test_a_piece_is_archived_and_is_the_same_piece_elsewhere(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    place = f"/api/v1/nodes/{piece.node_id}"
    reader = program(people.contractor)
    before = reader.get(place).json()

    answer = program(people.expert).post(f"{place}/archive")

    archive = people.boxes["demandeur"].archive_id
    assert answer.status_code == 200
    assert (answer.json()["parent_id"], answer.json()["gained"]) == (str(archive), [])
    assert reader.get(place).json() == before | {"parent_id": str(archive)}
    assert reader.get(f"{place}/content").status_code == 200
    assert entries(people, "acts", "piece.archived")[-1]["piece_id"] == str(piece.node_id)


def test_whoever_would_gain_the_piece_is_named_first(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    archive, newcomer = (
        people.boxes["demandeur"].archive,
        User.objects.get(pk=people.stranger.user_id),
    )
    place = f"/api/v1/nodes/{piece.node_id}/archive"
    api = program(people.expert)
    rooms.let_in(newcomer, room=people.case.room, at=NOON)
    rooms.grant(archive, to=newcomer, rights=[Right.READ], by=people.expert.user_id, at=NOON)
    try:
        unsaid, other = (
            api.post(place),
            api.post(place, json={"gaining": [str(people.expert.user_id)]}),
        )
        stayed = Node.objects.get(pk=piece.node_id).parent_id
        done = api.post(place, json={"gaining": [str(newcomer.pk)]})
    finally:
        rooms.revoke(archive, of=newcomer)
        RoomMember.objects.filter(room=people.case.room, user=newcomer).delete()

    assert [problem(one) for one in (unsaid, other)] == [(409, "conflict")] * 2
    assert "Bruno Lambert" in unsaid.json()["detail"]
    assert stayed == piece.box.folder_id
    assert (done.status_code, done.json()["gained"]) == (200, [str(newcomer.pk)])
    assert done.json()["parent_id"] == str(archive.pk)


def test_who_archives_nothing_and_what_is_not_archived(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    place = f"/api/v1/nodes/{piece.node_id}/archive"
    box = f"/api/v1/nodes/{people.boxes['demandeur'].folder_id}/archive"
    before = facts(people)

    answers = {
        "its depositor": program(people.owner_counsel).post(place),
        "the assistant": program(people.assistant).post(place),
        "a key that deposits": program(people.expert, scope=Scope.DEPOSIT).post(place),
        "a box": program(people.expert).post(box),
        "a stranger": program(people.stranger).post(place),
    }

    assert {who: problem(answer) for who, answer in answers.items()} == {
        "its depositor": (403, "forbidden"),
        "the assistant": (403, "forbidden"),
        "a key that deposits": (403, "forbidden"),
        "a box": (403, "forbidden"),
        "a stranger": (404, "not_found"),
    }
    assert facts(people) == before


def test_archived_twice_or_in_a_closed_case_is_a_conflict(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    place = f"/api/v1/nodes/{piece.node_id}/archive"
    (other,) = cast.deposited("b.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)
    api = program(people.expert)
    api.post(place)

    twice = api.post(place)
    rooms.close_room(people.case.pk, actor=people.expert, at=NOON)
    closed = api.post(f"/api/v1/nodes/{other.node_id}/archive")
    rooms.reopen_room(people.case.pk, actor=people.expert, at=NOON)

    assert (problem(twice), problem(closed)) == ((409, "conflict"), (409, "case_closed"))


def test_nobody_loses_a_piece_by_its_archive(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    """B11: the refusal names who would lose it, and nothing moves."""
    archive = people.boxes["demandeur"].archive_id
    Node.objects.filter(pk=archive).update(sealed=True)
    try:
        answer = program(people.expert).post(f"/api/v1/nodes/{piece.node_id}/archive")
    finally:
        Node.objects.filter(pk=archive).update(sealed=False)

    assert problem(answer) == (409, "conflict")
    assert "Sols Dubreuil" in answer.json()["detail"]
    assert Node.objects.get(pk=piece.node_id).parent_id == piece.box.folder_id
