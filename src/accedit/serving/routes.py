"""The routes that carry the bytes of files, served before Django sees the request.

The only table of them: a route that is not here does not exist, and the tests walk
the table to show that none gives content without knowing who asks (attacks.md A16).
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum

from accedit.serving import raw_baskets, raw_content, raw_deposits, raw_events, raw_zip
from accedit.serving.messages import RawRequest, RawResponse
from accedit.serving.origins import Origin

Handler = Callable[[RawRequest], Awaitable[RawResponse]]
PARTS = {
    "uuid": "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "int": "[0-9]{1,18}",
    "word": "[A-Za-z0-9_-]+",
}


class Needs(StrEnum):
    """By what the handler knows who asks."""

    SESSION = "session"  # the cookie of a signed-in browser, and its anti-forgery token to write
    TOKEN = "token"  # noqa: S105 - an API token in the Authorization header
    TICKET = "ticket"  # a signed, short-lived right to one content, for the origin without cookies


@dataclass(frozen=True)
class RawRoute:
    """`pattern` is a path with typed parts: `/api/v1/nodes/<uuid:node>/content`."""

    method: str
    pattern: str
    handler: Handler
    needs: Needs
    origin: Origin = Origin.APP
    _compiled: re.Pattern[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_compiled", re.compile(_expression(self.pattern)))

    def match(self, *, method: str, path: str, origin: Origin) -> dict[str, str] | None:
        """The named parts, if the route answers this; GET also answers HEAD."""
        asked = "GET" if method == "HEAD" else method
        found = self._compiled.fullmatch(path)
        if found is None or asked != self.method or origin != self.origin:
            return None
        return found.groupdict()


def _expression(pattern: str) -> str:
    pieces = re.split(r"<(\w+):(\w+)>", pattern)
    expression = re.escape(pieces[0])
    for kind, name, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
        expression += f"(?P<{name}>{PARTS[kind]}){re.escape(text)}"
    return expression


RAW = [
    RawRoute("POST", "/api/v1/nodes/<word:box>/deposits", raw_deposits.deposit, Needs.TOKEN),
    RawRoute("GET", "/api/v1/nodes/<word:node>/content", raw_content.by_token, Needs.TOKEN),
    RawRoute("POST", "/paniers/<uuid:basket>/fichiers", raw_baskets.add_files, Needs.SESSION),
    RawRoute("GET", "/dossiers/<uuid:case_id>/evenements", raw_events.of_case, Needs.SESSION),
    RawRoute("GET", "/api/v1/nodes/<word:node>/zip", raw_zip.by_token, Needs.TOKEN),
    RawRoute("GET", "/lots/<word:ticket>", raw_zip.by_ticket, Needs.TICKET, Origin.CONTENT),
    RawRoute("GET", "/contenu/<word:ticket>", raw_content.by_ticket, Needs.TICKET, Origin.CONTENT),
]
