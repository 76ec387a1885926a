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
from typing import BinaryIO, Self
from uuid import UUID, uuid4

from django.conf import settings

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


class Receiving:
    """One file on its way in: hashed while it is written, never held in memory."""

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
        self._path = _arrivals() / uuid4().hex
        self._file: BinaryIO = self._path.open("xb", buffering=0)

    def write(self, block: bytes | memoryview) -> None:
        self._size += len(block)
        if self._size > self._most:
            raise TooLarge(most_mb=self._most // 10**6)
        self._hash.update(block)  # not a row
        try:
            rest = memoryview(block)
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as fault:
            raise _named(fault) from fault

    def finish(self, *, received_at: datetime) -> StoredBlob:
        if self._declared is not None and self._size != self._declared:
            raise LengthMismatch(arrived=self._size, declared=self._declared)
        key = uuid4()
        target = path_of(key)
        try:
            os.fsync(self._file.fileno())
            self._file.close()
            _make_folder(target.parent)
            self._path.rename(target)
            sync_folder(target.parent)
        except OSError as fault:
            raise _named(fault) from fault
        return StoredBlob(key, self._hash.hexdigest(), self._size, self.received_from, received_at)

    def abandon(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

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
    path_of(key).unlink(missing_ok=True)


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


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _arrivals() -> Path:
    folder = Path(settings.BLOB_FOLDER) / "arrivees"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _make_folder(folder: Path) -> None:
    """Make `folder`, and make its name as durable as what it will hold."""
    if folder.is_dir():
        return
    _make_folder(folder.parent)
    folder.mkdir(exist_ok=True, mode=0o700)
    sync_folder(folder.parent)


def _named(fault: OSError) -> Exception:
    if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreFull()
    return fault
