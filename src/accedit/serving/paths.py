"""One spelling for each place; any other is refused before anything is decided.

Two programs that read the same address differently (a proxy and us, a rule and
a route) are how walls are walked around. So an address is decoded once, here, and
one that could be read in two ways is not repaired but refused: doubled slashes, dot
segments, an encoded slash, dot, backslash or control character, a parameter after `;`,
a trailing dot, bytes that are not UTF-8 (attacks.md A21).
"""

import re
from urllib.parse import unquote_to_bytes

ENCODED_TRAPS = re.compile(rb"%(?:2e|2f|5c|3b|25|[01][0-9a-f]|7f)", re.IGNORECASE)
BROKEN_ESCAPE = re.compile(rb"%(?![0-9a-fA-F]{2})")
CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class AmbiguousPath(Exception):
    """The address could be read in two ways."""


def canonical(raw: bytes) -> str:
    """The decoded path, or `AmbiguousPath`."""
    if not raw.startswith(b"/") or ENCODED_TRAPS.search(raw) or BROKEN_ESCAPE.search(raw):
        raise AmbiguousPath
    try:
        path = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError as unreadable:
        raise AmbiguousPath from unreadable
    if CONTROLS.search(path) or "\\" in path or ";" in path or "//" in path:
        raise AmbiguousPath
    if any(segment.endswith(".") for segment in path.split("/")):
        raise AmbiguousPath
    return path
