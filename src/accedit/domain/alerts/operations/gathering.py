"""Past so many mails in an hour to one person about one case, avis wait together for the
end of the hour, in one message (attacks.md H5).

The hour begins with the first mail after a quiet spell. Nobody is told less: each avis
keeps its own notice and its own fate in the log; only the mail is shared. A message is
added to under its row lock, never once a sender holds it or has tried it: what may have
left is not changed.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db.models import F

from accedit.domain.alerts.models import Addressee, Gathering
from accedit.domain.alerts.operations.deposited import Deposited, counted, headed, who_of
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import outbox
from accedit.shared.fields import displayed
from accedit.shared.refusals import PARIS

HOUR = timedelta(hours=1)

BODY = """Bonjour,

{total} dans ce dossier depuis le {since:%d/%m/%Y} à {since:%H h %M} (heure de Paris) :
{lines}
Ces avis sont réunis ici parce que d'autres vous ont déjà été envoyés dans la même heure.

Dossier : {reference} — {title}

Pour lire les pièces : {link}

Aucun document n'est joint à ce message. Le lien ouvre le dossier après identification.
{notice}
--
Empreinte du journal, à conserver :
{checkpoint}
Clé du journal : {key}
"""


class Line(TypedDict):
    """The deposits of one person into one box, in one message. Hours are ISO 8601."""

    who: str
    side: str
    behalf: str
    deposits: int
    pieces: int
    late: int
    first: str
    last: str


def past_the_cap(addressees: Sequence[Addressee], *, at: datetime) -> set[UUID]:
    """Whose avis must wait; the others are counted as told at once. At most two queries.

    The room is locked by the caller, which also read these rows under its lock.
    """
    fresh, counting, waiting = [], [], set()
    for one in addressees:
        # two deposits at once may come in the other order than their hours
        if one.hour_from is None or abs(at - one.hour_from) >= HOUR:
            one.hour_from = at
            fresh.append(one.pk)
        elif one.mails_in_hour < settings.ALERT_MAILS_PER_HOUR:
            counting.append(one.pk)
        else:
            waiting.add(one.pk)
    if fresh:
        Addressee.objects.filter(pk__in=fresh).update(hour_from=at, mails_in_hour=1)
    if counting:
        Addressee.objects.filter(pk__in=counting).update(mails_in_hour=F("mails_in_hour") + 1)
    return waiting


def gather(
    basket: Deposited,
    *,
    addressees: Collection[Addressee],
    words: Mapping[str, object],
) -> dict[UUID, Message]:
    """The message that tells each of these addressees of the basket, by addressee."""
    if not addressees:
        return {}
    known = {
        one.addressee_id: one
        for one in Gathering.objects.select_for_update(of=("message",), skip_locked=True)
        .select_related("message")
        .filter(
            addressee__in=addressees,
            message__fate=Fate.WAITING,
            message__tries=0,
            message__next_try_at__gt=basket.at,
        )
        .order_by("message__created_at")
    }
    found = []
    for addressee in addressees:
        one = known.get(addressee.pk) or _begun(basket, addressee)
        one.lines = _with(basket, lines=one.lines)
        one.heads = one.heads | {basket.log_origin: words["checkpoint"]}
        one.message.subject = outbox.one_line(_subject(basket, lines=one.lines), most=300)
        one.message.body = _body(one, words=words)
        found.append(one)
    _write(found, known=known)
    return {one.addressee_id: one.message for one in found}


def _begun(basket: Deposited, addressee: Addressee) -> Gathering:
    assert addressee.user is not None
    assert addressee.hour_from is not None
    message = outbox.drafted(
        to=addressee.user.email or "",
        to_name=addressee.name,
        subject="",
        body="",
        at=basket.at,
        reference=basket.room_id,
        leaves_at=addressee.hour_from + HOUR,
    )
    return Gathering(message=message, addressee=addressee)


def _write(found: Sequence[Gathering], *, known: Mapping[UUID, Gathering]) -> None:
    fresh = [one for one in found if one.addressee_id not in known]
    outbox.queue_all([one.message for one in fresh])
    Gathering.objects.bulk_create(fresh)
    Message.objects.bulk_update([one.message for one in known.values()], ["subject", "body"])
    Gathering.objects.bulk_update(list(known.values()), ["lines", "heads"])


def _with(basket: Deposited, *, lines: Sequence[Line]) -> list[Line]:
    """The basket added to the line of the same depositor, box and party deposited for."""
    key = (who_of(basket), basket.side, basket.on_behalf_of)
    hour = basket.at.isoformat()
    kept = [one for one in lines if (one["who"], one["side"], one["behalf"]) != key]
    same = next((one for one in lines if one not in kept), None)
    line = Line(
        who=key[0],
        side=key[1],
        behalf=key[2],
        deposits=(same["deposits"] if same else 0) + 1,
        pieces=(same["pieces"] if same else 0) + len(basket.piece_ids),
        late=(same["late"] if same else 0) + basket.late,
        first=min(same["first"], hour) if same else hour,
        last=max(same["last"], hour) if same else hour,
    )
    return sorted([*kept, line], key=lambda one: one["first"])


def _total(lines: Sequence[Line]) -> tuple[int, datetime]:
    """How many deposits, and since when, in Paris."""
    first = min(datetime.fromisoformat(line["first"]) for line in lines)
    return sum(line["deposits"] for line in lines), first.astimezone(PARIS)


def _subject(basket: Deposited, *, lines: Sequence[Line]) -> str:
    count, since = _total(lines)
    late = " (hors délai)" if any(line["late"] for line in lines) else ""
    return headed(basket, f"{counted(count, 'dépôt')} depuis {since:%H h %M}{late}")


def _body(one: Gathering, *, words: Mapping[str, object]) -> str:
    count, since = _total(one.lines)
    said = {
        "total": counted(count, "dépôt"),
        "since": since,
        "lines": "".join(f"\n    {_told(line)}" for line in one.lines) + "\n",
        "checkpoint": "\n\n".join(one.heads.values()),
    }
    return BODY.format(**dict(words) | said)


def _told(line: Line) -> str:
    """« partie « demandeur » : 2 dépôts, 5 pièces, par Me Aubry, de 15 h 02 à 15 h 40 »."""
    first, last = (datetime.fromisoformat(line[end]).astimezone(PARIS) for end in ("first", "last"))
    when = f"à {first:%H h %M}"
    if f"{last:%H h %M}" != f"{first:%H h %M}":
        when = f"de {first:%H h %M} à {last:%H h %M}"
    behalf = f" pour le compte de {displayed(line['behalf'])}," if line["behalf"] else ""
    late = f", dont {line['late']} hors délai : à l'expert d'apprécier" if line["late"] else ""
    counts = f"{counted(line['deposits'], 'dépôt')}, {counted(line['pieces'], 'pièce')}"
    return (
        f"partie « {displayed(line['side'])} » : {counts}, par {line['who']},{behalf} {when}{late}"
    )
