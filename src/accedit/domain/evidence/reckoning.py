"""What follows from the bytes alone: the frontier as it is stored, the lines and roots of lists.

And short cuts for whoever checks a log of a million leaves: they say yes ten times
faster, and never no. Where one does not say yes, the slow way of `accedit_ledger` decides.
"""

import json
import re
from binascii import b2a_base64
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from accedit_ledger.canonical import MAX_INTEGER
from accedit_ledger.leaf import PADDED, Leaf, Opening, utc_hour
from accedit_ledger.tree import HASH_SIZE, Frontier, leaf_hash, node_hash

_DIGEST = rb'"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
_LEAF = re.compile(
    rb'\{"a":(null|' + _DIGEST + rb'),"i":(0|[1-9][0-9]{0,14}),"log":"([!#-*,-\[\]-~]{1,255})",'
    rb'"sd":\[((?:' + _DIGEST + rb",){" + str(PADDED - 1).encode() + rb"}" + _DIGEST + rb")\],"
    rb'"t":"([0-9TZ:.-]{24})","v":"ev1"\}'
)
_HEAD = re.compile(rb'\{"a":(?:null|' + _DIGEST + rb"),")
_PLAIN_ORIGIN = re.compile(r"[!#-*,-\[\]-~]{1,255}")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
_LAST_LETTERS = b"AEIMQUYcgkosw048"  # of 43: the last holds four bits only
_DIGESTS = 46 * PADDED - 3  # octets: 43 letters each, three signs between two
_AFTER = len('"],"t":"2026-11-16T11:00:00.482Z","v":"ev1"}')
URL = bytes.maketrans(b"+/", b"-_")
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode

SHORT = 1024  # octets of a value that is worth keeping


def frontier(size: int, raw: bytes) -> Frontier:
    """Read what a head stores: the hashes of its complete sub-trees, one after the other."""
    hashes = tuple(raw[i : i + HASH_SIZE] for i in range(0, len(raw), HASH_SIZE))
    return Frontier(size, hashes)


def filed(
    *, actor: UUID | None, node: UUID | None, about: UUID | None, audience: str
) -> dict[str, str | None]:
    """The row by which pages find an entry, as the value of the claim `filed` of its leaf."""
    ids = {"actor": actor, "node": node, "about": about}
    return {"audience": str(audience), **{n: str(one) if one else None for n, one in ids.items()}}


def inner_line(*, position: int, salt: bytes, value: Any) -> bytes:
    """The bytes that a line of a list is hashed from: a disclosure whose claim is its position."""
    return Opening(str(position), salt, value).disclosure.encode("ascii")


def inner_root(lines: Sequence[bytes]) -> bytes:
    hashes: list[bytes] = []
    for size, line in enumerate(lines):
        grow(hashes, size=size, leaf=leaf_hash(line))
    return Frontier(len(lines), tuple(hashes)).root()


def quick_leaf(data: bytes) -> Leaf | None:
    """The leaf that `read_leaf` would read, if its bytes are laid out in the usual way."""
    match = _LEAF.fullmatch(data)
    if match is None:
        return None
    anchor, index, log, rest, at = (part.decode("ascii") for part in match.groups())
    digests = rest[1:-1].split('","')
    if any(a >= b for a, b in pairwise(digests)):
        return None
    try:
        hour = utc_hour(at)
    except ValueError:
        return None
    return Leaf(
        log=log,
        index=int(index),
        at=hour,
        anchor=None if anchor == "null" else anchor[1:-1],
        digests=tuple(digests),
        data=data,
    )


def usual_leaf(data: bytes, *, origin: str, index: int) -> tuple[frozenset[bytes], bytes] | None:
    """The digests and the hour of the leaf `index` of a log, if its bytes are laid out in the
    usual way; whether such an hour exists is not looked at."""
    digests = data[-_AFTER - _DIGESTS : -_AFTER]
    head, after = data[: -_AFTER - _DIGESTS], data[-_AFTER:]
    anchor = _HEAD.match(head)
    if (
        anchor is None
        or index > MAX_INTEGER
        or _PLAIN_ORIGIN.fullmatch(origin) is None
        or head[anchor.end() :] != b'"i":%d,"log":"%b","sd":["' % (index, origin.encode("ascii"))
        or not (after.startswith(b'"],"t":"') and after.endswith(b'Z","v":"ev1"}'))
        or digests.translate(None, _LETTERS) != b'","' * (PADDED - 1)
        or digests[42::46].translate(None, _LAST_LETTERS)
        or (digests[43::46] + digests[44::46] + digests[45::46]).translate(None, _LETTERS)
        != b'"' * (PADDED - 1) + b"," * (PADDED - 1) + b'"' * (PADDED - 1)
    ):
        return None
    parts = digests.split(b'","')
    found = frozenset(parts)
    if len(found) != PADDED or sorted(parts) != parts:
        return None
    return found, after[8:32]


def quick_disclosure(claim: str, salt: bytes, value: Any) -> bytes:
    """The disclosure of a plain value; of an odd one, some other text, whose digest is nobody's."""
    return _url(_text([_url(salt).decode("ascii"), claim, value]).encode("utf-8", "replace"))


def quick_digest(disclosure: bytes) -> str:
    return _url(sha256(disclosure).digest()).decode("ascii")


def text_disclosure(salt: bytes, claim: bytes, value: bytes) -> bytes:
    """As `quick_disclosure`, from the salt in base64url and the texts, as JSON, of the others."""
    if value[:1] in (b"{", b"["):
        value = _laid_out(value) if len(value) < SHORT else _laid_out.__wrapped__(value)
    return _url(b'["%b",%b,%b]' % (salt, claim, value))


def text_digest(disclosure: bytes) -> bytes:
    return _url(sha256(disclosure).digest())


def grow(hashes: list[bytes], *, size: int, leaf: bytes) -> list[bytes]:
    """As `Frontier.append`, in place: the hashes of the nodes above the leaf that it completed."""
    completed = []
    while size & 1:
        leaf = node_hash(hashes.pop(), leaf)
        completed.append(leaf)
        size >>= 1
    hashes.append(leaf)
    return completed


@lru_cache(maxsize=1024)
def _laid_out(text: bytes) -> bytes:
    """A list or an object in canonical form, from any other; people come back again and again."""
    return _text(json.loads(text)).encode("utf-8", "replace")


def _url(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(URL, b"=")
