"""Canonical JSON (RFC 8785), for the values that the log admits.

One value has one sequence of bytes, so that a hash of the bytes is a hash of
the value. Numbers are integers below 2^53 only: floating point is where two
writers of RFC 8785 differ, and no fact of the trade needs it (amounts and
dates are strings). Strings are kept as given, without Unicode normalisation.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NoReturn, TypeAlias

JSON: TypeAlias = "bool | int | str | Sequence[JSON] | Mapping[str, JSON] | None"

MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 32
# Names in ASCII sort alike by code point and by UTF-16 unit: the standard encoder then writes
# RFC 8785 by itself, many times faster.
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def canonical(value: JSON, *, under: int = 0) -> bytes:
    """The bytes of `value`, or ValueError for what has no canonical form here.

    `under`: how many levels will stand around it elsewhere, so that it still fits there.
    """
    plain = _checked(value, depth=under)
    text = _ENCODER.encode(value) if plain else _text(value)
    return text.encode()  # a lone surrogate fails here, with a ValueError


def parse_canonical(data: bytes) -> JSON:
    """Read `data` only if it is exactly what `canonical` would have written.

    Comparing the bytes refuses in one stroke doubled members, spaces, `1.0`,
    `-0`, needless escapes and members out of order.
    """
    try:
        value: JSON = json.loads(data.decode(), parse_float=_refuse, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if canonical(value) != data:
        raise ValueError("not in canonical form (RFC 8785)")
    return value


def _checked(value: JSON, *, depth: int) -> bool:
    """Refuse what has no canonical form; true when each mapping is a `dict` named in ASCII."""
    if depth > MAX_DEPTH:
        raise ValueError("nested too deeply")
    if value is None or isinstance(value, bool | str):
        return True
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise ValueError("an integer beyond 2^53 - 1")
        return True
    if isinstance(value, list | tuple):
        plain = [_checked(item, depth=depth + 1) for item in value]  # all of them, before `all`
        return all(plain)
    if isinstance(value, Mapping):
        return _members_checked(value, depth=depth + 1)
    raise ValueError(f"{type(value).__name__} has no canonical form")


def _members_checked(value: Mapping[str, JSON], *, depth: int) -> bool:
    if not all(isinstance(name, str) for name in value):
        raise ValueError("a member's name is not a string")
    plain = [_checked(member, depth=depth) for member in value.values()]
    return type(value) is dict and all(plain) and all(map(str.isascii, value))


def _text(value: JSON) -> str:
    """The slow way, for a value that was checked."""
    if isinstance(value, list | tuple):
        return "[" + ",".join(_text(item) for item in value) + "]"
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{_text(name)}:{_text(value[name])}" for name in names) + "}"
    return _ENCODER.encode(value)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is not an integer")
