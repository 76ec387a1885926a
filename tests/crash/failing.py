"""Disks that fail as they are told, at the blob store's own seam."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from accedit.domain.filing import blobs
from accedit.domain.filing.blobs import Disk

CALLS = ("open_new", "write", "sync", "close", "rename", "make_folder", "sync_folder", "unlink")


@dataclass
class FailingDisk(Disk):
    """The `at`-th call of one kind fails with `error`, and so does every later one if `lasting`.

    A sync that failed once is a trap: the kernel may answer yes to the next one on the same
    descriptor though the bytes are gone. `tried_again` counts who fell into it.
    """

    error: int
    call: str
    at: int = 1
    lasting: bool = False
    counted: "Counter[str]" = field(default_factory=Counter)
    failed: set[int] = field(default_factory=set)
    tried_again: int = 0

    def _count(self, call: str) -> bool:
        """Whether this call is to fail."""
        self.counted[call] += 1
        if call != self.call:
            return False
        return self.counted[call] == self.at or (self.lasting and self.counted[call] > self.at)

    def _fail(self, call: str) -> None:
        if self._count(call):
            raise OSError(self.error, os.strerror(self.error))

    def open_new(self, path: Path) -> int:
        self._fail("open_new")
        handle = super().open_new(path)
        self.failed.discard(handle)
        return handle

    def write(self, handle: int, block: memoryview) -> int:
        self._fail("write")
        return super().write(handle, block)

    def sync(self, handle: int) -> None:
        self.tried_again += handle in self.failed
        if self._count("sync"):
            self.failed.add(handle)
            raise OSError(self.error, os.strerror(self.error))
        super().sync(handle)

    def close(self, handle: int) -> None:
        super().close(handle)  # a failing close lets go of its descriptor all the same
        self._fail("close")

    def rename(self, path: Path, target: Path) -> None:
        self._fail("rename")
        super().rename(path, target)

    def unlink(self, path: Path) -> None:
        self._fail("unlink")
        super().unlink(path)

    def make_folder(self, folder: Path) -> None:
        self._fail("make_folder")
        super().make_folder(folder)

    def sync_folder(self, folder: Path) -> None:
        self._fail("sync_folder")
        super().sync_folder(folder)


@dataclass
class ShortDisk(Disk):
    """Takes fewer bytes than it is given, as a kernel may."""

    most: int = 1000

    def write(self, handle: int, block: memoryview) -> int:
        return super().write(handle, block[: self.most])


@contextmanager
def disk_of(disk: Disk) -> Iterator[Disk]:
    """The store works on `disk`, and knows no folder from before."""
    before, known = blobs.disk, set(blobs._lasting)
    blobs.disk = disk
    blobs._lasting.clear()
    try:
        yield disk
    finally:
        blobs.disk = before
        blobs._lasting.update(known)
