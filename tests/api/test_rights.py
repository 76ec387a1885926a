"""Rights over REST: given, taken back, sealed, explained; with a key's own limits."""

from uuid import UUID, uuid4

import httpx
import pytest

from accedit.domain.filing.models import Grant, Node
from accedit.domain.people.enums import Scope
from accedit.domain.people.rights import Actor
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import problem
from tests.cast import Gymnase

EVERY = ["add", "browse", "delete", "download", "manage", "modify", "read"]


def folder(expert: httpx.Client, people: Gymnase, name: str) -> str:
    root = Node.objects.get(room=people.case.room, kind="root")
    made = expert.post(
        f"/api/v1/nodes/{root.pk}/folders", json={"name": f"{name} {uuid4().hex[:6]}"}
    )
    return str(made.json()["id"])


def word(who: Actor) -> str:
    return f"user:{who.user_id}"


def rights(api: httpx.Client, node: str, who: Actor | None = None) -> list[str]:
    query = f"?user={who.user_id}" if who else ""
    answer = api.get(f"/api/v1/nodes/{node}/rights{query}")
    assert answer.status_code == 200, answer.text
    found: list[str] = answer.json()["rights"]
    return found


def test_given_explained_and_taken_back(
    people: Gymnase, expert: httpx.Client, program: Programs
) -> None:
    node = folder(expert, people, "Plans")
    path = f"/api/v1/nodes/{node}/grants/{word(people.contractor)}"

    given = expert.put(path, json={"rights": ["modify"]})

    assert given.status_code == 200
    assert given.json() == {
        "node_id": node,
        "subject": word(people.contractor),
        "rights": ["modify"],
        "gained": [
            {"user_id": str(people.contractor.user_id), "node_id": node, "rights": ["modify"]}
        ],
        "lost": [],
    }
    own = program(people.contractor, scope=Scope.READ).get(f"/api/v1/nodes/{node}/rights").json()
    asked = expert.get(f"/api/v1/nodes/{node}/rights?user={people.contractor.user_id}").json()
    assert own == asked
    assert own["rights"] == ["browse", "download", "modify", "read"]
    reasons = {one["right"]: one for one in own["because"]}
    assert sorted(reasons) == own["rights"]
    granted = Grant.objects.get(node=node)
    assert reasons["modify"] == {
        "right": "modify",
        "node_id": node,
        "subject": word(people.contractor),
        "granted_by": str(people.expert.user_id),
        "granted_at": reasons["modify"]["granted_at"],
        "role": "grant",
    }
    assert reasons["modify"]["granted_at"].startswith(f"{granted.given_at:%Y-%m-%dT%H:%M:%S}")
    assert reasons["download"]["subject"] == f"group:{people.case.group_id}"
    assert {one["right"]: one["obstacle"] for one in own["missing"]} == {
        "add": "not_given",
        "delete": "not_given",
        "manage": "not_given",
    }

    taken = expert.delete(path)

    assert (taken.status_code, taken.json()["rights"]) == (200, [])
    assert [one["rights"] for one in taken.json()["lost"]] == [["modify"]]
    assert not Grant.objects.filter(node=node).exists()
    assert expert.delete(path).json()["lost"] == []


def test_the_owner_and_a_delegate_are_said_as_such(people: Gymnase, expert: httpx.Client) -> None:
    node = folder(expert, people, "Rôles")

    mine = expert.get(f"/api/v1/nodes/{node}/rights").json()
    theirs = expert.get(f"/api/v1/nodes/{node}/rights?user={people.assistant.user_id}").json()

    assert mine["rights"] == EVERY
    assert {one["role"] for one in mine["because"]} == {"owner"}
    assert theirs["rights"] == sorted(set(EVERY) - {"manage"})
    assert {(one["role"], one["granted_by"]) for one in theirs["because"]} == {
        ("delegate", str(people.expert.user_id))
    }
    assert theirs["missing"] == [{"right": "manage", "obstacle": "never_delegated"}]


def test_a_member_asks_for_themself_only(
    people: Gymnase, expert: httpx.Client, program: Programs
) -> None:
    node = folder(expert, people, "Pour soi")
    for who in (people.contractor, people.assistant):
        api = program(who)
        refused = [
            api.get(f"/api/v1/nodes/{node}/rights?user={other}")
            for other in (people.owner_counsel.user_id, people.stranger.user_id, uuid4())
        ]

        assert {answer.status_code for answer in refused} == {403}
        assert len({answer.text for answer in refused}) == 1
    for unknown in (people.stranger.user_id, uuid4()):
        answer = expert.get(f"/api/v1/nodes/{node}/rights?user={unknown}")
        assert problem(answer) == (404, "not_found")


def test_sealed_and_unsealed(people: Gymnase, expert: httpx.Client, program: Programs) -> None:
    node = folder(expert, people, "Secret médical")
    lawyer = program(people.owner_counsel)

    sealed = expert.post(f"/api/v1/nodes/{node}/seal")

    assert (sealed.status_code, sealed.json()["sealed"]) == (200, True)
    assert str(people.owner_counsel.user_id) in {one["user_id"] for one in sealed.json()["lost"]}
    assert problem(lawyer.get(f"/api/v1/nodes/{node}")) == (404, "not_found")
    why = expert.get(f"/api/v1/nodes/{node}/rights?user={people.owner_counsel.user_id}").json()
    assert why["rights"] == []
    assert {"right": "read", "obstacle": "sealed", "node_id": node} in why["missing"]
    assert expert.get(f"/api/v1/nodes/{node}").json()["sealed"] is True
    assert problem(expert.post(f"/api/v1/nodes/{node}/seal")) == (409, "conflict")

    opened = expert.delete(f"/api/v1/nodes/{node}/seal")

    assert (opened.status_code, opened.json()["sealed"]) == (200, False)
    assert lawyer.get(f"/api/v1/nodes/{node}").status_code == 200


def test_a_seal_over_pieces_wants_their_readers_named(
    people: Gymnase, expert: httpx.Client
) -> None:
    piece = cast.deposited("a.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]
    boxes = Node.objects.get(room=people.case.room, name="Boîtes aux lettres")

    refused = expert.post(f"/api/v1/nodes/{boxes.pk}/seal", json={})

    assert problem(refused) == (409, "conflict")
    assert "Sols Dubreuil" in refused.json()["detail"]
    readers = [str(who.user_id) for who in people.everyone]
    done = expert.post(f"/api/v1/nodes/{boxes.pk}/seal", json={"losing": readers})
    assert done.status_code == 200
    assert rights(expert, str(piece.node_id), people.contractor) == []
    assert expert.delete(f"/api/v1/nodes/{boxes.pk}/seal").status_code == 200
    assert rights(expert, str(piece.node_id), people.contractor) == ["browse", "download", "read"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rights": ["fly"]}, "rights[0]"),
        ({"rights": "read"}, "rights"),
        ({}, "rights"),
    ],
)
def test_a_list_that_is_none_is_refused_in_words(
    body: object, field: str, people: Gymnase, expert: httpx.Client
) -> None:
    node = Node.objects.get(room=people.case.room, name="2. Convocations").pk
    answer = expert.put(f"/api/v1/nodes/{node}/grants/{word(people.contractor)}", json=body)

    assert problem(answer) == (422, "invalid")
    assert field in answer.json()["detail"]


def test_a_folder_is_renamed(people: Gymnase, expert: httpx.Client, program: Programs) -> None:
    node = folder(expert, people, "Ancien")

    assert expert.put(f"/api/v1/nodes/{node}/name", json={"name": "Nouveau nom"}).json() == {
        "id": node,
        "name": "Nouveau nom",
    }
    refused = program(people.owner_counsel).put(f"/api/v1/nodes/{node}/name", json={"name": "x"})
    assert problem(refused) == (403, "forbidden")
    assert Node.objects.get(pk=UUID(node)).name == "Nouveau nom"


def test_a_sealed_space_has_a_journal_of_its_own(
    people: Gymnase, expert: httpx.Client, program: Programs
) -> None:
    node = folder(expert, people, "Secret")
    expert.post(f"/api/v1/nodes/{node}/seal")
    expert.post(f"/api/v1/nodes/{node}/folders", json={"name": "Dedans"})
    journal = f"/api/v1/cases/{people.case.pk}/journal"

    own = expert.get(f"{journal}?space={node}").json()["items"]

    assert [line["kind"] for line in own] == ["folder.created"]
    assert "Dedans" not in expert.get(journal).text
    lawyer = program(people.owner_counsel)
    for space in (node, uuid4(), "x"):
        assert problem(lawyer.get(f"{journal}?space={space}")) == (404, "not_found")
