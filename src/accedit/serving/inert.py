"""The headers under which the bytes of a piece leave: kept by nobody, run by nothing (D1, A21).

A name is cleaned before it becomes a header: what hides or turns letters is written
out, and what RFC 6266 does not carry is percent-encoded, so that it cannot end the
header or give the file another name (attacks.md C10, C18).
"""

import re
from urllib.parse import quote

from accedit.shared.fields import displayed

ATTR_CHAR = "!#$&+-.^_`|~"  # RFC 8187, beside letters and digits
NOT_PLAIN = re.compile(r'[^\x20-\x7e]|["\\%;/]')

ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "sandbox; default-src 'none'"),
    ("Cache-Control", "private, no-store"),
    ("Referrer-Policy", "no-referrer"),
    ("Vary", "Cookie, Authorization"),
]


def as_file(name: str) -> list[tuple[str, str]]:
    """A file to be kept, never to be shown."""
    return [
        ("Content-Type", "application/octet-stream"),
        ("Content-Disposition", attachment(name)),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        *ALWAYS,
    ]


def as_picture() -> list[tuple[str, str]]:
    """A page image that we drew: the page of the piece, on the other origin, shows it."""
    return [
        ("Content-Type", "image/png"),
        ("Content-Disposition", "inline"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
        *ALWAYS,
    ]


def attachment(name: str) -> str:
    """Both spellings of RFC 6266: the true name, and one for readers that know ASCII only."""
    clean = displayed(name)
    return (
        f'attachment; filename="{NOT_PLAIN.sub("_", clean)}"; '
        f"filename*=UTF-8''{quote(clean, safe=ATTR_CHAR)}"
    )
