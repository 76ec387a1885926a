"""The text in which a leaf, its place and a signed head travel together (C2SP tlog-proof v1).

    c2sp.org/tlog-proof@v1
    extra <the leaf's bytes>
    index <place, from 0>
    <hash>…                     from the leaf's sibling upwards

    <checkpoint note, verbatim>

The `extra` line is not authenticated by the format; here it is, because its
hash is the one that the path proves.
"""

import re
from dataclasses import dataclass

from accedit_ledger.base64s import from_standard, standard
from accedit_ledger.leaf import MAX_LEAF
from accedit_ledger.note import MAX_NOTE
from accedit_ledger.proofs import MAX_SIZE
from accedit_ledger.tree import HASH_SIZE

HEADER = "c2sp.org/tlog-proof@v1"
MAX_PATH = 63
MAX_PROOF = MAX_NOTE + 16 * 1024

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class TlogProof:
    leaf: bytes
    index: int
    path: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        head = [HEADER, f"extra {standard(self.leaf)}", f"index {self.index}"]
        return "\n".join([*head, *map(standard, self.path), "", self.note])

    @classmethod
    def parse(cls, text: str) -> "TlogProof":
        """Strict: any text that `text` would not have written is refused with ValueError."""
        if len(text.encode()) > MAX_PROOF:
            raise ValueError("longer than a proof may be")
        head, gap, note = text.partition("\n\n")
        lines = head.split("\n")
        if not gap or len(lines) < 3 or lines[0] != HEADER:
            raise ValueError("not a proof of this version")
        index = _INDEX.fullmatch(lines[2])
        if not lines[1].startswith("extra ") or not index:
            raise ValueError("no leaf and index")
        if len(lines) > 3 + MAX_PATH:
            raise ValueError("longer than a path may be")
        leaf = from_standard(lines[1].removeprefix("extra "))
        path = tuple(map(from_standard, lines[3:]))
        if len(leaf) > MAX_LEAF or any(len(hash_) != HASH_SIZE for hash_ in path):
            raise ValueError("a hash has 32 bytes, a leaf 4096 at most")
        if int(index[1]) > MAX_SIZE:
            raise ValueError("not an index")
        return cls(leaf, int(index[1]), path, note)
