"""The edge: what stands between people and the house, and those who wear it out."""

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import PartyDraft
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.people.rights import Actor
from accedit.interfaces.web import tickets
from accedit.serving import bridge
from tests import cast
from tests.attacks.browser import session_of
from tests.attacks.doors import NEEDS, Needs
from tests.attacks.routes import Route, routes
from tests.cast import NOON, Gymnase
from tests.front import GONE, ask, client
from tests.serving import served
from tests.serving.conftest import House, house
from tests.serving.served import Served

__all__ = ["house"]

UNKNOWN = "00000000-0000-4000-8000-000000000000"
SOAK = bool(os.environ.get("ACCEDIT_SOAK"))


@pytest.fixture(scope="module")
def real(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served.houses(tmp_path_factory.mktemp("edge")) as (found,):
        yield found


# A22: a shared cache between people and the house


class Cache(ThreadingHTTPServer):
    """A shared cache that keeps all that RFC 9111 does not forbid it to keep, as the greediest do.

    `deaf` to what answers say of caching: the negative control.
    """

    daemon_threads = True

    def __init__(self, upstream: int, *, deaf: bool) -> None:
        super().__init__(("127.0.0.1", 0), Through)
        self.upstream, self.deaf = upstream, deaf
        self.kept: dict[str, list[tuple[dict[str, str], int, list[tuple[str, str]], bytes]]] = {}
        self.hits: list[str] = []


class Through(BaseHTTPRequestHandler):
    server: Cache

    def do_GET(self) -> None:
        asked = {name.lower(): value for name, value in self.headers.items()}
        kept = next(
            (
                one
                for one in self.server.kept.get(self.path, [])
                if all(asked.get(name, "") == value for name, value in one[0].items())
            ),
            None,
        )
        if kept is not None:
            self.server.hits.append(self.path)
            _, status, headers, body = kept
        else:
            status, headers, body = self._fetched(asked)
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _fetched(self, asked: dict[str, str]) -> tuple[int, list[tuple[str, str]], bytes]:
        with closing(HTTPConnection("127.0.0.1", self.server.upstream, timeout=30)) as line:
            line.request("GET", self.path, headers=asked)
            answer = line.getresponse()
            status, headers, body = answer.status, answer.getheaders(), answer.read()
        said = {name.lower(): value for name, value in headers}
        forbidden = {"no-store", "private", "no-cache"}
        control = {part.strip() for part in said.get("cache-control", "").lower().split(",")}
        if status == 200 and (self.server.deaf or not (control & forbidden)):
            vary = [] if self.server.deaf else said.get("vary", "").lower().split(",")
            key = {name.strip(): asked.get(name.strip(), "") for name in vary if name.strip()}
            self.server.kept.setdefault(self.path, []).append((key, status, headers, body))
        return status, headers, body

    def log_message(self, *_: object) -> None:
        """Nothing: pytest shows what matters."""


@contextmanager
def cached(upstream: int, *, deaf: bool = False) -> Iterator[Cache]:
    with Cache(upstream, deaf=deaf) as cache:
        thread = threading.Thread(target=cache.serve_forever)
        thread.start()
        try:
            yield cache
        finally:
            cache.shutdown()
            thread.join()


def got(cache: Cache, real: Served, path: str, **headers: str) -> tuple[int, bytes]:
    host = "127.0.0.1" if path.startswith("/contenu/") else "localhost"
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    with closing(HTTPConnection("127.0.0.1", cache.server_address[1], timeout=30)) as line:
        line.request("GET", path, headers={"Host": f"{host}:{real.port}"} | given)
        answer = line.getresponse()
        return answer.status, answer.read()


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    return cast.deposited("a.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]


def walked(cache: Cache, real: Served, people: Gymnase, piece: Deposit) -> dict[str, int]:
    """The expert looks at everything; then a stranger at the same addresses: their answers."""
    mine, theirs = session_of(people.expert), session_of(people.stranger)
    bearer = [f"Bearer {cast.token_for(who)}" for who in (people.expert, people.stranger)]
    case = people.case.pk
    pages = [f"/dossiers/{case}", f"/dossiers/{case}/pieces", f"/pieces/{piece.node_id}", "/compte"]
    calls = [f"/api/v1/nodes/{piece.node_id}", f"/api/v1/nodes/{piece.node_id}/content"]
    for path in pages:
        assert got(cache, real, path, Cookie=f"sessionid={mine}")[0] == 200
    for path in calls:
        assert got(cache, real, path, Authorization=bearer[0])[0] == 200
    return {path: got(cache, real, path, Cookie=f"sessionid={theirs}")[0] for path in pages} | {
        path: got(cache, real, path, Authorization=bearer[1])[0] for path in calls
    }


@pytest.mark.attack("A22", "pages", "rest")
def test_a22_a_cache_on_the_way_serves_nobody_what_was_another_s(
    real: Served, people: Gymnase, piece: Deposit
) -> None:
    with cached(real.port) as cache:
        answers = walked(cache, real, people, piece)
        ticket = ticket_of(real, people.expert, piece)
        first, again = got(cache, real, ticket), got(cache, real, ticket)

    assert (first[0], again[0]) == (200, 200)
    assert cache.hits == []
    assert set(answers.values()) == {404, 200}
    assert [path for path, status in answers.items() if status == 200] == ["/compte"]


@pytest.mark.attack("A22", "pages", "rest")
def test_a22_a_cache_that_heeds_nothing_would_be_seen(
    real: Served, people: Gymnase, piece: Deposit
) -> None:
    """The negative control: the same walk through a cache that ignores our headers."""
    with cached(real.port, deaf=True) as cache:
        answers = walked(cache, real, people, piece)

    assert set(answers.values()) == {200}
    assert len(cache.hits) == len(answers)


def ticket_of(real: Served, who: Actor, piece: Deposit) -> str:
    """The address that a page would show; the session is listed by its first page."""
    session = session_of(who)
    assert real.asked("GET", "/compte", f"Cookie: sessionid={session}")[0] == 200
    request = RequestFactory().get("/")
    request.session = SessionStore(session)
    request.actor = who  # type: ignore[attr-defined]
    return urlsplit(tickets.download_url(request, piece.node_id)).path


# A18, A19: tokens out of place


@pytest.mark.attack("A18", "pages")
@pytest.mark.parametrize("scheme", ["Bearer", "Token", "Basic"])
def test_a18_a_token_opens_no_page(people: Gymnase, scheme: str) -> None:
    """Every page that needs somebody: those of the account, where tokens are made, among them."""
    secret = cast.token_for(people.expert)
    values = dict.fromkeys(["device", "key", "delegation", "passkey", "basket", "ticket"], UNKNOWN)
    pages = [
        route
        for route in routes()
        if route.door == "pages" and NEEDS[route.pattern] in (Needs.OWN, Needs.ROOM, Needs.STAFF)
    ]
    opened = {}
    with client(headers={"Authorization": f"{scheme} {secret}"}) as program:
        for route in pages:
            filled = route.filled(dict.fromkeys(route.params, UNKNOWN) | _plain(route, values))
            answer = program.get(filled)
            if answer.status_code < 300 or "/connexion" not in answer.headers.get(
                "location", "/connexion"
            ):
                opened[route.pattern] = answer.status_code

    assert pages
    assert opened == {}


def _plain(route: Route, values: dict[str, str]) -> dict[str, str]:
    """Numbers where the address wants a number."""
    numbers = {"device", "index", "passkey"}
    return {name: "1" if name in numbers else values.get(name, UNKNOWN) for name in route.params}


@pytest.mark.attack("A19", "rest")
def test_a19_a_token_of_one_case_is_nobody_s_in_another(people: Gymnase) -> None:
    """Given an expert's two cases and a token for the first, used there first; when every id of
    the second is tried on every call; then the answers are those of an id that never was."""
    other = open_case(
        CaseDraft(
            template=Template.AMICABLE_CONVENED,
            title="Autre dossier",
            reference="AUTRE-1",
            parties=[
                PartyDraft(
                    "Mme Autre", "propriétaire", PartyKind.PERSON, by_post=True, address="1 rue"
                )
            ],
        ),
        actor=people.expert,
        at=NOON,
    )
    box = next(iter(cast.boxes_of(other).values()))
    piece = cast.deposited("b.pdf", box=box, by=people.expert)[0]
    secret = cast.token_for(people.expert, room_id=people.case.pk)
    with client(token=secret) as narrow, client(token=cast.token_for(people.expert)) as wide:
        warm = [narrow.get(f"/api/v1/cases/{people.case.pk}").status_code for _ in range(3)]
        ids = _ids(other.pk, piece)
        tried = [
            (narrow.get(path), narrow.get(unknown), wide.get(path))
            for route in routes()
            if route.door == "rest" and NEEDS[route.pattern] is Needs.ROOM
            for one in ids
            for path, unknown in [(_filled(route, str(one)), _filled(route, UNKNOWN))]
        ]

    assert warm == [200] * 3
    assert {_told(answer) == _told(unknown) for answer, unknown, _ in tried} == {True}
    assert {answer.status_code for answer, _, _ in tried} <= {404, 405}
    assert 200 in {
        reached.status_code for _, _, reached in tried
    }  # the whole token does reach them


def _ids(case_id: UUID, piece: Deposit) -> list[UUID]:
    root = Node.objects.get(room=case_id, kind="root")
    return [case_id, piece.pk, piece.node_id, piece.box.folder_id, root.pk]


def _filled(route: Route, value: str) -> str:
    return route.filled(dict.fromkeys(route.params, value))


def _told(answer: Any) -> tuple[int, bytes]:
    return answer.status_code, answer.content


# J1: slow ones

SLOW = 2000 if SOAK else 100
HEAD = "POST /connexion HTTP/1.1\r\nHost: localhost:{port}\r\n"
FORM = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nlogin="


@pytest.mark.attack("J1", "pages", "rest")
def test_j1_slow_ones_leave_room_for_the_others(
    real: Served, people: Gymnase, piece: Deposit
) -> None:
    """Heads and bodies that never end, readers who take nothing; meanwhile somebody else works."""
    bearer = f"Authorization: Bearer {cast.token_for(people.expert)}"
    before = real.memory()
    third = SLOW // 3
    with ExitStack() as stack:
        for rank in range(third):
            begun = HEAD.format(port=real.port)
            for words in (begun, begun + FORM):
                line = stack.enter_context(closing(real.connect()))
                line.sendall(words.encode())
            reader = stack.enter_context(closing(real.connect(window=4096)))
            path = f"/api/v1/nodes/{piece.node_id}/content?{rank}"
            reader.sendall(
                f"GET {path} HTTP/1.1\r\nHost: localhost:{real.port}\r\n{bearer}\r\n\r\n".encode()
            )
        spent = []
        for _ in range(20):
            began = time.perf_counter()
            status, _ = real.asked("GET", "/connexion")
            spent.append(time.perf_counter() - began)
            assert status == 200
        grown = real.memory() - before

    assert statistics.quantiles(spent, n=20)[-1] < (1.0 if SOAK else 5.0)
    assert grown < 1024 * 1024 * 1024


@pytest.mark.attack("J1", "pages")
def test_j1_a_form_that_does_not_end_is_given_up(
    committed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "WHOLE_BODY_WITHIN", 0.2)
    never = threading.Event()

    def body() -> Iterator[bytes]:
        yield b"login="
        never.wait(20)

    try:
        answer = ask("POST", "/connexion", body=body())
    finally:
        never.set()

    assert answer.status == 408
    assert (b"Connection", b"close") in answer.headers


# J2, J3: what costs much


@pytest.mark.attack("J2", "rest")
def test_j2_what_is_begun_and_left_takes_no_room(people: Gymnase) -> None:
    box = people.boxes["architecte"].folder_id
    given = f"Bearer {cast.token_for(people.architect_counsel)}".encode()
    before = _on_disk()

    for rank in range(20):
        ask(
            "POST",
            f"/api/v1/nodes/{box}/deposits?name={rank}.pdf",
            headers=[(b"authorization", given)],
            body=[b"x" * 200_000, GONE],
        )

    assert _on_disk() == before


@pytest.mark.attack("J2", "pages")
def test_j2_a_file_that_breaks_off_in_a_basket_takes_no_room(people: Gymnase) -> None:
    """The same through the page: each broken sending leaves the folder as it was."""
    from tests.attacks.acts import Pages  # noqa: PLC0415 - beside what it is used for
    from tests.attacks.browser import browser  # noqa: PLC0415

    with browser(people.architect_counsel) as pages:
        basket = Pages().basket(pages, people.boxes["architecte"])
        cookies = "; ".join(f"{name}={value}" for name, value in pages.cookies.items()).encode()
        token = pages.headers["x-csrftoken"].encode()
    before = _on_disk()
    headers = [
        (b"cookie", cookies),
        (b"x-csrftoken", token),
        (b"origin", settings.BASE_URL.encode()),
        (b"sec-fetch-site", b"same-origin"),
        (b"x-file-name", b"a.pdf"),
        (b"x-upload-id", b"1"),
        (b"content-type", b"application/octet-stream"),
    ]

    answers = [
        ask("POST", f"/paniers/{basket}/fichiers", headers=headers, body=[b"x" * 200_000, GONE])
        for _ in range(20)
    ]

    assert {answer.status for answer in answers} == {None}
    assert _on_disk() == before


def _on_disk() -> set[str]:
    return {str(path) for path in settings.BLOB_FOLDER.rglob("*") if path.is_file()}


FAST = 2.0  # seconds, generously: what is refused costs nothing to speak of
MANY = "&".join(["a=1"] * 10_000)
RANGES = "Range: bytes=" + ",".join(f"{n}-{n}" for n in range(5_000))


@pytest.mark.attack("J3", "pages", "rest")
@pytest.mark.parametrize(
    ("path", "header", "body", "statuses"),
    [
        (f"/dossiers?{MANY}", "", b"", {400}),
        (f"/api/v1/cases?{MANY}", "", b"", {400}),
        ("/api/v1/cases", "Content-Type: application/json", b"[" * 200_000, {400, 422}),
        ("/api/v1/cases", "Content-Type: application/json", b'{"a":' * 100_000, {400, 422}),
        ("{content}", RANGES, b"", {200}),
    ],
    ids=["query of a page", "query of a call", "deep list", "deep object", "ranges"],
)
def test_j3_what_would_cost_much_is_answered_at_once(
    real: Served,
    people: Gymnase,
    piece: Deposit,
    path: str,
    header: str,
    body: bytes,
    statuses: set[int],
) -> None:
    """Many ranges are answered by the whole piece, once: nothing is multiplied."""
    path = path.replace("{content}", f"/api/v1/nodes/{piece.node_id}/content")
    known = [
        f"Cookie: sessionid={session_of(people.expert)}",
        f"Authorization: Bearer {cast.token_for(people.expert)}",
    ]
    began = time.perf_counter()

    status, _ = real.asked(
        "POST" if body else "GET", path, *known, *filter(None, [header]), body=body
    )

    assert status in statuses
    assert time.perf_counter() - began < FAST


# J10, J11: what the machine says


LINES = [
    "%0aPOST%20/forged",
    "%0d%0a%7b%22level%22%3a%22error%22%7d",
    "%e2%80%a8x",
    "%1b[31m",
    "%00",
]


@pytest.mark.attack("J10", "pages", "rest")
def test_j10_nobody_writes_a_line_of_the_log(house: House) -> None:
    """Each request is one record, whatever ends a line is in it."""
    before = len(house.logged())

    for word in LINES:
        house.ask(f"/thread/{word}")
        house.ask("/thread", headers=(f"User-Agent: {word}",))

    records = house.logged()[before:]
    text = house.log.read_text()
    assert len(records) == 2 * len(LINES)
    assert [line for line in text.splitlines() if line.strip() and not line.startswith("{")] == []


INSIDE = (
    "/sante",
    "/metrics",
    "/docs",
    "/redoc",
    "/api/docs",
    "/api/v1/docs",
    "/admin",
    "/admin/",
    "/openapi.json",
    "/.git/config",
    "/.env",
    "/accedit.toml",
    "/debug",
    "/server-status",
)


@pytest.mark.attack("J11", "pages", "rest")
@pytest.mark.parametrize("path", INSIDE)
def test_j11_what_is_for_the_machine_is_not_there_from_outside(real: Served, path: str) -> None:
    """Through a front server, which names the client, as nobody."""
    status, said = real.asked("GET", path, "X-Forwarded-For: 203.0.113.9")

    assert status == 404
    assert b"instance" not in said
