"""The data folder: everything that one installation keeps, and nothing of anybody else's.

accedit.json    whose folder this is: a demo's or real; written first, so that a
                folder half made is still known as ours
accedit.toml    the settings
postgres/       the embedded database     blobs/    the pieces
signer/         what was signed, and by which key   secrets/  made at first need
signer.sock     where the signer answers while it serves; signer.cles: its public key
statique/       style sheets and scripts, made again by each version
en-marche       held by whoever serves this folder
"""

import fcntl
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from accedit.machine.refusals import MachineRefusal

MARKER = "accedit.json"
SETTINGS = "accedit.toml"
REAL, DEMO = "real", "demo"


@dataclass(frozen=True)
class DataFolder:
    path: Path
    kind: str
    loaded: bool

    @property
    def demo_file(self) -> Path:
        return self.path / "demo.json"

    @property
    def settings_module(self) -> str:
        return f"accedit.settings.{'dev' if self.kind == DEMO else 'prod'}"

    def mark_loaded(self) -> None:
        _write_marker(self.path, kind=self.kind, loaded=True)


def default_path() -> Path:
    """`ACCEDIT_DATA`, else where programs of a user keep their data."""
    if given := os.environ.get("ACCEDIT_DATA"):
        return Path(given).absolute()
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(home) / "accedit"


def existing(path: Path) -> DataFolder:
    """The folder of an installation that was made before."""
    found = _read_marker(path)
    if found is None:
        raise MachineRefusal(
            f"« {path} » ne contient pas de données d’Accédit : donnez le bon dossier avec "
            "« --data DOSSIER », ou créez-le avec « accedit init »."
        )
    return found


def made(path: Path, *, kind: str) -> DataFolder:
    """The folder, made if it is missing or empty; another's is refused, ours is only opened."""
    if (found := _read_marker(path)) is not None:
        if found.kind != kind:
            raise MachineRefusal(_other_kind(path, kind))
        return found
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise MachineRefusal(
            f"« {path} » contient déjà autre chose : donnez un dossier vide ou absent "
            "avec « --data DOSSIER ». Rien n’y a été touché."
        )
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.chmod(0o700)
    _write_marker(path, kind=kind, loaded=False)
    return DataFolder(path=path, kind=kind, loaded=False)


def emptied(folder: DataFolder) -> None:
    """Throw away a demo whose first loading was cut short: nobody has worked in it."""
    if folder.kind != DEMO or folder.loaded:
        raise MachineRefusal(f"« {folder.path} » contient des données : il n’est pas vidé.")
    for entry in folder.path.iterdir():
        if entry.name not in {MARKER, "en-marche"}:
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def held(folder: DataFolder) -> int:
    """Take the folder for serving; the lock lasts as long as the process that holds it."""
    lock = folder.path / "en-marche"
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise MachineRefusal(
            f"Accédit est déjà en marche sur « {folder.path} » (processus {lock.read_text()}) : "
            "utilisez-le, ou arrêtez-le d’abord."
        ) from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


def is_held(path: Path) -> bool:
    """Whether somebody serves this folder now."""
    try:
        descriptor = os.open(path / "en-marche", os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def written(path: Path, content: str) -> None:
    """A whole file or none, readable by its owner alone."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


def _other_kind(path: Path, kind: str) -> str:
    if kind == DEMO:
        return (
            f"« {path} » contient de vraies données : la démonstration ne l’ouvre pas. "
            "Donnez-lui un autre dossier avec « --data DOSSIER »."
        )
    return (
        f"« {path} » est le dossier d’une démonstration : lancez-la avec « bin/demo », ou créez "
        "un dossier pour de vrai avec « accedit init --data DOSSIER »."
    )


def _read_marker(path: Path) -> DataFolder | None:
    try:
        content = json.loads((path / MARKER).read_text(encoding="utf-8"))
        return DataFolder(path=path, kind=content["kind"], loaded=bool(content["loaded"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (ValueError, KeyError, TypeError) as damage:
        raise MachineRefusal(
            f"« {path / MARKER} » est illisible : restaurez ce dossier depuis une sauvegarde."
        ) from damage


def _write_marker(path: Path, *, kind: str, loaded: bool) -> None:
    written(path / MARKER, json.dumps({"kind": kind, "loaded": loaded}) + "\n")
