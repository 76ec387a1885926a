"""The keys that this computer has seen sign a trusted receipt: a file of lines, one key each."""

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from accedit_ledger.note import VerifierKey


@dataclass(frozen=True, slots=True)
class Keyring:
    file: Path

    def read(self) -> list[VerifierKey]:
        """A line that cannot be read is worth nothing: the key must then be compared again."""
        keys = []
        try:
            lines = self.file.read_text("utf-8", errors="replace").split()
        except (FileNotFoundError, NotADirectoryError):
            return []
        for line in lines:
            with suppress(ValueError):
                keys.append(VerifierKey.parse(line))
        return keys

    def contradicts(self, key: VerifierKey) -> bool:
        same_name = [known for known in self.read() if known.name == key.name]
        return bool(same_name) and key not in same_name

    def remember(self, key: VerifierKey) -> None:
        """Readable by its owner alone, and replaced whole: half a list would forget keys."""
        if key in self.read():
            return
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self.file.with_name(f"{self.file.name}.{os.getpid()}")
        text = "".join(f"{known.text}\n" for known in [*self.read(), key])
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self.file)
