"""A real server that is killed again and again: its processes, its database, its mail server."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from accedit.machine import folder, processes
from accedit.machine.place import Place
from accedit.machine.postgres import APP, Cluster
from tests.post.mailbox import Mailbox, serving

ROOT = Path(__file__).parents[2]
KINDS = ("web", "follow", "signer", "postgres", "act")
READY_WITHIN = 60.0


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@dataclass
class House:
    """`pids` are the living processes by kind; `deaths` counts the dead ones."""

    data: Path
    mails: Mailbox
    port: int = field(default_factory=free_port)
    pids: dict[str, int] = field(default_factory=dict)
    deaths: "Counter[str]" = field(default_factory=Counter)
    mutant: str = ""
    seeded: dict[str, Any] = field(default_factory=dict)
    changing: bool = True

    def __post_init__(self) -> None:
        made = folder.made(self.data, kind=folder.DEMO)
        self.cluster = Cluster(self.data / "postgres")
        addresses = self.cluster.ensure()
        self.place = Place(made, self.cluster, addresses.app_url, addresses.owner_url, APP)
        self.armed = self.data / "kill"
        self.armed.mkdir(exist_ok=True)
        with (self.data / "zygote.log").open("ab") as log:
            self.zygote = subprocess.Popen(
                [sys.executable, "-m", "tests.crash.zygote"],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                bufsize=1,
            )

    def environment(self) -> dict[str, str]:
        ours = ("ACCEDIT_", "DATABASE_", "DJANGO_", "PYTEST_")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
        return kept | self.place.environment() | {
            "DJANGO_SETTINGS_MODULE": "tests.crash.settings",
            "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}",
            "ACCEDIT_DEMO": "non",
            "ACCEDIT_KILL_POINTS": str(self.armed),
            "ACCEDIT_BASE_URL": f"http://localhost:{self.port}",
            "ACCEDIT_CONTENT_URL": f"http://127.0.0.1:{self.port}",
            "ACCEDIT_SIGNER_SOCKET": str(self.data / "signer.sock"),
            "ACCEDIT_ALERT_MAILS_PER_HOUR": "100000",  # nothing waits for the end of an hour
            "ACCEDIT_SMTP_HOST": "127.0.0.1",
            "ACCEDIT_SMTP_PORT": str(self.mails.port),
            "ACCEDIT_SMTP_SECURITY": "none",
        }  # fmt: skip

    def founded(self) -> None:
        """Tables and people, once."""
        self.call("prepare", owner_url=self.place.owner_url)
        self.start("signer")
        self.seeded = self.call("seed")

    def start(self, kind: str) -> None:
        if kind == "postgres":
            self.pids[kind] = self.cluster.ensure().pid
            return
        self.pids[kind] = self._ask(self._order(kind))["pid"]
        if kind == "signer":
            self._await((self.data / "signer.sock").exists, kind)

    def _order(self, kind: str) -> dict[str, Any]:
        if kind == "web":
            return {"do": kind, "port": self.port, "mutant": self.mutant}
        if kind == "signer":
            words = [str(self.data / "signer"), str(self.data / "signer.sock"), "localhost"]
            return {"do": kind, "words": words}
        if kind == "act":
            given = {"seeded": self.seeded, "said": str(self.data / "said"), "seed": os.getpid()}
            return {"do": kind, "name": "change", "given": given}
        return {"do": kind}

    def open(self) -> None:
        for kind in KINDS:
            if kind not in self.pids and (kind != "act" or self.changing):
                self.start(kind)

    def become(self, mutant: str) -> None:
        """The server is from now on the broken one of that name (`mutants.py`)."""
        self.mutant = mutant
        self.hush("web")
        self.start("web")

    def act(self, name: str) -> int:
        """A short process beside the others, not waited for."""
        return int(self._ask({"do": "act", "name": name})["pid"])

    def call(self, name: str, **given: Any) -> Any:
        out = self.data / f"{name}.json"
        out.unlink(missing_ok=True)
        answer = self._ask({"do": "call", "name": name, "given": given, "out": str(out)})
        assert answer["code"] == 0, (self.data / f"{name}.log").read_text()[-3000:]
        return json.loads(out.read_text())

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(json.dumps(order) + "\n")
        self.zygote.stdin.flush()
        line = self.zygote.stdout.readline()
        assert line, (self.data / "zygote.log").read_text()[-3000:]
        return json.loads(line)

    def tend(self) -> None:
        """Start again what died."""
        for kind, pid in list(self.pids.items()):
            if not processes.alive(pid):
                self.deaths[kind] += 1
                self.start(kind)

    def kill(self, kind: str) -> None:
        _struck_dead(self.pids[kind])

    def kill_number(self, pid: int) -> None:
        self.deaths["backend"] += 1
        _struck_dead(pid)

    def backend(self) -> int | None:
        """One process of PostgreSQL that serves somebody, the longest in its transaction first."""
        with psycopg.connect(self.place.owner_url) as link:
            row = link.execute(
                "select pid from pg_stat_activity where pid <> pg_backend_pid() "
                "and usename = %s order by xact_start nulls last limit 1",
                [APP],
            ).fetchone()
        return int(row[0]) if row else None

    def arm(self, point: str, *, victim: str = "self") -> None:
        self.struck(point).unlink(missing_ok=True)
        fresh = self.armed / f".{point}"
        fresh.write_text(victim if victim == "self" else str(self.pids[victim]))
        fresh.rename(self.armed / point)

    def disarm(self, point: str) -> None:
        (self.armed / point).unlink(missing_ok=True)

    def struck(self, point: str) -> Path:
        return self.armed / f"{point}.struck"

    def hush(self, *kinds: str) -> None:
        """Stop these for good, without a word."""
        for kind in kinds:
            if pid := self.pids.pop(kind, None):
                _struck_dead(pid)
                self._await(lambda pid=pid: not processes.alive(pid), kind)  # type: ignore[misc]

    def drained(self, *, seconds: float = 120.0) -> Any:
        """What became of the mails once none waits."""
        until = time.monotonic() + seconds
        while True:
            self.tend()
            told = self.call("told")
            if not told["waiting"] or time.monotonic() > until:
                return told
            time.sleep(0.2)

    def close(self) -> None:
        self.pids.pop("postgres", None)
        self.hush(*self.pids)
        self.zygote.communicate(timeout=20)  # its input ends, so does it
        self.cluster.stop()

    def _await(self, condition: Any, what: str) -> None:
        assert processes.waited_for(condition, seconds=READY_WITHIN), f"{what} is not there"


def _struck_dead(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Opened:
    """`with Opened() as house:` a house in a folder of its own, which goes with it.

    The folder's path is short: the database's socket lies in it.
    """

    def __init__(self, *, at: Path | None = None, **more: Any) -> None:
        self.at, self.more = at, more

    def __enter__(self) -> House:
        self.folder = Path(tempfile.mkdtemp(prefix="accedit-crash-", dir=self.at))
        self.folder.chmod(0o755)
        self.mail = serving(Mailbox())
        self.house = House(self.folder / "d", mails=self.mail.__enter__(), **self.more)
        try:
            self.house.founded()
            self.house.open()
        except BaseException:
            self.__exit__()
            raise
        return self.house

    def __exit__(self, *_error: object) -> None:
        self.house.close()
        self.mail.__exit__(None, None, None)
        shutil.rmtree(self.folder, ignore_errors=True)
