"""The embedded PostgreSQL: one folder, one socket, nothing on the network.

`Cluster.ensure` may be called at once by as many processes as wish: one makes or
starts the server, all get its address. The server outlives the process that
started it, and is found again by the next.

    folder/data      the database, 0700, owned by the server's user
    folder/lock      who starts or stops, one at a time
    folder/ready     written once the roles and the database exist
    folder/server.log

Each odd line below was paid for by a failed start: see the notes beside them.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict
from urllib.parse import quote

import psycopg

from accedit.machine import binaries, processes
from accedit.machine.refusals import MachineRefusal

DATABASE = "accedit"
OWNER = "accedit_owner"
APP = "accedit_app"
ERASURE = "accedit_erasure"  # nobody signs in as it; the owner may take it on
SUPERUSER = "postgres"
ROLES_MADE = "2"  # raised when a role is added, so that databases made before get it
SOCKET_NAME = ".s.PGSQL.5432"
LONGEST_SOCKET_FOLDER = 107 - len(SOCKET_NAME) - 1  # the kernel refuses a longer address
SHORT_PLACE, SHORT_PREFIX = Path("/tmp"), "accedit-"  # noqa: S108 - 0700, random name
LARGEST_LOG = 10 * 1024 * 1024

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_messages": "warning",
    "log_min_error_statement": "panic",  # a statement would carry names of files and people
    "log_error_verbosity": "terse",
}
SYNC_AT_ONCE = ["--sync-method=syncfs"] if sys.platform == "linux" else []
LINUX_SETTINGS = {"recovery_init_sync_method": "syncfs"}  # restart after a crash: 0.2 s, not 6
CHEAP_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

_children: dict[int, subprocess.Popen[bytes]] = {}  # so that a dead server of ours is reaped


@dataclass(frozen=True)
class Addresses:
    """How to reach a running server; the two addresses are for two roles with different rights."""

    app_url: str
    owner_url: str
    socket: Path
    pid: int


class Cluster:
    """A database folder and the server that runs on it. `durable=False` is for tests only."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self.folder = folder.absolute()
        self.data = self.folder / "data"
        self.durable = durable

    def ensure(self) -> Addresses:
        """Make the database if there is none, start its server if it is down, say where it is."""
        with self._locked():
            user = binaries.server_user(self.data)
            if not self._answers():
                programs = binaries.executable_by(user, beside=self.folder.parent)
                self._check_version(programs)
                self._check_owner(user)
                self._make(programs, user)
                self._start(programs, user)
            self._make_roles()
            return self._addresses()

    def is_running(self) -> bool:
        return self._pid() is not None

    def stop(self, *, seconds: float = 3.5) -> None:
        """Fast stop; a server that takes too long is cut, and recovers at its next start."""
        if not self.folder.is_dir():
            return
        with self._locked():
            if (pid := self._pid()) is None:
                return
            folder = self._socket()
            for order, patience in ((signal.SIGINT, seconds), (signal.SIGQUIT, 5.0)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, order)
                if processes.waited_for(lambda: not processes.alive(pid), seconds=patience):
                    break
            self._reap()
            _remove_short_folder(folder)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def _pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _pid(self) -> int | None:
        """The living server of this folder; a zombie or a stranger with its number is not one."""
        self._reap()
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdigit():
            return None
        pid = int(lines[0])
        return pid if processes.alive(pid) and processes.works_in(pid, self.data) else None

    def _answers(self) -> bool:
        """Whether a living server takes calls; one that is on its way out is waited for."""
        processes.waited_for(lambda: self._pid() is None or self._takes_calls(), seconds=30)
        return self._pid() is not None

    def _takes_calls(self) -> bool:
        pid, folder = self._pid(), self._socket()
        if pid is None or folder is None or not self._says_ready(pid):
            return False
        with socket.socket(socket.AF_UNIX) as line:
            return line.connect_ex(str(folder / SOCKET_NAME)) == 0

    def _socket(self) -> Path | None:
        lines = self._pid_file()
        if len(lines) < 5 or not lines[4].strip():
            return None
        return self.data if lines[4].strip() == "." else Path(lines[4].strip())

    def _reap(self) -> None:
        for pid, child in list(_children.items()):
            if child.poll() is not None:
                del _children[pid]

    def _check_version(self, programs: binaries.Binaries) -> None:
        mark = self.data / "PG_VERSION"
        if mark.is_file() and (made_by := mark.read_text().strip()) != programs.major:
            raise MachineRefusal(
                f"La base de données de « {self.folder} » a été créée par PostgreSQL {made_by}, "
                f"et cette version d’Accédit apporte PostgreSQL {programs.major}. Avec la version "
                "d’Accédit qui l’a créée, lancez « accedit backup FICHIER », puis, avec celle-ci, "
                "« accedit restore FICHIER --data NOUVEAU_DOSSIER »."
            )

    def _check_owner(self, user: binaries.ServerUser | None) -> None:
        """PostgreSQL opens only its own user's folder; one copied by root is given back."""
        if not self.data.is_dir():
            return
        wanted = os.geteuid() if user is None else user.uid
        if self.data.stat().st_uid == wanted:
            return
        if user is None:
            raise MachineRefusal(
                f"« {self.data} » appartient à un autre compte de cette machine : lancez Accédit "
                "sous ce compte, ou rendez-en propriétaire le vôtre avec « chown -R »."
            )
        for folder, _, files in os.walk(self.data):
            os.lchown(folder, user.uid, user.gid)
            for name in files:
                os.lchown(Path(folder) / name, user.uid, user.gid)

    def _make(self, programs: binaries.Binaries, user: binaries.ServerUser | None) -> None:
        """Initialise beside, then rename: a database half made by a power cut is never opened."""
        if self.data.is_dir():
            return
        fresh = self.folder / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        (self.folder / "ready").unlink(missing_ok=True)
        fresh.mkdir(mode=0o700)
        if user is not None:
            os.chown(fresh, user.uid, user.gid)
        options = [
            *("-U", SUPERUSER, "-A", "trust", "-k", "-E", "UTF8"),
            # « É » is the capital of « é » under this locale, not under plain C (17 and later).
            *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
            *(SYNC_AT_ONCE if self.durable else ["--no-sync"]),
        ]
        done = subprocess.run(  # noqa: S603 - our own programs, no shell
            [programs.tool("initdb"), "-D", _seen_from_inside(fresh), *options],
            check=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            **_as(user, fresh),
        )
        if done.returncode != 0:
            raise MachineRefusal(
                f"PostgreSQL n’a pas pu créer sa base dans « {self.folder} » : "
                f"{done.stdout.decode(errors='replace').strip().splitlines()[-1:]}"
            )
        fresh.rename(self.data)

    def _start(self, programs: binaries.Binaries, user: binaries.ServerUser | None) -> None:
        self._clear_what_a_dead_server_left()
        log = self.folder / "server.log"
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        settings = SETTINGS | (LINUX_SETTINGS if sys.platform == "linux" else {})
        settings |= {} if self.durable else CHEAP_SETTINGS
        settings["unix_socket_directories"] = self._socket_folder(user)
        with log.open("ab") as output:
            log.chmod(0o600)
            # Directly, not through pg_ctl, which takes a zombie for a running server.
            server = subprocess.Popen(  # noqa: S603 - our own program, no shell
                [
                    programs.tool("postgres"),
                    *("-D", _seen_from_inside(self.data)),
                    *(part for item in settings.items() for part in ("-c", "=".join(item))),
                ],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **_as(user, self.data),
            )
        _children[server.pid] = server
        ready = processes.waited_for(
            lambda: server.poll() is not None or self._says_ready(server.pid), seconds=120
        )
        if not ready or server.poll() is not None:
            raise MachineRefusal(
                f"PostgreSQL n’a pas démarré dans « {self.folder} » : lisez la fin de « {log} »."
            )

    def _says_ready(self, pid: int) -> bool:
        lines = self._pid_file()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def _clear_what_a_dead_server_left(self) -> None:
        """Remove the dead server's marks, but only once its last child has left the folder.

        The pid file also guards the shared memory: removed too early, two servers
        could write the same files. The orphans of a killed server leave by themselves.
        """
        if not processes.waited_for(lambda: not processes.all_in(self.data), seconds=30):
            raise MachineRefusal(
                f"Des processus d’un ancien serveur PostgreSQL occupent encore « {self.data} » : "
                "arrêtez-les, puis recommencez."
            )
        _remove_short_folder(self._socket())
        for name in ("postmaster.pid", SOCKET_NAME, f"{SOCKET_NAME}.lock"):
            (self.data / name).unlink(missing_ok=True)

    def _socket_folder(self, user: binaries.ServerUser | None) -> str:
        """The data folder itself, as « . »; a short folder of its own where the path is too long.

        libpq also reads a comma as a list of hosts.
        """
        if len(os.fsencode(self.data)) <= LONGEST_SOCKET_FOLDER and "," not in str(self.data):
            return "."
        short = tempfile.mkdtemp(prefix=SHORT_PREFIX, dir=SHORT_PLACE)
        if user is not None:
            os.chown(short, user.uid, user.gid)
        return short

    def _make_roles(self) -> None:
        """The owner of the tables, and the server's own role (see `grants` for what it may do)."""
        ready = self.folder / "ready"
        if ready.exists() and ready.read_text(encoding="ascii") == ROLES_MADE:
            return
        createdb = "NOCREATEDB" if self.durable else "CREATEDB"
        with psycopg.connect(self._url(SUPERUSER, "postgres"), autocommit=True) as link:
            roles = {name for (name,) in link.execute("SELECT rolname FROM pg_roles")}
            for role in {OWNER, APP} - roles:
                link.execute(f"CREATE ROLE {role} LOGIN")
            if ERASURE not in roles:
                link.execute(f"CREATE ROLE {ERASURE} NOLOGIN")
            link.execute(f"GRANT {ERASURE} TO {OWNER}")
            link.execute(f"ALTER ROLE {OWNER} {createdb}")
            known = link.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if known.fetchone() is None:
                link.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")
        ready.touch(mode=0o600)
        ready.write_text(ROLES_MADE, encoding="ascii")

    def _url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={quote(str(self._socket()), safe='/')}"

    def _addresses(self) -> Addresses:
        pid, folder = self._pid(), self._socket()
        if pid is None or folder is None:
            raise MachineRefusal(
                f"PostgreSQL s’est arrêté aussitôt : lisez la fin de « {self.folder}/server.log »."
            )
        return Addresses(
            app_url=self._url(APP, DATABASE),
            owner_url=self._url(OWNER, DATABASE),
            socket=folder,
            pid=pid,
        )


def _remove_short_folder(folder: Path | None) -> None:
    """Only a folder that we could have made: the name comes from a file the server wrote."""
    if folder is None or folder.parent != SHORT_PLACE or not folder.name.startswith(SHORT_PREFIX):
        return
    if not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _seen_from_inside(folder: Path) -> str:
    """How the server names its folder.

    Root's server runs as an ordinary user, who may not pass through private folders
    above (a home, a temporary folder). Its current directory is given to it
    open, and Linux lets a process name it without walking the path.
    """
    return "/proc/self/cwd" if os.geteuid() == 0 and sys.platform == "linux" else str(folder)


class RunAs(TypedDict, total=False):
    """Part of the arguments of `subprocess`."""

    env: dict[str, str]
    cwd: str
    user: int
    group: int
    extra_groups: list[str | int]


def _as(user: binaries.ServerUser | None, folder: Path) -> RunAs:
    """Whom a program runs as, from where, and with nothing of our environment."""
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    if user is None:
        return {"env": environment, "cwd": "/"}
    inside = str(folder) if sys.platform == "linux" else "/"
    return {
        "env": environment,
        "cwd": inside,
        "user": user.uid,
        "group": user.gid,
        "extra_groups": [],
    }
