"""What an entry affirms, claim by claim, under a French label: the page of one line of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accedit.domain.evidence.queries import Told
from accedit.interfaces.web.pages.journal_words import day, hour, named
from accedit.interfaces.web.templatetags.francais import date_pleine, octets
from accedit.shared.fields import displayed

LABELS = {
    "actor": "Fait par",
    "received_at": "Reçu par la plate-forme",
    "received_from": "Premier octet reçu",
    "received_on": "Reçu par l'expert le",
    "received_by_means": "Parvenu par",
    "reference": "Référence",
    "title": "Intitulé",
    "template": "Cadre",
    "court": "Juridiction",
    "register_number": "Numéro de rôle",
    "mission_sha256": "Empreinte de la mission",
    "expert": "Expert",
    "reason": "Motif",
    "party": "Partie",
    "party_kind": "Nature de la partie",
    "side": "Côté",
    "box": "Boîte aux lettres",
    "by_post": "Servie par la poste",
    "before": "Avant",
    "after": "Après",
    "member": "Personne",
    "member_role": "Qualité",
    "identity_level": "Niveau d'identité",
    "text_version": "Version du texte",
    "invitation_id": "Numéro de l'invitation",
    "invitee": "Personne invitée",
    "means": "Par",
    "expires_at": "Valable jusqu'au",
    "delegate": "Confié à",
    "covers": "Actes confiés",
    "until": "Jusqu'au",
    "node_id": "Numéro interne de l'endroit",
    "parent_id": "Numéro interne de l'endroit parent",
    "name": "Nom",
    "subject": "Au bénéfice de",
    "gained": "Gagnent un droit",
    "lost": "Perdent un droit",
    "due_at": "Date limite",
    "piece_id": "Numéro interne de la pièce",
    "piece_number": "Numéro de la pièce",
    "size": "Taille",
    "sha256": "Empreinte SHA-256",
    "depositor": "Déposant",
    "on_behalf_of": "Pour le compte de",
    "late": "Hors délai",
    "door": "Par quelle voie",
    "roster": "Liste de diffusion figée à cet instant",
    "readers_before": "Lecteurs jusqu'alors",
    "readers_after": "Lecteurs désormais",
    "upload_id": "Numéro de l'envoi",
    "alert_id": "Numéro de l'avis",
    "recipient": "Destinataire",
    "address": "Adresse",
    "message_sha256": "Empreinte du message",
    "piece_ids": "Pièces",
    "server": "Serveur de messagerie",
    "answer": "Réponse du serveur",
    "queue_id": "Numéro chez le serveur",
    "tries": "Tentatives",
    "letter_id": "Numéro de la lettre",
    "document_sha256": "Empreinte du document",
    "posted_on": "Postée le",
    "tracking": "Numéro de suivi",
    "channel": "Par quelle voie",
    "kind": "Nature de la ligne",
}
HOURS = {"received_at", "received_from", "expires_at", "due_at", "until"}
DAYS = {"received_on", "posted_on"}
FIRST = ("actor", "received_at")
LAST = ("kind",)


@dataclass(frozen=True, slots=True)
class ClaimSeen:
    label: str
    value: str
    exact: bool  # a fingerprint or a number: shown to be compared, letter by letter


def in_words(told: Told) -> list[ClaimSeen]:
    """Who and when first, then what, in the order of the labels; a claim without a label last."""
    order = {name: rank for rank, name in enumerate(LABELS)}

    def place(name: str) -> tuple[int, int, str]:
        return (0 if name in FIRST else 2 if name in LAST else 1, order.get(name, 999), name)

    return [
        ClaimSeen(
            LABELS.get(name, name),
            value(name, told.claims[name]),
            name.endswith(("sha256", "_id", "_ids")),
        )
        for name in sorted(told.claims, key=place)
        if told.claims[name] not in (None, "", [])
    ]


def value(name: str, given: Any) -> str:
    if isinstance(given, bool):
        return "oui" if given else "non"
    if name in HOURS and (at := hour(given)) is not None:
        return f"{date_pleine(at)} (heure de Paris)"
    if name in ("before", "after") and isinstance(given, str) and "T" in given:
        at = hour(given)
        return date_pleine(at) if at else displayed(given)
    if name in DAYS:
        return day(given)
    if name == "size" and isinstance(given, int):
        return f"{octets(given)} ({given} octets)"
    if isinstance(given, Mapping):
        return _thing(given)
    if isinstance(given, list):
        return ", ".join(value("", one) for one in given)
    return displayed(str(given))


def _thing(given: Mapping[str, Any]) -> str:
    """A person or a place by its name; the root of a small tree by its size and its fingerprint."""
    if "name" in given:
        return named(given)
    if "root" in given and "size" in given:
        lines = given["size"]
        return f"{lines} ligne{'s' if lines != 1 else ''}, empreinte {given['root']}"
    return ", ".join(f"{name} : {value(name, one)}" for name, one in given.items())
