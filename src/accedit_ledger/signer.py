"""The one place that signs the heads of logs, and never two roots for one size.

It keeps its own memory, apart from the database, and in each call *stores,
then signs*: killed between the two it has promised nothing that it does not
remember. A database restored from an older copy, or tampered with, comes with
a smaller size or a root that does not continue the last one, and is refused.
It is in effect the log's first witness; another machine may hold it later.
"""

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from accedit_ledger.checkpoint import Checkpoint, sign
from accedit_ledger.note import SigningKey
from accedit_ledger.proofs import ProofRefused, verify_consistency

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class SignerRefuses(Exception):
    """What is asked contradicts what was signed before."""


class StoreDamaged(Exception):
    """The memory of what was signed cannot be read. Never taken for an empty memory."""


class StoreHeld(OSError):
    """Another signer works on this memory."""


class Store:
    """The last head signed for each origin: one small file each, in a folder of its own.

    A signer's process holds the whole folder as long as it lives (`hold`); commands that sign
    by themselves while no process does share it, one call at a time (`shared`).
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._held: int | None = None
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def hold(self) -> None:
        """Keep every other signer off, until this process ends. Raises `StoreHeld`."""
        self._held = self._folder_lock(alone=True)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """No process holds the folder, nor will until the end of the block. Raises `StoreHeld`."""
        if self._held is not None:
            yield
            return
        descriptor = self._folder_lock(alone=False)
        try:
            yield
        finally:
            os.close(descriptor)

    def heads(self) -> Iterator[Checkpoint]:
        """All that is remembered, but for what cannot be read: `last` says that of its origin."""
        for file in sorted(self.folder.glob("*.head")):
            with contextlib.suppress(ValueError, FileNotFoundError):
                yield Checkpoint.parse(file.read_text(encoding="utf-8"))

    def last(self, origin: str) -> Checkpoint | None:
        try:
            text = self._file(origin).read_bytes().decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise StoreDamaged(str(self._file(origin))) from error
        try:
            checkpoint = Checkpoint.parse(text)
        except ValueError as error:
            raise StoreDamaged(str(self._file(origin))) from error
        if checkpoint.origin != origin:
            raise StoreDamaged(str(self._file(origin)))
        return checkpoint

    def record(self, checkpoint: Checkpoint) -> None:
        """On the disk when this returns, whole or not at all. Call within `lock`."""
        file = self._file(checkpoint.origin)
        fresh = file.with_suffix(".new")
        with fresh.open("wb") as stream:
            stream.write(checkpoint.lines().encode())
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(file)
        self._sync_folder()

    @contextmanager
    def lock(self, origin: str) -> Iterator[None]:
        """One caller at a time for an origin, threads and processes alike."""
        with self._file(origin).with_suffix(".lock").open("ab") as stream:
            if sys.platform == "win32":
                stream.seek(0)
                msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
            else:
                fcntl.flock(stream, fcntl.LOCK_EX)
            try:
                yield
            finally:
                if sys.platform == "win32":
                    stream.seek(0)
                    msvcrt.locking(stream.fileno(), msvcrt.LK_UNLCK, 1)

    def _folder_lock(self, *, alone: bool) -> int:
        """Windows cannot share a lock: there, the lock of each origin is the only one."""
        descriptor = os.open(self.folder / "signataire.lock", os.O_RDWR | os.O_CREAT, 0o600)
        if sys.platform != "win32":
            try:
                fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError as fault:
                os.close(descriptor)
                raise StoreHeld(
                    fault.errno, "another signer is at work", str(self.folder)
                ) from fault
        return descriptor

    def _file(self, origin: str) -> Path:
        return self.folder / f"{sha256(origin.encode()).hexdigest()}.head"

    def _sync_folder(self) -> None:
        if sys.platform == "win32":
            return  # a folder cannot be opened there; the rename is journalled
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


class Signer:
    """`stored` is called when a head is remembered and not signed yet: a seam for tests of crashes."""

    def __init__(
        self, key: SigningKey, store: Store, *, stored: Callable[[], None] = lambda: None
    ) -> None:
        self.key = key
        self.store = store
        self.stored = stored

    def sign(self, checkpoint: Checkpoint, *, consistency: Callable[[int], list[bytes]]) -> str:
        """The signed note of `checkpoint`; the same head gives the same note again.

        `consistency(old)` is called with the last size signed, if it is smaller,
        and gives the proof from there (`proofs.consistency_proof`).
        """
        if not self.key.verifier.speaks_for(checkpoint.origin):
            raise SignerRefuses(f"the key {self.key.name} does not speak for {checkpoint.origin}")
        with self.store.shared(), self.store.lock(checkpoint.origin):
            last = self.store.last(checkpoint.origin)
            if last != checkpoint:
                if last is not None:
                    _require_continuation(last, checkpoint, consistency)
                self.store.record(checkpoint)
                self.stored()
            return sign(checkpoint, self.key)

    def last(self, origin: str) -> Checkpoint | None:
        return self.store.last(origin)

    def heads(self) -> Iterator[Checkpoint]:
        return self.store.heads()


def kept_in(folder: Path, *, domain: str) -> Signer:
    """The signer whose key and memory are in `folder`; both are made at first need."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return Signer(_key(folder / "cle", name=f"{domain}/journal"), Store(folder / "heads"))


def _key(path: Path, *, name: str) -> SigningKey:
    """The platform's key, made once: whoever links the file first wins, the others read it."""
    if not path.is_file():
        fresh = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        fresh.touch(mode=0o600)
        with fresh.open("w", encoding="ascii") as file:
            file.write(SigningKey.generate(name).to_text())
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
        fresh.unlink()
    return SigningKey.from_text(path.read_text(encoding="ascii"))


def _require_continuation(
    last: Checkpoint, checkpoint: Checkpoint, consistency: Callable[[int], list[bytes]]
) -> None:
    if checkpoint.size < last.size:
        raise SignerRefuses(f"{checkpoint.size} leaves asked, {last.size} already signed")
    if checkpoint.size == last.size:
        raise SignerRefuses(f"another root was signed for {last.size} leaves")
    try:
        verify_consistency(
            old=last.size,
            new=checkpoint.size,
            path=consistency(last.size),
            old_root=last.root,
            new_root=checkpoint.root,
        )
    except ProofRefused as refusal:
        raise SignerRefuses(f"the log does not continue what was signed: {refusal}") from refusal
