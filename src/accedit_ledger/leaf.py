"""A leaf of the log: what happened, as digests that only its reader can open.

    { "v":"ev1", "log":<origin>, "i":<index>, "t":<UTC, milliseconds>,
      "a":<SHA-256 of the latest time-stamp token, or null>, "sd":[24 digests] }

Clear in a leaf: version, log, index, hour, anchor. Each claim stands only as
the digest of a salted disclosure (RFC 9901); deleting the opening erases the
datum and leaves the tree valid. Decoys fill up `sd`, so that the number of
claims tells nothing of what happened.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from accedit_ledger.base64s import from_url, url
from accedit_ledger.canonical import JSON, MAX_INTEGER, canonical, parse_canonical
from accedit_ledger.origin import is_origin
from accedit_ledger.tree import HASH_SIZE, leaf_hash

VERSION = "ev1"
PADDED = 24
SALT_SIZE = 32
MAX_CLAIMS = 256 * 1024  # all disclosures of a leaf: a receipt must hold them
MAX_LEAF = 4096  # tiles of the C2SP prefix an entry with 16 bits; a leaf stays well below

_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """A claim with the salt that hides it: whoever holds it can find the claim in its leaf."""

    claim: str
    salt: bytes
    value: JSON

    @property
    def disclosure(self) -> str:
        """RFC 9901, section 4.2.1; never nested so deeply that a receipt could not hold it."""
        return url(canonical([url(self.salt), self.claim, self.value], under=2))

    @property
    def digest(self) -> str:
        """RFC 9901, section 4.2.3: a hash of the disclosure's text, not of its bytes decoded."""
        return digest_of(self.disclosure)


def digest_of(disclosure: str) -> str:
    return url(sha256(disclosure.encode("ascii")).digest())


@dataclass(frozen=True, slots=True)
class Leaf:
    log: str
    index: int
    at: datetime
    anchor: str | None
    digests: tuple[str, ...]
    data: bytes

    @property
    def hash(self) -> bytes:
        return leaf_hash(self.data)


class LeafRefused(ValueError):
    """These bytes are not a leaf of this version."""


def new_openings(claims: Mapping[str, JSON], *, random: Callable[[int], bytes]) -> list[Opening]:
    """A fresh salt for each claim: a name or a yes can then not be guessed from its digest."""
    return [Opening(claim, random(SALT_SIZE), value) for claim, value in claims.items()]


def leaf_data(
    *,
    log: str,
    index: int,
    at: datetime,
    anchor: str | None,
    openings: Sequence[Opening],
    decoy: Callable[[], bytes],
) -> bytes:
    """The bytes to hash and keep; `decoy` gives random bytes, 32 at least."""
    if len({opening.claim for opening in openings}) != len(openings):
        raise ValueError("a claim stands twice")
    if len(openings) > PADDED:
        raise ValueError(f"more than {PADDED} claims: put the long ones in a tree of their own")
    if any(len(opening.salt) != SALT_SIZE for opening in openings):
        raise ValueError("a salt has 32 bytes")
    disclosures = [opening.disclosure for opening in openings]
    if sum(map(len, disclosures)) > MAX_CLAIMS:
        raise ValueError("claims too long for a receipt: put the long ones in a tree of their own")
    digests = [digest_of(disclosure) for disclosure in disclosures]
    while len(digests) < PADDED:
        digests.append(url(sha256(decoy()).digest()))
    data = canonical(
        {
            "v": VERSION,
            "log": log,
            "i": index,
            "t": utc_text(at),
            "a": anchor,
            "sd": sorted(digests),
        }
    )
    return read_leaf(data).data


def read_leaf(data: bytes) -> Leaf:
    """Strict: canonical bytes, known version, exactly the members above."""
    try:
        return _leaf(data)
    except ValueError as error:
        raise LeafRefused(str(error)) from error


def utc_text(at: datetime) -> str:
    """The one spelling of an hour in the log: UTC, milliseconds, Z."""
    if at.utcoffset() is None:
        raise ValueError("an hour without its zone")
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_hour(text: str) -> datetime:
    """Read what `utc_text` wrote."""
    if not _INSTANT.fullmatch(text):
        raise ValueError("not an hour in UTC with milliseconds")
    hour = datetime.fromisoformat(text)
    if utc_text(hour) != text:
        raise ValueError("an hour that does not exist")
    return hour


def _leaf(data: bytes) -> Leaf:
    if len(data) > MAX_LEAF:
        raise ValueError("longer than 4 KiB")
    match parse_canonical(data):
        case {
            "v": "ev1",
            "log": str(log),
            "i": int(index),
            "t": str(at),
            "a": anchor,
            "sd": list(digests),
            **rest,
        }:
            if rest:
                raise ValueError("a member that this version does not know")
        case {"v": str(version)} if version != VERSION:
            raise ValueError("a version that is not known")
        case _:
            raise ValueError("a member is missing or not of its kind")
    if isinstance(index, bool) or not 0 <= index < MAX_INTEGER:
        raise ValueError("the index is not one")
    if not is_origin(log):
        raise ValueError("the log's name is not one")
    read = tuple(map(_digest, digests))
    _require_digests(read)
    return Leaf(
        log=log,
        index=index,
        at=utc_hour(at),
        anchor=None if anchor is None else _digest(anchor),
        digests=read,
        data=data,
    )


def _require_digests(digests: Sequence[str]) -> None:
    if len(digests) != PADDED:
        raise ValueError(f"not {PADDED} digests")
    if list(digests) != sorted(set(digests)):
        raise ValueError("the digests are not sorted, or one stands twice")


def _digest(text: object) -> str:
    if not isinstance(text, str) or len(from_url(text)) != HASH_SIZE:
        raise ValueError("a digest has 32 bytes")
    return text
