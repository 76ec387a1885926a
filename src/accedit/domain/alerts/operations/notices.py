"""Tell the whole liste de diffusion of a basket: one mail or one letter each, in the
transaction of the deposit, so that no deposit is ever untold; then log what became of each.

The mail holds no document, no password form, and no name of a piece unless the case
allows it (attacks.md H6, H8). At its end stand the three checkpoint lines of the acts
log: each recipient thereby holds a witness of what the log was (evidence.md 4.3). Past so
many mails in an hour, avis share one (`gathering`).
"""

import hashlib
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.models import Addressee, Notice
from accedit.domain.alerts.operations.deposited import Deposited, subject_of, words_of
from accedit.domain.alerts.operations.gathering import gather, past_the_cap
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Letter, Message
from accedit.domain.post.operations import outbox
from accedit.shared.kill_points import reach

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

QUEUED = re.compile(r"(?:queued as |OK id=)([\w.-]{4,60})", re.IGNORECASE)

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


@transaction.atomic(savepoint=False)
def tell(
    basket: Deposited, *, roster: Sequence[Addressee], readers: Collection[UUID], key: str
) -> list[Notice]:
    """One notice for each addressee who may read (or is served by post) and is to be told.

    Call it in the transaction of the deposit, with the room locked, after the deposit's own
    entries: the checkpoint lines then cover them.
    """
    head = evidence.head(basket.log_origin)
    words = words_of(basket, checkpoint=head.lines() if head else "", key=key)
    mailed = [
        one
        for one in roster
        if one.how in (How.MAIL, How.BOTH) and one.user is not None and one.user.pk in readers
    ]
    messages, gathered = _messages(basket, mailed, words=words)
    notices = []
    for addressee in roster:
        carried: dict[str, object] = {}
        if addressee.pk in messages:
            carried["message"] = messages[addressee.pk]
            carried["gathered"] = addressee.pk in gathered
        if addressee.how in (How.POST, How.BOTH):
            carried["letter"] = _letter(basket, addressee, words=words)
        if carried:
            notices.append(_notice(basket, addressee, **carried))
    Notice.objects.bulk_create(notices)
    log.append(basket.log_origin, [fact for notice in notices for fact in _queued(basket, notice)])
    return notices


def _messages(
    basket: Deposited, mailed: Sequence[Addressee], *, words: dict[str, object]
) -> tuple[dict[UUID, Message], set[UUID]]:
    """The mail of each addressee; and who shares theirs with other avis."""
    waiting = past_the_cap(mailed, at=basket.at)
    shared = gather(basket, addressees=[one for one in mailed if one.pk in waiting], words=words)
    alone = {one.pk: _mail(basket, one, words=words) for one in mailed if one.pk not in waiting}
    outbox.queue_all(list(alone.values()))
    return alone | shared, waiting


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


def _notice(basket: Deposited, addressee: Addressee, **carried: object) -> Notice:
    return Notice(
        room_id=basket.room_id,
        basket_id=basket.basket_id,
        addressee=addressee,
        log_origin=basket.log_origin,
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


def queue_id(answer: str) -> str | None:
    """The number under which the next server holds the mail, as Postfix and Exim say it."""
    found = QUEUED.search(answer)
    return found[1] if found else None


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
        "queue_id": queue_id(message.answer),
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
