"""The small house behind the real server, and a client that sends exactly what it is told."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from accedit.machine.processes import waited_for
from tests.front import committed

__all__ = ["committed"]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True)
class House:
    port: int
    log: Path
    file: Path

    def send(self, raw: bytes) -> Answer:
        """The bytes of a request, and what comes back until the line is closed."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as line:
            line.sendall(raw)
            received = b""
            while block := line.recv(1 << 20):
                received += block
        head, _, body = received.partition(b"\r\n\r\n")
        first, *rest = head.decode("latin-1").split("\r\n")
        headers = dict(part.split(": ", 1) for part in rest)
        return Answer(int(first.split(" ")[1]), {k.lower(): v for k, v in headers.items()}, body)

    def ask(
        self,
        path: str | bytes,
        *,
        method: str = "GET",
        host: str = "localhost",
        headers: tuple[str, ...] = (),
        body: bytes = b"",
    ) -> Answer:
        target = path.encode() if isinstance(path, str) else path
        name = f"{host}:{self.port}" if ":" not in host or host.startswith("[") else host
        lines = [f"Host: {name}", "Connection: close", *headers]
        if body:
            lines.append(f"Content-Length: {len(body)}")
        head = "".join(f"\r\n{line}" for line in lines).encode()
        return self.send(method.encode() + b" " + target + b" HTTP/1.1" + head + b"\r\n\r\n" + body)

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask("/seen").json
        return found

    def logged(self) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def started(folder: Path, *, demo: bool) -> Iterator[House]:
    statics = folder / "statique"
    (statics / "fonts").mkdir(parents=True)
    (statics / "main.css").write_text("body { color: black }")
    (statics / "main.0123456789ab.css").write_text("body { color: black }")
    (statics / "fonts" / "sans.woff2").write_bytes(b"wOF2")
    (statics / "secret.py").write_text("no")
    (statics / "link.css").symlink_to("/etc/passwd")
    large = folder / "large.pdf"
    large.write_bytes(os.urandom(1 << 20) * 40)
    house = House(port=free_port(), log=folder / "log", file=large)
    environment = os.environ | {
        "SMALL_HOUSE_PORT": str(house.port),
        "SMALL_HOUSE_DEMO": "1" if demo else "0",
        "SMALL_HOUSE_STATICS": str(statics),
        "SMALL_HOUSE_FILE": str(large),
        "DJANGO_SETTINGS_MODULE": "accedit.settings.test",
        "PYTHONPATH": "src:.",
        "ACCEDIT_DATA": str(folder),
    }
    with house.log.open("wb") as log:
        server = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"),
                *("--host", "127.0.0.1", "--port", str(house.port), "--log-level", "warning"),
                "tests.serving.small_house:application",
            ],
            env=environment,
            stdout=log,
            stderr=log,
        )
    assert waited_for(lambda: _answers(house, server), seconds=60), house.log.read_text()
    yield house
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=20)


def _answers(house: House, server: "subprocess.Popen[bytes]") -> bool:
    assert server.poll() is None, house.log.read_text()
    try:
        return house.ask("/sante").status == 200
    except OSError:
        return False


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from started(tmp_path_factory.mktemp("house"), demo=False)


@pytest.fixture(scope="session")
def demo_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from started(tmp_path_factory.mktemp("demo"), demo=True)
