"""A basket as those who are told hear of it, and the words that every avis takes from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accedit.domain.people.rights import Actor
from accedit.shared.fields import displayed
from accedit.shared.refusals import PARIS


@dataclass(frozen=True, slots=True)
class Deposited:
    """`log_origin` is the log that tells of the deposit: the room's, or that of a sealed space."""

    room_id: UUID
    basket_id: UUID
    reference: str
    title: str
    side: str
    depositor: Actor
    on_behalf_of: str
    piece_ids: Sequence[UUID]
    names: Sequence[str]  # empty unless the case allows names in mails
    enclosed: Sequence[str]  # what a letter carries is named in it, always
    late: bool
    at: datetime
    official_channel: str  # the sentence of a court case, or nothing
    log_origin: str


def words_of(basket: Deposited, *, checkpoint: str, key: str) -> dict[str, object]:
    """What a mail or a letter says of the basket, safe to print on one line each."""
    count = len(basket.piece_ids)
    return {
        "who": who_of(basket),
        "pieces": counted(count, "pièce"),
        "side": displayed(basket.side),
        "behalf": f", pour le compte de {displayed(basket.on_behalf_of)}"
        if basket.on_behalf_of
        else "",
        "when": basket.at.astimezone(PARIS),
        "late": "\nElle est arrivée hors délai : à l'expert d'apprécier."
        if basket.late and count == 1
        else "\nDes pièces sont arrivées hors délai : à l'expert d'apprécier."
        if basket.late
        else "",
        "names": _listed(basket.names),
        "enclosed": _listed(basket.enclosed),
        "reference": displayed(basket.reference),
        "title": displayed(basket.title),
        "link": f"{settings.BASE_URL}/dossiers/{basket.room_id}",
        "notice": f"\n{basket.official_channel}\n" if basket.official_channel else "",
        "checkpoint": checkpoint.strip(),
        "key": key,
    }


def who_of(basket: Deposited) -> str:
    firm = basket.depositor.firm
    return basket.depositor.name + (f" ({firm})" if firm else "")


def subject_of(basket: Deposited) -> str:
    pieces = counted(len(basket.piece_ids), "pièce", "déposée")
    late = " (hors délai)" if basket.late else ""
    return headed(basket, f"{pieces}{late}")


def headed(basket: Deposited, what: str) -> str:
    """A subject: whose case first, so that mails of one case stand together."""
    return f"[Dossier {displayed(basket.reference)}] {what} — {displayed(basket.title)}"[:250]


def counted(count: int, *words: str) -> str:
    """« 1 pièce déposée », « 2 pièces déposées »."""
    return " ".join([str(count), *(word if count == 1 else f"{word}s" for word in words)])


def _listed(names: Sequence[str]) -> str:
    return "".join(f"\n    {displayed(name)}" for name in names) + ("\n" if names else "")
