"""`accedit restore`: an installation made again from a backup, in an empty folder only.

Nothing of the file is used before all of it has been checked against its manifest.
After the tables, `fsck` must agree, and each log gets an entry that says it was restored.
A signer that remembers more than the restored log refuses it by itself: then receipts
were given after this backup was made. That is seen before anything is entered: the
restoration stops there, and says how to declare the incident.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import psycopg

from accedit.machine import backup, console, folder, preparing
from accedit.machine.place import Place, visited
from accedit.machine.refusals import MachineRefusal

BLOCK = 1024 * 1024
NAMES = re.compile(
    r"base\.dump|accedit\.(?:toml|json)|secrets/[a-z_]+|signer/[A-Za-z0-9_][A-Za-z0-9_.-]*"
    r"|signer/heads/[0-9a-f]{64}\.head|blobs/[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{32}"
)


def restore(options: argparse.Namespace) -> int:
    path = (options.data or folder.default_path()).absolute()
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise MachineRefusal(
            f"« {path} » n’est pas vide : une sauvegarde se restaure dans un dossier vide ou "
            "absent. Rien n’y a été touché."
        )
    if not options.archive.is_file():
        raise MachineRefusal(f"« {options.archive} » n’existe pas : donnez une sauvegarde.")
    survived = options.signer
    if survived is not None and not (survived / "cle").is_file():
        raise MachineRefusal(
            f"« {survived} » n’est pas le dossier d’un signataire : sa clé manque."
        )
    arrival = path.with_name(f".{path.name}.restauration.{os.getpid()}")
    try:
        manifest = unpacked(options.archive, arrival)
        if survived is not None:
            _take_signer(survived, arrival / "signer")
        _settle(arrival, path)
    finally:
        shutil.rmtree(arrival, ignore_errors=True)
    with visited(folder.existing(path)) as place:
        _load(place)
        _compare(place, manifest)
        preparing.ensured(place)
        return _finish(place, manifest)


def unpacked(file: Path, arrival: Path) -> dict[str, Any]:
    """Everything in the file, checked to the byte; the manifest it agrees with."""
    arrival.mkdir(parents=True, mode=0o700)
    found: dict[str, tuple[int, str]] = {}
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(file, "r:") as archive:
            for entry in archive:
                if manifest is not None or not entry.isfile() or entry.name in found:
                    raise damaged(file)
                content = archive.extractfile(entry)
                assert content is not None
                if entry.name == backup.MANIFEST:
                    manifest = json.load(content)
                elif NAMES.fullmatch(entry.name):
                    found[entry.name] = _copied(content, arrival / entry.name)
                else:
                    raise damaged(file)
    except (tarfile.TarError, ValueError, EOFError, FileExistsError, NotADirectoryError) as fault:
        raise damaged(file) from fault
    if manifest is None or not _agrees(manifest, found):
        raise damaged(file)
    if manifest["format"] != backup.FORMAT:
        raise MachineRefusal(
            f"« {file} » vient d’une autre version d’Accédit (format {manifest['format']}) : "
            "restaurez-la avec la version qui l’a faite."
        )
    return manifest


def damaged(file: Path) -> MachineRefusal:
    return MachineRefusal(
        f"« {file} » est incomplète ou abîmée : rien n’a été restauré. Prenez une autre sauvegarde."
    )


def _agrees(manifest: Any, found: dict[str, tuple[int, str]]) -> bool:
    try:
        said = {one["path"]: (one["size"], one["sha256"]) for one in manifest["files"]}
        whole = {"format", "made_at", "counts", "heads"} <= set(manifest)
    except (KeyError, TypeError):
        return False
    return whole and said == found and backup.DUMP in found and folder.MARKER in found


def _copied(content: Any, path: Path) -> tuple[int, str]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        while block := content.read(BLOCK):
            digest.update(block)
            size += len(block)
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return size, digest.hexdigest()


def _settle(arrival: Path, path: Path) -> None:
    if path.exists():
        path.rmdir()
    arrival.rename(path)


def _load(place: Place) -> None:
    with psycopg.connect(place.owner_url) as link:
        row = link.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert row is not None
    if row[0]:
        raise MachineRefusal(
            "La base de données donnée dans DATABASE_URL n’est pas vide : donnez-en une neuve."
        )
    dump = place.folder.path / backup.DUMP
    done = subprocess.run(  # noqa: S603 - no shell
        [
            backup.tool_path(place, "pg_restore"),
            *("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction"),
            f"--dbname={place.owner_url}",
            str(dump),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["sans explication"]
        raise MachineRefusal(f"« pg_restore » a échoué : {last[0]}")
    dump.unlink()
    with psycopg.connect(place.owner_url) as link:  # rights and static files are made afresh
        link.execute("COMMENT ON SCHEMA public IS NULL")


def _compare(place: Place, manifest: dict[str, Any]) -> None:
    """The tables hold as many rows, and the logs stand where they stood."""
    with psycopg.connect(place.owner_url) as link:
        facts = backup.facts_of(link)
    if facts != {"counts": manifest["counts"], "heads": manifest["heads"]}:
        raise MachineRefusal(
            "La base restaurée ne dit pas la même chose que la sauvegarde : ne la mettez pas en "
            "service, et prenez une autre sauvegarde."
        )


def _take_signer(survived: Path, target: Path) -> None:
    """The key and memory that survived, in place of older ones: they know what was signed since."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(survived, target, ignore=shutil.ignore_patterns("*.lock", "*.new"))


def _finish(place: Place, manifest: dict[str, Any]) -> int:
    code = console.run(place, "new_epoch", "--look")
    if code != 0:
        print(  # noqa: T201
            "La restauration n’est pas finie : rien n’est inscrit, ne mettez pas en service. À "
            f"« accedit new-epoch », ajoutez --data {place.folder.path} et "
            f"--made-at {manifest['made_at']}.",
            file=sys.stderr,
        )
        return code
    code = console.run(place, "fsck")
    if code != 0:
        print(  # noqa: T201
            "La restauration est faite, mais la vérification a trouvé des défauts : lisez-les "
            "avant de mettre en service.",
            file=sys.stderr,
        )
        return code
    return console.command("after_restore", f"--made-at={manifest['made_at']}")
