"""A piece withdrawn over REST; and nothing else that would take one away."""

from typing import Any

import httpx
import pytest

from accedit.domain.evidence.operations.log import stamp
from accedit.domain.filing.models import Box, Deposit, Node
from accedit.domain.people.enums import Scope
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import facts, problem
from tests.cast import Gymnase


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    return cast.deposited("devis.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]


def root_of(people: Gymnase) -> Node:
    return Node.objects.get(room=people.case.room, kind="root")


def test_a_piece_is_withdrawn(people: Gymnase, program: Programs) -> None:
    piece = cast.deposited(
        "consultation.pdf", box=people.boxes["architecte"], by=people.architect_counsel
    )[0]
    place = f"/api/v1/nodes/{piece.node_id}"
    api = program(people.expert)

    answer = api.post(f"{place}/withdraw", json={"reason": "couverte par le secret"})
    again = api.post(f"{place}/withdraw", json={"reason": "encore"})

    reader = program(people.owner_counsel).get(place).json()
    listed = (
        program(people.owner_counsel)
        .get(f"/api/v1/nodes/{piece.box.folder_id}/children")
        .json()["items"]
    )
    assert (answer.status_code, answer.json()["withdrawn"]) == (200, True)
    assert answer.json()["sha256"] == piece.blob.sha256
    assert problem(again) == (409, "conflict")
    assert reader == {
        "id": str(piece.node_id),
        "kind": "file",
        "name": "consultation.pdf",
        "parent_id": str(piece.box.folder_id),
        "rights": ["browse"],
        "piece_number": piece.number,
        "received_at": stamp(piece.received_at),
        "late": False,
        "withdrawn": True,
    }
    assert reader in listed


def test_the_journal_keeps_silent_about_the_content_of_a_withdrawn_piece(
    people: Gymnase, program: Programs
) -> None:
    piece = cast.deposited("avis.pdf", box=people.boxes["architecte"], by=people.architect_counsel)[
        0
    ]
    program(people.expert).post(
        f"/api/v1/nodes/{piece.node_id}/withdraw", json={"reason": "erreur d'envoi"}
    )

    def told(api: httpx.Client) -> dict[str, Any]:
        page = api.get(f"/api/v1/cases/{people.case.pk}/journal").json()["items"]
        line: dict[str, Any] = next(
            line
            for line in page
            if line["kind"] == "deposit.accepted" and line["node_id"] == str(piece.node_id)
        )
        return line["claims"]

    assert told(program(people.expert))["sha256"] == piece.blob.sha256
    assert {"sha256", "title", "size"} & set(told(program(people.owner_counsel))) == set()
    assert told(program(people.owner_counsel))["name"] == "avis.pdf"


@pytest.mark.parametrize(
    "body", [{}, {"reason": ""}, {"reason": "  "}, {"reason": "r" * 1001}, {"reason": 1}]
)
def test_a_piece_is_not_withdrawn_without_a_reason(
    people: Gymnase, expert: httpx.Client, piece: Deposit, body: dict[str, Any]
) -> None:
    answer = expert.post(f"/api/v1/nodes/{piece.node_id}/withdraw", json=body)

    assert problem(answer) == (422, "invalid")
    assert Node.objects.get(pk=piece.node_id).withdrawn_at is None


def test_who_withdraws_nothing(people: Gymnase, program: Programs, piece: Deposit) -> None:
    """B3: not whoever deposited it either."""
    body = {"reason": "je regrette"}
    place = f"/api/v1/nodes/{piece.node_id}/withdraw"
    answers = {
        "its depositor": program(people.owner_counsel).post(place, json=body),
        "the assistant": program(people.assistant).post(place, json=body),
        "a key that deposits": program(people.expert, scope=Scope.DEPOSIT).post(place, json=body),
        "a place": program(people.expert).post(
            f"/api/v1/nodes/{root_of(people).pk}/withdraw", json=body
        ),
        "a stranger": program(people.stranger).post(place, json=body),
    }

    assert {who: problem(answer) for who, answer in answers.items()} == {
        "its depositor": (403, "forbidden"),
        "the assistant": (403, "forbidden"),
        "a key that deposits": (403, "forbidden"),
        "a place": (403, "forbidden"),
        "a stranger": (404, "not_found"),
    }
    assert Node.objects.get(pk=piece.node_id).withdrawn_at is None


def test_nothing_deletes_moves_or_replaces_a_piece(
    people: Gymnase, expert: httpx.Client, piece: Deposit
) -> None:
    before = facts(people)
    tries = [
        ("DELETE", f"/api/v1/nodes/{piece.node_id}"),
        ("PUT", f"/api/v1/nodes/{piece.node_id}"),
        ("PUT", f"/api/v1/nodes/{piece.node_id}/content"),
        ("DELETE", f"/api/v1/nodes/{piece.node_id}/content"),
        ("PATCH", f"/api/v1/nodes/{piece.node_id}"),
        ("DELETE", f"/api/v1/deposits/{piece.pk}"),
        ("DELETE", f"/api/v1/deposits/{piece.pk}/receipt"),
        ("MOVE", f"/api/v1/nodes/{piece.node_id}"),
    ]

    answers = [expert.request(method, place, content=b"x") for method, place in tries]

    assert {answer.status_code for answer in answers} <= {404, 405}
    assert facts(people) == before
    assert expert.get(f"/api/v1/nodes/{piece.node_id}/content").status_code == 200


def test_a_mixed_address_is_decided_on_the_node_alone(people: Gymnase, program: Programs) -> None:
    """A2: the case is derived from what is found, never from what the asker says."""
    other_box = Box.objects.get(folder__room=people.stranger_case.room)

    answers = [
        program(people.owner_counsel).post(
            f"/api/v1/nodes/{other_box.folder_id}/deposits",
            params={"name": "a.pdf", "case": str(people.case.pk)},
            content=b"a",
        ),
        program(people.owner_counsel, room_id=people.case.pk).get(
            f"/api/v1/nodes/{other_box.folder_id}", params={"case_id": str(people.case.pk)}
        ),
    ]

    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 2


def test_deposits_to_a_place_that_is_no_box(people: Gymnase, expert: httpx.Client) -> None:
    answer = expert.post(
        f"/api/v1/nodes/{root_of(people).pk}/deposits", params={"name": "a"}, content=b"a"
    )

    assert problem(answer) == (404, "not_found")
