"""The whole house in the thread and the transaction of the test.

As `tests.front`, over the real front and its raw routes; but what the house does in threads of
its own is done here, on the one connection, so that all that was asked can be taken back.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx
from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from accedit.serving import bridge, threads
from tests.front import Answer, _Line


@contextmanager
def one_thread() -> Iterator[None]:
    """What goes to a pool of threads is called at once; to Django it looks as any thread, not as
    the loop, whose connections would be others. The connection lasts, as with Django's own test
    client."""

    async def here(_pool: object, call: Callable[[], Any]) -> Any:
        loop = asyncio.get_running_loop()
        asyncio._set_running_loop(None)
        try:
            return call()
        finally:
            asyncio._set_running_loop(loop)

    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    try:
        with (
            patch.object(threads, "in_pool", here),
            patch.object(bridge, "in_pool", here),
            patch.object(threads, "close_old_connections", lambda: None),
        ):
            yield
    finally:
        for signal in signals:
            signal.connect(close_old_connections)


class _Here(_Line):
    async def receive(self) -> dict[str, Any]:
        if self.ended:
            await self.left.wait()
            return {"type": "http.disconnect"}
        block = next((block for block in self.body if block != b""), b"")
        self.ended = not block
        return {"type": "http.request", "body": block, "more_body": not self.ended}


class Inline(httpx.BaseTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert isinstance(request.stream, Iterable)
        line = _Here(iter(request.stream), leave_after=None)
        answer: Answer = asyncio.run(_run(line, request))
        assert answer.status is not None, "the line was cut before any answer"
        return httpx.Response(
            answer.status, headers=answer.headers, content=answer.body, request=request
        )


def _run(line: _Line, request: httpx.Request) -> Awaitable[Any]:
    path, _, query = request.url.raw_path.decode("ascii").partition("?")
    headers: Sequence[tuple[bytes, bytes]] = [(n.lower(), v) for n, v in request.headers.raw]
    return line.run(
        {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 40000),
            "server": ("127.0.0.1", 8000),
        }
    )


def asking(*, token: str | None = None, cookies: dict[str, str] | None = None) -> httpx.Client:
    """A program with this key, or a browser with these cookies, or nobody."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    if cookies:
        headers |= {
            "X-CSRFToken": cookies[settings.CSRF_COOKIE_NAME],
            "Origin": settings.BASE_URL,
            "Referer": f"{settings.BASE_URL}/",
            "Sec-Fetch-Site": "same-origin",
        }
    return httpx.Client(
        transport=Inline(), base_url=settings.BASE_URL, headers=headers, cookies=cookies
    )
