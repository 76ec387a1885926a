"""Long lists by keyset: a cursor says after which row to go on, and nothing else."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from accedit.shared.refusals import Invalid

T = TypeVar("T")
PAGE = 50


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
        raise Invalid(what="Ce repère de page n'est pas lisible : revenez au début de la liste.")
    if any(isinstance(k, int) and not -(2**62) < k < 2**62 for k in key):
        raise Invalid(what="Ce repère de page n'est pas lisible : revenez au début de la liste.")
    return key
