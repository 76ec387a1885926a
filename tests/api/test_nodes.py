"""Places and pieces over REST: read, listed, a folder made, a limit set, a piece withdrawn."""

from typing import Any

import httpx
import pytest
from django.utils.timezone import now

from accedit.domain.evidence.operations.log import stamp
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Box, Deposit, Node
from accedit.domain.filing.operations import rooms
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import User
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import UNKNOWN, entries, facts, problem
from tests.cast import Gymnase

READING = ["browse", "download", "read"]


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    return cast.deposited("devis.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]


def root_of(people: Gymnase) -> Node:
    return Node.objects.get(room=people.case.room, kind="root")


def test_a_piece_tells_what_it_is(people: Gymnase, program: Programs, piece: Deposit) -> None:
    said = program(people.architect_counsel).get(f"/api/v1/nodes/{piece.node_id}").json()

    assert said == {
        "id": str(piece.node_id),
        "kind": "file",
        "name": "devis.pdf",
        "parent_id": str(people.boxes["demandeur"].folder_id),
        "rights": READING,
        "piece_number": piece.number,
        "received_at": stamp(piece.received_at),
        "late": False,
        "withdrawn": False,
        "title": "",
        "size": piece.blob.size,
        "sha256": piece.blob.sha256,
    }


@pytest.mark.parametrize(
    ("who", "narrower", "rights"),
    [
        ("expert", {}, ["add", "browse", "delete", "download", "manage", "modify", "read"]),
        ("assistant", {}, ["add", "browse", "delete", "download", "modify", "read"]),
        ("owner_counsel", {}, ["add", *READING]),
        ("owner_counsel", {"scope": Scope.DEPOSIT}, ["add", *READING]),
        ("owner_counsel", {"scope": Scope.READ}, READING),
        ("expert", {"scope": Scope.DEPOSIT}, ["add", *READING]),
        ("expert", {"scope": Scope.READ}, READING),
        ("architect_counsel", {}, READING),
    ],
)
def test_a_box_tells_what_one_may_do(
    people: Gymnase, program: Programs, who: str, narrower: dict[str, Any], rights: list[str]
) -> None:
    box = people.boxes["demandeur"]

    said = program(getattr(people, who), **narrower).get(f"/api/v1/nodes/{box.folder_id}").json()

    assert (said["kind"], said["rights"]) == ("box", rights)


def test_the_children_of_a_place(people: Gymnase, program: Programs, piece: Deposit) -> None:
    api = program(people.architect_counsel)

    top = api.get(f"/api/v1/nodes/{root_of(people).pk}/children").json()
    box = api.get(f"/api/v1/nodes/{piece.box.folder_id}/children").json()
    nothing = api.get(f"/api/v1/nodes/{piece.node_id}/children").json()

    names = [one["name"] for one in top["items"]]
    assert names == sorted(names)
    assert "Boîtes aux lettres" in names
    assert "Espace de travail de l'expert" not in names
    assert {one["parent_id"] for one in top["items"]} == {str(root_of(people).pk)}
    assert [one for one in box["items"] if one["id"] == str(piece.node_id)] == [
        api.get(f"/api/v1/nodes/{piece.node_id}").json()
    ]
    assert nothing == {"items": [], "next_cursor": None}


def test_many_children_come_page_by_page(people: Gymnase, program: Programs) -> None:
    names = [f"pièce {rank}.pdf" for rank in range(1, 61)]
    cast.deposited(*names, box=people.boxes["entreprise"], by=people.contractor)
    api, place = program(people.contractor), people.boxes["entreprise"].folder_id

    first = api.get(f"/api/v1/nodes/{place}/children").json()
    second = api.get(
        f"/api/v1/nodes/{place}/children", params={"cursor": first["next_cursor"]}
    ).json()

    assert [one["name"] for one in first["items"] + second["items"]] == names
    assert second["next_cursor"] is None


def test_a_sealed_place_is_not_there_for_others(people: Gymnase, program: Programs) -> None:
    own = Node.objects.get(room=people.case.room, name="Espace de travail de l'expert")
    place = f"/api/v1/nodes/{own.pk}"

    seen = program(people.expert).get(place).json()
    hidden = program(people.owner_counsel).get(place)
    none = program(people.owner_counsel).get(f"/api/v1/nodes/{UNKNOWN}")

    assert seen["sealed"] is True
    assert problem(hidden) == (404, "not_found")
    assert hidden.content == none.content


def test_above_what_one_may_see_nothing_is_shown(committed: None, program: Programs) -> None:
    """An entry point: the place is shown, and nothing of what it lies in."""
    mine = cast.gymnase()
    own = Node.objects.get(room=mine.case.room, name="Espace de travail de l'expert")
    api = program(mine.expert)
    inner = api.post(f"/api/v1/nodes/{own.pk}/folders", json={"name": "Visite"}).json()["id"]
    lawyer = User.objects.get(pk=mine.owner_counsel.user_id)
    below = Node.objects.select_related("room").get(pk=inner)
    below.scope_id = below.pk
    below.save()
    rooms.grant(below, to=lawyer, rights=[Right.READ], by=mine.expert.user_id, at=now())

    said = program(mine.owner_counsel).get(f"/api/v1/nodes/{inner}").json()

    assert (said["name"], said["parent_id"], said["rights"]) == ("Visite", None, ["browse", "read"])
    assert api.get(f"/api/v1/nodes/{inner}").json()["parent_id"] == str(own.pk)


def test_with_add_alone_a_box_shows_its_name_and_nothing_else(
    committed: None, program: Programs
) -> None:
    mine = cast.gymnase()
    box = mine.boxes["architecte"]
    cast.deposited("secret.pdf", box=box, by=mine.architect_counsel)
    rooms.revoke(root_of(mine), of=mine.case.group)
    api = program(mine.architect_counsel)

    said = api.get(f"/api/v1/nodes/{box.folder_id}").json()
    children = api.get(f"/api/v1/nodes/{box.folder_id}/children").json()
    case = api.get(f"/api/v1/cases/{mine.case.pk}").json()

    assert (said["name"], said["rights"], said["parent_id"]) == (box.folder.name, ["add"], None)
    assert children == {"items": [], "next_cursor": None}
    assert (case["root_id"], case["parties"]) == (None, [])
    assert [(one["side"], one["archive_id"], one["depositors"]) for one in case["boxes"]] == [
        ("architecte", None, [])
    ]


def test_whoever_deposited_keeps_the_receipt_without_reading(
    committed: None, program: Programs
) -> None:
    mine = cast.gymnase()
    piece = cast.deposited("a.pdf", box=mine.boxes["architecte"], by=mine.architect_counsel)[0]
    rooms.revoke(root_of(mine), of=mine.case.group)
    place = f"/api/v1/deposits/{piece.pk}/receipt"

    own = program(mine.architect_counsel).get(place)
    another = program(mine.owner_counsel).get(place)
    gone = program(mine.architect_counsel).get(f"/api/v1/nodes/{piece.node_id}")

    assert (own.status_code, own.headers["content-type"]) == (200, "application/zip")
    assert own.headers["content-disposition"] == 'attachment; filename="recepisse-piece-1.zip"'
    assert [problem(another), problem(gone)] == [(404, "not_found")] * 2


def test_a_receipt_of_another_case_is_not_there(
    people: Gymnase, program: Programs, piece: Deposit
) -> None:
    api = program(people.stranger)

    answers = [
        api.get(f"/api/v1/deposits/{one}/receipt")
        for one in (piece.pk, UNKNOWN, piece.node_id, "new")
    ]

    assert [problem(answer) for answer in answers] == [(404, "not_found")] * 4
    assert len({answer.content for answer in answers}) == 1


def test_a_folder_is_made(people: Gymnase, expert: httpx.Client) -> None:
    place = f"/api/v1/nodes/{root_of(people).pk}/folders"

    answer = expert.post(place, json={"name": "7. Photographies"})
    again = expert.post(place, json={"name": "7. photographies "})

    made = Node.objects.get(pk=answer.json()["id"])
    assert answer.status_code == 201
    assert answer.json()["parent_id"] == str(root_of(people).pk)
    assert (made.kind, made.name) == ("folder", "7. Photographies")
    assert problem(again) == (409, "conflict")


def test_who_makes_no_folder_and_where_none_is_made(people: Gymnase, program: Programs) -> None:
    root, box = root_of(people).pk, people.boxes["demandeur"].folder_id
    before = facts(people)
    answers = {
        "a lawyer": program(people.owner_counsel).post(
            f"/api/v1/nodes/{root}/folders", json={"name": "x"}
        ),
        "a lawyer, in the box": program(people.owner_counsel).post(
            f"/api/v1/nodes/{box}/folders", json={"name": "x"}
        ),
        "the expert, in a box": program(people.expert).post(
            f"/api/v1/nodes/{box}/folders", json={"name": "x"}
        ),
        "a key that deposits": program(people.expert, scope=Scope.DEPOSIT).post(
            f"/api/v1/nodes/{root}/folders", json={"name": "x"}
        ),
    }

    assert {who: problem(answer) for who, answer in answers.items()} == dict.fromkeys(
        answers, (403, "forbidden")
    )
    assert facts(people) == before


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("..", "bad_name"),
        ("a/b", "bad_name"),
        ("", "invalid"),
        ("é" * 201, "invalid"),
        ("a\nb", "bad_name"),
    ],
)
def test_a_folder_of_no_name_is_refused(
    people: Gymnase, expert: httpx.Client, name: str, code: str
) -> None:
    answer = expert.post(f"/api/v1/nodes/{root_of(people).pk}/folders", json={"name": name})

    assert problem(answer) == (422, code)


def test_no_other_field_of_a_folder_counts(people: Gymnase, expert: httpx.Client) -> None:
    """A3."""
    extra = {
        "id": UNKNOWN,
        "kind": "box",
        "parent_id": str(root_of(people).pk),
        "room_id": str(people.stranger_case.pk),
        "sealed": True,
        "evidence": True,
        "side": UNKNOWN,
        "rights": ["manage"],
        "created_at": "2016-01-01T00:00:00Z",
    }
    inside = Node.objects.get(room=people.case.room, name="5. Chiffrages")

    said = expert.post(
        f"/api/v1/nodes/{inside.pk}/folders", json={"name": "Métrés", **extra}
    ).json()

    made = Node.objects.get(pk=said["id"])
    assert said["id"] != UNKNOWN
    assert (made.kind, made.parent_id, made.room_id) == ("folder", inside.pk, people.case.pk)
    assert (made.sealed, made.evidence, made.side) == (False, False, None)
    assert made.created_at.year != 2016


@pytest.mark.parametrize(
    ("given", "first_late"),
    [
        ("2026-11-30", "2026-11-30T23:00:00.000Z"),  # a day is wholly in time, in Paris
        ("2026-06-30", "2026-06-30T22:00:00.000Z"),
        ("2027-03-28", "2027-03-28T22:00:00.000Z"),  # the day the clocks go forward
        ("2026-11-30T17:00:00+01:00", "2026-11-30T16:00:00.000Z"),
        ("2026-11-30T17:00:00Z", "2026-11-30T17:00:00.000Z"),
        (None, None),
    ],
)
def test_a_date_limite_is_set(
    people: Gymnase, expert: httpx.Client, given: str | None, first_late: str | None
) -> None:
    box = people.boxes["architecte"]

    answer = expert.put(f"/api/v1/nodes/{box.folder_id}/due", json={"due_at": given})

    kept = Box.objects.get(pk=box.pk).due_at
    assert answer.status_code == 200
    assert answer.json() == {"id": str(box.folder_id), "due_at": first_late}
    assert (stamp(kept) if kept else None) == first_late
    assert entries(people, "acts", "due.set")[-1]["after"] == first_late


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"due_at": 1893456000},
        {"due_at": True},
        {"due_at": "demain"},
        {"due_at": ""},
        {"due_at": "2026-11-31"},
        {"due_at": "2026-11-30T17:00:00"},
        {"due_at": "1999-12-31T00:00:00Z"},
        {"due_at": "9999-12-31"},
        {"due_at": "0001-01-01T00:00:00+14:00"},
        {"due": "2026-11-30"},
    ],
    ids=str,
)
def test_a_date_limite_that_is_none_is_refused(
    people: Gymnase, expert: httpx.Client, body: dict[str, Any]
) -> None:
    before = facts(people)

    answer = expert.put(f"/api/v1/nodes/{people.boxes['architecte'].folder_id}/due", json=body)

    assert problem(answer) == (422, "invalid")
    assert answer.json()["detail"].startswith("due_at : ")
    assert facts(people) == before


def test_who_sets_no_limit(people: Gymnase, program: Programs) -> None:
    box = people.boxes["demandeur"].folder_id
    body = {"due_at": "2026-12-31"}
    answers = {
        "its lawyer": program(people.owner_counsel).put(f"/api/v1/nodes/{box}/due", json=body),
        "the assistant": program(people.assistant).put(f"/api/v1/nodes/{box}/due", json=body),
        "a key that deposits": program(people.expert, scope=Scope.DEPOSIT).put(
            f"/api/v1/nodes/{box}/due", json=body
        ),
        "a stranger": program(people.stranger).put(f"/api/v1/nodes/{box}/due", json=body),
        "on a folder": program(people.expert).put(
            f"/api/v1/nodes/{root_of(people).pk}/due", json=body
        ),
    }

    assert {who: problem(answer) for who, answer in answers.items()} == {
        "its lawyer": (403, "forbidden"),
        "the assistant": (403, "forbidden"),
        "a key that deposits": (403, "forbidden"),
        "a stranger": (404, "not_found"),
        "on a folder": (404, "not_found"),
    }
