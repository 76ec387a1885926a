"""Clients that cost little: what is measured is the server, on the same few cores."""

import json
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


@dataclass
class Answer:
    status: int
    body: bytes
    size: int
    seconds: float

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Line:
    """One HTTP/1.1 connection kept open, and what is said on it."""

    def __init__(self, port: int, *, host: str, headers: Mapping[str, str] | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._host = host
        self._always = dict(headers or {})
        self._rest = b""

    def close(self) -> None:
        self._socket.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | Path = b"",
        keep: bool = True,
    ) -> Answer:
        """The whole exchange, from the first byte out to the last one in. `keep` a small answer;
        a large one is read and forgotten."""
        size = body.stat().st_size if isinstance(body, Path) else len(body)
        said = (
            {"Host": self._host, "Content-Length": str(size)} | self._always | dict(headers or {})
        )
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in said.items())
        began = time.perf_counter()
        self._socket.sendall(head.encode() + b"\r\n" + (body if isinstance(body, bytes) else b""))
        if isinstance(body, Path):
            self._send(body, size)
        status, content, size = self._answer(keep=keep)
        return Answer(status, content, size, time.perf_counter() - began)

    def _send(self, path: Path, size: int) -> None:
        with path.open("rb") as file:
            at = 0
            while at < size:
                at += os.sendfile(self._socket.fileno(), file.fileno(), at, 8 * BLOCK)

    def _answer(self, *, keep: bool) -> tuple[int, bytes, int]:
        head = self._rest
        while b"\r\n\r\n" not in head:
            head += self._more()
        first, _, rest = head.partition(b"\r\n\r\n")
        lines = first.decode("latin-1").split("\r\n")
        fields = {k.lower(): v for k, v in (line.split(": ", 1) for line in lines[1:])}
        length = int(fields.get("content-length", "0"))
        got = bytearray(rest)
        count = len(rest)
        buffer = bytearray(BLOCK)
        view = memoryview(buffer)
        while count < length:
            read = self._socket.recv_into(view)
            if not read:
                raise ConnectionError("the answer broke off")
            count += read
            if keep:
                got += view[:read]
        self._rest = b""
        return int(lines[0].split(" ")[1]), bytes(got) if keep else b"", count

    def _more(self) -> bytes:
        block = self._socket.recv(1 << 16)
        if not block:
            raise ConnectionError("no answer")
        return block
