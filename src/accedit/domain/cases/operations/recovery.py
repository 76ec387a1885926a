"""Coming in again without telephone nor sheet: two persons, a delay, and notice at each step (G16).

Whoever lost both asks; nobody learns whether the address was known. Two persons who know
them say in their own words how they made sure; one of the two is the expert of a case that
the person accepted before, or runs the platform (decision 0015). Then a delay runs, during which
the person may stop it; then everything of theirs ends and an invitation leaves for the address
on record.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import combinations
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accedit.domain.cases.models import Consent, RosterLine
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.keeping import PLATFORM, platform_log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing.models import Deposit
from accedit.domain.people.access import CodeNotKnown, actor_of, digest, tidy_code
from accedit.domain.people.enums import Channel, Door, PersonKind
from accedit.domain.people.models import Approval, Delegation, Invitation, Recovery, User
from accedit.domain.people.operations import factors, invitations
from accedit.domain.people.queries import accounts_at
from accedit.domain.people.rights import Actor
from accedit.domain.post.operations import outbox
from accedit.shared.fields import several_lines
from accedit.shared.refusals import PARIS, Invalid, Kind, NotFound, Refusal

SHORTEST = 20  # letters that say how one recognised somebody
NEEDED = 2

ASKED = """Bonjour {name},

Quelqu'un, peut-être vous, demande à reprendre votre accès à Accédit : téléphone et feuille de secours seraient perdus.

Si c'est vous : téléphonez à l'expert de votre dossier. Deux personnes qui vous connaissent
doivent vous reconnaître ; {hours} heures plus tard, vous recevrez ici un code d'invitation.

Si ce n'est pas vous : arrêtez tout sur la page {page}
en étant connecté, ou en y saisissant votre adresse et ce code d'annulation :

    {code}

Sans l'accord de deux personnes, rien ne change.
"""
FIRST = """Bonjour {name},

{by} a reconnu {whom} et accepte la reprise de l'accès. Il manque l'accord d'une seconde personne.

Pour arrêter : page {page}
{stop}
"""
SECOND = """Bonjour {name},

{by} a reconnu {whom} à son tour. Le {opens:%d/%m/%Y} à {opens:%H h %M} (heure de Paris), les anciens moyens d'entrer
prendront fin et un code d'invitation partira à l'adresse de {whom}.

Pour arrêter avant : page {page}
{stop}
"""
WAITS = """Bonjour {name},

La reprise de l'accès de {whom} attend encore un accord : une des personnes qui l'avaient donné
ne peut plus en répondre. Rien n'a changé. Le dernier code d'annulation reçu reste valable.

Pour arrêter : page {page}
"""
STOPPED = """Bonjour {name},

La reprise de l'accès de {whom} est arrêtée. Rien n'a changé.
"""
BY_CODE = """en étant connecté, ou en y saisissant votre adresse et ce code d'annulation (il remplace le précédent) :

    {code}
"""


class Standing(StrEnum):
    """What lets somebody recognise this person."""

    EXPERT = "expert"
    OPERATOR = "operator"
    ASSISTANT = "assistant"
    FIRM = "firm"


PRINCIPAL = {Standing.EXPERT, Standing.OPERATOR}


class SaidAlready(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Vous avez déjà donné votre accord : il faut celui d'une autre personne."


class NeedsAnother(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "L'un des deux accords doit venir de l'expert d'un dossier de cette personne, ou de l'exploitant du site."


class OfOneOffice(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Pour un professionnel, l'accord d'un expert et celui de son assistant ne suffisent pas : il faut celui d'une personne extérieure à leur cabinet."


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as somebody who may recognise the person sees it."""

    recovery: Recovery
    standing: Standing
    approvals: list[Approval]


def delay() -> timedelta:
    return timedelta(hours=settings.RECOVERY_DELAY_HOURS)


@transaction.atomic
def ask(address: str, *, at: datetime) -> None:
    """For each account that this address opens. An unknown address costs the same work, and
    leaves nothing (G1). A request under way is not made twice, nor told twice."""
    known = [user for user in accounts_at(address) if user.has_usable_password()]
    for user in known:
        if not _under_way().filter(user=user).exists():
            _begin(user, at=at)
    if not known:
        mark = transaction.savepoint()
        _begin(User(pk=uuid4(), name="x" * 20, email=address.strip().lower()), at=at)
        transaction.savepoint_rollback(mark)


def _begin(user: User, *, at: datetime) -> None:
    code = invitations.new_code()
    Recovery.objects.create(user_id=user.pk, code_digest=digest(code), asked_at=at)
    words = {"hours": settings.RECOVERY_DELAY_HOURS, "code": invitations.grouped(code)}
    _mail(user, subject="On demande à reprendre votre accès", body=ASKED, at=at, **words)
    _log("recovery.asked", user=user, actor=None, at=at)


def requests(*, asker: Actor) -> list[Asked]:
    """Those that the asker may say something about, oldest first."""
    rows = _under_way().select_related("user__firm").order_by("asked_at", "pk")
    found = [(row, standing(asker, of=row.user, before=row.asked_at)) for row in rows]
    return [Asked(row, held, _approvals(row)) for row, held in found if held]


def request(recovery_id: UUID, *, asker: Actor) -> Asked:
    row = _under_way().select_related("user__firm").filter(pk=recovery_id).first()
    held = standing(asker, of=row.user, before=row.asked_at) if row else None
    if row is None or held is None:
        raise NotFound
    return Asked(row, held, _approvals(row))


def own_request(*, asker: Actor) -> Recovery | None:
    return _under_way().filter(user=asker.user_id).first()


def standing(asker: Actor, *, of: User, before: datetime) -> Standing | None:
    """By what `asker` may recognise this person, who asked at `before`; oneself never."""
    if asker.user_id == of.pk:
        return None
    owners = _experts_known_to(of, before=before)
    me = User.objects.get(pk=asker.user_id)
    if me.pk in owners:
        return Standing.EXPERT
    if me.is_staff:
        return Standing.OPERATOR
    if _assists(me, owners | {of.pk}):
        return Standing.ASSISTANT
    of_my_firm = me.administers_firm and me.firm_id is not None and me.firm_id == of.firm_id
    return Standing.FIRM if of_my_firm and of.kind == PersonKind.PROFESSIONAL else None


def _experts_known_to(user: User, *, before: datetime) -> set[UUID]:
    """Of the cases that the person took part in by an act of their own, before they asked: an
    expert who merely names somebody in a case knows nothing of them."""
    lines = RosterLine.objects.filter(user=user, left_at__isnull=True)
    answered = Consent.objects.filter(line__in=lines, answered_at__lt=before)
    deposits = Deposit.objects.filter(depositor=user, received_at__lt=before)
    entered = set(answered.values_list("line__case_id", flat=True))
    entered |= set(deposits.values_list("box__folder__room_id", flat=True))
    if user.kind == PersonKind.PRIVATE:
        used = Invitation.objects.filter(user=user, used_at__lt=before)
        entered |= {room for room in used.values_list("room_id", flat=True) if room}
    owners = lines.filter(case__in=entered).values_list("case__room__owner", flat=True)
    return set(owners) - {user.pk}


def _assists(user: User, owners: Collection[UUID]) -> bool:
    given = Delegation.objects.filter(delegate=user, ended_at__isnull=True)
    return given.filter(space__expert__in=owners).exists()


@transaction.atomic
def approve(recovery_id: UUID, *, words: str, actor: Actor, at: datetime) -> Recovery:
    """With how one made sure. The second accord, from another person, starts the delay."""
    _locked(recovery_id)
    asked = request(recovery_id, asker=actor)
    said = several_lines(words, what="Comment vous l'avez reconnue")
    if len(said.strip()) < SHORTEST:
        raise Invalid(what="Dites en quelques mots comment vous avez reconnu cette personne.")
    if any(one.by_id == actor.user_id for one in asked.approvals):
        raise SaidAlready
    if asked.recovery.opens_at is not None:
        raise SaidAlready
    complete = _completes(asked, me=User.objects.get(pk=actor.user_id))
    Approval.objects.create(recovery=asked.recovery, by_id=actor.user_id, words=said, at=at)
    user = asked.recovery.user
    _log("recovery.approved", user=user, actor=actor, at=at, words=said, standing=asked.standing)
    row = Recovery.objects.select_related("user").get(pk=recovery_id)
    if complete:
        row.opens_at = at + delay()
    code = invitations.new_code()
    row.code_digest = digest(code)
    row.save(update_fields=["opens_at", "code_digest"])
    _tell_of_approval(row, by=actor, code=invitations.grouped(code), at=at)
    return row


def _completes(asked: Asked, *, me: User) -> bool:
    """Whether mine is the second accord. An expert's or an operator's is always noted; another's
    that fits none of those that hold is `NeedsAnother` or `OfOneOffice`."""
    others = _holding(asked.recovery)
    fitting = [by for by, held in others if PRINCIPAL & {held, asked.standing}]
    complete = any(_independent(me, by, of=asked.recovery.user) for by in fitting)
    if others and not complete and asked.standing not in PRINCIPAL:
        raise OfOneOffice if fitting else NeedsAnother
    return complete


def _holding(row: Recovery) -> list[tuple[User, Standing]]:
    """Who approved, is still active, and may still recognise the person; oldest first."""
    held = []
    for by in (one.by for one in _approvals(row) if one.by.is_active):
        found = standing(actor_of(by, door=Door.PAGE), of=row.user, before=row.asked_at)
        if found:
            held.append((by, found))
    return held


def _independent(one: User, other: User, *, of: User) -> bool:
    """For a professional, an expert and their own assistant are one: the account opens other
    experts' cases. For a party it opens this expert's case alone."""
    return of.kind == PersonKind.PRIVATE or not (_office(one) & _office(other))


def _office(user: User) -> set[UUID]:
    given = Delegation.objects.filter(delegate=user, ended_at__isnull=True)
    return {user.pk, *given.values_list("space__expert", flat=True)}


def _still_approved(row: Recovery) -> bool:
    held = _holding(row)
    return any(
        PRINCIPAL & {first[1], second[1]} and _independent(first[0], second[0], of=row.user)
        for first, second in combinations(held, NEEDED)
    )


@transaction.atomic
def refuse(recovery_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Whoever may recognise the person did not: all stops."""
    _locked(recovery_id)
    _stop(request(recovery_id, asker=actor).recovery, actor=actor, at=at)


@transaction.atomic
def cancel_own(*, actor: Actor, at: datetime) -> None:
    row = own_request(asker=actor)
    if row is None:
        raise NotFound
    _stop(_locked(row.pk), actor=actor, at=at)


@transaction.atomic
def cancel_by_code(code: str, *, address: str, at: datetime) -> None:
    """From the notice, without signing in. Wrong, old or somebody else's: one answer."""
    rows = _under_way().filter(user__email=address.strip().lower())
    row = rows.filter(code_digest=digest(tidy_code(code))).first()
    if row is None:
        raise CodeNotKnown
    _stop(_locked(row.pk), actor=None, at=at)


@transaction.atomic
def open_next(*, at: datetime) -> bool:
    """One whose delay is over: everything of before ends, and an invitation leaves. If an accord
    holds no more, the request waits for another."""
    due = _under_way().filter(opens_at__lte=at).order_by("opens_at").first()
    if due is None:
        return False
    row = _locked(due.pk)
    if row.opens_at is None or row.opens_at > at:
        return False
    if not row.user.is_active:
        _stop(row, actor=None, at=at)
        return True
    if not _still_approved(row):
        _wait(row, at=at)
        return True
    Recovery.objects.filter(pk=row.pk).update(opened_at=at)
    factors.end_all(row.user)
    by = actor_of(_holding(row)[-1][0], door=Door.PAGE)
    about = "la reprise de votre accès"
    channel = Channel.MAIL if row.user.email else Channel.LETTER
    invitations.invite(
        row.user, actor=by, channel=channel, about=about, at=at, room_id=row.user.only_room
    )
    _log("recovery.opened", user=row.user, actor=by, at=at)
    return True


def _wait(row: Recovery, *, at: datetime) -> None:
    """The delay begins anew with the next accord."""
    Recovery.objects.filter(pk=row.pk).update(opens_at=None)
    _log("recovery.waits", user=row.user, actor=None, at=at)
    for one in [row.user, *(by for by, _ in _holding(row))]:
        subject = "La reprise d'un accès attend un accord"
        _mail(one, subject=subject, body=WAITS, at=at, whom=row.user.name)


def _stop(row: Recovery, *, actor: Actor | None, at: datetime) -> None:
    Recovery.objects.filter(pk=row.pk).update(cancelled_at=at)
    _log("recovery.stopped", user=row.user, actor=actor, at=at)
    for one in [row.user, *(approval.by for approval in _approvals(row))]:
        _mail(
            one,
            subject="La reprise d'un accès est arrêtée",
            body=STOPPED,
            at=at,
            whom=row.user.name,
        )


def _tell_of_approval(row: Recovery, *, by: Actor, code: str, at: datetime) -> None:
    """The person, and everybody who has given their accord."""
    body, subject = FIRST, "Une personne accepte la reprise d'un accès"
    more: dict[str, object] = {"by": by.name, "whom": row.user.name}
    if row.opens_at is not None:
        body, subject = SECOND, "Un accès sera rouvert"
        more["opens"] = row.opens_at.astimezone(PARIS)
    _mail(row.user, subject=subject, body=body, at=at, stop=BY_CODE.format(code=code), **more)
    for approval in _approvals(row):
        stop = f"en étant connecté : {settings.BASE_URL}/reprises"
        _mail(approval.by, subject=subject, body=body, at=at, stop=stop, **more)


def _mail(user: User, *, subject: str, body: str, at: datetime, **words: object) -> None:
    if user.email:
        page = f"{settings.BASE_URL}/reprise/annuler"
        outbox.queue(
            to=user.email,
            to_name=user.name,
            subject=f"[Accédit] {subject}",
            body=body.format(name=user.name, page=page, **words),
            at=at,
        )


def _log(act: str, *, user: User, actor: Actor | None, at: datetime, **more: object) -> None:
    claims = {
        "actor": actor.claim() if actor else PLATFORM,
        "act": act,
        "subject": {"id": str(user.pk), "name": user.name},
        **more,
    }
    who = actor.user_id if actor else None
    log.append(platform_log(), [Fact("admin.acted", claims, received_at=at, actor_id=who)])


def _under_way() -> QuerySet[Recovery]:
    return Recovery.objects.filter(opened_at__isnull=True, cancelled_at__isnull=True)


def _locked(recovery_id: UUID) -> Recovery:
    """Ours until the end of the transaction; `NotFound` if it was stopped meanwhile."""
    rows = _under_way().select_for_update(of=("self",)).select_related("user")
    row: Recovery | None = rows.filter(pk=recovery_id).first()
    if row is None:
        raise NotFound
    return row


def _approvals(row: Recovery) -> list[Approval]:
    return list(row.approvals.select_related("by").order_by("at", "pk"))
