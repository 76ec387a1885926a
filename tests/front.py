"""The whole house in this process, asked as a program or a browser asks it.

    from tests.front import committed            # in the conftest.py of your folder
    from tests.front import client               # in the test

    def test_something(committed: None) -> None:
        people = cast.gymnase()                  # really committed: the front's threads see it
        with client(token=cast.token_for(people.expert)) as api:
            api.get("/api/v1/cases")

`client` is an httpx client over the real front (host, path, method, raw routes, Django),
without a socket. `committed` lets a module write rows that its own tests all see, and that go with it. Never ask for `db` in the same test: what it writes is never committed.
`ask` goes one floor deeper, for bodies that break off.
"""

import asyncio
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.conf import settings
from django.db import connections
from django.test import Client as DjangoClient
from django.utils.crypto import get_random_string
from pytest_django import DjangoDbBlocker

from accedit.domain.people.rights import Actor
from tests import databases
from tests.web.sessions import signed_in

GONE = None  # in a body: the line breaks here


@pytest.fixture(scope="module")
def committed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Rows written in this module are committed, and gone after its last test. No thread keeps
    a connection, so that the database can be taken away."""
    connections.settings["default"]["CONN_MAX_AGE"] = 0
    with django_db_blocker.unblock():
        yield
        databases.lay_anew()


def client(
    *, token: str | None = None, base_url: str | None = None, **options: Any
) -> httpx.Client:
    """A program with this token, or a stranger without one; cookies are kept, as a browser does."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.Client(
        transport=FrontTransport(),
        base_url=base_url or settings.BASE_URL,
        headers=headers | options.pop("headers", {}),
        **options,
    )


def browser(who: Actor) -> httpx.Client:
    """A browser in which `who` is signed in, with the anti-forgery token of our pages."""
    session = signed_in(DjangoClient(), who).cookies[settings.SESSION_COOKIE_NAME].value
    secret = get_random_string(32)
    found = client(headers={"Origin": settings.BASE_URL, "X-CSRFToken": secret})
    found.cookies.set(settings.SESSION_COOKIE_NAME, session, domain="localhost.local")
    found.cookies.set(settings.CSRF_COOKIE_NAME, secret, domain="localhost.local")
    cookie = f"{settings.SESSION_COOKIE_NAME}={session}".encode()
    assert ask("GET", "/compte", headers=[(b"cookie", cookie)]).status != 302  # now it is listed
    return found


class FrontTransport(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, Iterable)
        answer = ask(
            request.method,
            request.url.raw_path.decode("ascii"),
            headers=[(name.lower(), value) for name, value in request.headers.raw],
            body=request.stream,
        )
        assert answer.status is not None, "the line was cut before any answer"
        return httpx.Response(
            answer.status, headers=answer.headers, content=answer.body, request=request
        )


@dataclass
class Answer:
    """`whole` is False when the line was cut before the end; no status, before the beginning."""

    status: int | None = None
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    whole: bool = False


def ask(
    method: str,
    target: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes | None] = (),
    leave_after: int | None = None,
) -> Answer:
    """One request, its body sent block by block; `GONE` in it breaks the line.

    `leave_after` bytes of the answer, the reader goes away.
    """
    return started(method, target, headers=headers, body=body, leave_after=leave_after).result(60)


def started(
    method: str,
    target: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
    body: Iterable[bytes | None] = (),
    leave_after: int | None = None,
) -> "Future[Answer]":
    """The same, under way: several may run at once."""
    line = _Line(iter(body), leave_after)
    path, _, query = target.partition("?")
    given = list(headers)
    if not any(name == b"host" for name, _ in given):
        given.append((b"host", urlsplit(settings.BASE_URL).netloc.encode()))
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": given,
        "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 8000),
    }
    return asyncio.run_coroutine_threadsafe(line.run(scope), _loop())


class _Line:
    def __init__(self, body: Iterator[bytes | None], leave_after: int | None) -> None:
        self.body = body
        self.leave_after = leave_after
        self.answer = Answer()
        self.ended = False
        self.left = asyncio.Event()

    async def run(self, scope: dict[str, Any]) -> Answer:
        from accedit.serving.application import application  # noqa: PLC0415 - once Django is ready

        await application(scope, self.receive, self.send)
        return self.answer

    async def receive(self) -> dict[str, Any]:
        if self.ended:
            await self.left.wait()
            return {"type": "http.disconnect"}
        block = await asyncio.to_thread(_next, self.body)
        if block is GONE:
            self.ended = True
            self.left.set()
            return {"type": "http.disconnect"}
        self.ended = not block
        return {"type": "http.request", "body": block, "more_body": not self.ended}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.answer.status = message["status"]
            self.answer.headers = list(message["headers"])
            return
        self.answer.body += message.get("body", b"")
        self.answer.whole = not message.get("more_body", False)
        if self.leave_after is not None and len(self.answer.body) >= self.leave_after:
            self.left.set()


def _next(body: Iterator[bytes | None]) -> bytes | None:
    """The next block that holds something, empty at the end; what makes it may ask the
    database, as a sender who waits would."""
    try:
        return next((block for block in body if block != b""), b"")
    finally:
        connections.close_all()


@lru_cache(maxsize=1)
def _loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="front", daemon=True).start()
    return loop
