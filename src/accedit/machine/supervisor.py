"""Start everything, keep it up, stop everything.

One process in the foreground: it makes the database ready, starts the signer, the HTTP
server and the follower, starts again what dies, and on SIGTERM or Ctrl-C stops all that
it started within five seconds, the signer after those who ask it. It says « Prêt » only
once the server has answered and the signer listens.
"""

import contextlib
import errno
import http.client
import json
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from types import FrameType

from accedit.machine import signing
from accedit.machine.place import Place
from accedit.machine.processes import waited_for
from accedit.machine.refusals import MachineRefusal
from accedit_ledger import signer_line

CHILD_STOPS_IN = 2.5  # seconds; then it is killed
SIGNER_STOPS_IN = 0.5
DATABASE_STOPS_IN = 1.5
FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0
SIGNER_WAIT = 0.05  # it starts in a blink, and depositors wait for it
GOOD_LIFE = 60.0  # a child that lived this long starts again at once
READY_WITHIN = 60.0


@dataclass
class Child:
    """One process that must be there; `wait` grows when it dies young."""

    name: str
    command: list[str]
    environment: dict[str, str]
    wait: float = FIRST_WAIT
    process: "subprocess.Popen[bytes] | None" = None
    born: float = 0.0
    due: float = 0.0

    def start(self) -> None:
        self.born = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own program
            self.command, env=self.environment, stdin=subprocess.DEVNULL, start_new_session=True
        )

    def look_after(self) -> None:
        """Start it again if it died, a little later each time."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            lived = now - self.born
            self.wait = FIRST_WAIT if lived > GOOD_LIFE else min(self.wait * 2, LONGEST_WAIT)
            say(f"« {self.name} » s’est arrêté (code {self.process.returncode}) : il repart.")
            self.process, self.due = None, now + self.wait
        if self.process is None and now >= self.due:
            self.start()

    @property
    def is_dead(self) -> bool:
        return self.process is None or self.process.poll() is not None


@dataclass
class Supervisor:
    place: Place
    address: str
    port: int
    workers: int = 1
    tls: bool = False
    instance: str = field(default_factory=lambda: secrets.token_hex(8))
    stopping: Event = field(default_factory=Event)

    def run(self, *, url: str) -> int:
        """Serve until told to stop."""
        web = self._child("web", self.address, str(self.port), str(self.workers))
        signers = self._signers()
        asking = [web, self._child("follow")]
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        try:
            for signer in signers:
                signer.start()
            web.start()
            self._await_ready(web)
            if not self.stopping.is_set():
                print(f"Prêt : {url}/", flush=True)  # noqa: T201 - the answer of this command
            while not self.stopping.wait(0.2):
                self._look_after([*signers, *asking])
        finally:
            stop_all(asking)
            stop_all(signers, seconds=SIGNER_STOPS_IN)
            if self.place.cluster is not None:
                self.place.cluster.stop(seconds=DATABASE_STOPS_IN)
        return 0

    def _child(self, *words: str) -> Child:
        environment = os.environ | self.place.environment()
        environment |= {"ACCEDIT_INSTANCE": self.instance, "ACCEDIT_SIGNER_SOCKET": self._signer}
        environment.pop("DATABASE_OWNER_URL", None)  # the server never acts as the owner
        return Child(words[0], self.place.program(*words), environment)

    @property
    def _signer(self) -> str:
        data = self.place.folder.path
        return signing.given_socket(data) or str(signing.own_socket(data))

    def _signers(self) -> list[Child]:
        """Ours; none where the operator runs it, under another account or on its own."""
        data = self.place.folder.path
        if signing.given_socket(data):
            return []
        signer = self._child("signer", str(data / "signer"), self._signer, signing.log_domain(data))
        signer.wait = SIGNER_WAIT
        return [signer]

    def _look_after(self, children: list[Child]) -> None:
        cluster = self.place.cluster
        if cluster is not None and not cluster.is_running():
            say("La base de données s’est arrêtée : elle repart.")
            cluster.ensure()
        for child in children:
            child.look_after()

    def _await_ready(self, web: Child) -> None:
        ready = waited_for(
            lambda: self.stopping.is_set() or web.is_dead or self._answers(),
            seconds=READY_WITHIN,
            every=0.05,
        )
        if not ready or (web.is_dead and not self.stopping.is_set()):
            raise MachineRefusal("Le serveur n’a pas pu démarrer : lisez les lignes qui précèdent.")

    def _answers(self) -> bool:
        """Our own server, and not another that would have taken the port; and a signer."""
        if not signer_line.answers(Path(self._signer)):
            return False
        here = "127.0.0.1" if self.address in {"", "0.0.0.0"} else self.address  # noqa: S104
        line = http.client.HTTPConnection(here, self.port, timeout=5)
        if self.tls:  # to ourselves: the certificate is for another name, the instance is the proof
            unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            unchecked.check_hostname, unchecked.verify_mode = False, ssl.CERT_NONE
            line = http.client.HTTPSConnection(here, self.port, timeout=5, context=unchecked)
        try:
            line.request("GET", "/sante", headers={"Host": f"localhost:{self.port}"})
            answer = line.getresponse()
            return answer.status == 200 and json.load(answer)["instance"] == self.instance
        except (OSError, http.client.HTTPException, ValueError, KeyError):
            return False
        finally:
            line.close()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()


def stop_all(children: list[Child], *, seconds: float = CHILD_STOPS_IN) -> None:
    """Ask each to stop, all at once; kill the group of those that do not."""
    alive = [child.process for child in children if child.process and child.process.poll() is None]
    for process in alive:
        process.terminate()
    waited_for(lambda: all(p.poll() is not None for p in alive), seconds=seconds)
    for process in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def check_port(port: int) -> None:
    """Refuse in words a port that somebody has, under either name of this machine."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as line:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                line.bind((address, port))
        except OSError as fault:
            if fault.errno == errno.EADDRINUSE:
                raise MachineRefusal(
                    f"Le port {port} est déjà pris par un autre programme : "
                    f"choisissez-en un autre, par exemple « --port {port + 1} »."
                ) from fault
            if fault.errno == errno.EACCES:
                raise MachineRefusal(
                    f"Le port {port} est réservé à l’administrateur de la machine : "
                    "choisissez-en un au-dessus de 1024, par exemple « --port 8000 »."
                ) from fault


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - words for whoever watches
