"""How an id is written: as a UUID with its hyphens. Anything else is the id of nothing."""

import re
from uuid import UUID

from accedit.shared.refusals import NotFound

WRITTEN = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def read_id(text: str) -> UUID:
    """The id, or exactly the answer for one that nobody has: no spelling tells anything more."""
    if not WRITTEN.fullmatch(text):
        raise NotFound
    return UUID(text)
