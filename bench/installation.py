"""A real installation for the time of a run: `accedit init`, `accedit serve`, a mail server.

The database is the embedded one, in a temporary folder; the signer, the follower and the mails
are those of real use. This process then joins it as one more program of the same installation,
which is how the rooms are filled.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXPERT = "anne.vasseur@expert.fr"


@dataclass(frozen=True)
class Installation:
    data: Path
    port: int
    process: "subprocess.Popen[str]"

    @property
    def host(self) -> str:
        return f"localhost:{self.port}"

    @property
    def content_host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def resident_bytes(self) -> dict[str, int]:
        """Memory of its own of each process, by what it is; the database counts apart."""
        found: dict[str, int] = {"server": 0, "database": 0}
        for pid in _family(self.process.pid):
            which = "database" if "postgres" in _command(pid) else "server"
            found[which] += _resident(pid)
        return found


@contextmanager
def running(folder: Path, *, workers: int) -> Iterator[Installation]:
    """An installation that answers; everything is stopped and awaited afterwards."""
    mail, port = free_port(), free_port()
    post = subprocess.Popen([sys.executable, "-m", "bench.mailbox", str(mail)], cwd=ROOT)
    try:
        _await_port(mail)
        data = folder / "data"
        _initialised(data, port=port, mail=mail)
        command = ["serve", "--data", str(data), "--workers", str(workers)]
        with (folder / "server.log").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "accedit", *command],
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=_environment(),
            )
        try:
            line = process.stdout.readline() if process.stdout else ""
            if not line.startswith("Prêt"):
                raise RuntimeError((folder / "server.log").read_text()[-2000:])
            yield Installation(data, port, process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)
    finally:
        post.terminate()
        post.wait(timeout=10)


def joined(data: Path) -> None:
    """Make this process a program of the installation: its settings, its database, its signer."""
    import django  # noqa: PLC0415 - the environment has to be ready first

    from accedit.machine import folder, place  # noqa: PLC0415

    place.reached(folder.existing(data)).enter()
    django.setup()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _initialised(data: Path, *, port: int, mail: int) -> None:
    given = {
        "base-url": f"http://localhost:{port}",
        "content-url": f"http://127.0.0.1:{port}",
        "log-domain": "expert.fr",
        "smtp-host": "127.0.0.1",
        "smtp-port": str(mail),
        "smtp-security": "none",
        "smtp-user": "",
        "mail-from": "Accédit <avis@expert.fr>",
        "space": "Expertises Vasseur",
        "name": "Anne Vasseur",
        "email": EXPERT,
    }
    words = [f"--{name}={value}" for name, value in given.items()]
    done = subprocess.run(
        [sys.executable, "-m", "accedit", "init", "--data", str(data), *words],
        check=False,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)


def _environment() -> dict[str, str]:
    ours = ("ACCEDIT_", "DATABASE_", "DJANGO_")
    return {key: value for key, value in os.environ.items() if not key.startswith(ours)}


def _await_port(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        with socket.socket() as line:
            if line.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the mail server of the bench did not start")


def _family(pid: int) -> list[int]:
    """A process and all that it started, from the process table."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                after = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(after[1]), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += parents.get(one, [])
    return found


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def _resident(pid: int) -> int:
    """What this process alone holds: pages it shares with others are not counted twice."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    sizes = {line.split(":")[0]: line.split()[1] for line in lines[1:]}
    return 1024 * int(sizes["Pss"])
