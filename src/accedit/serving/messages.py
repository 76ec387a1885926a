"""A request and an answer, as the front and the raw routes see them.

File bytes never pass through Django: its ASGI handler would gather them in memory.
A raw handler reads `request.body()` in blocks of 1 MiB, one block in flight, so that
a slow disk slows the sender down and memory stays flat however large the file is.
"""

import secrets
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Iterable,
    Mapping,
    MutableMapping,
)
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from django.http import parse_cookie

BLOCK = 1024 * 1024

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(Exception):
    """The other side broke the line before its body was whole; nobody is left to answer."""


class TooLarge(Exception):
    """A body beyond what this place takes into memory."""


class Headers:
    """Header lines as received, names in any case; a repeated one is joined as HTTP says."""

    def __init__(self, lines: Iterable[tuple[str, str]]) -> None:
        self.lines = [(name.lower(), value) for name, value in lines]

    def get(self, name: str, default: str = "") -> str:
        found = self.all(name)
        return ("; " if name.lower() == "cookie" else ", ").join(found) if found else default

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.lines if key == name.lower()]

    def without(self, *names: str) -> "Headers":
        return Headers((key, value) for key, value in self.lines if key not in names)


@dataclass
class RawRequest:
    """What came in. `path` is decoded and unambiguous; `params` are the parts a route names."""

    method: str
    path: str
    query_string: str
    headers: Headers
    client: str
    receive: Receive
    peer: tuple[str, int] | None = None  # the other end of the connection itself
    id: str = field(default_factory=lambda: secrets.token_hex(5))
    params: Mapping[str, str] = field(default_factory=dict)
    _ended: bool = False

    @property
    def query(self) -> dict[str, str]:
        """The query's fields; of a field given twice, the last. Unreadable bytes show as `�`."""
        return dict(self.query_pairs)

    @property
    def query_pairs(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query_string, keep_blank_values=True, errors="replace")

    @property
    def cookies(self) -> dict[str, str]:
        return parse_cookie(self.headers.get("cookie"))

    @property
    def wants_json(self) -> bool:
        return self.path.startswith("/api/")

    @property
    def declared_length(self) -> int | None:
        given = self.headers.get("content-length")
        return int(given) if given.isascii() and given.isdigit() else None

    async def body(self) -> AsyncIterator[bytes]:
        """The body in blocks of 1 MiB (the last may be shorter); `ClientGone` if it breaks off."""
        block = bytearray()
        while not self._ended:
            message = await self.receive()
            if message["type"] != "http.request":
                self._ended = True
                raise ClientGone
            block += message.get("body", b"")
            self._ended = not message.get("more_body", False)
            while len(block) >= BLOCK:
                yield bytes(block[:BLOCK])
                del block[:BLOCK]
        if block:
            yield bytes(block)

    async def whole_body(self, *, limit: int) -> bytes:
        """A small body at once; what is said to be or proves too large is refused unread."""
        if (self.declared_length or 0) > limit:
            raise TooLarge
        whole = bytearray()
        async for block in self.body():
            whole += block
            if len(whole) > limit:
                raise TooLarge
        return bytes(whole)

    async def drained(self, *, limit: int) -> None:
        """Read and forget what is left, within reason: a browser shows no answer to a body it
        could not finish sending."""
        read = 0
        async for block in self.body():
            read += len(block)
            if read > limit:
                return

    async def disconnected(self) -> None:
        """Return when the other side has gone. A body that nobody reads is thrown away."""
        try:
            while not self._ended:
                await self.drained(limit=BLOCK)
        except ClientGone:
            return
        while (await self.receive())["type"] != "http.disconnect":
            pass


@dataclass(frozen=True)
class Delivery:
    """What became of an answer: bytes handed to the line, and whether it held to the last."""

    sent: int
    completed: bool


@dataclass
class RawResponse:
    """What goes out. A body that is not bytes is pulled block by block as the line takes it.

    `ended` is called once, when the last byte was handed over or the line broke. `over` returns
    if nothing more may be sent, even while the line takes nothing: then it is cut.
    """

    status: int = 200
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes | AsyncIterator[bytes] = b""
    ended: Callable[[Delivery], Awaitable[None]] | None = None
    over: Callable[[], Coroutine[Any, Any, None]] | None = None
