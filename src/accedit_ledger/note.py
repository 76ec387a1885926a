"""Signed notes and their keys (C2SP signed-note, signature type 0x01: Ed25519).

A note is a text, an empty line, and signature lines «— name base64». The
parser is stricter than the specification where two readers could differ: one
doubled signature line, one needless blank line, one foreign character, and the
note is refused.

One key of a platform signs many logs. Its name is `<domain>/…` (for example
`accedit.example/journal`), and it speaks only for the origins
`<domain>/e/…` and `<domain>/platform`: a key of a test machine is then
worth nothing on a receipt of the real one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from accedit_ledger.base64s import from_standard, standard
from accedit_ledger.origin import is_origin_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ED25519 = b"\x01"
MAX_NOTE = 128 * 1024  # 16 post-quantum signatures fit
MAX_SIGNATURES = 16

# Unicode White_Space and the byte order mark, written out: Python and browsers do not agree on \s.
_SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
_NAME = re.compile(f"[^{_SPACES}+]{{1,255}}")
_LINE = re.compile(f"\u2014 ([^{_SPACES}+]{{1,255}}) ([A-Za-z0-9+/]+={{0,2}})")
_FORBIDDEN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")


class NoteRefused(ValueError):
    """Not a well-formed note, or not signed by a key that was given."""


@dataclass(frozen=True)
class VerifierKey:
    """What anyone needs to check a signature: `name+id+base64` in one word."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.public) != 32:
            raise ValueError("not the name and the 32 bytes of a key")

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        name, _, rest = text.partition("+")
        id_, _, encoded = rest.partition("+")
        data = from_standard(encoded)
        if data[:1] != ED25519:
            raise ValueError("not an Ed25519 key")
        key = cls(name, data[1:])
        if key.id.hex() != id_:
            raise ValueError("the key does not match its identifier")
        return key

    @cached_property
    def id(self) -> bytes:
        """Four bytes that find a key in a note; too short to tell two apart: see `fingerprint`."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:4]

    @cached_property
    def text(self) -> str:
        return f"{self.name}+{self.id.hex()}+{standard(ED25519 + self.public)}"

    @cached_property
    def fingerprint(self) -> str:
        """128 bits in eight groups, for a person to compare or to type."""
        digits = sha256(self.text.encode()).hexdigest()[:32]
        return " ".join(digits[start : start + 4] for start in range(0, 32, 4))

    @property
    def domain(self) -> str:
        return self.name.partition("/")[0]

    def speaks_for(self, origin: str) -> bool:
        return is_origin_of(self.domain, origin=origin)

    def verifies(self, *, signature: bytes, message: bytes) -> bool:
        # Here, not above: the library takes longer to load than a receipt to check.
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PublicKey,
        )

        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """The platform's secret; as text, what golang.org/x/mod/sumdb/note calls a signer key."""

    name: str
    seed: bytes

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or len(self.seed) != 32:
            raise ValueError("not the name and the 32 bytes of a key")

    def __repr__(self) -> str:
        return f"SigningKey({self.name!r})"

    @classmethod
    def generate(cls, name: str) -> "SigningKey":
        from secrets import token_bytes  # noqa: PLC0415

        return cls(name, token_bytes(32))

    @classmethod
    def from_text(cls, text: str) -> "SigningKey":
        private, _, rest = text.strip().partition("+KEY+")
        name, _, rest = rest.partition("+")
        id_, _, encoded = rest.partition("+")
        data = from_standard(encoded)
        if private != "PRIVATE" or data[:1] != ED25519:
            raise ValueError("not the text of an Ed25519 signing key")
        key = cls(name, data[1:])
        if key.verifier.id.hex() != id_:
            raise ValueError("the key does not match its identifier")
        return key

    def to_text(self) -> str:
        return f"PRIVATE+KEY+{self.name}+{self.verifier.id.hex()}+{standard(ED25519 + self.seed)}"

    @cached_property
    def _private(self) -> "Ed25519PrivateKey":
        from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
            Ed25519PrivateKey,
        )

        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self._private.public_key().public_bytes_raw())

    @property
    def vkey(self) -> str:
        return self.verifier.text

    def signature_line(self, text: str) -> str:
        signature = self._private.sign(text.encode())
        return f"\u2014 {self.name} {standard(self.verifier.id + signature)}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart; nothing in it is verified yet."""

    text: str
    signatures: tuple[Signature, ...]

    def signers(self, keys: Sequence[VerifierKey]) -> list[VerifierKey]:
        """Those of `keys` that signed; a bad signature of one of them refuses the whole note."""
        signers = []
        for key in keys:
            for signature in self.signatures:
                if (signature.name, signature.key_id) != (key.name, key.id):
                    continue
                if not key.verifies(signature=signature.data, message=self.text.encode()):
                    raise NoteRefused("a signature is false")
                if key not in signers:
                    signers.append(key)
        return signers


def sign_text(text: str, key: SigningKey) -> str:
    return f"{text}\n{key.signature_line(text)}"


def parse_note(note: str) -> Note:
    if len(note.encode(errors="replace")) > MAX_NOTE:
        raise NoteRefused("longer than a note may be")
    if _FORBIDDEN.search(note):
        raise NoteRefused("a control character")
    text, gap, block = note.rpartition("\n\n")
    if not gap or not text or not block.endswith("\n"):
        raise NoteRefused("no text, empty line and signatures")
    lines = block[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteRefused(f"more than {MAX_SIGNATURES} signatures")
    signatures = tuple(_signature(line) for line in lines)
    if len({(signature.name, signature.key_id) for signature in signatures}) != len(signatures):
        raise NoteRefused("two signatures of one key")
    return Note(text + "\n", signatures)


def _signature(line: str) -> Signature:
    match = _LINE.fullmatch(line)
    if not match:
        raise NoteRefused("not a signature line")
    try:
        data = from_standard(match[2])
    except ValueError as error:
        raise NoteRefused(str(error)) from error
    if len(data) <= 4:
        raise NoteRefused("a signature without its bytes")
    return Signature(match[1], data[:4], data[4:])
