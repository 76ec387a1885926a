"""Go on after an incident: the database no longer holds what the signer signed.

A backup older than the last signature was restored, or the end of a log was lost. The
signer never signs such a log again: that would be a second history under one name. Each
one goes on under another name, whose first entry says from which head it continues and
which one had been signed. Receipts given before verify as they did; whoever holds one for
what was lost holds the proof of it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import Entry, LogHead, Opening
from accedit.domain.evidence.operations.keeping import PLATFORM, platform_log
from accedit.domain.evidence.operations.log import Fact, append, frontier_of, stamp
from accedit.domain.evidence.operations.signatures import signer
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.origin import first_of, of_epoch

KIND = "incident.declared"


@dataclass(frozen=True, slots=True)
class Broken:
    """A log that does not continue what was signed of it; `head` None where it is gone whole."""

    signed: Head
    head: LogHead | None

    @property
    def lost(self) -> int:
        """How many signed entries are missing; 0 where as many are there, and others."""
        return max(0, self.signed.size - (self.head.size if self.head else 0))


def broken() -> list[Broken]:
    """Each log that the signer would refuse, unless its incident was declared already."""
    found = []
    for signed in signer().heads():
        head = LogHead.objects.filter(origin=signed.origin).first()
        if not queries.continues(head, signed) and not is_declared(signed):
            found.append(Broken(signed, head))
    return sorted(found, key=lambda one: one.signed.origin)


def is_declared(signed: Head) -> bool:
    """Whether an entry of ours says that this very head was signed and is no longer continued."""
    return _said(signed) in _declared("signed")


def standing_of(origin: str) -> tuple[int, str] | None:
    """The size and root (in hexadecimal) at which a declared incident says that a log stands."""
    said = [one for one in _declared("continues") if one["log"] == origin]
    return (said[0]["size"], said[0]["root"]) if said else None


def _declared(claim: str) -> list[Any]:
    """What all declared incidents say in this claim."""
    told = Q(pk__in=[])
    for log_id, index in Entry.objects.filter(kind=KIND).values_list("log_id", "index"):
        told |= Q(log_id=log_id, index=index)
    values = Opening.objects.filter(told, claim=claim).values_list("value", flat=True)
    return [one for value in values for one in value or ()]


def _said(head: Head) -> dict[str, Any]:
    return {"log": head.origin, "size": head.size, "root": head.root.hex()}


@transaction.atomic
def declare(*, sentence: str, at: datetime) -> list[str]:
    """Continue each broken log under another name. The names of the logs to sign after the commit.

    What the platform's log says of all is said in each room's log of that log alone.
    """
    found = broken()
    if not found:
        return []
    by_log: dict[str, list[Broken]] = {}
    for one in found:
        by_log.setdefault(first_of(one.signed.origin), []).append(one)
    for first in by_log:
        _go_on(first)
    written = []
    for first, logs in by_log.items():
        if first != platform_log():
            written += append(first, [_fact(sentence, logs, at=at)])
    written += append(platform_log(), [_fact(sentence, found, at=at)])
    return sorted({entry.log.origin for entry in written})


def _go_on(first: str) -> None:
    """A head for the next name that neither the tables nor the signer know."""
    last = LogHead.objects.filter(first=first).order_by("-number").first()
    number = last.number + 1 if last else 2
    while signer().last(of_epoch(first, number)) is not None:
        number += 1
    LogHead.objects.create(
        origin=of_epoch(first, number),
        first=first,
        number=number,
        before=last.before + last.size if last else 0,
        last_at=last.last_at if last else None,
    )


def _fact(sentence: str, found: list[Broken], *, at: datetime) -> Fact:
    known = [one.head.last_at for one in found if one.head and one.head.last_at]
    heads = [one.head for one in found if one.head is not None]
    return Fact(
        kind=KIND,
        claims={
            "actor": PLATFORM,
            "sentence": sentence,
            "since": stamp(min(known)) if known else None,
            "signed": [_said(one.signed) for one in found],
            "continues": [_said(_head_of(head)) for head in heads if head.size],
        },
        received_at=at,
    )


def _head_of(head: LogHead) -> Head:
    return Head(head.origin, head.size, frontier_of(head).root())
