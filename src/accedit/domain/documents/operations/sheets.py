"""One-page sheets to print and keep: recovery codes, the attestation of a deposit."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from accedit.domain.cases.models import Case
from accedit.domain.documents.operations.typesetting import BANDS, in_full, pdf, to_the_second
from accedit.domain.evidence.operations import signatures
from accedit.domain.filing.models import Deposit
from accedit.shared.fields import displayed
from accedit_ledger.note import VerifierKey

MEANS = {"post": "par la poste", "mail": "par courriel", "hand": "en main propre"}


def recovery_sheet(name: str, *, codes: Sequence[str], at: datetime) -> bytes:
    """« Feuille de secours »: the codes that replace the telephone, once each."""
    data = {
        "title": f"Feuille de secours de {displayed(name)}",
        "name": displayed(name),
        "site": settings.BASE_URL,
        "day": in_full(at),
        "codes": [" ".join(_groups(code, of=4)) for code in codes],
    }
    return pdf("recovery.typ", data=data, at=at)


def attestation_pdf(deposit: Deposit, *, case: Case, at: datetime) -> bytes:
    """« Attestation de dépôt »: what the log says of one piece, on paper.

    It signs the head of the log, so it is called after the commit and outside any
    transaction, like a receipt. `deposit` comes from `filing.access.deposit`.
    """
    checkpoint = signatures.acknowledge(deposit.log_origin)
    key = VerifierKey.parse(signatures.verifier_key())
    data = {
        "title": f"Attestation de dépôt — pièce n° {deposit.number}",
        "foot": f"Dossier {displayed(case.room.reference)} — {displayed(case.room.title)}",
        "band": BANDS[case.colour % len(BANDS)],
        "number": deposit.number,
        "day": to_the_second(at),
        "facts": [[label, value] for label, value in _facts(deposit, case=case) if value],
        "sha256": " ".join(_groups(deposit.blob.sha256, of=8)),
        "entry": f"n° {deposit.log_index} du journal des actes",
        "checkpoint": checkpoint.note.strip().splitlines(),
        "key": key.text,
        "fingerprint": key.fingerprint,
    }
    return pdf("attestation.typ", data=data, at=at)


def _facts(deposit: Deposit, *, case: Case) -> list[tuple[str, str]]:
    who = displayed(deposit.depositor_name)
    who += f" ({displayed(deposit.firm)})" if deposit.firm else ""
    basket = deposit.basket
    behalf = ""
    if basket.on_behalf_of:
        behalf = f"{displayed(basket.on_behalf_name)}, pièce remise {MEANS[basket.means]}"
        behalf += f" le {basket.received_on:%d/%m/%Y}" if basket.received_on else ""
    due = deposit.box.due_at
    return [
        ("Dossier", f"{displayed(case.room.reference)} — {displayed(case.room.title)}"),
        ("Juridiction", " — ".join(filter(None, (case.court, case.register_number)))),
        ("Partie", displayed(deposit.box.side_name)),
        ("Pièce", f"n° {deposit.number}"),
        ("Intitulé", displayed(deposit.title)),
        ("Nom du fichier", displayed(deposit.name)),
        ("Taille", f"{deposit.blob.size:,} octets".replace(",", "\u202f")),
        ("Déposée par", who),
        ("Pour le compte de", behalf),
        ("Premier octet reçu", to_the_second(deposit.received_from)),
        ("Dernier octet reçu", to_the_second(deposit.received_at)),
        ("Date limite", f"avant le {to_the_second(due)}" if due else ""),
        ("Délai", "arrivée hors délai : à l'expert d'apprécier" if deposit.late else ""),
    ]


def _groups(text: str, *, of: int) -> list[str]:
    return [text[start : start + of] for start in range(0, len(text), of)]
