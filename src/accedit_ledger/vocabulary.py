"""What can be written in a log: the one list of kinds, fixed before the first leaf.

A kind is `noun.participle`. The claims named here must be given, null where
there is nothing to say; a claim that is not named is allowed, so that a later
version may say more. A name is never given another meaning: that would change
what old leaves say.

Not here, because parties may be given the whole acts log: the expert's reasons
for overriding a warning, and the results of checks before filing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from accedit_ledger.canonical import JSON

Log = Literal["acts", "reads", "platform"]

ALWAYS = ("kind", "actor", "received_at")
ACTOR = ("id", "name", "role")  # and, where it says something: firm, side


@dataclass(frozen=True, slots=True)
class Kind:
    name: str
    claims: tuple[str, ...]
    log: Log
    french: str


class UnknownKind(ValueError):
    """No such word in the vocabulary."""


class MissingClaims(ValueError):
    """An entry that leaves out what its kind must say."""


_DEPOSIT = (
    "piece_id piece_number side name title size sha256 depositor on_behalf_of "
    "received_by_means box received_from late door roster"
)
_DOCUMENT = "document_id document_sha256 recipients"
_MAIL = "alert_id recipient address message_sha256"

_ACTS: list[tuple[str, str, str]] = [
    # the case
    ("case.opened", "reference title template court mission_sha256 expert", "Dossier ouvert"),
    ("case.status_changed", "before after", "Étape du dossier changée"),
    ("case.closed", "reason", "Dossier clos"),
    ("case.reopened", "reason", "Dossier rouvert"),
    ("case.destroyed", "manifest_root legal_basis", "Dossier détruit au terme de sa conservation"),
    ("mission.changed", "document_sha256 court", "Mission modifiée"),
    ("expert.substituted", "before after document_sha256", "Expert remplacé"),
    # the people
    ("party.joined", "party party_kind side box by_post", "Partie ajoutée"),
    ("party.state_changed", "party before after", "Situation d’une partie changée"),
    ("address.recorded", "recipient", "Adresse postale complétée"),
    ("counsel.changed", "side before after", "Avocat d’une partie changé"),
    ("member.added", "member member_role side identity_level", "Personne ajoutée"),
    ("member.removed", "member reason", "Personne retirée"),
    ("member.role_changed", "member before after", "Rôle d’une personne changé"),
    ("consent.asked", "member side text_version", "Accord à l’échange électronique demandé"),
    ("consent.given", "member side text_version", "Accord à l’échange électronique donné"),
    ("consent.refused", "member side text_version", "Échange électronique refusé"),
    ("consent.withdrawn", "member side text_version", "Accord à l’échange électronique retiré"),
    ("invitation.sent", "invitation_id invitee side means expires_at", "Invitation envoyée"),
    ("invitation.used", "invitation_id member", "Invitation utilisée"),
    ("invitation.revoked", "invitation_id", "Invitation annulée"),
    ("delegation.given", "delegate covers until", "Délégation donnée"),
    ("delegation.ended", "delegate reason", "Délégation terminée"),
    # the room
    ("folder.created", "node_id parent_id name", "Dossier de rangement créé"),
    ("folder.renamed", "node_id before after", "Dossier de rangement renommé"),
    ("node.moved", "node_id name from to gained lost", "Rangement changé"),
    ("rights.changed", "node_id subject before after gained lost", "Droits changés"),
    ("group.made", "group", "Groupe de personnes créé"),
    ("group.renamed", "group before after", "Groupe de personnes renommé"),
    ("group.changed", "group added removed", "Composition d’un groupe changée"),
    ("space.sealed", "node_id gained lost", "Espace réservé"),
    ("space.unsealed", "node_id gained lost", "Espace rouvert"),
    ("due.set", "box before after", "Date limite fixée"),
    ("due.passed", "box due_at depositors", "Date limite passée"),
    # the pieces
    ("deposit.started", "upload_id box name size", "Envoi d’une pièce commencé"),
    ("deposit.accepted", _DEPOSIT, "Pièce déposée"),
    ("deposit.rejected", "upload_id box name size sha256 reason", "Dépôt refusé"),
    ("piece.available", "piece_id recipient means available_at", "Pièce mise à disposition"),
    ("piece.archived", "piece_id from to readers_gained readers_lost", "Pièce archivée"),
    ("piece.withdrawn", "piece_id reason readers_before", "Pièce retirée de la diffusion"),
    ("piece.restored", "piece_id reason readers_after", "Pièce remise en diffusion"),
    # telling people
    ("alert.queued", f"{_MAIL} piece_ids", "Avis de dépôt préparé"),
    ("alert.sent", f"{_MAIL} server answer queue_id", "Avis remis au serveur de messagerie"),
    (
        "alert.relayed",
        f"{_MAIL} server answer queue_id",
        "Avis relayé par le serveur de messagerie",
    ),
    ("alert.bounced", f"{_MAIL} server answer", "Avis revenu sans être remis"),
    ("alert.refused", f"{_MAIL} server answer", "Avis refusé par le serveur de messagerie"),
    ("alert.failed", f"{_MAIL} reason", "Avis non parti"),
    ("letter.prepared", "letter_id recipient piece_ids document_sha256", "Courrier préparé"),
    ("letter.printed", "letter_id recipient", "Courrier imprimé"),
    ("letter.posted", "letter_id recipient posted_on tracking", "Courrier posté"),
    # the work of the expert that the parties receive
    ("dire.deposited", f"{_DEPOSIT} due_at", "Dire déposé"),
    ("note.sent", f"{_DOCUMENT} due_at", "Note aux parties adressée"),
    ("meeting.convened", f"{_DOCUMENT} meets_at place", "Réunion convoquée"),
    ("minutes.sent", f"{_DOCUMENT} met_at", "Compte rendu de réunion adressé"),
    ("reply.asked", "document_id due_at recipients", "Réponse demandée"),
    ("report.drafted", "document_sha256 version", "Projet de rapport établi"),
    ("report.signed", "document_sha256 signature certificates_sha256", "Rapport signé"),
    ("report.filed", "document_sha256 recipient", "Rapport déposé"),
    ("report.notified", "document_sha256 recipients", "Rapport notifié"),
    ("export.made", "form manifest_root count size", "Copie du dossier établie"),
    # the log about itself
    ("receipt.issued", "entry recipient", "Récépissé remis"),
    ("verification.asked", "entry", "Vérification demandée"),
    ("hold.set", "scope reason", "Conservation imposée"),
    ("hold.lifted", "scope reason", "Conservation imposée levée"),
    ("erasure.asked", "subject scope legal_basis", "Effacement demandé"),
    ("erasure.done", "entries claims legal_basis", "Données effacées"),
]

_READS: list[tuple[str, str, str]] = [
    ("piece.opened", "piece_id channel size", "Pièce consultée"),
    ("piece.downloaded", "piece_id channel size range", "Pièce téléchargée"),
    ("piece.copied", "piece_id channel size device", "Pièce copiée par synchronisation"),
    ("piece.delivered", "entry piece_id sent size completed", "Transmission terminée"),
    ("bundle.downloaded", "form manifest_root count size", "Lot de pièces téléchargé"),
    ("bundle.delivered", "entry sent completed", "Transmission du lot terminée"),
    ("access.denied", "node_id right door", "Accès refusé"),
]

_PLATFORM: list[tuple[str, str, str]] = [
    ("log.key", "vkey replaces", "Clé du journal publiée"),
    ("log.checkpoint", "log size root token_sha256", "Empreinte du journal horodatée"),
    ("log.cosigned", "log size root witness", "Empreinte du journal contresignée"),
    ("token.created", "token_id token_name scope case_id", "Jeton d’accès créé"),
    ("token.revoked", "token_id", "Jeton d’accès révoqué"),
    ("admin.acted", "act subject", "Acte d’administration"),
    ("software.released", "version build_sha256", "Version du logiciel changée"),
    ("config.changed", "setting before after", "Réglage changé"),
    ("clock.stepped", "step_ms", "Horloge corrigée"),
    ("restore.done", "backup_made_at last_sizes", "Sauvegarde restaurée"),
    ("incident.declared", "sentence since", "Incident déclaré"),
]


def _kinds() -> Mapping[str, Kind]:
    rows: list[tuple[Log, list[tuple[str, str, str]]]] = [
        ("acts", _ACTS),
        ("reads", _READS),
        ("platform", _PLATFORM),
    ]
    kinds = [
        Kind(name, ALWAYS + tuple(claims.split()), log, french)
        for log, lines in rows
        for name, claims, french in lines
    ]
    return MappingProxyType({kind.name: kind for kind in kinds})


KINDS: Mapping[str, Kind] = _kinds()


def check(kind: str, claims: Mapping[str, JSON]) -> None:
    """Refuse an entry that is not of the vocabulary; call it before `leaf.new_openings`."""
    if kind not in KINDS:
        raise UnknownKind(kind)
    missing = [claim for claim in KINDS[kind].claims if claim not in claims]
    actor = claims.get("actor")
    if isinstance(actor, Mapping):
        missing += [f"actor.{name}" for name in ACTOR if name not in actor]
    elif "actor" in claims:
        missing.append("actor.name")
    if claims.get("kind", kind) != kind:
        missing.append("kind")
    if missing:
        raise MissingClaims(f"{kind}: {', '.join(missing)}")


_HEAD = """\
# Vocabulary of the log

Made from `accedit_ledger/vocabulary.py` by `python -m accedit_ledger.vocabulary`;
do not edit here.

Each entry says `kind`, `actor` (`id`, `name`, `role`, and `firm` or `side` where they say
something) and `received_at`. The claims below must be given, null where there is nothing to say.
Others are allowed.

- **acts**: one log a room; a party may be given the whole of it, with the openings that it may see.
- **reads**: one log a room; the expert and the judge see it, a party sees its own lines.
- **platform**: one log; keys, releases, incidents, heads of the other logs.

"""


def table() -> str:
    """The page docs/log-vocabulary.md."""
    lines = ["| kind | log | in French | claims |", "|---|---|---|---|"]
    for kind in KINDS.values():
        claims = ", ".join(f"`{claim}`" for claim in kind.claims[len(ALWAYS) :])
        lines.append(f"| `{kind.name}` | {kind.log} | {kind.french} | {claims} |")
    return _HEAD + "\n".join(lines) + "\n"


if __name__ == "__main__":
    import sys

    sys.stdout.write(table())
