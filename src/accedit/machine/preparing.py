"""Tables, rights and static files brought to this version, once.

Asking Django whether migrations wait takes a second at each start. What was prepared
last is instead remembered beside what it concerns: a fingerprint in the database for
tables and rights, one in the folder of static files for these.
"""

import hashlib
import os
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

import psycopg

from accedit.machine import grants
from accedit.machine.place import Place
from accedit.machine.refusals import MachineRefusal

SRC = Path(__file__).parents[1]
# Each of some hundred commits need not wait for the disk: the fingerprint, committed last and
# waited for, carries all before it; without it everything is done again.
UNHURRIED = "-c synchronous_commit=off"
LIBRARIES = ("django", "django-allauth")


def ensured(place: Place) -> None:
    """Prepare what is not; in a child process, so that the supervisor stays small."""
    if database_is_ready(place) and statics_are_ready(place):
        return
    done = subprocess.run(  # noqa: S603 - our own program
        place.program("prepare"),
        env=os.environ
        | place.environment(as_owner=True)
        | {"ACCEDIT_APP_ROLE": place.app_role, "PGOPTIONS": UNHURRIED},
        check=False,
    )
    if done.returncode != 0:
        raise MachineRefusal(
            "La base de données n’a pas pu être mise à jour : lisez les lignes qui précèdent. "
            "Rien n’a été perdu ; corrigez la cause, puis recommencez."
        )
    _remember(place)


def prepare() -> None:
    """The child: it runs as the owner of the tables."""
    import django  # noqa: PLC0415 - the environment had to be ready
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    grants.apply(owner_url=os.environ["DATABASE_URL"], app_role=os.environ["ACCEDIT_APP_ROLE"])
    stamp = Path(settings.STATIC_ROOT) / ".version"
    if not stamp.is_file() or stamp.read_text() != static_fingerprint():
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(static_fingerprint())


def database_is_ready(place: Place) -> bool:
    with psycopg.connect(place.owner_url) as link:
        row = link.execute("SELECT obj_description('public'::regnamespace)").fetchone()
    return row is not None and row[0] == table_fingerprint()


def statics_are_ready(place: Place) -> bool:
    stamp = place.folder.path / "statique" / ".version"
    return stamp.is_file() and stamp.read_text() == static_fingerprint()


def _remember(place: Place) -> None:
    with psycopg.connect(place.owner_url) as link:
        link.execute(f"COMMENT ON SCHEMA public IS '{table_fingerprint()}'")


def table_fingerprint() -> str:
    return _fingerprint([*SRC.glob("domain/*/migrations/*.py"), Path(grants.__file__)])


def static_fingerprint() -> str:
    return _fingerprint(SRC.glob("**/static/**/*"))


def _fingerprint(files: Iterable[Path]) -> str:
    """Of the content of files and of the versions of the libraries that bring their own."""
    digest = hashlib.sha256(" ".join(version(name) for name in LIBRARIES).encode())
    for path in sorted(files):
        if path.is_file():
            digest.update(f"\0{path.relative_to(SRC)}\0".encode() + path.read_bytes())
    return digest.hexdigest()
