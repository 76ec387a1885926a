"""Rights that end while something is under way: on every door, by every way to lose them.

A14: a reader on a slow line, who takes nothing at all when the right is lost, is cut all the
same. What was already in the machine's own buffers may still arrive: it is bounded here, and
measured in docs/performance.md.
"""

import asyncio
import hashlib
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.test import RequestFactory
from django.utils.timezone import now

from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Grant, Node, Room
from accedit.domain.filing.operations import deposits, rooms, seals, withdrawals
from accedit.domain.filing.operations.deposits import Arrived
from accedit.domain.people.models import ApiToken, User
from accedit.domain.people.operations import accounts, tokens
from accedit.domain.people.rights import Actor
from accedit.interfaces.web import tickets
from accedit.machine.processes import waited_for
from accedit.serving import delivery
from accedit.serving.messages import Headers, Message, RawRequest, RawResponse
from tests import cast
from tests.api.told import entries
from tests.attacks.acts import Pages
from tests.attacks.browser import browser, session_of
from tests.cast import Gymnase
from tests.front import ask, client
from tests.serving import served
from tests.serving.served import Line, Served

MIB = 1024 * 1024
SIZE = 48 * MIB  # far more than every buffer between two programs of this machine
WINDOW = 64 * 1024
BUFFERED = MIB  # generous: see docs/performance.md for what was measured


@pytest.fixture(scope="module")
def houses(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    with served.houses(tmp_path_factory.mktemp("live"), count=2) as found:
        yield found


@pytest.fixture
def house(houses: list[Served]) -> Iterator[Served]:
    yield houses[0]
    for one in houses:
        one.hang_up()


@dataclass
class Reading:
    """Somebody who reads a large piece, slowly."""

    people: Gymnase
    user: User
    piece: Deposit
    secret: str
    session: str


def root_of(people: Gymnase) -> Node:
    return Node.objects.select_related("room").get(room=people.case.room, kind="root")


@pytest.fixture(scope="module")
def content() -> bytes:
    return hashlib.sha256(b"a piece").digest() * (SIZE // 32)


@pytest.fixture
def reading(houses: list[Served], content: bytes) -> Reading:
    """Bruno Lambert is let into the gymnasium's room, and reads it by a grant of his own."""
    people = cast.gymnase()
    who = people.stranger
    user = User.objects.get(pk=who.user_id)
    box = people.boxes["demandeur"]
    rooms.let_in(user, room=people.case.room, at=now())
    rooms.grant(
        root_of(people), to=user, rights=[Right.DOWNLOAD], by=people.expert.user_id, at=now()
    )
    piece = cast.deposited("grand.bin", box=box, by=people.owner_counsel, content=lambda _: content)
    return Reading(people, user, piece[0], cast.token_for(who), session_of(who))


def by_rest(reading: Reading, house: Served) -> Line:
    return house.opened(
        "GET",
        f"/api/v1/nodes/{reading.piece.node_id}/content",
        f"Authorization: Bearer {reading.secret}",
        window=WINDOW,
    )


def by_ticket(reading: Reading, house: Served) -> Line:
    status, _ = house.asked("GET", "/compte", f"Cookie: sessionid={reading.session}")
    assert status == 200  # the session is listed from now on
    request = RequestFactory().get("/")
    request.session = SessionStore(reading.session)
    request.actor = reading.people.stranger  # type: ignore[attr-defined]
    address = tickets.download_url(request, reading.piece.node_id)
    path = urlsplit(address).path
    return house.opened("GET", path, host="127.0.0.1", window=WINDOW)


def delivered(reading: Reading) -> bool:
    """Whether the server has entered how much left."""
    return [line["kind"] for line in entries(reading.people, "reads")] == [
        "piece.downloaded",
        "piece.delivered",
    ]


def is_let_out(reading: Reading) -> None:
    rooms.let_out(reading.user, room=reading.people.case.room, at=now())


def loses_the_grant(reading: Reading) -> None:
    rooms.revoke(root_of(reading.people), of=reading.user)


def is_withdrawn(reading: Reading) -> None:
    withdrawals.withdraw(
        reading.piece.node_id, reason="secret", actor=reading.people.expert, at=now()
    )


def is_disabled(reading: Reading) -> None:
    accounts.disable(reading.user.pk)


def sets_a_password(reading: Reading) -> None:
    user = get_user_model().objects.get(pk=reading.user.pk)
    accounts.change_password(user, password="quatre-mots-bien-differents")


def loses_the_token(reading: Reading) -> None:
    digest = hashlib.sha256(reading.secret.encode()).hexdigest()
    tokens.revoke_token(ApiToken.objects.get(digest=digest), at=now())


def signs_out_elsewhere(reading: Reading) -> None:
    Session.objects.filter(session_key=reading.session).delete()


def is_shut_out_by_a_seal(reading: Reading) -> None:
    """Of the folder that holds the boxes; those who no longer read are named."""
    people = reading.people
    above = Node.objects.get(pk=people.boxes["demandeur"].folder_id).parent_id
    assert above is not None
    losing = [who.user_id for who in (*people.everyone, people.stranger)]
    seals.seal(above, actor=people.expert, at=now(), losing=losing)


EVERYWHERE = [
    is_let_out,
    loses_the_grant,
    is_shut_out_by_a_seal,
    is_withdrawn,
    is_disabled,
    sets_a_password,
]
WAYS = [
    *((by_rest, end) for end in [*EVERYWHERE, loses_the_token]),
    *((by_ticket, end) for end in [*EVERYWHERE, signs_out_elsewhere]),
]


@pytest.mark.attack("A14", "pages", "rest")
@pytest.mark.parametrize(("door", "end"), WAYS, ids=lambda given: given.__name__)
def test_a14_a_download_ends_with_the_right_to_it(
    house: Served,
    reading: Reading,
    door: Callable[[Reading, Served], Line],
    end: Callable[[Reading], None],
) -> None:
    """Given a reader who takes no more; when the right is lost; then the server lets go, and
    only then does the reader read on."""
    line = door(reading, house)
    before = line.read(MIB)

    end(reading)
    assert waited_for(partial(delivered, reading), seconds=20)

    after = line.to_the_end()
    assert (line.status, len(before)) == (200, MIB)
    assert len(after) < BUFFERED


@pytest.mark.attack("A14", "pages", "rest")
def test_a14_a_delivery_decided_once_would_not_be_cut(
    people: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same slow reader, and the line given up only because it stalls."""
    monkeypatch.setattr(delivery, "STALLED_AFTER", 3.0)
    ended = {
        "decided again": _sent_slowly(over=_refused_at_once),
        "decided once": _sent_slowly(over=None),
    }

    assert ended == {"decided again": "cut", "decided once": "stalled"}


async def _refused_at_once() -> None:
    """The right is lost before the line takes anything."""


def _sent_slowly(*, over: Callable[[], Coroutine[Any, Any, None]] | None) -> str:
    async def never(*_: object) -> Any:
        await asyncio.Event().wait()

    async def send(message: Message) -> None:
        if message["type"] == "http.response.body":
            await never()

    async def blocks() -> AsyncIterator[bytes]:
        yield b"x" * MIB

    request = RawRequest("GET", "/", "", Headers([]), "127.0.0.1", never)
    response = RawResponse(200, body=blocks(), over=over)
    try:
        found = asyncio.run(delivery.deliver(request, response, send))
    except TimeoutError:
        return "stalled"
    return "whole" if found.completed else "cut"


@pytest.fixture
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@contextmanager
def meanwhile(room: Room) -> Iterator[None]:
    """What is done here is done once somebody has decided and waits for the room to write, and is
    committed before they go on."""
    with transaction.atomic():
        Room.objects.select_for_update().get(pk=room.pk)
        yield


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks"
            " where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.attack("A11", "rest")
def test_a11_a_right_lost_while_the_file_comes_deposits_nothing(people: Gymnase) -> None:
    """Given a program whose file is half sent; when its right to add goes; then nothing is there."""
    who, box = people.architect_counsel, people.boxes["architecte"]

    def body() -> Iterator[bytes]:
        yield b"half"
        rooms.let_out(User.objects.get(pk=who.user_id), room=people.case.room, at=now())
        yield b"the rest"

    answer = ask(
        "POST",
        f"/api/v1/nodes/{box.folder_id}/deposits?name=a.pdf",
        headers=[(b"authorization", f"Bearer {cast.token_for(who)}".encode())],
        body=body(),
    )

    assert answer.status == 404
    assert not Deposit.objects.filter(box=box).exists()


@pytest.mark.attack("A11", "pages")
def test_a11_a_right_lost_between_the_question_and_the_deposit_deposits_nothing(
    people: Gymnase,
) -> None:
    who, box = people.architect_counsel, people.boxes["architecte"]
    pages = Pages()
    with browser(who) as signed_in, ThreadPoolExecutor(1) as elsewhere:
        basket = pages.basket(signed_in, box)
        assert isinstance(basket, str)
        pages.send(signed_in, basket, name="a.pdf", content=b"x", upload="1")
        with meanwhile(people.case.room):
            answer = elsewhere.submit(signed_in.post, f"/paniers/{basket}/confirmer")
            assert waited_for(somebody_waits, seconds=20)
            rooms.let_out(User.objects.get(pk=who.user_id), room=people.case.room, at=now())

    assert answer.result().status_code == 404
    assert not Deposit.objects.filter(box=box).exists()


@pytest.mark.attack("A11", "rest")
def test_a11_nothing_is_given_to_whoever_left_between_the_question_and_the_act(
    people: Gymnase,
) -> None:
    who, box = people.architect_counsel, people.boxes["demandeur"]
    with client(token=cast.token_for(people.expert)) as api, ThreadPoolExecutor(1) as elsewhere:
        place = f"/api/v1/nodes/{box.folder_id}/grants/user:{who.user_id}"
        with meanwhile(people.case.room):
            answer = elsewhere.submit(api.put, place, json={"rights": ["manage"]})
            assert waited_for(somebody_waits, seconds=20)
            rooms.let_out(User.objects.get(pk=who.user_id), room=people.case.room, at=now())

    assert answer.result().status_code == 404
    assert not Grant.objects.filter(
        node=box.folder_id, user=who.user_id, rights=["manage"]
    ).exists()


ROUNDS = 10_000 if os.environ.get("ACCEDIT_SOAK") else 100


@pytest.mark.attack("A12", "pages", "rest")
def test_a12_who_lost_the_right_before_a_deposit_never_learns_of_it(
    houses: list[Served], committed: None
) -> None:
    """Through two servers, each warm with what it saw while the right was there."""
    seen = _asked_after_each_revocation(houses, rounds=ROUNDS, revoking=True)

    assert seen == Counter({(404, False): ROUNDS})


@pytest.mark.attack("A12", "pages", "rest")
def test_a12_a_right_that_stays_would_be_seen(houses: list[Served], committed: None) -> None:
    """The negative control: nothing is revoked, and each reading finds the new piece."""
    seen = _asked_after_each_revocation(houses, rounds=4, revoking=False)

    assert seen == Counter({(200, True): 4})


def _asked_after_each_revocation(
    houses: list[Served], *, rounds: int, revoking: bool
) -> Counter[tuple[int, bool]]:
    """How often each answer came: its status, and whether it tells of the piece."""
    people = cast.gymnase()
    owner, room = people.stranger, people.stranger_case.room
    reader = User.objects.get(pk=people.architect_counsel.user_id)
    box = next(iter(cast.boxes_of(people.stranger_case).values()))
    rooms.let_in(reader, room=room, at=now())
    warm = f"/api/v1/nodes/{box.folder_id}/children"
    seen: Counter[tuple[int, bool]] = Counter()
    with asked_of_all(houses, who=people.architect_counsel) as ask_all:
        for turn in range(rounds):
            root = root_of_room(room)
            rooms.grant(root, to=reader, rights=[Right.DOWNLOAD], by=owner.user_id, at=now())
            assert turn % 50 or {status for status, _ in ask_all(warm)} == {200}
            if revoking:
                rooms.revoke(root, of=reader)
            piece, _ = deposits.deposit_one(box=box, actor=owner, arrived=_arrived(turn), at=now())
            ways = ("/api/v1/nodes/{}", "/api/v1/nodes/{}/content", "/pieces/{}")
            for status, said in ask_all(ways[turn % 3].format(piece.node_id), turn % len(houses)):
                seen[status, str(piece.node_id).encode() in said or b"bytes of" in said] += 1
    return seen


@contextmanager
def asked_of_all(
    houses: list[Served], *, who: Actor
) -> Iterator[Callable[..., list[tuple[int, bytes]]]]:
    """One line kept open to each server, and a question put to all of them or to one."""
    known = {
        "Authorization": f"Bearer {cast.token_for(who)}",
        "Cookie": f"sessionid={session_of(who)}",
    }
    lines = [HTTPConnection("localhost", one.port, timeout=30) for one in houses]

    def answer_of(line: HTTPConnection, path: str) -> tuple[int, bytes]:
        line.request("GET", path, headers=known)
        answer = line.getresponse()
        return answer.status, answer.read()

    try:
        yield lambda path, *only: [
            answer_of(line, path) for rank, line in enumerate(lines) if not only or rank in only
        ]
    finally:
        for line in lines:
            line.close()


def root_of_room(room: Room) -> Node:
    return Node.objects.select_related("room").get(room=room, kind="root")


def _arrived(turn: int) -> Arrived:
    stored = cast.stored(b"bytes of %d" % turn, at=now())
    return Arrived(
        stored=stored,
        name=f"{turn}.pdf",
        title="",
        number="",
        upload=f"turn-{turn}",
        request_digest=str(turn),
    )
