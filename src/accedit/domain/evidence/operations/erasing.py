"""Erase what the log says of a person: the openings go, leaves, tree and signatures stand.

Only the role `accedit_erasure` may delete an opening, and the server's own role is not of it:
this runs from the console, as the owner of the tables. That something was erased, which
claims of which entries and on what ground, is itself an entry, without what was erased.
What other tables hold (accounts, mails, pieces) is not erased here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.models import InnerLeaf, LogHead, Opening
from accedit.domain.evidence.operations.keeping import PLATFORM
from accedit.domain.evidence.operations.log import Fact, append

ROLE = "accedit_erasure"


@dataclass(frozen=True, slots=True)
class Found:
    """What a log says of somebody: openings, and lines of lists, by their row."""

    origin: str
    first: str
    openings: dict[int, tuple[int, str]]
    lines: dict[int, tuple[int, str]]


def said_of(subject: UUID, *, words: Sequence[str] = ()) -> list[Found]:
    """Each log that names the person by identifier, or holds one of these words."""
    texts = [str(subject), *words]
    found = []
    for head in LogHead.objects.order_by("origin"):
        openings, lines = _rows(Opening, head, texts), _rows(InnerLeaf, head, texts)
        if openings or lines:
            found.append(Found(head.origin, head.first, openings, lines))
    return found


def _rows(model: Any, head: LogHead, texts: Sequence[str]) -> dict[int, tuple[int, str]]:
    named = Q(pk__in=[])
    for text in texts:
        named |= Q(text__contains=text)
    rows = model.objects.filter(log=head).annotate(text=Cast("value", TextField())).filter(named)
    return {pk: (index, claim) for pk, index, claim in rows.values_list("pk", "index", "claim")}


@transaction.atomic
def erase(subject: UUID, *, words: Sequence[str], legal_basis: str, at: datetime) -> list[str]:
    """Erase it everywhere. The names of the logs to sign after the commit."""
    found = said_of(subject, words=words)
    written = []
    for one in found:
        written += append(
            one.first, [_asked(one, legal_basis, at=at), _done(one, legal_basis, at=at)]
        )
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {ROLE}")
        for one in found:
            Opening.objects.filter(pk__in=one.openings).delete()
            InnerLeaf.objects.filter(pk__in=one.lines).delete()
        cursor.execute("reset role")
    return sorted({entry.log.origin for entry in written})


def _asked(found: Found, legal_basis: str, *, at: datetime) -> Fact:
    claims = {"subject": None, "scope": found.origin, "legal_basis": legal_basis}
    return _fact("erasure.asked", claims, at=at)


def _done(found: Found, legal_basis: str, *, at: datetime) -> Fact:
    places = sorted({*found.openings.values(), *found.lines.values()})
    claims = {
        "entries": [index for index, _ in places],
        "claims": [claim for _, claim in places],
        "legal_basis": legal_basis,
    }
    return _fact("erasure.done", claims, at=at)


def _fact(kind: str, claims: dict[str, Any], *, at: datetime) -> Fact:
    return Fact(
        kind=kind,
        claims={"actor": PLATFORM} | claims,
        received_at=at,
        audience=Audience.EXPERT,
    )
