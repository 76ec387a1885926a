"""A disk whose plug is pulled: what was not synced may be gone, wholly or in part.

The files are real. Beside them is kept what a power cut is sure to leave: of a file, the
bytes of its last sync; of a folder, the names of its last sync. Everything done since may
have reached the disk or not, each thing by itself and in any order, as on a file system
without a journal (a journal only makes fewer of these ends possible). PostgreSQL and the
signer's store are not under it: `test_power.py` pulls the plug of a whole machine's disk.
"""

import os
import random
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from accedit.domain.filing.blobs import Disk


@dataclass
class _File:
    """One inode: its bytes as written, and how many of them are on the disk for sure."""

    written: bytearray = field(default_factory=bytearray)
    synced: bytes | None = None


@dataclass
class ForgetfulDisk(Disk):
    """`root` is the folder that was there, with its name, before anything."""

    root: Path
    _files: dict[Path, _File] = field(default_factory=dict)
    _open: dict[int, _File] = field(default_factory=dict)
    _sure: dict[Path, dict[str, object]] = field(default_factory=dict)
    _since: list[tuple[Path, str, object]] = field(default_factory=list)

    def open_new(self, path: Path) -> int:
        handle = super().open_new(path)
        self._files[path] = self._open[handle] = _File()
        self._name(path, self._files[path])
        return handle

    def write(self, handle: int, block: memoryview) -> int:
        count = super().write(handle, block)
        self._open[handle].written += block[:count]
        return count

    def sync(self, handle: int) -> None:
        super().sync(handle)
        self._open[handle].synced = bytes(self._open[handle].written)

    def close(self, handle: int) -> None:
        super().close(handle)
        self._open.pop(handle)

    def rename(self, path: Path, target: Path) -> None:
        super().rename(path, target)
        file = self._files[target] = self._files.pop(path)
        self._name(path, None)
        self._name(target, file)

    def unlink(self, path: Path) -> None:
        super().unlink(path)
        self._files.pop(path, None)
        self._name(path, None)

    def make_folder(self, folder: Path) -> None:
        was = folder.is_dir()
        super().make_folder(folder)
        if not was:
            self._name(folder, "folder")

    def sync_folder(self, folder: Path) -> None:
        super().sync_folder(folder)
        kept = []
        for place, name, what in self._since:
            if place == folder:
                self._sure.setdefault(place, {})[name] = what
            else:
                kept.append((place, name, what))
        self._since = kept

    def _name(self, path: Path, what: object) -> None:
        self._since.append((path.parent, path.name, what))

    def after_the_cut(self, to: Path, *, dice: random.Random) -> None:
        """Lay in `to` one of the states in which the disk may be found."""
        names = {folder: dict(entries) for folder, entries in self._sure.items()}
        for folder, name, what in self._since:
            if dice.random() < 0.5:
                names.setdefault(folder, {})[name] = what
        shutil.rmtree(to, ignore_errors=True)
        to.mkdir()
        self._lay(self.root, to, names, dice)

    def _lay(
        self, place: Path, to: Path, names: dict[Path, dict[str, object]], dice: random.Random
    ) -> None:
        for name, what in names.get(place, {}).items():
            if what == "folder":
                (to / name).mkdir()
                self._lay(place / name, to / name, names, dice)
            elif isinstance(what, _File):
                (to / name).write_bytes(_found(what, dice))


def _found(file: _File, dice: random.Random) -> bytes:
    """What was synced, then any part of what was not, or holes in its place."""
    if file.synced is not None and len(file.synced) == len(file.written):
        return file.synced
    sure = file.synced or b""
    rest = bytes(file.written[len(sure) :])
    if dice.random() < 0.3:
        return sure + bytes(len(rest))  # the length arrived, the bytes did not
    return sure + rest[: dice.randint(0, max(0, len(rest) - 1))]


class WithoutSync(ForgetfulDisk):
    """The mutant that does not sync the bytes."""

    def sync(self, handle: int) -> None:
        os.fstat(handle)


class WithoutFolderSync(ForgetfulDisk):
    """The mutant that syncs no folder: neither the name of a blob nor those above it."""

    def sync_folder(self, folder: Path) -> None:
        folder.stat()


class WithoutParentSync(ForgetfulDisk):
    """The mutant that syncs the folder of the blob, and not the folders above it."""

    def sync_folder(self, folder: Path) -> None:
        if len(folder.relative_to(self.root).parts) == 3:
            super().sync_folder(folder)
