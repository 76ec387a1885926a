"""Bytes from a file to the line: read ahead by one block, so that disk and network overlap."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from accedit.serving.messages import BLOCK
from accedit.serving.threads import in_disk_thread


async def blocks_of(
    path: Path, *, start: int = 0, length: int | None = None
) -> AsyncIterator[bytes]:
    """`length` bytes of the file from `start` (all that follow by default), in blocks of 1 MiB.

    A file that ends too soon ends the blocks too soon: with a Content-Length announced,
    the line is then cut and no reader takes the part for the whole.
    """
    file = await in_disk_thread(path.open, "rb")
    ahead: asyncio.Task[bytes] | None = None
    try:
        await in_disk_thread(file.seek, start)
        left = await in_disk_thread(_rest, file) if length is None else length
        ahead = asyncio.ensure_future(in_disk_thread(file.read, min(BLOCK, left)))
        while block := await ahead:
            left -= len(block)
            ahead = asyncio.ensure_future(in_disk_thread(file.read, min(BLOCK, left)))
            yield block
    finally:
        if ahead is not None:
            await asyncio.gather(ahead, return_exceptions=True)
        await in_disk_thread(file.close)


def _rest(file: BinaryIO) -> int:
    here = file.tell()
    end = file.seek(0, 2)
    file.seek(here)
    return max(0, end - here)
