"""A ZIP written as it leaves, in constant memory whatever its size.

Python's own `zipfile` writes to what cannot be rewound: sizes and sums follow each member.
Members are deflated at level 0, that is stored in the frame of deflate: a reader that takes
the file as a stream then finds each end too, which it does not of a member plainly stored.
"""

import zipfile
from collections.abc import AsyncIterator
from datetime import datetime
from typing import IO

from accedit.serving.threads import in_disk_thread

GATHERED = 64 * 1024
NEITHER_COMPRESSED = 0
OLDEST = 1980
LIMIT = 2**32 - 2**27  # deflate adds a little: beyond, the sizes take eight octets


class Zipping:
    """Open a member, write it, and take what is ready; `finished` ends the archive."""

    def __init__(self) -> None:
        self._ready = _Ready()
        self._archive = zipfile.ZipFile(self._ready, "w", zipfile.ZIP_DEFLATED)
        self._member: IO[bytes] | None = None

    def begin(self, path: str, *, size: int, at: datetime) -> None:
        self.end()
        local = at.timetuple()[:6] if at.year >= OLDEST else (OLDEST, 1, 1, 0, 0, 0)
        info = zipfile.ZipInfo(path, date_time=local)
        info.compress_type = zipfile.ZIP_DEFLATED
        info._compresslevel = NEITHER_COMPRESSED  # type: ignore[attr-defined]  # public from 3.13 on
        info.external_attr = 0o100600 << 16  # a plain file, of its owner
        self._member = self._archive.open(info, "w", force_zip64=size > LIMIT)

    def end(self) -> None:
        if self._member is not None:
            self._member.close()
            self._member = None

    def write(self, block: bytes) -> None:
        assert self._member is not None
        self._member.write(block)

    def taken(self, *, least: int = GATHERED) -> bytes:
        """What is ready to leave, once it is worth the way."""
        return self._ready.taken() if len(self._ready.octets) >= least else b""

    def close(self) -> None:
        """The end of the archive, or the end of a line that broke: nothing is kept open."""
        self.end()
        self._archive.close()


class _Ready:
    """Where the archive writes: it cannot be rewound, and forgets what was taken."""

    def __init__(self) -> None:
        self.octets = bytearray()

    def write(self, octets: bytes) -> int:
        self.octets += octets
        return len(octets)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is kept open."""

    def taken(self) -> bytes:
        octets, self.octets = bytes(self.octets), bytearray()
        return octets


async def fed(zipping: Zipping, blocks: AsyncIterator[bytes], *, size: int) -> AsyncIterator[bytes]:
    """The blocks of one member on their way out. Fewer or more octets than were announced: a
    fault of ours, and the line is cut."""
    written = 0
    async for block in blocks:
        await in_disk_thread(zipping.write, block)
        written += len(block)
        if ready := zipping.taken():
            yield ready
    if written != size:
        raise OSError("the bytes of a piece are not those that were stored: run fsck")
