"""Rows A: what is not yours does not exist, whatever door, verb, id or spelling you try.

The routes are read from the code; each has its line in `doors.py`. For whoever holds
nothing in a room, the answer about it must be the answer for an id that was never given.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from django.utils import timezone

from accedit.domain.alerts.models import Notice
from accedit.domain.cases.models import Party, RosterLine, Task
from accedit.domain.cases.operations import recovery
from accedit.domain.evidence.models import LogHead
from accedit.domain.filing.models import (
    Basket,
    BasketItem,
    Box,
    Deposit,
    Grant,
    Node,
    Room,
    RoomMember,
)
from accedit.domain.filing.operations import baskets, rooms
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import ApiToken, Delegation, Recovery, User
from accedit.domain.people.operations import firms
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter
from tests import cast
from tests.attacks.acts import Rest
from tests.attacks.browser import browser
from tests.attacks.doors import NEEDS, Needs
from tests.attacks.routes import Route, routes
from tests.cast import Gymnase
from tests.front import client

VERBS = ("GET", "HEAD", "POST", "PUT", "DELETE")
BODY: dict[str, Any] = {
    "name": "dossier",
    "reason": "essai",
    "motif": "essai",
    "title": "t",
    "reference": "r",
    "template": "unofficial",
    "parties": [],
    "side": "autre",
    "kind": "person",
    "email": "x@y.example",
    "due_at": "2030-01-01T00:00:00Z",
    "do": "confirm",
    "given": "yes",
}
VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\"X-CSRFToken\": \"[^\"]*\"|value=\"[A-Za-z0-9]{64}\""
)


@dataclass(frozen=True)
class Target:
    """What the names of address parts stand for in one case."""

    ids: Mapping[str, str]


@pytest.fixture(scope="module")
def target(people: Gymnase) -> Target:
    """A deposited piece, an open basket, a letter, a party, a key: something behind each part."""
    box = people.boxes["demandeur"]
    piece = cast.deposited("secret-du-gymnase.pdf", box=box, by=people.owner_counsel)[0]
    basket = baskets.open_basket(box=box, actor=people.owner_counsel, at=timezone.now())
    baskets.add_file(basket, stored=cast.stored(), name="secret-en-attente.pdf", upload="u")
    line = RosterLine.objects.filter(case=people.case, user=people.contractor.user_id).get()
    cast.token_for(people.expert)
    party = User.objects.get(pk=people.contractor.user_id)
    recovery.ask(party.email or "", at=timezone.now())
    chief = User.objects.get(pk=people.engineer_counsels[0].user_id)
    proposal = firms.propose(
        chief,
        name="Me Blin",
        email=User.objects.get(pk=people.architect_counsel.user_id).email or "",
        actor=people.engineer_counsels[0],
        at=timezone.now(),
    )
    return Target(
        {
            "case_id": str(people.case.pk),
            "node_id": str(piece.node_id),
            "node": str(piece.node_id),
            "box": str(box.folder_id),
            "basket_id": str(basket.pk),
            "basket": str(basket.pk),
            "deposit_id": str(piece.pk),
            "line_id": str(line.pk),
            "party_id": str(people.parties["M. Paul Bertin"].pk),
            "letter_id": str(
                Letter.objects.filter(reference=people.case.pk).latest("created_at").pk
            ),
            "index": str(piece.log_index),
            "key": str(ApiToken.objects.filter(user=people.expert.user_id).latest("created_at").pk),
            "delegation": str(Delegation.objects.get(delegate=people.assistant.user_id).pk),
            "device": "1",
            "passkey": "1",
            "recovery_id": str(Recovery.objects.get(user=party.pk).pk),
            "proposal_id": str(proposal.pk),
            "user_id": str(people.contractor.user_id),
            "group_id": str(people.case.group_id),
            "subject": f"user:{people.contractor.user_id}",
        }
    )


def unknown(ids: Mapping[str, str]) -> dict[str, str]:
    return {name: str(uuid4()) if "-" in value else value for name, value in ids.items()}


def state(people: Gymnase) -> dict[str, int]:
    """What an act without right would have changed in the gymnasium's room."""
    room = people.case.room
    logs = LogHead.objects.filter(origin__contains=str(room.pk))
    return {
        "nodes": Node.objects.filter(room=room).count(),
        "withdrawn": Node.objects.filter(room=room, withdrawn_at__isnull=False).count(),
        "grants": Grant.objects.filter(node__room=room).count(),
        "sealed": Node.objects.filter(room=room, sealed=True).count(),
        "members": RoomMember.objects.filter(room=room, left_at__isnull=True).count(),
        "deposits": Deposit.objects.filter(box__folder__room=room).count(),
        "baskets": Basket.objects.filter(box__folder__room=room).count(),
        "items": BasketItem.objects.filter(basket__box__folder__room=room).count(),
        "due": Box.objects.filter(folder__room=room, due_at__isnull=False).count(),
        "parties": Party.objects.filter(case=people.case).count(),
        "lines": RosterLine.objects.filter(case=people.case).count(),
        "tasks": Task.objects.filter(case=people.case, done_at__isnull=True).count(),
        "notices": Notice.objects.filter(room_id=room.pk).count(),
        "keys": ApiToken.objects.filter(user=people.expert.user_id, revoked_at=None).count(),
        "delegations": Delegation.objects.filter(space=room.space, ended_at=None).count(),
        "closed": Room.objects.filter(pk=room.pk, closed_at__isnull=False).count(),
        **{head.origin: head.size for head in logs},
    }


def asked(person: httpx.Client, verb: str, address: str, *, door: str) -> httpx.Response:
    if verb in ("GET", "HEAD", "DELETE"):
        return person.request(verb, address)
    if door == "rest":
        return person.request(verb, address, json=BODY)
    return person.request(verb, address, data=BODY)


def answer(response: httpx.Response) -> tuple[Any, ...]:
    """The answer without what changes from one request to the next."""
    headers = sorted(
        (name, VOLATILE.sub("·", value))
        for name, value in response.headers.items()
        if name not in {"date", "x-request-id", "set-cookie", "content-length"}
    )
    return response.status_code, headers, VOLATILE.sub("·", response.text)


def room_routes(door: str) -> list[Route]:
    return [
        route for route in routes() if route.door == door and NEEDS.get(route.pattern) is Needs.ROOM
    ]


def as_person(door: str, who: Actor | None) -> Callable[[], httpx.Client]:
    if door == "rest":
        return (lambda: Rest().client(who)) if who else client
    return lambda: browser(who)


def test_each_route_says_what_it_needs() -> None:
    """Routes come from the code: a new one without its line in doors.py fails here."""
    assert sorted(route.pattern for route in routes()) == sorted(NEEDS)


def test_each_part_of_an_address_stands_for_something(target: Target) -> None:
    parts = {
        part for door in ("pages", "rest") for route in room_routes(door) for part in route.params
    }

    assert parts - set(target.ids) == set()


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.parametrize("who", ["stranger", "former"])
@pytest.mark.attack("A1", "pages", "rest")
def test_a1_what_is_not_yours_answers_as_what_never_was(
    door: str, who: str, people: Gymnase, target: Target
) -> None:
    person = as_person(door, people.stranger if who == "stranger" else former(people))
    before = state(people)
    with person() as asking:
        for route in room_routes(door):
            for verb in VERBS:
                real = asked(asking, verb, route.filled(dict(target.ids)), door=door)
                other = asked(asking, verb, route.filled(unknown(target.ids)), door=door)

                assert answer(real) == answer(other), (verb, route.pattern)
                assert real.status_code >= 400, (verb, route.pattern, real.status_code)
    assert state(people) == before


def former(people: Gymnase) -> Actor:
    """Somebody who read this room until a moment ago."""
    who = cast.assistant_of(
        people.stranger, name="Jean Parti", email=f"parti.{uuid4().hex}@x.example"
    )
    user = User.objects.get(pk=who.user_id)
    rooms.let_in(user, room=people.case.room, at=cast.NOON)
    rooms.let_out(user, room=people.case.room, at=cast.NOON)
    return who


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A1", "pages", "rest")
def test_a1_without_signing_in_nothing_answers(door: str, people: Gymnase, target: Target) -> None:
    with as_person(door, None)() as asking:
        for route in routes():
            if route.door != door or NEEDS.get(route.pattern) in (
                Needs.OPEN,
                Needs.TICKET,
                Needs.DEMO,
            ):
                continue
            for verb in ("GET", "POST"):
                said = asked(asking, verb, route.filled(dict(target.ids)), door=door)
                shut = said.status_code in (401, 403, 404, 405) or said.headers.get(
                    "location", ""
                ).startswith("/connexion")

                assert shut, (verb, route.pattern, said.status_code)


@pytest.mark.attack("A1", "pages")
def test_a1_without_the_second_factor_nothing_answers(people: Gymnase, target: Target) -> None:
    with browser(people.expert, factor=False) as asking:
        for route in room_routes("pages"):
            said = asked(asking, "GET", route.filled(dict(target.ids)), door="pages")

            assert said.headers.get("location", "").startswith("/connexion") or (
                said.status_code in (401, 403, 404, 405)
            ), (route.pattern, said.status_code)


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A2", "pages", "rest")
def test_a2_the_case_of_an_address_lends_nothing_to_its_other_parts(
    door: str, people: Gymnase, target: Target
) -> None:
    """One's own case in the address, another case's node, line, party or letter behind it."""
    mixed = dict(target.ids) | {"case_id": str(people.stranger_case.pk)}
    before = state(people)
    with as_person(door, people.stranger)() as asking:
        for route in room_routes(door):
            foreign = [part for part in route.params if part not in ("case_id", "index")]
            if not foreign:
                continue
            for verb in ("GET", "POST"):
                real = asked(asking, verb, route.filled(mixed), door=door)
                never = unknown(target.ids) | {"case_id": str(people.stranger_case.pk)}
                other = asked(asking, verb, route.filled(never), door=door)

                assert answer(real) == answer(other), (verb, route.pattern)
                assert real.status_code >= 400, (verb, route.pattern)
    assert state(people) == before


FORGED = {
    "owner": "X",
    "owner_id": "X",
    "space": "X",
    "room": "X",
    "room_id": "X",
    "case": "X",
    "depositor": "X",
    "evidence": True,
    "sealed": True,
    "acl": ["manage"],
    "rights": ["manage"],
    "grants": ["manage"],
    "scope": "manage",
    "is_staff": True,
    "closed_at": "2020-01-01T00:00:00Z",
    "used_bytes": -1,
    "quota_bytes": 1,
    "names_in_alerts": True,
    "state": "consenting",
    "identity": "directory",
    "piece_number": "99",
}


@pytest.mark.attack("A3", "rest")
def test_a3_a_field_that_is_not_asked_for_changes_nothing(people: Gymnase) -> None:
    forged = {k: str(people.stranger.user_id) if v == "X" else v for k, v in FORGED.items()}
    party = {"name": "P", "side": "demandeur", "kind": "company", "by_post": True} | forged
    with Rest().client(people.expert) as api:
        made = api.post(
            "/api/v1/cases",
            json={
                "template": "unofficial",
                "title": "T",
                "reference": "R",
                "parties": [party],
            }
            | forged,
        )
    assert made.status_code in (201, 422)
    if made.status_code == 201:
        room = Room.objects.get(pk=made.json()["id"])
        assert (room.owner_id, room.closed_at, room.used_bytes, room.names_in_alerts) == (
            people.expert.user_id,
            None,
            0,
            False,
        )
        assert not Node.objects.filter(room=room, evidence=True).exists()
        assert not RosterLine.objects.filter(case=room.pk, user=people.stranger.user_id).exists()


@pytest.mark.attack("A3", "pages")
def test_a3_a_form_field_that_is_not_asked_for_changes_nothing(people: Gymnase) -> None:
    forged = {k: str(people.stranger.user_id) if v == "X" else str(v) for k, v in FORGED.items()}
    before = User.objects.filter(pk=people.owner_counsel.user_id).values().get()
    with browser(people.owner_counsel) as pages:
        pages.post("/compte", data=forged)
        pages.post(f"/dossiers/{people.case.pk}/accord", data=forged | {"accord": "oui"})
        pages.post(f"/dossiers/{people.case.pk}/deposer", data=forged)

    after = User.objects.filter(pk=people.owner_counsel.user_id).values().get()
    assert after == before
    assert Room.objects.get(pk=people.case.pk).owner_id == people.expert.user_id


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A8", "pages", "rest")
def test_a8_a_name_that_begins_like_another_lends_nothing(door: str, people: Gymnase) -> None:
    """Folders « Dupont » and « Dupont-Martin »: what is done to one leaves the other as it was."""
    root = Node.objects.get(room=people.case.room, kind="root")
    with Rest().client(people.expert) as api:
        for name in (f"Dupont {door}", f"Dupont {door}-Martin", f"Dupont {door} Martin"):
            assert (
                api.post(f"/api/v1/nodes/{root.pk}/folders", json={"name": name}).status_code == 201
            )
        first = Node.objects.get(parent=root, name=f"Dupont {door}")
        api.post(f"/api/v1/nodes/{first.pk}/folders", json={"name": "dedans"})

    if door == "rest":
        with Rest().client(people.expert) as api:
            inside = {
                row["name"]: api.get(f"/api/v1/nodes/{row['id']}/children").json()["items"]
                for row in api.get(f"/api/v1/nodes/{root.pk}/children").json()["items"]
                if row["name"].startswith(f"Dupont {door}")
            }
        assert {name: len(rows) for name, rows in inside.items()} == {
            f"Dupont {door}": 1,
            f"Dupont {door}-Martin": 0,
            f"Dupont {door} Martin": 0,
        }
    else:
        other = Node.objects.get(parent=root, name=f"Dupont {door}-Martin")
        with browser(people.expert) as pages:
            shown = pages.get(f"/dossiers/{people.case.pk}/dossier/{other.pk}").text
        assert "dedans" not in shown


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A16", "pages", "rest")
def test_a16_no_route_gives_content_without_knowing_who_asks(
    door: str, people: Gymnase, target: Target
) -> None:
    """Every route, open ones included, asked by nobody: no byte and no name of the room."""
    with as_person(door, None)() as asking:
        for route in routes():
            if route.door != door:
                continue
            parts = {"role": "partie", "ticket": "abc", "uidb36": "0" * 32} | dict(target.ids)
            said = asked(asking, "GET", route.filled(parts), door=door)

            assert "secret-du-gymnase" not in said.text, route.pattern
            assert "Gymnase municipal" not in said.text, route.pattern
            assert said.content != b"contenu de secret-du-gymnase.pdf", route.pattern


TRICKS = [
    "//dossiers/{id}",
    "/dossiers//{id}",
    "/Dossiers/{id}",
    "/dossiers/{id}/",
    "/dossiers/{id};.css",
    "/dossiers/{id}/x.css",
    "/dossiers/{id}%2e",
    "/dossiers/{id}.",
    "/dossiers/{id}%00",
    "/dossiers/%2e%2e/dossiers/{id}",
    "/./dossiers/{id}",
    "/aide/../dossiers/{id}",
    "/dossiers%2f{id}",
    "/dossiers\\{id}",
]


@pytest.mark.attack("A21", "pages")
@pytest.mark.parametrize("trick", TRICKS)
def test_a21_another_spelling_opens_no_more(trick: str, people: Gymnase) -> None:
    address = trick.replace("{id}", str(people.case.pk))
    with browser(people.stranger) as asking:
        said = asking.get(address)

    assert said.status_code in (400, 404)
    assert "Gymnase municipal" not in said.text


@pytest.mark.attack("A21", "rest")
@pytest.mark.parametrize("trick", TRICKS)
def test_a21_another_spelling_of_rest_opens_no_more(trick: str, people: Gymnase) -> None:
    address = "/api/v1" + trick.replace("dossiers", "cases").replace("{id}", str(people.case.pk))
    with Rest().client(people.stranger) as asking:
        said = asking.get(address)

    assert said.status_code in (400, 404)
    assert "Gymnase municipal" not in said.text


ENDLESS = "/dossiers/{case_id}/evenements"  # a stream, for whoever may have it


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A21", "pages", "rest")
def test_a21_verbs_decide_as_the_plain_one_does(door: str, people: Gymnase, target: Target) -> None:
    """HEAD, OPTIONS, override headers, by the stranger; and nothing private may be cached."""
    with as_person(door, people.stranger)() as asking:
        for route in room_routes(door):
            address = route.filled(dict(target.ids))
            for headers in ({}, {"X-HTTP-Method-Override": "GET"}, {"X-Method-Override": "DELETE"}):
                for verb in ("HEAD", "OPTIONS", "PATCH", "TRACE"):
                    assert asking.request(verb, address, headers=headers).status_code >= 400
    with as_person(door, people.expert)() as asking:
        for route in room_routes(door):
            if route.pattern == ENDLESS:
                continue  # its headers are shown in tests/serving/test_raw_events.py
            said = asking.get(route.filled(dict(target.ids)))

            assert "public" not in said.headers.get("cache-control", "no"), route.pattern
            assert "no-store" in said.headers.get("cache-control", ""), route.pattern


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("A23", "pages", "rest")
def test_a23_an_error_names_nothing_hidden(door: str, people: Gymnase, target: Target) -> None:
    """Everything that the stranger is answered, whatever is sent, is scanned for hidden words."""
    hidden = [
        "secret-du-gymnase",
        "secret-en-attente",
        "Gymnase municipal",
        "2026-14",
        "Valmont",
        "Claire Aubry",
        "Novatech",
        "Traceback",
        "accedit/domain",
        "psycopg",
        'relation "',
    ]
    nonsense = [b"", b"{", b"\xff\xfe", b'{"name": 5}', b"a=b&" * 50, b"[" * 2000]
    with as_person(door, people.stranger)() as asking:
        for route in room_routes(door):
            address = route.filled(dict(target.ids))
            for content in nonsense:
                for kind in ("application/json", "application/x-www-form-urlencoded"):
                    said = asking.request(
                        "POST", address, content=content, headers={"Content-Type": kind}
                    )
                    assert said.status_code < 500, (route.pattern, content[:20])
                    for word in hidden:
                        assert word not in said.text, (route.pattern, word)


@pytest.mark.attack("A24", "pages", "rest")
@pytest.mark.attack("K5", "pages", "rest")
def test_a24_whoever_runs_the_platform_reads_no_case(people: Gymnase, target: Target) -> None:
    """Staff see use and states; every route of a room answers them as it does a stranger."""
    staff = cast.expert(name="Exploitante", email=f"staff.{uuid4().hex}@x.example")
    User.objects.filter(pk=staff.user_id).update(is_staff=True)
    before = state(people)
    with browser(staff) as pages, Rest().client(staff) as api:
        table = pages.get("/plateforme")
        assert table.status_code == 200
        for word in ("Gymnase municipal", "secret-du-gymnase", "Valmont", "Dubreuil"):
            assert word not in table.text
        for door, asking in (("pages", pages), ("rest", api)):
            for route in room_routes(door):
                real = asked(asking, "GET", route.filled(dict(target.ids)), door=door)
                other = asked(asking, "GET", route.filled(unknown(target.ids)), door=door)

                assert answer(real) == answer(other), route.pattern
    assert state(people) == before
    with browser(people.expert) as pages:
        assert pages.get("/plateforme").status_code in (403, 404)


@pytest.mark.attack("A19", "rest")
def test_a_key_for_one_case_opens_no_other(people: Gymnase, target: Target) -> None:
    """After the cache of everything is warm: the key still opens its case only."""
    other = UUID(str(people.stranger_case.pk))
    key = cast.token_for(people.stranger, scope=Scope.MANAGE, room_id=other)
    with client(token=key) as api:
        assert api.get(f"/api/v1/cases/{other}").status_code == 200
        for route in room_routes("rest"):
            said = asked(api, "GET", route.filled(dict(target.ids)), door="rest")
            assert said.status_code in (404, 405), route.pattern
