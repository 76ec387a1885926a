"""The blob store: bytes under an opaque key, written once.

Promise: when `finish` returns, the bytes are on the disk under their final name, and so
is the name (fsync of the file, rename, fsync of the folders). Until then nothing exists
but a file in `arrivees/`, which is swept after a day. Names of pieces never come here.
"""

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from django.conf import settings

from accedit.shared.kill_points import reach
from accedit.shared.refusals import Kind, Refusal

BLOCK = 1024 * 1024


class TooLarge(Refusal):
    kind = Kind.FULL
    code = "too_large"
    sentence = "Ce fichier dépasse la taille permise ({most_mb} Mo). Rien n'a été déposé : partagez-le en plusieurs fichiers, ou remettez-le à l'expert."


class LengthMismatch(Refusal):
    kind = Kind.UNREADABLE
    code = "length_mismatch"
    sentence = "Le fichier n'est pas arrivé en entier ({arrived} octets sur {declared}). Rien n'a été déposé : envoyez-le de nouveau."


class StoreFull(Refusal):
    kind = Kind.FULL
    code = "quota_full"
    sentence = "La plate-forme n'a plus de place pour ce fichier. Rien n'a été déposé ; l'exploitant est prévenu, réessayez plus tard."


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """Bytes that are safe, and when their first and last byte reached us."""

    key: UUID
    sha256: str
    size: int
    received_from: datetime
    received_at: datetime


class Disk:
    """Each call on a file or a folder by which the store changes the disk: one line, one call.

    The tests of a failing disk and of a pulled plug put their own in its place.
    """

    def open_new(self, path: Path) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)

    def write(self, handle: int, block: memoryview) -> int:
        return os.write(handle, block)

    def sync(self, handle: int) -> None:
        os.fsync(handle)

    def close(self, handle: int) -> None:
        os.close(handle)

    def rename(self, path: Path, target: Path) -> None:
        path.rename(target)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def make_folder(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def sync_folder(self, folder: Path) -> None:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


disk = Disk()
_lasting: set[Path] = set()  # folders whose names this process knows to be on the disk


class Receiving:
    """One file on its way in: hashed while it is written, never held in memory.

    A fault of the disk ends it: nothing is tried again on a descriptor that once failed,
    because the kernel may have thrown away what it could not write and say yes next time.
    """

    def __init__(
        self, *, received_from: datetime, declared: int | None = None, most: int | None = None
    ) -> None:
        self.received_from = received_from
        self._declared = declared
        self._most = settings.MAX_UPLOAD_BYTES if most is None else most
        if declared is not None and declared > self._most:
            raise TooLarge(most_mb=self._most // 10**6)
        self._hash = hashlib.sha256()
        self._size = 0
        with _named():
            self._path: Path | None = _arrivals() / uuid4().hex
            self._handle: int | None = disk.open_new(self._here())

    def write(self, block: bytes | memoryview) -> None:
        first = self._size == 0
        self._size += len(block)
        if self._size > self._most:
            raise TooLarge(most_mb=self._most // 10**6)
        self._hash.update(block)  # not a row
        rest = memoryview(block)
        with _named():
            while rest:
                rest = rest[disk.write(self._open(), rest) :]
        reach("upload.first_byte" if first else "upload.middle")

    def finish(self, *, received_at: datetime) -> StoredBlob:
        """The blob, once its bytes and its name are on the disk. Raises `StoreFull` or `OSError`;
        the caller then abandons it."""
        reach("upload.last_byte")
        if self._declared is not None and self._size != self._declared:
            raise LengthMismatch(arrived=self._size, declared=self._declared)
        sha256 = self._hash.hexdigest()
        reach("upload.hashed")
        key = uuid4()
        target = path_of(key)
        with _named():
            disk.sync(self._open())
            self._close()
            reach("upload.synced")
            _make_folder(target.parent)
            disk.rename(self._here(), target)
            self._path = target
            reach("upload.renamed")
            disk.sync_folder(target.parent)
        self._path = None
        reach("upload.folder_synced")
        return StoredBlob(key, sha256, self._size, self.received_from, received_at)

    def abandon(self) -> None:
        """Leave nothing behind of what was not finished, as far as the disk lets us: the sweeper
        takes the rest."""
        path, self._path = self._path, None
        with contextlib.suppress(OSError):
            self._close()
        with contextlib.suppress(OSError):
            if path is not None:
                disk.unlink(path)

    def _here(self) -> Path:
        if self._path is None:
            raise ValueError("this file was finished or abandoned")
        return self._path

    def _open(self) -> int:
        if self._handle is None:
            raise ValueError("this file is closed")
        return self._handle

    def _close(self) -> None:
        """Once: after a fault the number may already be another file's."""
        handle, self._handle = self._handle, None
        if handle is not None:
            disk.close(handle)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()


def path_of(key: UUID) -> Path:
    name = key.hex
    return Path(settings.BLOB_FOLDER) / name[:2] / name[2:4] / name


def read(key: UUID, *, start: int = 0, length: int | None = None) -> Iterator[bytes]:
    """Blocks of a blob. Raises FileNotFoundError before the first block."""
    with path_of(key).open("rb", buffering=0) as file:
        file.seek(start)
        left = path_of(key).stat().st_size - start if length is None else length
        while left > 0:
            block = file.read(min(BLOCK, left))
            if not block:
                return
            left -= len(block)
            yield block


def discard(key: UUID) -> None:
    """Take away bytes that became no piece. What a piece names is never passed here."""
    with contextlib.suppress(OSError):  # what stays is an orphan, for the sweeper
        disk.unlink(path_of(key))


def listing() -> Iterator[tuple[Path, UUID | None]]:
    """Every file of the store and its key, in no order; no key for a name that is not one."""
    for path in Path(settings.BLOB_FOLDER).glob("??/??/*"):
        try:
            yield path, UUID(path.name)
        except ValueError:
            yield path, None


def stale_arrivals(*, before: datetime) -> Iterator[Path]:
    """Files on their way in to which nothing was added since `before`: their sender is gone."""
    for path in _arrivals().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < before.timestamp():
                yield path


def _arrivals() -> Path:
    folder = Path(settings.BLOB_FOLDER) / "arrivees"
    if not folder.is_dir():
        disk.make_folder(folder.parent)
        disk.make_folder(folder)
    return folder


def _make_folder(folder: Path) -> None:
    """Make `folder`, and make its name as durable as what it will hold.

    A folder that exists may be another's, whose name is not yet on the disk: it is synced by
    whoever uses it first in each process.
    """
    if folder in _lasting and folder.is_dir():
        return
    if folder != Path(settings.BLOB_FOLDER):
        _make_folder(folder.parent)
    disk.make_folder(folder)
    disk.sync_folder(folder.parent)
    _lasting.add(folder)


@contextlib.contextmanager
def _named() -> Iterator[None]:
    """A full disk is a refusal that people can read; any other fault stays what it is."""
    try:
        yield
    except OSError as fault:
        if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StoreFull from fault
        raise
