"""Page images of a piece, so that it is read without opening a hostile file (attacks.md D1, D6).

What a file is, its first bytes say; its name never does. A PDF or a plain image is drawn
by a process of its own that holds nothing (`accedit.machine.renderer`, reached by its
name: the machine stands above this part and is not imported). HTML, SVG, XML and office
documents have no preview. What could not be drawn is remembered, so that a bomb is lit
once and not at each visit; what takes too long, which a busy machine may also cause, is
tried three times.

Nothing here decides who may look: the door has entered the opening by
`filing.operations.readings.open_content(preview=True)` before it asks for a page.

    PREVIEW_FOLDER/ab/abcdef…-1/pages      how many pages, or a dash: no preview
    PREVIEW_FOLDER/ab/abcdef…-1/0003-1200  page 3 at 1200 pixels, or a dash: it cannot be drawn
    PREVIEW_FOLDER/ab/abcdef…-1/0003-1200.essais  one byte for each drawing that took too long

The folder may be emptied at any time: it is made again from the originals.
"""

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import BoundedSemaphore
from uuid import UUID, uuid4

from django.conf import settings

from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit
from accedit.shared.refusals import Kind, Refusal

logger = logging.getLogger(__name__)

RENDERER = "accedit.machine.renderer"
EDITION = 1  # of what is kept: a change of the drawing takes the next number
WIDTHS = (400, 800, 1200, 1800)
MOST_PAGES = 5_000
AT_ONCE = 2
PATIENCE = 20.0  # seconds for a place, then for the drawing
DRAWING = 30.0
MOST_TRIES = 3
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
NONE = "-"
ACTIVE = ("programme", "lancement", "envoi", "fichiers", "xfa")  # as `machine.activity` names them

_places = BoundedSemaphore(AT_ONCE)


class NoPreview(Refusal):
    kind = Kind.ABSENT
    code = "not_found"
    sentence = "Cette pièce ne peut pas être montrée à l'écran. Téléchargez-la pour l'ouvrir avec le logiciel qui convient."


class PreviewBusy(Refusal):
    kind = Kind.FULL
    code = "unavailable"
    sentence = "D'autres pages sont en cours de préparation : rechargez cette page dans un instant."


class _Failed(Exception):
    """The renderer said no, or did not live to say anything."""


class _TooSlow(Exception):
    """The renderer was killed before it was done."""


def pages(deposit: Deposit) -> int | None:
    """How many pages may be shown; None for a piece that has no preview."""
    return _pages(deposit.blob_id)


def page_png(deposit: Deposit, *, page: int = 1, width: int = 1200) -> bytes:
    """One page as a PNG, at the nearest of `WIDTHS`. Raises `NoPreview` and `PreviewBusy`."""
    key = deposit.blob_id
    count = _pages(key)
    if count is None or not 1 <= page <= count:
        raise NoPreview
    wide = min(WIDTHS, key=lambda one: abs(one - width))
    kept = _folder(key) / f"{page:04d}-{wide}"
    if not kept.is_file():
        _make(key, kept=kept, words=[str(page), str(wide)])
    picture = kept.read_bytes()
    if not picture.startswith(PNG_SIGNATURE):
        raise NoPreview
    return picture


def active_content(deposit: Deposit) -> list[str]:
    """What a program that opens the file could be made to do, as words of `ACTIVE`.

    A warning for people: a file that says nothing here is not thereby harmless.
    """
    kept = _folder(deposit.blob_id) / "actif"
    if not kept.is_file():
        try:
            _make(deposit.blob_id, kept=kept, words=["active"])
        except Refusal:
            return []
    said = kept.read_text(encoding="ascii", errors="replace").split()
    return [word for word in ACTIVE if word in said]


def kind_of(head: bytes) -> str | None:
    """`pdf`, `image` or nothing, from the first bytes of a file.

    Strict on purpose: a PDF that begins with something else is for its reader to open.
    """
    if head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n").startswith(b"%PDF-"):
        return "pdf"
    if head.startswith((PNG_SIGNATURE, b"\xff\xd8\xff", b"GIF87a", b"GIF89a")):
        return "image"
    if head.startswith((b"II*\0", b"MM\0*")):
        return "image"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image"
    return None


def _pages(key: UUID) -> int | None:
    kept = _folder(key) / "pages"
    if not kept.is_file():
        _make(key, kept=kept, words=["count"])
    said = kept.read_text(encoding="ascii", errors="replace")
    if not (said.isascii() and said.isdigit()) or int(said[:9]) < 1:
        return None
    return min(int(said[:9]), MOST_PAGES)


def _make(key: UUID, *, kept: Path, words: list[str]) -> None:
    """Draw into a file beside `kept`, then give it its name; a failure is kept as a dash."""
    for folder in (kept.parent.parent.parent, kept.parent.parent, kept.parent):
        folder.mkdir(exist_ok=True, mode=0o700)
    with _fresh(kept) as (fresh, handle):
        try:
            _draw(key, words=words, out=handle)
        except FileNotFoundError:
            logger.exception("the bytes of a piece are missing from the store: run fsck")
            raise NoPreview from None
        except _TooSlow:
            if _tried(kept) < MOST_TRIES:
                raise PreviewBusy from None
            _given_up(handle)
        except _Failed:
            _given_up(handle)
        fresh.rename(kept)


def _given_up(handle: int) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, NONE.encode(), 0)


def _tried(kept: Path) -> int:
    """How many drawings of this took too long, this one counted; several may end at once."""
    handle = os.open(
        kept.with_name(f"{kept.name}.essais"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600
    )
    try:
        os.write(handle, b".")
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


@contextlib.contextmanager
def _fresh(kept: Path) -> Iterator[tuple[Path, int]]:
    fresh = kept.with_name(f".{uuid4().hex}")
    handle = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield fresh, handle
    finally:
        os.close(handle)
        fresh.unlink(missing_ok=True)


def _draw(key: UUID, *, words: list[str], out: int) -> None:
    """Run the renderer on the blob; it gets the file, no environment, no name, no place."""
    with blobs.path_of(key).open("rb", buffering=0) as file:
        kind = kind_of(file.read(64))
        file.seek(0)
        if kind is None:
            raise _Failed
        if not _places.acquire(timeout=PATIENCE):
            raise PreviewBusy
        try:
            done = subprocess.run(  # noqa: S603  (our own module, numbers only)
                [sys.executable, "-I", "-m", RENDERER, kind, *words],
                stdin=file,
                stdout=out,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=DRAWING,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _TooSlow from None
        finally:
            _places.release()
        if done.returncode != 0:
            raise _Failed


def _folder(key: UUID) -> Path:
    return Path(settings.PREVIEW_FOLDER) / key.hex[:2] / f"{key.hex}-{EDITION}"
