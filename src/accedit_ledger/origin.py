"""The names of logs: `<domain>/e/<room>/acts`, `<domain>/e/<room>/reads`, `<domain>/platform`."""

import re

_ORIGIN = re.compile(r"[\x21-\x2a\x2c-\x7e]{1,255}")  # printable ASCII, neither space nor +


def is_origin(text: str) -> bool:
    return _ORIGIN.fullmatch(text) is not None


def is_origin_of(domain: str, *, origin: str) -> bool:
    return origin == f"{domain}/platform" or origin.startswith(f"{domain}/e/")
