"""The whole house behind the real server, one process or several, on the tests' own database.

    with served.houses(tmp_path, count=2) as (one, other):
        line = one.opened("GET", path, headers)     # a socket, the answer's head already read

Rows must be committed (`tests.front.committed`). Nothing waits for a time: a reader waits for
bytes, for the end of the line, or for a line of the server's log.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from accedit.machine.processes import waited_for
from tests.serving.conftest import free_port

PATIENCE = 20.0  # seconds after which a line that says nothing is a failure


@dataclass
class Line:
    """One connection to the server. `status` and `headers` once the head has been read."""

    socket: socket.socket
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    rest: bytes = b""

    def head(self) -> "Line":
        while b"\r\n\r\n" not in self.rest:
            block = self.socket.recv(1 << 16)
            assert block, "the line was cut before any answer"
            self.rest += block
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        self.headers = {k.lower(): v for k, v in (one.split(": ", 1) for one in lines)}
        return self

    def read(self, size: int) -> bytes:
        """So many bytes, fewer only if the line ends."""
        while len(self.rest) < size and (block := self._block()):
            self.rest += block
        found, self.rest = self.rest[:size], self.rest[size:]
        return found

    def until(self, word: bytes) -> bytes:
        """Up to this word, or all there is if the line ends first."""
        while word not in self.rest and (block := self._block()):
            self.rest += block
        before, found, self.rest = self.rest.partition(word)
        return before + found

    def to_the_end(self) -> bytes:
        while block := self._block():
            self.rest += block
        found, self.rest = self.rest, b""
        return found

    def _block(self) -> bytes:
        try:
            return self.socket.recv(1 << 16)
        except ConnectionResetError:
            return b""

    def close(self) -> None:
        self.socket.close()


@dataclass(frozen=True)
class Served:
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"
    lines: list[socket.socket] = field(default_factory=list)

    def hang_up(self) -> None:
        """Close every line that was opened."""
        while self.lines:
            self.lines.pop().close()

    @property
    def base_url(self) -> str:
        return f"http://localhost:{self.port}"

    def connect(self, *, window: int | None = None, patience: float = PATIENCE) -> socket.socket:
        """A connection; `window` bytes at most wait on our side, as with a slow reader."""
        line = socket.socket()
        self.lines.append(line)
        if window is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        line.settimeout(patience)
        line.connect(("127.0.0.1", self.port))
        return line

    def opened(
        self,
        method: str,
        path: str,
        *headers: str,
        body: bytes = b"",
        window: int | None = None,
        host: str = "localhost",
    ) -> Line:
        given = [f"Host: {host}:{self.port}", *headers]
        if body or method == "POST":
            given.append(f"Content-Length: {len(body)}")
        head = "".join(f"\r\n{line}" for line in given)
        line = self.connect(window=window)
        line.sendall(f"{method} {path} HTTP/1.1{head}\r\n\r\n".encode("latin-1") + body)
        return Line(line).head()

    def asked(self, method: str, path: str, *headers: str, body: bytes = b"") -> tuple[int, bytes]:
        line = self.opened(method, path, *headers, "Connection: close", body=body)
        try:
            return line.status, line.to_the_end()
        finally:
            line.close()

    def memory(self) -> int:
        """Bytes that the server's processes hold."""
        pids = [self.process.pid, *children(self.process.pid)]
        return sum(
            int(line.split()[1]) * 1024
            for pid in pids
            for line in Path(f"/proc/{pid}/status").read_text().splitlines()
            if line.startswith("VmRSS:")
        )


@contextmanager
def houses(folder: Path, *, count: int = 1, workers: int = 1) -> Iterator[list[Served]]:
    """Servers of the same house, on the database and the pieces of this test."""
    ready = []
    try:
        ready = [_started(folder / str(rank), workers=workers) for rank in range(count)]
        for one in ready:
            assert waited_for(partial(_answers, one), seconds=60), one.log.read_text()
        yield ready
    finally:
        for one in ready:
            one.hang_up()
            one.process.send_signal(signal.SIGTERM)
        for one in ready:
            try:
                one.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
        assert waited_for(_left_alone, seconds=10)


def _started(folder: Path, *, workers: int) -> Served:
    folder.mkdir(parents=True)
    port, log = free_port(), folder / "log"
    environment = os.environ | {
        "ACCEDIT_DATA": str(settings.DATA),
        "DATABASE_URL": _database_url(),
        "ACCEDIT_BASE_URL": f"http://localhost:{port}",
        "ACCEDIT_CONTENT_URL": f"http://127.0.0.1:{port}",
        "ACCEDIT_PARENT": str(os.getpid()),
        "DJANGO_SETTINGS_MODULE": "accedit.settings.test",
        "PYTHONPATH": "src:.",
    }
    environment.pop("PYTEST_XDIST_WORKER", None)  # its folder is given
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "accedit", "web", "127.0.0.1", str(port), str(workers)],
            env=environment,
            stdout=out,
            stderr=out,
        )
    return Served(port, log, process)


def _answers(one: Served) -> bool:
    assert one.process.poll() is None, one.log.read_text()
    try:
        return one.asked("GET", "/sante")[0] == 200
    except OSError:
        one.hang_up()
        return False


def _database_url() -> str:
    given = connection.settings_dict
    name, user, password = (quote(str(given[key]), safe="") for key in ("NAME", "USER", "PASSWORD"))
    host, port = given["HOST"], given["PORT"]
    who = f"{user}:{password}" if password else user
    if host.startswith("/"):
        return f"postgresql://{who}@/{name}?host={quote(host, safe='')}" + (
            f"&port={port}" if port else ""
        )
    return f"postgresql://{who}@{host}{f':{port}' if port else ''}/{name}"


def _left_alone() -> bool:
    """Whether we are the only one on the database of this test."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_stat_activity where datname = current_database() "
            "and pid <> pg_backend_pid()"
        )
        return bool(cursor.fetchone()[0] == 0)


def children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]
