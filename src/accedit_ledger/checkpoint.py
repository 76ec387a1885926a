"""The signed head of a log (C2SP tlog-checkpoint): origin, size, root.

Extension lines, which the specification allows and does not recommend, are
refused: nobody could audit them. So is the empty tree, which commits to nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from accedit_ledger.base64s import from_standard, standard
from accedit_ledger.note import NoteRefused, SigningKey, VerifierKey, parse_note, sign_text
from accedit_ledger.origin import is_origin
from accedit_ledger.proofs import MAX_SIZE
from accedit_ledger.tree import HASH_SIZE

_SIZE = re.compile(r"[1-9][0-9]{0,15}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not is_origin(self.origin):
            raise ValueError("not the name of a log")
        if not 0 < self.size <= MAX_SIZE:
            raise ValueError("not the size of a log")
        if len(self.root) != HASH_SIZE:
            raise ValueError("a root has 32 bytes")

    def lines(self) -> str:
        """The three lines that are signed, printed and mailed, each with its end of line."""
        return f"{self.origin}\n{self.size}\n{standard(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise ValueError("not three lines")
        origin, size, root, _ = lines
        if not _SIZE.fullmatch(size):
            raise ValueError("not the size of a log")
        return cls(origin, int(size), from_standard(root))


def sign(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The note. Only `signer.Signer` may hand one out: it makes sure of what was signed before."""
    if not key.verifier.speaks_for(checkpoint.origin):
        raise ValueError(f"the key {key.name} does not speak for {checkpoint.origin}")
    return sign_text(checkpoint.lines(), key)


def open_note(text: str, keys: Sequence[VerifierKey]) -> tuple[Checkpoint, list[VerifierKey]]:
    """The checkpoint and those of `keys` that signed it; refused where none did."""
    note = parse_note(text)
    try:
        checkpoint = Checkpoint.parse(note.text)
    except ValueError as error:
        raise NoteRefused(str(error)) from error
    signers = [key for key in note.signers(keys) if key.speaks_for(checkpoint.origin)]
    if not signers:
        raise NoteRefused("no signature of a key that speaks for this log")
    return checkpoint, signers
