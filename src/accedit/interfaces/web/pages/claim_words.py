"""What an entry affirms, claim by claim, under a French label: the page of one line of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accedit.domain.cases.stages import KINDS as KINDS_OF_CASE
from accedit.domain.evidence.queries import Told
from accedit.domain.people.enums import Door
from accedit.interfaces.web.pages.journal_words import CHANNELS, COVERED, day, hour, named
from accedit.interfaces.web.templatetags.francais import date_pleine, octets
from accedit.interfaces.web.templatetags.mots import (
    IDENTITIES,
    MEANS,
    PARTY_KINDS,
    RIGHTS,
    ROLES,
    STATES,
)
from accedit.shared.fields import displayed
from accedit_ledger.vocabulary import KINDS

DOORS: Mapping[str, str] = {
    Door.PAGE: "par une page",
    Door.API: "par un programme",
    Door.DAV: "par un lecteur réseau",
    Door.SYNC: "par synchronisation",
    Door.CONSOLE: "par la console",
}
STATES_AND_RIGHTS = {state.value: words for state, words in STATES.items()} | {
    right.value: words for right, words in RIGHTS.items()
}
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
    "sentence": "Ce qui s'est passé",
    "since": "Depuis le",
    "signed": "Ce qui avait été signé",
    "continues": "État d'où le journal repart",
    "scope": "Journal en cause",
    "entries": "Lignes en cause",
    "claims": "Mentions en cause",
    "legal_basis": "Fondement",
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
    "group": "Groupe",
    "added": "Entre dans le groupe",
    "removed": "Sort du groupe",
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
    "from": "Depuis",
    "to": "Vers",
    "readers_gained": "Lecteurs gagnés",
    "readers_lost": "Lecteurs perdus",
    "count": "Nombre de pièces",
    "form": "Forme",
    "manifest_root": "Empreinte de la liste des pièces",
    "manifest_sha256": "Empreinte du fichier MANIFESTE.csv",
    "pieces": "Pièces du lot",
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
WORDS: Mapping[str, Mapping[str, str]] = {
    "means": CHANNELS,
    "received_by_means": {means.value: words for means, words in MEANS.items()},
    "member_role": {role.value: words for role, words in ROLES.items()},
    "identity_level": {level.value: words for level, words in IDENTITIES.items()},
    "party_kind": {kind.value: words for kind, words in PARTY_KINDS.items()},
    "template": {template.value: kind.french for template, kind in KINDS_OF_CASE.items()},
    "door": DOORS,
    "channel": DOORS,
    "kind": {kind.name: f"{kind.french} ({kind.name})" for kind in KINDS.values()},
    "covers": COVERED,
    "before": STATES_AND_RIGHTS,
    "after": STATES_AND_RIGHTS,
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
            displayed(value(name, told.claims[name])),
            name.endswith(("sha256", "_id", "_ids")),
        )
        for name in sorted(told.claims, key=place)
        if told.claims[name] not in (None, "", [])
    ]


def value(name: str, given: Any) -> str:
    if isinstance(given, bool):
        return "oui" if given else "non"
    if isinstance(given, Mapping):
        return _thing(given)
    if isinstance(given, list):
        return ", ".join(value(name, one) for one in given)
    if name == "size" and isinstance(given, int):
        return f"{octets(given)} ({given} octets)"
    said = WORDS.get(name, {}).get(str(given))
    return said if said is not None else _in_time(name, str(given))


def _in_time(name: str, given: str) -> str:
    """An hour and a day as people write them; any other word as it is."""
    if name in DAYS:
        return day(given)
    is_hour = name in HOURS or (name in ("before", "after") and "T" in given)
    at = hour(given) if is_hour else None
    return f"{date_pleine(at)} (heure de Paris)" if at else " ".join(given.split())


def _thing(given: Mapping[str, Any]) -> str:
    """A person or a place by its name; the root of a small tree by its size and its fingerprint."""
    if "name" in given and "rights" in given:
        held = ", ".join(STATES_AND_RIGHTS.get(str(one), str(one)) for one in given["rights"])
        return f"{named(given)} ({held})"
    if "name" in given:
        return named(given)
    if "root" in given and "size" in given:
        lines = given["size"]
        return f"{lines} ligne{'s' if lines != 1 else ''}, empreinte {given['root']}"
    return ", ".join(f"{name} : {value(name, one)}" for name, one in given.items())
