"""Read every stored byte again, a slice at a time, and say which are no longer what was deposited.

Disks rot and hands slip; a hash that is never compared shows it years later. Each slice
takes up where the last one stopped, so that the whole store is read within
`settings.SCRUB_DAYS`; where it is, and what it found, is kept beside the bytes. Whoever
asks for such a piece is told in a sentence, and never given other bytes in its place.
"""

import hashlib
import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from accedit.domain.filing import blobs
from accedit.domain.filing.models import Blob
from accedit.shared.refusals import Kind, Refusal

logger = logging.getLogger(__name__)

LEAST = 64 * 1024 * 1024  # bytes a slice: a small store is read whole each time it is due
START = UUID(int=0)


class DamagedBytes(Refusal):
    kind = Kind.FULL
    code = "unavailable"
    sentence = "Cette pièce ne peut pas être remise : ses octets ne sont plus ceux qui ont été déposés. Rien d'autre ne vous est donné à sa place. L'exploitant doit la rétablir depuis une sauvegarde ; son récépissé de dépôt reste la preuve de l'original."


@dataclass(frozen=True, slots=True)
class Scrubbed:
    files: int
    octets: int
    damaged: tuple[UUID, ...]


def require_sound(blob: Blob) -> Path:
    """Where the bytes are, if nothing says that they are others. Raises `DamagedBytes`."""
    if not is_sound(blob.pk, size=blob.size):
        raise DamagedBytes
    return blobs.path_of(blob.pk)


def is_sound(key: UUID, *, size: int) -> bool:
    """Whether nothing says that the bytes are others; the operator is told of each that are."""
    try:
        whole = blobs.path_of(key).stat().st_size == size
    except OSError:
        whole = False
    if whole and not _mark(key).exists():
        return True
    logger.error("the bytes of blob %s are not those that were stored: run fsck", key)
    return False


def scrub(*, at: datetime, every: timedelta) -> Scrubbed:
    """The next slice, as large as it must be if it is asked for once in `every`."""
    slices = max(1, timedelta(days=settings.SCRUB_DAYS) // every)
    total = Blob.objects.aggregate(sum=Sum("size"))["sum"] or 0
    files = octets = 0
    damaged = []
    after = _progress()
    for blob in _blobs_from(after):
        if octets >= max(LEAST, -(-total // slices)):
            break
        files, octets, after = files + 1, octets + blob.size, blob.pk
        if _is_whole(blob):
            _mark(blob.pk).unlink(missing_ok=True)  # put back meanwhile
        else:
            damaged.append(blob.pk)
            _tell(blob.pk, at=at)
    else:
        after = START  # the end: the next slice begins again
    _keep(after, at=at)
    return Scrubbed(files, octets, tuple(damaged))


def damaged() -> set[UUID]:
    """What was found changed, and was not found whole again since."""
    found = {UUID(mark.name) for mark in _mark(START).parent.glob("[0-9a-f]" * 32)}
    return set(Blob.objects.filter(pk__in=found).values_list("pk", flat=True))


def _blobs_from(after: UUID) -> Iterator[Blob]:
    yield from Blob.objects.filter(pk__gt=after).order_by("pk").iterator(chunk_size=500)


def _is_whole(blob: Blob) -> bool:
    try:
        with blobs.path_of(blob.pk).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == blob.sha256
    except OSError:
        return False


def _tell(key: UUID, *, at: datetime) -> None:
    logger.error("the bytes of blob %s are not those that were stored: run fsck", key)
    mark = _mark(key)
    if not mark.exists():
        mark.parent.mkdir(mode=0o700, exist_ok=True)
        mark.write_text(at.isoformat(), encoding="ascii")


def _mark(key: UUID) -> Path:
    return Path(settings.BLOB_FOLDER) / "abimees" / key.hex


def _state() -> Path:
    return Path(settings.BLOB_FOLDER) / "relecture.json"


def _progress() -> UUID:
    """Where the last slice stopped; the beginning if that was lost."""
    try:
        return UUID(json.loads(_state().read_text(encoding="utf-8"))["after"])
    except (OSError, ValueError, KeyError, TypeError):
        return START


def _keep(after: UUID, *, at: datetime) -> None:
    fresh = _state().with_suffix(".new")
    fresh.write_text(json.dumps({"after": str(after), "at": at.isoformat()}), encoding="utf-8")
    fresh.replace(_state())
