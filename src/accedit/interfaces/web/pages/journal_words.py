"""What each kind of entry says, as a French sentence in the words of the trade.

The claims of an entry are what its receipt proves; a sentence adds nothing to them. Names
of places and pieces that an entry knows by id only come from `Names`, which holds those that
the reader may see. Source of the kinds: `accedit_ledger.vocabulary`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from accedit.domain.evidence.queries import Told
from accedit.domain.filing.enums import Means, Right
from accedit.interfaces.web.templatetags.francais import NBSP, date_courte, date_pleine, octets
from accedit.interfaces.web.templatetags.mots import MEANS, RIGHTS, STATES, boite, jusquau
from accedit.shared.fields import displayed
from accedit_ledger.vocabulary import KINDS

Claims = Mapping[str, Any]
CHANNELS = {"mail": "par courriel", "letter": "par une lettre"}
COVERED = {
    "open_cases": "ouvrir des dossiers",
    "deposit_on_behalf": "déposer pour le compte d'une partie",
    "invite": "inviter",
    "letters": "imprimer et poster les lettres",
}
ROLES = {"expert": "l'expert", "counsel": "avocat", "party": "partie"}


@dataclass(frozen=True, slots=True)
class Names:
    """Of the places and pieces that the reader may see."""

    places: Mapping[UUID, str] = field(default_factory=dict)
    pieces: Mapping[UUID, Any] = field(default_factory=dict)

    def place(self, claims: Claims) -> str:
        name = self.places.get(_id(claims.get("node_id")))
        return f"« {name} »" if name else "un dossier de rangement"

    def piece(self, claims: Claims) -> str:
        piece = self.pieces.get(_id(claims.get("piece_id")))
        if piece is None:
            return "une pièce"
        return f"la pièce n° {piece.number} de la partie « {piece.box.side_name} »"


def sentence(told: Told, *, names: Names) -> str:
    """One line of the journal, without its hour, made safe for the eye as a whole (C10). A kind with no sentence of its own says its
    name in the vocabulary and who acted: nothing is left out."""
    say = SENTENCES.get(told.kind)
    if say is not None:
        return _spaced(displayed(say(told.claims, names)))
    kind = KINDS.get(told.kind)
    words = kind.french if kind else told.kind
    return displayed(f"{words} ({who(told.claims)})")


def _spaced(said: str) -> str:
    """No quotation mark is left alone at the end of a line."""
    return said.replace("« ", f"«{NBSP}").replace(" »", f"{NBSP}»").replace(" :", f"{NBSP}:")


def who(claims: Claims) -> str:
    return named(claims.get("actor"))


def named(person: Any) -> str:
    """« Me Aubry (Cabinet Aubry) »."""
    if not isinstance(person, Mapping):
        return "quelqu'un"
    name = str(person.get("name") or "quelqu'un")
    firm = person.get("firm")
    return f"{name} ({firm})" if firm else name


def quoted(claims: Claims, claim: str) -> str:
    """« … » around the name that a claim holds, whether it is a name or a thing with one."""
    value = claims.get(claim)
    name = value.get("name") if isinstance(value, Mapping) else value
    return f"« {name or ''} »"


def reason(claims: Claims) -> str:
    given = claims.get("reason")
    said = " ".join(str(given or "").split()).rstrip(".")
    return f" Motif : {said}." if said else ""


def hour(text: Any) -> datetime | None:
    """An hour as claims write it."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00"))
    except ValueError:
        return None


def day(text: Any) -> str:
    try:
        return date_courte(datetime.fromisoformat(str(text)).date())
    except ValueError:
        return str(text)


def _id(text: Any) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        return UUID(int=0)


def _in_box(claims: Claims) -> str:
    box = claims.get("box")
    name = box.get("name") if isinstance(box, Mapping) else None
    return f"la {boite(str(name))}" if name else "une boîte aux lettres"


# The case and its people


def _opened(c: Claims, _: Names) -> str:
    court = f", devant {c['court']}" if c.get("court") else ""
    expert = named(c.get("expert"))
    by = "" if expert == who(c) else f" par {who(c)}"
    return (
        f"Le dossier {c.get('reference')} « {c.get('title')} » "
        f"est ouvert{by}{court}. Expert : {expert}."
    )


def _party(c: Claims, _: Names) -> str:
    post = ", servie par la poste" if c.get("by_post") else ""
    return f"{who(c)} a ajouté la partie {quoted(c, 'party')}, du côté {quoted(c, 'side')}{post}."


def _party_state(c: Claims, _: Names) -> str:
    return f"{who(c)} a noté la partie {quoted(c, 'party')} : {_state(c.get('after'))} (avant : {_state(c.get('before'))})."


def _state(word: Any) -> str:
    return next((said for state, said in STATES.items() if state.value == word), str(word))


def _member(c: Claims, _: Names) -> str:
    role = ROLES.get(str(c.get("member_role")), "membre")
    side = f" du côté {quoted(c, 'side')}" if c.get("side") else ""
    return f"{who(c)} a fait entrer {named(c.get('member'))} dans le dossier ({role}{side})."


def _consent(words: str) -> Callable[[Claims, Names], str]:
    def say(c: Claims, _: Names) -> str:
        return words.format(who=who(c), member=named(c.get("member"))) + (
            f" Texte « {c.get('text_version')} »."
        )

    return say


def _invited(c: Claims, _: Names) -> str:
    until = hour(c.get("expires_at"))
    limit = f", code valable jusqu'au {date_pleine(until)}" if until else ""
    means = CHANNELS.get(str(c.get("means")), "")
    return f"{who(c)} a invité {named(c.get('invitee'))} {means}{limit}."


def _delegated(c: Claims, _: Names) -> str:
    covers = ", ".join(COVERED.get(str(one), str(one)) for one in c.get("covers") or [])
    return f"{who(c)} a confié à {named(c.get('delegate'))} : {covers}."


# The room and its pieces


def _rights(c: Claims, names: Names) -> str:
    after = [RIGHTS[Right(one)] for one in c.get("after") or [] if one in set(Right)]
    before = c.get("before") or []
    told = f"{quoted(c, 'subject')} sur {names.place(c)}"
    if before and before == (c.get("after") or []):
        return f"Le groupe {told} a changé ({', '.join(after)}).{_effect(c)}"
    if not after:
        return f"{who(c)} a retiré ce qui était donné à {told}.{_effect(c)}"
    return f"{who(c)} a donné à {told} : {', '.join(after)}.{_effect(c)}"


def _effect(c: Claims) -> str:
    """« 2 personnes y gagnent des droits, 1 personne en perd. »"""
    gained, lost = _people(c.get("gained")), _people(c.get("lost"))
    said = []
    if gained:
        said.append(f"{gained} personnes y gagnent" if gained > 1 else "1 personne y gagne")
    if lost:
        said.append(f"{lost} personnes y perdent" if lost > 1 else "1 personne y perd")
    return f" Effet : {' et '.join(said)} des droits." if said else ""


def _people(lines: Any) -> int:
    if not isinstance(lines, list):
        return 0
    return len({str(one.get("id")) for one in lines if isinstance(one, Mapping)})


def _sealed(words: str) -> Callable[[Claims, Names], str]:
    return lambda c, names: f"{who(c)} a {words} {names.place(c)}.{_effect(c)}"


def _group_changed(c: Claims, _: Names) -> str:
    added = ", ".join(named(one) for one in c.get("added") or [])
    removed = ", ".join(named(one) for one in c.get("removed") or [])
    if added:
        return f"{who(c)} a fait entrer {added} dans le groupe {quoted(c, 'group')}."
    return f"{who(c)} a fait sortir {removed} du groupe {quoted(c, 'group')}."


def _due(c: Claims, _: Names) -> str:
    before, after = hour(c.get("before")), hour(c.get("after"))
    if after is None:
        return f"{who(c)} a retiré la date limite de {_in_box(c)}."
    changed = f" (avant : {jusquau(before)})" if before else ""
    return f"{who(c)} a fixé la date limite de {_in_box(c)} : {jusquau(after)}{changed}."


def _deposited(c: Claims, _: Names) -> str:
    behalf = ""
    if isinstance(c.get("on_behalf_of"), Mapping):
        behalf = f", pour le compte de {named(c['on_behalf_of'])}"
        means = c.get("received_by_means")
        if means in set(Means):
            behalf += f" ({MEANS[Means(means)]}"
            behalf += f" le {day(c['received_on'])})" if c.get("received_on") else ")"
    late = " Hors délai : à l'expert d'apprécier." if c.get("late") else ""
    title = c.get("title") or c.get("name") or ""
    return (
        f"{who(c)} a déposé la pièce n° {c.get('piece_number')}, « {title} », "
        f"dans {_in_box(c)}{behalf}.{late}"
    )


def _rejected(c: Claims, _: Names) -> str:
    size = octets(c["size"]) if isinstance(c.get("size"), int) else ""
    return f"Le fichier {quoted(c, 'name')} ({size}) envoyé par {who(c)} pour {_in_box(c)} n'a pas été accepté : rien n'a été déposé."


def _withdrawn(c: Claims, names: Names) -> str:
    return f"{who(c)} a retiré de la diffusion {names.piece(c)}.{reason(c)}"


def _archived(c: Claims, names: Names) -> str:
    to = f" : {quoted(c, 'to')}" if c.get("to") else ""
    return f"{who(c)} a rangé aux archives {names.piece(c)}{to}."


def _laid_elsewhere(c: Claims, _: Names) -> str:
    """A place that the log of this space does not name is left out."""
    to = f" dans {quoted(c, 'to')}" if c.get("to") else ""
    before = f" (avant : {quoted(c, 'from')})" if c.get("from") else ""
    return f"{who(c)} a déplacé {quoted(c, 'name')}{to}{before}."


def _counsel(c: Claims, _: Names) -> str:
    before, after = c.get("before"), c.get("after")
    if before and after:
        change = f"{named(after)} succède à {named(before)}"
    elif after:
        change = f"{named(after)} intervient désormais"
    else:
        change = f"{named(before)} n'intervient plus"
    return f"Avocat du côté {quoted(c, 'side')} : {change} ({who(c)})."


def _bundle(c: Claims, _: Names) -> str:
    count = c.get("count")
    pieces = f"{count} pièces" if isinstance(count, int) and count > 1 else "1 pièce"
    return f"{who(c)} a téléchargé ensemble {pieces}."


def _restored(c: Claims, names: Names) -> str:
    return f"{who(c)} a remis en diffusion {names.piece(c)}.{reason(c)}"


# Telling people


def _pieces(c: Claims) -> str:
    count = len(c.get("piece_ids") or [])
    return f"{count} pièces" if count > 1 else "1 pièce"


def _mail(words: str) -> Callable[[Claims, Names], str]:
    """`{server}` is told by the server's own words, that `answer` keeps."""

    def say(c: Claims, _: Names) -> str:
        answer = str(c.get("answer") or c.get("reason") or "").strip().rstrip(".")
        said = f" Réponse du serveur : « {answer} »." if answer else ""
        return words.format(to=named(c.get("recipient")), address=c.get("address")) + said

    return say


def _address_recorded(c: Claims, _: Names) -> str:
    return f"{who(c)} a complété l'adresse postale de {named(c.get('recipient'))}."


def _letter_posted(c: Claims, _: Names) -> str:
    return f"{who(c)} a posté la lettre à {named(c.get('recipient'))} le {day(c.get('posted_on'))}."


def _access_denied(c: Claims, names: Names) -> str:
    return f"Accès refusé à {who(c)} sur {names.place(c)}."


def _read(words: str) -> Callable[[Claims, Names], str]:
    return lambda c, names: f"{who(c)} a {words} {names.piece(c)}."


def _about(words: str) -> Callable[[Claims, Names], str]:
    """A sentence that needs only who acted."""
    return lambda c, _: words.format(who=who(c)) + reason(c)


SENTENCES: Mapping[str, Callable[[Claims, Names], str]] = {
    "case.opened": _opened,
    "case.closed": _about("{who} a clos le dossier : plus rien n'y est déposé ni changé."),
    "case.reopened": _about("{who} a rouvert le dossier."),
    "party.joined": _party,
    "party.state_changed": _party_state,
    "member.added": _member,
    "member.removed": lambda c, _: (
        f"{who(c)} a retiré {named(c.get('member'))} du dossier.{reason(c)}"
    ),
    "counsel.changed": _counsel,
    "consent.asked": _consent("{who} a demandé à {member} son accord à l'échange électronique."),
    "consent.given": _consent("{member} a accepté l'échange électronique."),
    "consent.refused": _consent("{member} a préféré la poste à l'échange électronique."),
    "consent.withdrawn": _consent("{member} a retiré son accord à l'échange électronique."),
    "invitation.sent": _invited,
    "invitation.used": lambda c, _: (
        f"{named(c.get('member'))} est entré dans le dossier avec son invitation."
    ),
    "invitation.revoked": _about("{who} a annulé une invitation."),
    "delegation.given": _delegated,
    "delegation.ended": lambda c, _: (
        f"{who(c)} a repris à {named(c.get('delegate'))} ce qui lui était confié.{reason(c)}"
    ),
    "folder.created": lambda c, _: f"{who(c)} a créé le dossier de rangement {quoted(c, 'name')}.",
    "folder.renamed": lambda c, _: (
        f"{who(c)} a renommé le dossier de rangement {quoted(c, 'before')} en {quoted(c, 'after')}."
    ),
    "rights.changed": _rights,
    "space.sealed": _sealed("réservé"),
    "space.unsealed": _sealed("cessé de réserver"),
    "group.made": lambda c, _: f"{who(c)} a créé le groupe {quoted(c, 'group')}.",
    "group.renamed": lambda c, _: (
        f"{who(c)} a renommé le groupe {quoted(c, 'before')} en {quoted(c, 'after')}."
    ),
    "group.changed": _group_changed,
    "due.set": _due,
    "due.passed": lambda c, _: f"La date limite de {_in_box(c)} est passée.",
    "deposit.accepted": _deposited,
    "deposit.rejected": _rejected,
    "node.moved": _laid_elsewhere,
    "piece.archived": _archived,
    "piece.withdrawn": _withdrawn,
    "piece.restored": _restored,
    "erasure.asked": lambda _c, _n: "L'effacement de données du journal est demandé.",
    "erasure.done": lambda c, _: (
        f"{len(c.get('entries') or [])} mentions du journal sont effacées ; les lignes restent vérifiables."
    ),
    "incident.declared": lambda c, _: f"Un incident est déclaré : {c.get('sentence')}",
    "alert.queued": lambda c, _: (
        f"Un avis de dépôt ({_pieces(c)}) est préparé pour {named(c.get('recipient'))}, à l'adresse {c.get('address')}."
    ),
    "alert.sent": _mail(
        "L'avis de dépôt pour {to} ({address}) est remis au serveur de messagerie."
    ),
    "alert.relayed": _mail(
        "L'avis de dépôt pour {to} ({address}) est relayé par le serveur de messagerie."
    ),
    "alert.bounced": _mail("L'avis de dépôt pour {to} ({address}) est revenu sans être remis."),
    "alert.refused": _mail(
        "L'avis de dépôt pour {to} ({address}) est refusé par le serveur de messagerie."
    ),
    "alert.failed": _mail("L'avis de dépôt pour {to} ({address}) n'est pas parti."),
    "letter.prepared": lambda c, _: (
        f"Une lettre ({_pieces(c)}) est à imprimer pour {named(c.get('recipient'))}."
    ),
    "letter.printed": lambda c, _: f"{who(c)} a imprimé la lettre à {named(c.get('recipient'))}.",
    "letter.posted": _letter_posted,
    "address.recorded": _address_recorded,
    "piece.opened": _read("consulté à l'écran"),
    "piece.downloaded": _read("téléchargé"),
    "piece.copied": _read("copié par synchronisation"),
    "bundle.downloaded": _bundle,
    "access.denied": _access_denied,
}
