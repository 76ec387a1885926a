"""The third machine: every address of a room, every verb, every kind of person, three cases.

What each address needs is declared in tests/attacks/rooms.py; who holds what is written here,
from the model. Each request is taken back. For whoever holds nothing, the answer about what is
there is the answer about what never was: status, body and headers.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.utils.crypto import get_random_string
from pytest_django import DjangoDbBlocker

from accedit.domain.cases.models import RosterLine
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import baskets, places, rooms
from accedit.domain.people.enums import Covers
from accedit.domain.people.models import ApiToken, User
from accedit.domain.people.operations import accounts, delegations, groups
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter
from tests import cast
from tests.attacks.browser import session_of
from tests.attacks.doors import NEEDS, Needs
from tests.attacks.rooms import BOX, FOLDER, PIECE, ROOMS, Act, Need
from tests.attacks.routes import Route, routes
from tests.cast import NOON, Gymnase
from tests.machines.inline import asking, one_thread
from tests.machines.masks import HEADERS, masked
from tests.store import undone

READING = {Right.BROWSE, Right.READ, Right.DOWNLOAD}
EVERY = set(Right)
ENDLESS = "/dossiers/{case_id}/evenements"  # listened to in tests/attacks/test_live.py
ABOUT = {  # pages of the owner's, about one kind of node
    "/dossiers/{case_id}/dossier/{node_id}/archiver": BOX,
    "/dossiers/{case_id}/comme/{user_id}/dossier/{node_id}": FOLDER,
    "/api/v1/nodes/{node_id}/seal": FOLDER,
    "/api/v1/nodes/{node_id}/grants/{subject}": FOLDER,
    "/dossiers/{case_id}/droits/{node_id}": FOLDER,
    "/dossiers/{case_id}/droits/{node_id}/donner": FOLDER,
    "/dossiers/{case_id}/droits/{node_id}/reserver": FOLDER,
}
INSIDE = ("owner", "assistant", "clerk", "side", "other", "party")
OUTSIDE = ("former", "stranger", "elsewhere", "operator", "ended_delegation")
NOBODY = ("signed_out", "session_ended", "disabled")
HELD: Mapping[str, Mapping[str, set[Right]]] = {
    PIECE: {
        "owner": READING | {Right.MANAGE},
        "assistant": READING,
        "clerk": READING,
        "side": READING,
        "other": READING,
        "party": READING,
    },
    BOX: {
        "owner": EVERY,
        "assistant": EVERY - {Right.MANAGE},
        "clerk": EVERY - {Right.MANAGE},
        "side": READING | {Right.ADD},
        "other": READING,
        "party": READING,
    },
    FOLDER: {
        "owner": EVERY,
        "assistant": EVERY - {Right.MANAGE},
        "clerk": EVERY - {Right.MANAGE},
        "side": READING,
        "other": READING,
        "party": READING,
    },
}
ACTS: Mapping[Act, tuple[set[str], int]] = {  # who may, and what the others of the room are told
    Act.OWNER: ({"owner"}, 403),
    Act.MEMBER: (set(INSIDE), 404),
    Act.DEPOSITS: ({"owner", "assistant", "side"}, 403),
    Act.OWN_BASKET: ({"side"}, 404),
    Act.OWN_LINE: ({"owner", "side", "other", "party"}, 404),
    Act.OWN_CLIENT: ({"side"}, 404),
}


def expected(role: str, need: Need) -> int:
    """200 stands for whatever is neither a refusal of right nor an absence."""
    if role in OUTSIDE:
        return 404
    if isinstance(need, Act):
        may, otherwise = ACTS[need]
        return 200 if role in may else otherwise
    if isinstance(need, Covers):
        may = {"owner", "assistant"} | ({"clerk"} if need is Covers.LETTERS else set())
        return 200 if role in may else 403
    kind, right = need
    return 200 if right in HELD[kind][role] else 403


@dataclass
class Scene:
    g: Gymnase
    people: dict[str, Actor]
    doors: dict[tuple[str, str], httpx.Client]
    own: dict[str, str]
    kinds: dict[str, str]

    def ids(self, pattern: str, need: Need) -> dict[str, str]:
        """The address stands for a node of the kind that the need, or the page, is about."""
        kind = need[0] if isinstance(need, tuple) else ABOUT.get(pattern, "")
        return self.own | ({"node_id": self.kinds[kind], "node": self.kinds[kind]} if kind else {})


@pytest.fixture(scope="module")
def scene(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    with django_db_blocker.unblock(), undone(), one_thread():
        yield made(cast.gymnase())


def made(g: Gymnase) -> Scene:
    people = {
        "owner": g.expert,
        "assistant": g.assistant,
        "clerk": _assistant(g, "clerk", covers=[Covers.LETTERS]),
        "side": g.owner_counsel,
        "other": g.architect_counsel,
        "party": g.contractor,
        "former": _former(g),
        "stranger": g.stranger,
        "elsewhere": _elsewhere(g),
        "operator": _operator(),
        "ended_delegation": _assistant(g, "parti", covers=[]),
        "session_ended": g.architect_counsel,
        "disabled": g.engineer_counsels[1],
    }
    own, kinds = _ids(g)
    doors: dict[tuple[str, str], httpx.Client] = {
        ("signed_out", "pages"): asking(cookies={settings.CSRF_COOKIE_NAME: "x" * 32}),
        ("signed_out", "rest"): asking(),
    }
    for role, who in people.items():
        secret = get_random_string(32)
        session = "ended" * 6 if role == "session_ended" else session_of(who)
        cookies = {settings.CSRF_COOKIE_NAME: secret, settings.SESSION_COOKIE_NAME: session}
        doors[role, "pages"] = asking(cookies=cookies)
        doors[role, "rest"] = asking(token=cast.token_for(who))
    ApiToken.objects.filter(user=people["session_ended"].user_id).order_by("-created_at").filter(
        name="essai"
    ).update(revoked_at=NOON)
    doors["other", "rest"] = asking(token=cast.token_for(people["other"]))
    accounts.disable(people["disabled"].user_id)
    return Scene(g, people, doors, own, kinds)


def _assistant(g: Gymnase, word: str, *, covers: list[Covers]) -> Actor:
    user = accounts.enter_person(
        name=word, kind="assistant", email=f"{word}.{uuid4().hex}@a.example", at=NOON
    )  # type: ignore[arg-type]
    space = g.case.room.space
    delegations.delegate(space=space, to=user, covers=covers or [Covers.LETTERS], at=NOON)
    if not covers:
        delegations.end(space=space, of=user, at=NOON)
    return cast.actor_of(user, door=cast.Door.PAGE)


def _former(g: Gymnase) -> Actor:
    user = User.objects.get(pk=g.engineer_counsels[0].user_id)
    rooms.let_out(user, room=g.case.room, at=NOON)
    return g.engineer_counsels[0]


def _elsewhere(g: Gymnase) -> Actor:
    """A member of the stranger's case."""
    line = RosterLine.objects.filter(case=g.stranger_case, user__kind="private").get()
    assert line.user is not None
    return cast.actor_of(line.user, door=cast.Door.PAGE)


def _operator() -> Actor:
    who = cast.expert(name="Exploitante", email=f"{uuid4().hex}@x.example")
    User.objects.filter(pk=who.user_id).update(is_staff=True)
    return who


def _ids(g: Gymnase) -> tuple[dict[str, str], dict[str, str]]:
    box = g.boxes["demandeur"]
    piece = cast.deposited("piece.pdf", box=box, by=g.owner_counsel)[0]
    root = Node.objects.select_related("room").get(room=g.case.room, kind="root")
    folder = places.plant(root, name="Un dossier de rangement", at=NOON)
    basket = baskets.open_basket(box=box, actor=g.owner_counsel, at=NOON)
    baskets.add_file(basket, stored=cast.stored(), name="attend.pdf", upload="u")
    group = groups.create_group(name="Un groupe", room_id=g.case.pk)
    line = RosterLine.objects.get(case=g.case, user=g.contractor.user_id)
    own = {
        "case_id": g.case.pk,
        "node_id": piece.node_id,
        "node": piece.node_id,
        "box": box.folder_id,
        "basket_id": basket.pk,
        "basket": basket.pk,
        "deposit_id": piece.pk,
        "line_id": line.pk,
        "party_id": g.parties["Commune de Valmont"].pk,
        "letter_id": Letter.objects.filter(reference=g.case.pk).latest("created_at").pk,
        "index": piece.log_index,
        "user_id": g.contractor.user_id,
        "group_id": group.pk,
        "subject": f"user:{g.contractor.user_id}",
    }
    deep = places.plant(folder, name="Dedans", at=NOON)
    kinds = {PIECE: piece.node_id, BOX: box.folder_id, FOLDER: deep.pk, "root": root.pk}
    return {k: str(v) for k, v in own.items()}, {k: str(v) for k, v in kinds.items()}


@contextmanager
def taken_back() -> Iterator[None]:
    with undone():
        yield


def ask(scene: Scene, role: str, verb: str, address: str, *, door: str) -> httpx.Response:
    """Each act with a body that can be read, so that only the right decides."""
    body: dict[str, Any] = {}
    if verb in ("POST", "PUT"):
        body = {"json": _said(scene, address)} if door == "rest" else {"data": FORM}
    if address.endswith("/changer"):
        address += f"?personne={scene.own['user_id']}"
    if address.endswith("/donner"):
        address += f"?a={scene.own['subject']}"
    if address.endswith("/deposits"):
        address, body = f"{address}?name=a.pdf", {"content": b"octets"}
        body["headers"] = {"Idempotency-Key": uuid4().hex}
    if address.endswith("/fichiers"):
        names = {"X-File-Name": "a.pdf", "X-Upload-Id": "u2"}
        body = {"content": b"octets", "headers": names}
    with taken_back():
        return scene.doors[role, door].request(verb, address, **body)


FORM = {"motif": "essai", "nom": "essai", "do": "save", "reponse": "oui"}


def _said(scene: Scene, address: str) -> dict[str, Any]:
    tail = address.rsplit("/", 1)[1]
    if tail == "parties":
        return {"name": "P", "side": "s", "kind": "company", "email": "p@p.example"}
    return {
        "due": {"due_at": "2031-01-01T00:00:00Z"},
        "move": {"parent_id": scene.kinds["root"]},
        "name": {"name": "essai"},
        "folders": {"name": "essai"},
        "withdraw": {"reason": "essai"},
    }.get(tail, {"rights": ["read"]} if "/grants/" in address else {})


def room_routes() -> list[Route]:
    return [one for one in routes() if NEEDS.get(one.pattern) is Needs.ROOM]


def status(said: httpx.Response) -> int:
    """As `expected` puts it."""
    if said.headers.get("location", "").startswith("/connexion"):
        return 401
    return said.status_code if said.status_code in (401, 403, 404, 405) else 200


def test_each_address_of_a_room_says_what_it_needs() -> None:
    """A new one without its line in tests/attacks/rooms.py fails here."""
    assert {route.pattern for route in room_routes()} == set(ROOMS)


@pytest.mark.parametrize("role", [*INSIDE, *OUTSIDE])
@pytest.mark.attack("A1", "pages", "rest")
def test_each_address_answers_by_what_it_needs(role: str, scene: Scene) -> None:
    wrong = {}
    for route in room_routes():
        for verb, need in ROOMS[route.pattern].items():
            if route.pattern != ENDLESS:
                said = ask(
                    scene, role, verb, route.filled(scene.ids(route.pattern, need)), door=route.door
                )
                if status(said) != expected(role, need):
                    wrong[verb, route.pattern] = (said.status_code, expected(role, need))
    assert wrong == {}


@pytest.mark.parametrize("role", NOBODY)
@pytest.mark.attack("A1", "pages", "rest")
def test_whoever_is_nobody_is_sent_to_sign_in(role: str, scene: Scene) -> None:
    """Signed out, session ended or key revoked, disabled: each alone is enough (I21)."""
    wrong = {}
    for route in room_routes():
        for verb, need in ROOMS[route.pattern].items():
            said = ask(
                scene, role, verb, route.filled(scene.ids(route.pattern, need)), door=route.door
            )
            if status(said) != 401:
                wrong[verb, route.pattern] = said.status_code
    assert wrong == {}


@pytest.mark.parametrize("role", ["owner", "other", "former"])
@pytest.mark.attack("A1", "pages", "rest")
def test_another_case_answers_as_what_never_was(role: str, scene: Scene) -> None:
    """Of the stranger's case, and of an id that nobody has: the same, to the byte."""
    other = {"case_id": str(scene.g.stranger_case.pk)}
    theirs = Node.objects.filter(room=scene.g.stranger_case.pk, kind="box").get()
    other |= {"node_id": str(theirs.pk), "node": str(theirs.pk), "box": str(theirs.pk)}
    wrong = {}
    for route in room_routes():
        if not set(route.params) & set(other):
            continue
        for verb in ROOMS[route.pattern]:
            answers = []
            for ids in (scene.own | other, scene.own | dict.fromkeys(other, str(uuid4()))):
                said = ask(scene, role, verb, route.filled(ids), door=route.door)
                answers.append(bare(said))
            if answers[0] != answers[1] or answers[0][0] < 400:
                wrong[verb, route.pattern] = answers
    assert wrong == {}


def bare(said: httpx.Response) -> tuple[int, list[tuple[str, str]], str]:
    headers = sorted((k, masked(v, known=())) for k, v in said.headers.items() if k not in HEADERS)
    return said.status_code, headers, masked(said.text, known=())


@pytest.mark.attack("A21", "pages", "rest")
def test_no_other_verb_is_answered(scene: Scene) -> None:
    """By the owner, who may do everything: what is not declared is not there."""
    wrong = {}
    for route in room_routes():
        for verb in {"GET", "POST", "PUT", "DELETE"} - set(ROOMS[route.pattern]):
            address = route.filled(scene.own)
            said = ask(scene, "owner", verb, address, door=route.door)
            if said.status_code not in (404, 405):
                wrong[verb, route.pattern] = said.status_code
    assert wrong == {}


def test_a_need_that_is_too_small_would_be_seen(scene: Scene) -> None:
    """Negative control: closing a case is declared to any member; the matrix does not agree."""
    address = f"/dossiers/{scene.g.case.pk}/clore"
    said = ask(scene, "side", "POST", address, door="pages")

    assert status(said) == expected("side", Act.OWNER) != expected("side", Act.MEMBER)
