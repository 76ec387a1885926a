"""One range of bytes out of a file, as RFC 9110 section 14 reads it.

Several ranges at once are answered by the whole file, which the RFC allows: nobody needs
them here, and many small ones are an attack. A unit that is not bytes is ignored; a
range that cannot be read, or lies outside the file, is refused.
"""

import re
from dataclasses import dataclass

from accedit.shared.refusals import Kind, Refusal

SPEC = re.compile(r"(\d{0,30})-(\d{0,30})")


class NoSuchRange(Refusal):
    kind = Kind.UNREADABLE
    code = "range_not_satisfiable"
    sentence = "Cette plage d'octets n'existe pas dans la pièce, qui en compte {size}."


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    length: int

    def of(self, size: int) -> str:
        """As `Content-Range` says it."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def wanted(header: str, *, size: int) -> Span | None:
    """The part asked for; None for the whole. Raises `NoSuchRange`."""
    unit, _, specs = header.partition("=")
    if unit.strip().lower() != "bytes" or "," in specs:
        return None
    found = SPEC.fullmatch(specs.strip())
    if found is None or not any(found.groups()):
        raise NoSuchRange(size=size)
    first, last = (int(part) if part else None for part in found.groups())
    if first is None:
        start, end = max(0, size - (last or 0)), size - 1
    else:
        start, end = first, min(size - 1 if last is None else last, size - 1)
    if start > end or (first is not None and last is not None and first > last):
        raise NoSuchRange(size=size)
    return Span(start, end - start + 1)
