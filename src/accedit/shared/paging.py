"""Long lists by keyset: a cursor says after which row to go on, and nothing else."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from accedit.shared.fields import CONTROLS
from accedit.shared.refusals import Invalid

T = TypeVar("T")
PAGE = 50
UNREADABLE = "Ce repère de page n'est pas lisible : revenez au début de la liste."


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    items: Sequence[T]
    next_cursor: str | None


def encode(*key: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str | None, *, size: int) -> list[str | int] | None:
    if not cursor:
        return None
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, UnicodeDecodeError, RecursionError):
        key = None
    if not isinstance(key, list) or len(key) != size or not all(type(k) in (str, int) for k in key):
        raise Invalid(what=UNREADABLE)
    if not all(_kept(k) for k in key):
        raise Invalid(what=UNREADABLE)
    return key


def number(key: str | int) -> int:
    """The part of a cursor that counts."""
    if not isinstance(key, int):
        raise Invalid(what=UNREADABLE)
    return key


def hour(key: str | int) -> datetime:
    """The part of a cursor that is an hour with its zone."""
    try:
        at = datetime.fromisoformat(str(key))
    except ValueError:
        raise Invalid(what=UNREADABLE) from None
    if at.tzinfo is None:
        raise Invalid(what=UNREADABLE)
    return at


def _kept(key: str | int) -> bool:
    """Whether the database can be asked about it: no text it cannot hold, no giant number."""
    if isinstance(key, int):
        return -(2**62) < key < 2**62
    return not CONTROLS.search(key.replace("\x01", ""))
