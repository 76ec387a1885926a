"""Tell the whole liste de diffusion of a basket: one mail or one letter each, in the
transaction of the deposit, so that no deposit is ever untold; then log what became of each.

The mail holds no document, no password form, and no name of a piece unless the case
allows it (attacks.md H6, H8). At its end stand the three checkpoint lines of the acts
log: each recipient thereby holds a witness of what the log was (evidence.md 4.3).
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.models import Addressee, Notice
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.people.rights import Actor
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Letter, Message
from accedit.domain.post.operations import outbox
from accedit.shared.fields import displayed
from accedit.shared.kill_points import reach
from accedit.shared.refusals import PARIS

BODY = """{greeting}

{who} a déposé {pieces} dans la boîte aux lettres de la partie « {side} »{behalf},
le {when:%d/%m/%Y} à {when:%H h %M} (heure de Paris).{late}
{names}
Dossier : {reference} — {title}

Pour les lire : {link}

Aucun document n'est joint à ce message. Le lien ouvre le dossier après identification.
{notice}
--
Empreinte du journal, à conserver :
{checkpoint}
Clé du journal : {key}
"""

LETTER = """Madame, Monsieur,

{who} a déposé {pieces} dans la boîte aux lettres de la partie « {side} »{behalf},
le {when:%d/%m/%Y} à {when:%H h %M} (heure de Paris).{late}

Dossier : {reference} — {title}

Ces pièces vous sont adressées par la poste, avec ce courrier :
{enclosed}
Si vous préférez les recevoir par voie électronique, écrivez-le à l'expert ; si vous avez
un accès au dossier en ligne, il suffit d'y répondre « J'accepte ».

Empreinte du journal, à conserver :
{checkpoint}
"""


@dataclass(frozen=True, slots=True)
class Deposited:
    """A basket as those who are told hear of it."""

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
    origin: str = ""  # the log that tells of the deposit; the room's, unless it lies in a sealed space


@transaction.atomic(savepoint=False)
def tell(
    basket: Deposited, *, roster: Sequence[Addressee], readers: Collection[UUID], key: str
) -> list[Notice]:
    """One notice for each addressee who may read (or is served by post) and is to be told.

    Call it in the transaction of the deposit, after the deposit's own entries: the
    checkpoint lines then cover them.
    """
    origin = basket.origin or log.acts_of(basket.room_id)
    head = evidence.head(origin)
    words = _words(basket, checkpoint=head.lines() if head else "", key=key)
    notices = []
    for addressee in roster:
        carried: dict[str, object] = {}
        reads = addressee.user is not None and addressee.user.pk in readers
        if addressee.how in (How.MAIL, How.BOTH) and reads:
            carried["message"] = _mail(basket, addressee, words=words)
        if addressee.how in (How.POST, How.BOTH):
            carried["letter"] = _letter(basket, addressee, words=words)
        if carried:
            notices.append(_notice(basket, addressee, origin=origin, **carried))
    outbox.queue_all([notice.message for notice in notices if notice.message])
    Notice.objects.bulk_create(notices)
    log.append(origin, [fact for notice in notices for fact in _queued(basket, notice)])
    return notices


def _words(basket: Deposited, *, checkpoint: str, key: str) -> dict[str, object]:
    count = len(basket.piece_ids)
    return {
        "who": basket.depositor.name
        + (f" ({basket.depositor.firm})" if basket.depositor.firm else ""),
        "pieces": "1 pièce" if count == 1 else f"{count} pièces",
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


def _listed(names: Sequence[str]) -> str:
    return "".join(f"\n    {displayed(name)}" for name in names) + ("\n" if names else "")


def subject_of(basket: Deposited) -> str:
    count = len(basket.piece_ids)
    pieces = "1 pièce déposée" if count == 1 else f"{count} pièces déposées"
    late = " (hors délai)" if basket.late else ""
    return f"[Dossier {displayed(basket.reference)}] {pieces}{late} — {displayed(basket.title)}"[
        :250
    ]


def _mail(basket: Deposited, addressee: Addressee, *, words: dict[str, object]) -> Message:
    assert addressee.user is not None
    return outbox.drafted(
        to=addressee.user.email or "",
        to_name=addressee.name,
        subject=subject_of(basket),
        body=BODY.format(greeting="Bonjour,", **words),
        at=basket.at,
        reference=basket.basket_id,
    )


def _letter(basket: Deposited, addressee: Addressee, *, words: dict[str, object]) -> Letter:
    return outbox.prepare_letter(
        to_name=addressee.name,
        address=addressee.address,
        subject=subject_of(basket),
        body=LETTER.format(**words),
        at=basket.at,
        reference=basket.room_id,
    )


def _notice(basket: Deposited, addressee: Addressee, *, origin: str, **carried: object) -> Notice:
    return Notice(
        room_id=basket.room_id,
        basket_id=basket.basket_id,
        addressee=addressee,
        log_origin=origin,
        created_at=basket.at,
        **carried,
    )


def _queued(basket: Deposited, notice: Notice) -> list[Fact]:
    pieces = [str(piece) for piece in basket.piece_ids]
    who = {"id": str(notice.addressee_id), "name": notice.addressee.name}
    common = {"actor": basket.depositor.claim(), "recipient": who, "piece_ids": pieces}
    told: list[tuple[str, dict[str, object]]] = []
    if notice.message:
        digest = hashlib.sha256(notice.message.body.encode()).hexdigest()
        claims: dict[str, object] = {
            "alert_id": str(notice.pk),
            "address": notice.message.to,
            "message_sha256": digest,
        }
        told.append(("alert.queued", claims))
    if notice.letter:
        digest = hashlib.sha256(notice.letter.body.encode()).hexdigest()
        letter: dict[str, object] = {"letter_id": str(notice.letter_id), "document_sha256": digest}
        told.append(("letter.prepared", letter))
    return [
        Fact(
            kind=kind,
            claims=common | claims,
            received_at=basket.at,
            about=notice.addressee.user_id,  # not the depositor's to see: it holds addresses
            audience=Audience.CONCERNED,
        )
        for kind, claims in told
    ]


PLATFORM = {"id": "platform", "name": "La plate-forme", "role": "platform"}
LOGGED = {Fate.SENT: "alert.sent", Fate.REFUSED: "alert.refused", Fate.FAILED: "alert.failed"}


@transaction.atomic
def log_fate(notice: Notice, *, at: datetime) -> None:
    """Enter in the log what the mail server answered, once."""
    notice = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("message", "addressee")
        .get(pk=notice.pk)
    )
    message = notice.message
    if notice.fate_logged_at or message is None or message.fate == Fate.WAITING:
        return
    fate = Fate(message.fate)
    claims = {
        "actor": PLATFORM,
        "alert_id": str(notice.pk),
        "recipient": {"id": str(notice.addressee_id), "name": notice.addressee.name},
        "address": message.to,
        "message_sha256": message.digest,
        "server": settings.SMTP_HOST,
        "answer": message.answer,
        "queue_id": None,
        "reason": message.answer,
        "tries": message.tries,
    }
    log.append(
        notice.log_origin,
        [
            Fact(
                kind=LOGGED[fate],
                claims=claims,
                received_at=message.fate_at or at,
                about=notice.addressee.user_id,
                audience=Audience.CONCERNED,
            )
        ],
    )
    notice.fate_logged_at = at
    notice.save(update_fields=["fate_logged_at"])
    reach("alert.before_leaf")
