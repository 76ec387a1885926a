"""What follows from the bytes alone: the frontier as it is stored, the lines and roots of lists.

And two short cuts for whoever checks a log of a million leaves: they say yes ten times
faster, and never no. Where one does not say yes, the slow way of `accedit_ledger` decides.
"""

import json
import re
from binascii import b2a_base64
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from typing import Any
from uuid import UUID

from accedit_ledger.leaf import PADDED, Leaf, Opening, utc_hour
from accedit_ledger.tree import EMPTY_ROOT, HASH_SIZE, Frontier, leaf_hash

_DIGEST = rb'"[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"'
_LEAF = re.compile(
    rb'\{"a":(null|' + _DIGEST + rb'),"i":(0|[1-9][0-9]{0,14}),"log":"([!#-*,-\[\]-~]{1,255})",'
    rb'"sd":\[((?:' + _DIGEST + rb",){" + str(PADDED - 1).encode() + rb"}" + _DIGEST + rb")\],"
    rb'"t":"([0-9TZ:.-]{24})","v":"ev1"\}'
)
_URL = bytes.maketrans(b"+/", b"-_")
_text = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode


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
    tree = Frontier(0, ())
    for line in lines:
        tree, _ = tree.append(leaf_hash(line))
    return tree.root() if lines else EMPTY_ROOT


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


def quick_disclosure(claim: str, salt: bytes, value: Any) -> bytes:
    """The disclosure of a plain value; of an odd one, some other text, whose digest is nobody's."""
    return _url(_text([_url(salt).decode("ascii"), claim, value]).encode("utf-8", "replace"))


def quick_digest(disclosure: bytes) -> str:
    return _url(sha256(disclosure).digest()).decode("ascii")


def _url(data: bytes) -> bytes:
    return b2a_base64(data, newline=False).translate(_URL, b"=")
