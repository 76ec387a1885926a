"""One installation made ready for a command: its folder, its database, its environment.

Children and Django read the environment; it is prepared here and nowhere else. A
command runs as the server's own role, except what makes tables or copies them, which
runs as their owner.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from accedit.machine import signing
from accedit.machine.folder import DataFolder, is_held
from accedit.machine.postgres import APP, Cluster
from accedit.machine.refusals import MachineRefusal


@dataclass(frozen=True)
class Place:
    """`cluster` is None where the operator gave an external database."""

    folder: DataFolder
    cluster: Cluster | None
    app_url: str
    owner_url: str
    app_role: str

    def environment(self, *, as_owner: bool = False) -> dict[str, str]:
        return {
            "ACCEDIT_DATA": str(self.folder.path),
            "DJANGO_SETTINGS_MODULE": self.folder.settings_module,
            "DATABASE_URL": self.owner_url if as_owner else self.app_url,
            "ACCEDIT_PARENT": str(os.getpid()),
            "ACCEDIT_SIGNER_SOCKET": signing.socket_now(self.folder.path),
            "PYTHONUNBUFFERED": "1",
        }

    def enter(self, *, as_owner: bool = False) -> None:
        """Make this process's environment that of the place, before Django is loaded."""
        os.environ.update(self.environment(as_owner=as_owner))

    def program(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "accedit", *words]


def reached(folder: DataFolder) -> Place:
    """The place with its database up: the external one if given, else the embedded one."""
    if given := os.environ.get("DATABASE_URL"):
        owner = os.environ.get("DATABASE_OWNER_URL", given)
        return Place(folder, None, app_url=given, owner_url=owner, app_role=_role_of(given))
    cluster = Cluster(folder.path / "postgres")
    addresses = cluster.ensure()
    return Place(folder, cluster, addresses.app_url, addresses.owner_url, app_role=APP)


@contextlib.contextmanager
def visited(folder: DataFolder) -> Iterator[Place]:
    """The place for one command; the database is stopped again if nobody else serves it."""
    external = bool(os.environ.get("DATABASE_URL"))
    was_running = external or Cluster(folder.path / "postgres").is_running()
    place = reached(folder)
    try:
        yield place
    finally:
        if place.cluster is not None and not was_running and not is_held(folder.path):
            place.cluster.stop()


def _role_of(url: str) -> str:
    from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415 - only for an external server

    role = conninfo_to_dict(url).get("user")
    if not role:
        raise MachineRefusal(
            "DATABASE_URL ne nomme pas de rôle : écrivez postgresql://ROLE:MOTDEPASSE@HOTE/BASE."
        )
    return str(role)
