"""The words that people read for the states that the tables keep.

One notion, one word: the list of `docs/glossary.md`.
"""

from collections.abc import Collection
from datetime import datetime, time, timedelta

from django import template

from accedit.domain.alerts.enums import How
from accedit.domain.cases.enums import PartyKind, RosterRole, RosterState, Template
from accedit.domain.cases.stages import KINDS
from accedit.domain.filing.enums import Means, Right
from accedit.domain.filing.reckoning import of_name
from accedit.domain.filing.rights import Obstacle
from accedit.domain.people.enums import IdentityLevel
from accedit.domain.post.enums import Fate
from accedit.shared import fields
from accedit.shared.refusals import PARIS

register = template.Library()

STATES = {
    RosterState.INVITED: "invité, sans réponse",
    RosterState.CONSENTING: "échange électronique accepté",
    RosterState.BY_POST: "par la poste",
    RosterState.DEFAULTING: "défaillant",
}
STATE_TAGS = {
    RosterState.INVITED: "wait",
    RosterState.CONSENTING: "done",
    RosterState.BY_POST: "",
    RosterState.DEFAULTING: "bad",
}
ROLES = {
    RosterRole.EXPERT: "expert",
    RosterRole.COUNSEL: "avocat",
    RosterRole.PARTY: "partie",
}
PARTY_KINDS = {
    PartyKind.COMPANY: "société",
    PartyKind.PERSON: "particulier",
    PartyKind.PUBLIC_BODY: "personne publique",
}
IDENTITIES = {
    IdentityLevel.DECLARED: "identité déclarée : l'invitation n'a pas encore servi",
    IdentityLevel.ADDRESS: "adresse électronique vérifiée par l'invitation",
    IdentityLevel.LETTER: "adresse postale vérifiée par le code d'une lettre",
    IdentityLevel.DIRECTORY: "comparée par l'expert à un annuaire professionnel",
}
MEANS = {
    Means.POST: "reçue par la poste",
    Means.MAIL: "reçue par courriel",
    Means.HAND: "remise en main propre",
}
TOLD = {
    How.MAIL: "par courriel",
    How.POST: "par courrier (lettre à imprimer)",
    How.BOTH: "par courriel et par courrier (accord à l'échange électronique attendu)",
    How.NONE: "sans avis",
}
FATES = {
    Fate.WAITING: "en attente d'envoi",
    Fate.SENT: "remis au serveur de messagerie",
    Fate.REFUSED: "refusé par le serveur de messagerie",
    Fate.FAILED: "non parti",
}
FATE_TAGS = {Fate.WAITING: "wait", Fate.SENT: "done", Fate.REFUSED: "bad", Fate.FAILED: "bad"}


RIGHTS = {
    Right.BROWSE: "naviguer",
    Right.READ: "consulter",
    Right.DOWNLOAD: "télécharger",
    Right.ADD: "ajouter",
    Right.MODIFY: "modifier",
    Right.DELETE: "supprimer",
    Right.MANAGE: "gérer",
}
MEANING = {
    Right.BROWSE: "voir les noms de ce qui s'y trouve",
    Right.READ: "lire à l'écran",
    Right.DOWNLOAD: "garder une copie",
    Right.ADD: "déposer dans une boîte, créer des dossiers ; ne donne rien à voir",
    Right.MODIFY: "renommer ; jamais une pièce déposée",
    Right.DELETE: "ôter ; jamais une pièce déposée",
    Right.MANAGE: "fixer les dates limites, ranger ; ne permet pas de donner des droits",
}
OBSTACLES = {
    Obstacle.STRANGER: "cette personne n'est pas, ou n'est plus, membre de ce dossier",
    Obstacle.NOT_GIVEN: "personne ne l'a donné, ni ici ni plus haut",
    Obstacle.SEALED: "un espace réservé arrête ce qui est donné plus haut",
    Obstacle.NEVER_DELEGATED: "un assistant ne gère jamais les droits",
    Obstacle.WITHDRAWN: "la pièce est retirée de la diffusion",
    Obstacle.EVIDENCE: "une pièce déposée ne se modifie ni ne se supprime, par personne",
    Obstacle.FILE: "on n'ajoute rien dans une pièce",
    Obstacle.CLOSED: "le dossier est clos : il se lit, il ne change plus",
}


@register.filter
def droit(right: str) -> str:
    return RIGHTS[Right(right)]


@register.filter
def droit_sens(right: str) -> str:
    return MEANING[Right(right)]


@register.filter
def droits(rights: Collection[str]) -> str:
    """In the order of the trade, whatever the order they come in."""
    return ", ".join(words for right, words in RIGHTS.items() if right in rights)


@register.filter
def obstacle(word: str) -> str:
    return OBSTACLES[Obstacle(word)]


@register.filter
def etat(state: str) -> str:
    return STATES[RosterState(state)]


@register.filter
def etat_marque(state: str) -> str:
    return STATE_TAGS[RosterState(state)]


@register.filter
def role(word: str) -> str:
    return ROLES[RosterRole(word)]


@register.filter
def nature(kind: str) -> str:
    return PARTY_KINDS[PartyKind(kind)]


@register.filter
def identite(level: str) -> str:
    return IDENTITIES[IdentityLevel(level)]


@register.filter
def moyen(means: str) -> str:
    return MEANS[Means(means)]


@register.filter
def averti(how: str) -> str:
    return TOLD[How(how)]


@register.filter
def sort(fate: str) -> str:
    return FATES[Fate(fate)]


@register.filter
def sort_marque(fate: str) -> str:
    return FATE_TAGS[Fate(fate)]


@register.filter
def expertise(kind: str) -> str:
    return KINDS[Template(kind)].french


@register.filter
def lignes(text: str) -> str:
    """A postal address or a reason, line by line, each made safe for the eye."""
    return "\n".join(fields.displayed(line) for line in text.split("\n"))


@register.filter
def suspect(name: str) -> bool:
    return fields.suspicious(name)


@register.filter
def jusquau(due_at: datetime) -> str:
    """A date limite is kept as the first instant that is late; people read the last day that is
    in time: « jusqu'au 30/09/2026 inclus »."""
    due = due_at.astimezone(PARIS)
    if due.timetz().replace(tzinfo=None) == time(0):
        return f"jusqu'au {due - timedelta(days=1):%d/%m/%Y} inclus"
    return f"jusqu'au {due:%d/%m/%Y} à {due:%H h %M}"


@register.filter
def de(name: str) -> str:
    """« de M. Dubosc », « de la SARL Bâti Ouest »: what belongs to somebody, the name made safe."""
    return of_name(fields.displayed(name))


@register.filter
def boite(name: str) -> str:
    """« Boîte aux lettres de … » within a sentence."""
    return fields.displayed(name[:1].lower() + name[1:])
