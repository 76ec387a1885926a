"""The receipt: what a depositor keeps, and how anyone checks it without us.

What it proves, once its key is known to be the platform's:

- the platform entered this fact (who, what file by its SHA-256, when it says it
  received it) in the log of this room, at this place, and can no longer deny
  it: a log in which the entry is absent or different has another root, and two
  roots of one size under one key convict the platform;
- the file presented is, byte for byte, the one entered (`file_matches`).

What it does not prove:

- anything at all, as long as the key is not known from elsewhere: whoever can
  write a whole receipt can sign it with a key of their own and join that key.
  `valid` then says only that the receipt is whole;
- that the verifier page inside is honest: it came with the receipt. Take
  `accedit verify`, or a page from a receipt that you trust;
- the hour by itself: it is the platform's word until a time-stamp authority
  dates the head;
- that nothing else happened: an omission is countered by the receipt that
  another depositor holds, not by this one;
- what is inside the file, nor who sat at the keyboard.

A receipt is a ZIP of five members, in this order:

    piece.json         the claims of the entry that its holder may read, with their salts
    acts.tlog-proof    the leaf, its place, its path, the signed head (C2SP tlog-proof)
    cles.txt           the platform's keys, for convenience only
    verifier.html      a page that does the same checks in a browser, without network
    LISEZMOI.txt       what to do with it

The page follows the same rules in the same order; a test shows both thousands
of damaged receipts and compares their verdicts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import file_digest
from pathlib import Path
from typing import BinaryIO

from accedit_ledger import sentences
from accedit_ledger.archive import pack, unpack
from accedit_ledger.base64s import from_url, url
from accedit_ledger.canonical import JSON, canonical, parse_canonical
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.leaf import PADDED, SALT_SIZE, Leaf, Opening, read_leaf
from accedit_ledger.note import Note, VerifierKey, parse_note
from accedit_ledger.proofs import verify_inclusion
from accedit_ledger.tlog_proof import TlogProof
from accedit_ledger.verdict import Verdict

VERSION = "re1"
MEMBERS = ("piece.json", "acts.tlog-proof", "cles.txt", "verifier.html", "LISEZMOI.txt")
MAX_KEYS = 16

_README = Path(__file__).parent / "page" / "LISEZMOI.txt"


class _Refused(Exception):
    """Carries the French sentence; never leaves this module."""


@dataclass(frozen=True, slots=True)
class _Entry:
    proof: TlogProof
    note: Note
    checkpoint: Checkpoint
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Known:
    """The keys that the reader knows from elsewhere: whole, or by their fingerprint."""

    keys: tuple[VerifierKey, ...]
    fingerprints: frozenset[str]
    all_readable: bool

    @classmethod
    def parse(cls, entries: Sequence[str]) -> "Known":
        """An entry is a C2SP verifier key or the 32 digits of a fingerprint, spaces allowed."""
        keys, fingerprints, readable = [], set(), True
        for entry in entries:
            digits = "".join(entry.split()).lower()
            if len(digits) == 32 and not set(digits) - set("0123456789abcdef"):
                fingerprints.add(digits)
                continue
            try:
                keys.append(VerifierKey.parse(entry.strip()))
            except ValueError:
                readable = False
        return cls(tuple(keys), frozenset(fingerprints), readable)

    def trusts(self, key: VerifierKey) -> bool:
        return key in self.keys or key.fingerprint.replace(" ", "") in self.fingerprints

    def knows_another(self, key: VerifierKey) -> bool:
        return any(known.name == key.name for known in self.keys) and not self.trusts(key)


def make_receipt(
    *,
    leaf: bytes,
    index: int,
    openings: Sequence[Opening],
    path: Sequence[bytes],
    note: str,
    vkeys: Sequence[str],
    page: bytes,
) -> bytes:
    """The same arguments give the same bytes. Refuses, as a bug, to make one that fails its check.

    `openings`: only those that the holder may read. `page`: `page.build()`.
    """
    claims: JSON = [
        [url(opening.salt), opening.claim, opening.value]
        for opening in sorted(openings, key=lambda opening: opening.claim)
    ]
    contents = (
        canonical({"v": VERSION, "claims": claims}),
        TlogProof(leaf, index, tuple(path), note).text().encode(),
        "".join(f"{vkey}\n" for vkey in vkeys).encode(),
        page,
        _README.read_bytes(),
    )
    receipt = pack(dict(zip(MEMBERS, contents, strict=True)))
    verdict = verify_receipt(receipt, file=None, known=vkeys)
    if not verdict.is_success:
        raise ValueError(f"a receipt that would be refused: {verdict.reasons}")
    return receipt


def verify_receipt(data: bytes, *, file: BinaryIO | None, known: Sequence[str]) -> Verdict:
    """Check a receipt, and `file` against it. Whatever `data` is, the answer is a verdict."""
    trusted = Known.parse(known)
    warnings = () if trusted.all_readable else (sentences.UNREADABLE_KEY,)
    try:
        members = _members(data)
        entry = _entry(members["acts.tlog-proof"])
        claims = _claims(members["piece.json"], leaf=entry.leaf)
        key = _signer(entry, joined=_keys(members["cles.txt"]), known=trusted)
    except _Refused as refusal:
        return Verdict(valid=False, reasons=(str(refusal), *warnings))
    verdict = Verdict(
        valid=True,
        key_trusted=trusted.trusts(key),
        origin=entry.checkpoint.origin,
        index=entry.proof.index,
        size=entry.checkpoint.size,
        key=key,
        claims=claims,
        reasons=_doubts(key, trusted) + warnings,
    )
    return verdict if file is None else _compared(verdict, file)


def _members(data: bytes) -> dict[str, bytes]:
    try:
        members = unpack(data)
    except ValueError:
        raise _Refused(sentences.ARCHIVE) from None
    if tuple(members) != MEMBERS:
        raise _Refused(sentences.MEMBER)
    return members


def _entry(data: bytes) -> _Entry:
    """The leaf, shown to stand at its place in the tree of the head; nothing signed yet."""
    try:
        proof = TlogProof.parse(data.decode())
    except ValueError:
        raise _Refused(sentences.PROOF) from None
    try:
        note = parse_note(proof.note)
        checkpoint = Checkpoint.parse(note.text)
    except ValueError:
        raise _Refused(sentences.NOTE) from None
    try:
        leaf = read_leaf(proof.leaf)
    except ValueError:
        raise _Refused(sentences.LEAF) from None
    is_acts = leaf.log.endswith("/acts")  # an entry of the reads log is no receipt
    if (leaf.log, leaf.index) != (checkpoint.origin, proof.index) or not is_acts:
        raise _Refused(sentences.PLACE)
    try:
        verify_inclusion(
            index=proof.index,
            size=checkpoint.size,
            leaf=leaf.hash,
            path=proof.path,
            root=checkpoint.root,
        )
    except ValueError:
        raise _Refused(sentences.PATH) from None
    return _Entry(proof, note, checkpoint, leaf)


def _claims(data: bytes, *, leaf: Leaf) -> dict[str, JSON]:
    """The claims disclosed, each found in the leaf; `kind` is one of them, or nothing is said."""
    try:
        openings = _openings(data)
    except ValueError:
        raise _Refused(sentences.CLAIMS) from None
    if any(opening.digest not in leaf.digests for opening in openings):
        raise _Refused(sentences.DISCLOSURE)
    return {opening.claim: opening.value for opening in openings}


def _openings(data: bytes) -> list[Opening]:
    match parse_canonical(data):
        case {"v": "re1", "claims": list(rows), **rest} if not rest and len(rows) <= PADDED:
            openings = [_opening(row) for row in rows]
        case _:
            raise ValueError("not the claims of a receipt of this version")
    names = {opening.claim for opening in openings}
    if len(names) != len(openings) or "kind" not in names:
        raise ValueError("a claim stands twice, or the kind is missing")
    return openings


def _opening(row: JSON) -> Opening:
    match row:
        case [str(salt), str(claim), value] if len(from_url(salt)) == SALT_SIZE:
            return Opening(claim, from_url(salt), value)
    raise ValueError("not a salt, a name and a value")


def _keys(data: bytes) -> list[VerifierKey]:
    try:
        *lines, end = data.decode().split("\n")
        keys = [VerifierKey.parse(line) for line in lines]
    except ValueError:
        raise _Refused(sentences.KEYS) from None
    if end or not 0 < len(keys) <= MAX_KEYS:
        raise _Refused(sentences.KEYS)
    return keys


def _signer(entry: _Entry, *, joined: Sequence[VerifierKey], known: Known) -> VerifierKey:
    """The key to report: a known one rather than one that merely came along."""
    try:
        signers = entry.note.signers([*known.keys, *joined])
    except ValueError:
        raise _Refused(sentences.SIGNATURE) from None
    speaking = [key for key in signers if key.speaks_for(entry.checkpoint.origin)]
    if not speaking:
        raise _Refused(sentences.SIGNATURE)
    return next(filter(known.trusts, speaking), speaking[0])


def _doubts(key: VerifierKey, known: Known) -> tuple[str, ...]:
    if known.trusts(key):
        return ()
    comparison = sentences.TO_COMPARE.format(name=key.name, fingerprint=key.fingerprint)
    if known.knows_another(key):
        return (sentences.IMPOSTOR.format(name=key.name), comparison)
    return (comparison,)


def _compared(verdict: Verdict, file: BinaryIO) -> Verdict:
    if verdict.sha256 is None:
        return replace(verdict, file_matches=False, reasons=(*verdict.reasons, sentences.NO_FILE))
    if file_digest(file, "sha256").hexdigest() != verdict.sha256:  # type: ignore[arg-type]
        return replace(
            verdict, file_matches=False, reasons=(*verdict.reasons, sentences.OTHER_FILE)
        )
    return replace(verdict, file_matches=True)
