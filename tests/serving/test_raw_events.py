"""The stream of a case: each message reckoned for its receiver, and nothing once they may not."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.timezone import now

from accedit.domain.cases.access import Entered
from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations.log import stamp
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places, rooms, withdrawals
from accedit.domain.people.operations import accounts, delegations
from accedit.domain.people.rights import Actor
from accedit.machine.processes import waited_for
from accedit.serving import raw_events
from accedit.serving.messages import Headers, RawRequest
from accedit.serving.pulse import Pulse, look
from accedit.serving.raw_events import Receiver
from accedit.serving.threads import in_thread
from tests import cast
from tests.attacks.browser import session_of
from tests.cast import Gymnase
from tests.serving import served
from tests.serving.served import Line, Served


@pytest.fixture(scope="module")
def houses(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    with served.houses(tmp_path_factory.mktemp("houses"), count=2) as found:
        yield found


@pytest.fixture
def people(houses: list[Served]) -> Iterator[Gymnase]:
    yield cast.gymnase()
    for house in houses:
        house.hang_up()


def cookie(session: str) -> str:
    return f"Cookie: sessionid={session}"


def stream_of(people: Gymnase, who: Actor, house: Served, *headers: str, session: str = "") -> Line:
    """Open and at rest: what was there before has been looked at."""
    session = session or session_of(who)
    line = house.opened("GET", f"/dossiers/{people.case.pk}/evenements", cookie(session), *headers)
    assert line.status == 200, line.to_the_end()
    assert b"retry: 4000" in line.until(b"\n\n")
    return line


def message(line: Line) -> dict[str, Any]:
    """The next message, whatever heartbeats come before it."""
    while True:
        given = line.until(b"\n\n").decode()
        fields = dict(one.split(": ", 1) for one in given.splitlines() if ": " in one)
        if "data" in fields:
            said: dict[str, Any] = json.loads(fields["data"])
            return said | {"id": fields["id"]}
        assert given, "the stream ended"


def deposit(people: Gymnase, name: str = "a.pdf", *, box: str = "demandeur") -> Any:
    by = people.owner_counsel if box == "demandeur" else people.architect_counsel
    return cast.deposited(name, box=people.boxes[box], by=by)[0]


def news(pieces: int = 0, people: int = 0, *, changed: bool = False) -> dict[str, Any]:
    return {"pieces": pieces, "personnes": people, "change": changed}


def said(line: Line) -> dict[str, Any]:
    found = message(line)
    found.pop("id")
    return found


def test_a_piece_is_told_to_those_who_may_see_it_through_every_server(
    people: Gymnase, houses: list[Served]
) -> None:
    lines = [stream_of(people, people.architect_counsel, house) for house in houses]

    deposit(people)

    assert [said(line) for line in lines] == [news(1), news(1)]


def test_nobody_is_told_of_their_own_acts(people: Gymnase, houses: list[Served]) -> None:
    """Given a depositor whose page is open; when another deposits after them; then one piece."""
    line = stream_of(people, people.owner_counsel, houses[0])

    deposit(people, "mine.pdf")
    deposit(people, "theirs.pdf", box="architecte")

    assert said(line) == news(1)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        ("closed", news(changed=True)),
        ("withdrawn", news(changed=True)),
        ("folder", news(changed=True)),
    ],
)
def test_what_changes_the_case_is_said(
    people: Gymnase, houses: list[Served], act: str, expected: dict[str, Any]
) -> None:
    piece = deposit(people)
    line = stream_of(people, people.architect_counsel, houses[0])
    root = Node.objects.get(room=people.case.room, kind="root")
    acts: dict[str, Callable[[], object]] = {
        "closed": lambda: rooms.close_room(people.case.pk, actor=people.expert, at=now()),
        "withdrawn": lambda: withdrawals.withdraw(
            piece.node_id, reason="secret", actor=people.expert, at=now()
        ),
        "folder": lambda: places.create_folder(
            root.pk, name="Photographies", actor=people.expert, at=now()
        ),
    }

    acts[act]()

    assert said(line) == expected


def test_what_one_may_not_see_is_not_told_nor_counted(
    people: Gymnase, houses: list[Served]
) -> None:
    """Given somebody who sees one box only; when others are filled; then the first word is of theirs."""
    user = get_user_model().objects.get(pk=people.stranger.user_id)
    rooms.let_in(user, room=people.case.room, at=now())
    rooms.grant(
        people.boxes["architecte"].folder,
        to=user,
        rights=[Right.READ],
        by=people.expert.user_id,
        at=now(),
    )
    hidden = stream_of(people, people.stranger, houses[0])

    for rank in range(3):
        deposit(people, f"{rank}.pdf")
    seen = deposit(people, "vue.pdf", box="architecte")

    entry = Entry.objects.get(log__origin=seen.log_origin, index=seen.log_index)
    assert message(hidden) == news(1) | {"id": stamp(entry.at)}


def test_ids_are_hours_and_a_line_that_broke_goes_on_from_there(
    people: Gymnase, houses: list[Served]
) -> None:
    who = people.architect_counsel
    line = stream_of(people, who, houses[0])
    deposit(people, "one.pdf")
    first = message(line)
    line.close()
    deposit(people, "two.pdf")
    deposit(people, "three.pdf")

    again = stream_of(people, who, houses[1], f"Last-Event-ID: {first['id']}")

    second = message(again)
    assert first["id"].endswith("Z")
    assert second["id"] > first["id"]
    assert second["pieces"] == 2


def test_a_page_is_told_what_came_since_it_was_drawn(people: Gymnase, houses: list[Served]) -> None:
    session = session_of(people.architect_counsel)
    page = houses[0].asked("GET", f"/dossiers/{people.case.pk}", cookie(session))[1].decode()
    since = page.partition('data-depuis="')[2].partition('"')[0]
    deposit(people)

    line = houses[0].opened(
        "GET", f"/dossiers/{people.case.pk}/evenements?depuis={since}", cookie(session)
    )

    line.until(b"\n\n")
    assert said(line) == news(1)


def looking() -> int:
    """How many connections the servers hold for their looks alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database()"
            " and pid <> pg_backend_pid() and query like %s",
            ['%"filing_room"."epoch" AS "epoch", "filing_room"."closed_at" AS "closed_at" FROM%'],
        )
        return int(cursor.fetchone()[0])


def signs_out(people: Gymnase, who: Actor, session: str) -> None:
    Session.objects.filter(session_key=session).delete()


def sets_a_password(people: Gymnase, who: Actor, session: str) -> None:
    user = get_user_model().objects.get(pk=who.user_id)
    accounts.change_password(user, password="quatre-mots-bien-differents")


def is_disabled(people: Gymnase, who: Actor, session: str) -> None:
    accounts.disable(who.user_id)


def is_let_out(people: Gymnase, who: Actor, session: str) -> None:
    user = get_user_model().objects.get(pk=who.user_id)
    rooms.let_out(user, room=people.case.room, at=now())


ENDS = [signs_out, sets_a_password, is_disabled, is_let_out]


@pytest.mark.attack("A13", "pages")
@pytest.mark.parametrize("end", ENDS)
def test_a_stream_ends_with_what_it_rests_on(
    people: Gymnase, houses: list[Served], end: Callable[..., None]
) -> None:
    """A13, I13, I21: revoked, then a deposit: the line is closed and has told nothing of it."""
    who = people.architect_counsel
    session = session_of(who)
    line = stream_of(people, who, houses[0], session=session)

    end(people, who, session)
    deposit(people)

    assert b"data:" not in line.to_the_end()


def test_a_delegate_who_is_one_no_longer_hears_no_more(
    people: Gymnase, houses: list[Served]
) -> None:
    line = stream_of(people, people.assistant, houses[0])
    user = get_user_model().objects.get(pk=people.assistant.user_id)

    delegations.end(space=people.case.room.space, of=user, at=now())
    deposit(people)

    assert b"data:" not in line.to_the_end()


@pytest.mark.parametrize("who", ["stranger", "nobody"])
def test_a_stream_is_for_those_of_the_case(people: Gymnase, houses: list[Served], who: str) -> None:
    headers = [cookie(session_of(people.stranger))] if who == "stranger" else []
    known = houses[0].asked("GET", f"/dossiers/{people.case.pk}/evenements", *headers)
    unknown = houses[0].asked(
        "GET", "/dossiers/00000000-0000-4000-8000-000000000000/evenements", *headers
    )

    assert known == unknown
    assert known[0] == (404 if who == "stranger" else 401)


def test_a_page_of_another_site_opens_no_stream(people: Gymnase, houses: list[Served]) -> None:
    status, _ = houses[0].asked(
        "GET",
        f"/dossiers/{people.case.pk}/evenements",
        cookie(session_of(people.architect_counsel)),
        "Sec-Fetch-Site: cross-site",
    )

    assert status == 403


def test_one_person_holds_so_many_streams(people: Gymnase, houses: list[Served]) -> None:
    who = people.architect_counsel
    lines = [stream_of(people, who, houses[0]) for _ in range(raw_events.AT_ONCE)]

    refused = houses[0].asked(
        "GET", f"/dossiers/{people.case.pk}/evenements", cookie(session_of(who))
    )

    assert refused[0] == 429
    assert len(lines) == raw_events.AT_ONCE


def test_when_nobody_listens_nothing_is_asked(houses: list[Served], people: Gymnase) -> None:
    """Given a listener who leaves; then the server's own connection for the looks goes too."""
    before = looking()
    line = stream_of(people, people.architect_counsel, houses[0])
    deposit(people)
    message(line)
    during = looking()
    line.close()

    assert (before, during) == (0, 1)
    assert waited_for(lambda: looking() == 0, seconds=20)


@pytest.mark.attack("A13", "pages")
def test_a_stream_decided_once_would_tell_of_it(
    people: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: whoever is let out, then a deposit, for a stream that keeps the answer
    it got when it was opened, and for ours."""
    monkeypatch.setattr(raw_events, "pulse", Pulse(look))
    heard = {kind.__name__: _heard_after_leaving(kind) for kind in (DecidedOnce, Receiver)}

    assert heard == {"DecidedOnce": [True], "Receiver": []}


@pytest.mark.attack("A6", "pages")
def test_what_one_may_not_see_moves_no_heartbeat(
    people: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A beat that began anew at each hidden act would give that act's hour."""
    monkeypatch.setattr(raw_events, "pulse", Pulse(look, beat=0.05))
    monkeypatch.setattr(raw_events, "HEARTBEAT", 1.0)
    reserve = Node.objects.get(room=people.case.pk, parent__kind="root", sealed=True)
    line = f"sessionid={session_of(people.architect_counsel)}"
    request = RawRequest("GET", "/", "", Headers([("cookie", line)]), "127.0.0.1", _silence)
    receiver = Receiver(request, people.case.pk)
    rests, since = receiver.begins(since=None)

    def hidden_act(number: int) -> None:
        places.create_folder(reserve.pk, name=f"n{number}", actor=people.expert, at=now())

    async def beat() -> tuple[bytes, int]:
        """The first thing heard while something hidden happens far oftener than a beat comes."""
        acts = 0
        stream = raw_events.stream(receiver, rests=rests, since=since)
        async with aclosing(stream):
            await anext(stream)
            coming = asyncio.ensure_future(anext(stream))
            while not coming.done() and acts < 60:
                await in_thread(hidden_act, acts)
                acts += 1
                await asyncio.wait({coming}, timeout=0.2)
            return (await coming if coming.done() else b""), acts

    with ThreadPoolExecutor(1) as elsewhere:
        heard, acts = elsewhere.submit(asyncio.run, beat()).result(60)

    assert (heard, acts < 60) == (raw_events.ALIVE, True)


class DecidedOnce(Receiver):
    def entered(self) -> tuple[Actor, Entered]:
        if self.request.id not in ANSWERS:
            ANSWERS[self.request.id] = super().entered()
        return ANSWERS[self.request.id]


ANSWERS: dict[str, tuple[Actor, Entered]] = {}


def _heard_after_leaving(kind: type[Receiver]) -> list[bool]:
    """What was heard of a deposit made after its receiver was let out, until the stream ends or
    says something."""
    people = cast.gymnase()
    who = people.architect_counsel
    line = f"sessionid={session_of(who)}"
    request = RawRequest("GET", "/", "", Headers([("cookie", line)]), "127.0.0.1", _silence)
    receiver = kind(request, people.case.pk)
    rests, since = receiver.begins(since=None)

    async def listen() -> list[bool]:
        told = []
        stream = raw_events.stream(receiver, rests=rests, since=since)
        async with aclosing(stream):
            await anext(stream)
            await in_thread(is_let_out, people, who, "")
            await in_thread(deposit, people)
            async for block in stream:
                told.append(b"data:" in block)
                break
        return told

    with ThreadPoolExecutor(1) as elsewhere:
        return elsewhere.submit(asyncio.run, listen()).result(30)


async def _silence() -> Any:
    await asyncio.Event().wait()
