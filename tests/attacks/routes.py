"""Every route of every door, read from the code: nothing is listed by hand here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

from accedit.serving.routes import RAW

GROUP = re.compile(r"\(\?P<(\w+)>[^()]*\)")
PARAM = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True, order=True)
class Route:
    """`pattern` as an address with named parts in braces: /dossiers/{case_id}/journal."""

    pattern: str
    raw: bool = False

    @property
    def door(self) -> str:
        return "rest" if self.pattern.startswith("/api/") else "pages"

    @property
    def params(self) -> list[str]:
        return re.findall(r"{(\w+)}", self.pattern)

    def filled(self, values: dict[str, str]) -> str:
        return re.sub(r"{(\w+)}", lambda match: values[match[1]], self.pattern)


def routes() -> list[Route]:
    """Django's addresses and the raw ones, once each."""
    raw = {Route(_braced(route.pattern), raw=True) for route in RAW}
    django = {Route(_braced(pattern)) for pattern in _django(get_resolver().url_patterns, "/")}
    return sorted(raw | {route for route in django if not _doubles(route, raw)})


def _doubles(route: Route, raw: set[Route]) -> bool:
    """Django's answer to the other verbs of a raw address, written as an expression."""
    if r"[\w-]+" not in route.pattern:
        return False
    return any(
        re.fullmatch(route.pattern, one.pattern.replace("{", "").replace("}", "")) for one in raw
    )


def _braced(pattern: str) -> str:
    """Named parts in braces; what only a regular expression says is taken away."""
    named = GROUP.sub(r"{\1}", pattern)
    plain = re.sub(r"\(\?:[^()]*\)|[\^$]", "", named)
    return PARAM.sub(lambda match: "{" + match[1] + "}", plain)


def _django(patterns: list[URLPattern | URLResolver], above: str) -> Iterator[str]:
    for one in patterns:
        here = above + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _django(one.url_patterns, here)
        else:
            yield here
