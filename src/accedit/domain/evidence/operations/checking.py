"""Check logs against the signer's own memory, which no table holds.

A log that vanished whole leaves no row to check: what the signer remembers is then the
only thing that names it.
"""

from collections.abc import Iterator
from uuid import UUID

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.operations import incidents
from accedit.domain.evidence.operations.signatures import known_keys, signer, verifier_keys
from accedit.domain.evidence.queries import checks
from accedit.domain.evidence.queries.checks import Damage
from accedit_ledger.comparison import NotComparable, head_of
from accedit_ledger.signer import StoreDamaged


def origins(*, room: UUID | None = None) -> list[str]:
    """The logs that the tables hold, and those that the signer alone remembers."""
    known = checks.origins(room=room)
    signed = {
        head.origin
        for head in signer().heads()
        if head.origin in known or not incidents.is_declared(head)
    }
    if room is not None:
        signed = {origin for origin in signed if f"/e/{room}/" in origin}
    return sorted({*known, *signed})


def damages(origin: str) -> Iterator[Damage]:
    """Everything wrong with one log, its signatures and the signer's memory of it."""
    try:
        remembered = signer().last(origin)
    except StoreDamaged:
        remembered = None
        yield Damage(
            "signer",
            origin,
            f"Journal {origin} : la mémoire du signataire n'est pas lisible. Il refusera de signer : restaurez le dossier « signer ».",
        )
    if remembered is not None and incidents.is_declared(remembered):
        remembered = None  # what was signed beyond is lost, and said to be
    yield from checks.damages(origin, keys=known_keys(), remembered=remembered)
    yield from _moved_since(origin)


def against(receipt: bytes) -> Iterator[Damage]:
    """Whether our log still begins as the head signed in a receipt says (attacks.md K3)."""
    try:
        signed = head_of(receipt, known=verifier_keys())
    except NotComparable as refusal:
        yield Damage("receipt", "receipt", f"Ce récépissé n'est pas vérifiable : {refusal}")
        return
    head = LogHead.objects.filter(origin=signed.origin).first()
    if not queries.continues(head, signed):
        yield Damage(
            "signer",
            f"{signed.origin}@{signed.size}",
            f"Journal {signed.origin} : un récépissé porte une empreinte signée de {signed.size} entrées que ce journal ne continue pas. L'histoire a été réécrite, ou sa fin perdue.",
        )


def _moved_since(origin: str) -> Iterator[Damage]:
    """A log that goes on under another name stands still."""
    said, head = incidents.standing_of(origin), queries.standing(origin)
    if said is not None and said != head:
        yield Damage(
            "head",
            origin,
            f"Journal {origin} : il n'est plus tel que l'incident déclaré le dit ({said[0]} feuilles).",
        )
