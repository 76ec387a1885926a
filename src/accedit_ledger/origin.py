"""The names of logs: `<domain>/e/<room>/acts`, `<domain>/e/<room>/reads`, `<domain>/platform`.

A log that contradicts what was signed of it is never signed again: after the incident is
declared it goes on under another name, `<domain>/e/<room>/2/acts`.
"""

import re

_ORIGIN = re.compile(r"[\x21-\x2a\x2c-\x7e]{1,255}")  # printable ASCII, neither space nor +
_PLATFORM = re.compile(r"(.*)/e/platform/[1-9][0-9]*")
_LATER = re.compile(r"/[1-9][0-9]{0,4}/(acts|reads)$")


def is_origin(text: str) -> bool:
    return _ORIGIN.fullmatch(text) is not None


def is_origin_of(domain: str, *, origin: str) -> bool:
    return origin == f"{domain}/platform" or origin.startswith(f"{domain}/e/")


def of_epoch(origin: str, number: int) -> str:
    """The `number`th name of the log that began as `origin`; the platform's key speaks for it."""
    place, _, log = origin.rpartition("/")
    if log == "platform":
        return f"{place}/e/platform/{number}"
    return f"{place}/{number}/{log}"


def first_of(origin: str) -> str:
    """The name that a log began with, from any of its names. A room is never named by a number."""
    if match := _PLATFORM.fullmatch(origin):
        return f"{match[1]}/platform"
    return _LATER.sub(r"/\1", origin)
