"""Row L19: no byte of a piece leaves before its opening is committed, on any way out.

Somebody holds the log's row: the opening cannot be committed. As long as it is held, the
line has not answered a byte and no reader sees an entry; once it is let go, the opening is
there before the first byte, and the closing after the last.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection, transaction
from PIL import Image

from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.operations import log
from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import readings, scrubbing
from accedit.machine.processes import waited_for
from accedit.serving import raw_content
from tests import cast, front
from tests.api.told import entries
from tests.cast import Gymnase
from tests.front import started
from tests.serving.test_raw_tickets import ticketed

Way = Callable[[Gymnase, Deposit], "tuple[str, list[tuple[bytes, bytes]]]"]


def picture(name: str) -> bytes:
    data = BytesIO()
    Image.new("RGB", (40, 40), "white").save(data, "PNG")
    return data.getvalue()


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    box, counsel = people.boxes["demandeur"], people.owner_counsel
    (made,) = cast.deposited("plan.png", box=box, by=counsel, content=picture)
    readings.open_content(  # the reads log has a row, which somebody can hold
        made.node_id, asker=people.expert, at=cast.NOON, preview=False
    )
    return made


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The lines as they are opened, with what each has sent so far."""
    seen: list[Any] = []

    class Watched(front._Line):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            seen.append(self)

    monkeypatch.setattr(front, "_Line", Watched)
    return seen


def by_token(people: Gymnase, piece: Deposit) -> "tuple[str, list[tuple[bytes, bytes]]]":
    token = cast.token_for(people.architect_counsel)
    return (
        f"/api/v1/nodes/{piece.node_id}/content",
        [(b"authorization", f"Bearer {token}".encode())],
    )


def part_by_token(people: Gymnase, piece: Deposit) -> "tuple[str, list[tuple[bytes, bytes]]]":
    address, headers = by_token(people, piece)
    return address, [*headers, (b"range", b"bytes=2-9")]


def by_ticket(people: Gymnase, piece: Deposit) -> "tuple[str, list[tuple[bytes, bytes]]]":
    return _outside(ticketed(people, people.architect_counsel, piece))


def picture_by_ticket(people: Gymnase, piece: Deposit) -> "tuple[str, list[tuple[bytes, bytes]]]":
    return _outside(ticketed(people, people.architect_counsel, piece, page=1))


def _outside(url: str) -> "tuple[str, list[tuple[bytes, bytes]]]":
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}".rstrip("?"), [
        (b"host", urlsplit(settings.CONTENT_URL).netloc.encode())
    ]


WAYS: list[Way] = [by_token, part_by_token, by_ticket, picture_by_ticket]


class Held:
    """The row of a log, held by somebody else until let go."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.taken, self.free = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold)

    def _hold(self) -> None:
        try:
            with transaction.atomic():
                LogHead.objects.select_for_update().get(origin=self.origin)
                self.taken.set()
                self.free.wait(60)
        finally:
            connection.close()

    def __enter__(self) -> "Held":
        self.thread.start()
        assert self.taken.wait(30)
        return self

    def let_go(self) -> None:
        self.free.set()
        self.thread.join()

    def __exit__(self, *_: object) -> None:
        self.let_go()

    def somebody_waits(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                " and datname = current_database()"
            )
            return bool(cursor.fetchone()[0])


def bytes_sent(lines: list[Any]) -> int:
    return sum(len(line.answer.body) for line in lines)


def asked_while_held(
    way: Way, people: Gymnase, piece: Deposit, lines: list[Any]
) -> "tuple[int, int, bool, front.Answer]":
    """(bytes, entries, whether it had ended) while the log was held; then the answer."""
    address, headers = way(people, piece)
    before = len(entries(people, "reads"))
    lines.clear()
    with Held(log.reads_of(people.case.pk)) as held:
        future: Future[front.Answer] = started("GET", address, headers=headers)
        assert waited_for(lambda: held.somebody_waits() or future.done(), seconds=30)
        seen = bytes_sent(lines), len(entries(people, "reads")) - before, future.done()
        held.let_go()
        answer = future.result(60)
    return (*seen, answer)


@pytest.mark.parametrize("way", WAYS)
def test_l19_no_byte_leaves_before_its_opening_is_committed(
    people: Gymnase, piece: Deposit, lines: list[Any], way: Way
) -> None:
    before = len(entries(people, "reads"))

    sent, entered, ended, answer = asked_while_held(way, people, piece, lines)

    assert (sent, entered, ended) == (0, 0, False)
    assert answer.status in {200, 206}
    opening, closing = entries(people, "reads")[before:]
    assert opening["kind"] in {"piece.downloaded", "piece.opened"}
    assert closing["kind"] == "piece.delivered"
    assert (closing["sent"], closing["completed"]) == (len(answer.body), True)


def test_l19_a_delivery_that_enters_afterwards_is_caught(
    people: Gymnase, piece: Deposit, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same observation of a house that gives first and enters then."""
    opened = readings.Opened(piece.node, piece, log.reads_of(people.case.pk), 0)
    monkeypatch.setattr(raw_content.readings, "open_content", lambda *_, **__: opened)

    sent, _, _, answer = asked_while_held(by_token, people, piece, lines)

    assert sent == len(answer.body) > 0


@pytest.mark.attack("K4", "pages", "rest")
def test_k4_bytes_that_changed_are_given_to_nobody_and_not_entered(
    people: Gymnase, piece: Deposit, lines: list[Any]
) -> None:
    path = blobs.path_of(piece.blob_id)
    whole = path.read_bytes()
    before = len(entries(people, "reads"))
    answers = []

    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        scrubbing.scrub(at=cast.NOON, every=timedelta(hours=1))
        for way in (by_token, part_by_token, by_ticket):
            address, headers = way(people, piece)
            answers.append(started("GET", address, headers=headers).result(60))
    finally:
        path.write_bytes(whole)
        scrubbing.scrub(at=cast.NOON, every=timedelta(hours=1))
    given = started("GET", by_token(people, piece)[0], headers=by_token(people, piece)[1])

    assert [answer.status for answer in answers] == [503, 503, 503]
    assert all("ne sont plus ceux qui ont été déposés" in a.body.decode() for a in answers)
    assert all(whole[:8] not in answer.body for answer in answers)
    assert given.result(60).body == whole
    assert len(entries(people, "reads")) == before + 2
