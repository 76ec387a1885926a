"""Check logs against the signer's own memory, which no table holds.

A log that vanished whole leaves no row to check: what the signer remembers is then the
only thing that names it.
"""

from collections.abc import Iterator
from uuid import UUID

from accedit.domain.evidence.operations.signatures import signer
from accedit.domain.evidence.queries import checks
from accedit.domain.evidence.queries.checks import Damage
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.signer import StoreDamaged


def origins(*, room: UUID | None = None) -> list[str]:
    """The logs that the tables hold, and those that the signer alone remembers."""
    known = checks.origins(room=room)
    signed = {head.origin for head in _remembered()}
    if room is not None:
        signed = {origin for origin in signed if f"/e/{room}/" in origin}
    return sorted({*known, *signed})


def damages(origin: str) -> Iterator[Damage]:
    """Everything wrong with one log, its signatures and the signer's memory of it."""
    keeper = signer()
    try:
        remembered = keeper.store.last(origin)
    except StoreDamaged:
        remembered = None
        yield Damage(
            "signer",
            origin,
            f"Journal {origin} : la mémoire du signataire n'est pas lisible. Il refusera de signer : restaurez le dossier « signer ».",
        )
    yield from checks.damages(origin, keys=[keeper.key.verifier], remembered=remembered)


def _remembered() -> Iterator[Checkpoint]:
    for file in sorted(signer().store.folder.glob("*.head")):
        try:
            yield Checkpoint.parse(file.read_text(encoding="utf-8"))
        except ValueError:
            continue  # said by `damages` for the log it belongs to
