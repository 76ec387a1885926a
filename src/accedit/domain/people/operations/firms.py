"""A firm's own people: one of them administers it, proposes to a colleague, names another.

Nothing here gives a right in a case, and no proposal tells whether the address was known
(G1): the person answers it themselves, once they are in.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.keeping import PLATFORM, platform_log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.people.enums import Channel, PersonKind
from accedit.domain.people.models import Colleague, User
from accedit.domain.people.operations import accounts, invitations, pacing
from accedit.domain.people.rights import Actor
from accedit.domain.post.operations import outbox
from accedit.shared.fields import email_address, one_line
from accedit.shared.refusals import Invalid, Kind, Refusal

MOST_WAITING = 20

PROPOSED = """Bonjour,

{by} vous propose d'être inscrit au cabinet « {firm} » sur Accédit.

Vous y avez déjà un accès : répondez sur la page {page}
Rien ne change sans votre réponse, ni dans vos dossiers, ni pour vos clients.
"""


class AlreadyOfTheFirm(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Cette personne est déjà de votre cabinet."


class TooManyProposals(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Vingt invitations de votre cabinet attendent déjà une réponse."


@transaction.atomic
def propose(chief: User, *, name: str, email: str, actor: Actor, at: datetime) -> Colleague:
    """To a colleague, known here or not. `chief` comes from `access.firm_administrator`."""
    firm = User.objects.select_for_update(of=("self",)).select_related("firm").get(pk=chief.pk).firm
    assert firm is not None
    name, email = one_line(name, what="Nom"), email_address(email)
    waiting = Colleague.objects.filter(firm=firm, answered_at__isnull=True)
    if waiting.count() >= MOST_WAITING:
        raise TooManyProposals
    known = accounts.holder_of(email)
    if known is not None and known.firm_id == firm.pk:
        raise AlreadyOfTheFirm
    user = known or accounts.enter_person(
        name=name, kind=PersonKind.PROFESSIONAL, email=email, at=at
    )
    waiting.filter(user=user).update(answered_at=at)
    row = Colleague.objects.create(
        firm=firm, user=user, name=name, email=email, by=chief, proposed_at=at
    )
    pacing.count_invitation(actor, at=at)
    if user.has_usable_password():
        outbox.queue(
            to=email,
            to_name=name,
            subject=f"[Accédit] {firm.name} vous propose de vous inscrire",
            body=PROPOSED.format(by=actor.name, firm=firm.name, page=f"{settings.BASE_URL}/compte"),
            at=at,
        )
    else:
        about = f"le cabinet « {firm.name} »"
        invitations.invite(user, actor=actor, channel=Channel.MAIL, about=about, at=at)
    _log("firm.proposed", about=user, actor=actor.claim(), at=at, firm=firm.name)
    return row


@transaction.atomic
def answer(proposal: Colleague, *, accepted: bool, actor: Actor, at: datetime) -> None:
    """By the person alone. Whoever leaves a firm for another no longer administers the first."""
    if not Colleague.objects.filter(pk=proposal.pk, answered_at__isnull=True).update(
        answered_at=at
    ):
        return
    if not accepted:
        return
    if actor.kind is not PersonKind.PROFESSIONAL:
        raise Invalid(what="Seul un professionnel est inscrit à un cabinet.")
    User.objects.filter(pk=actor.user_id).update(firm=proposal.firm, administers_firm=False)
    _log("firm.joined", about=proposal.user, actor=actor.claim(), at=at, firm=proposal.firm.name)


@transaction.atomic
def name_administrator(user: User, *, actor: Actor | None, at: datetime) -> None:
    """By another administrator of the firm, or by whoever runs the platform (no `actor`)."""
    if user.firm_id is None or user.kind != PersonKind.PROFESSIONAL or not user.is_active:
        raise Invalid(what="Seul un professionnel inscrit à un cabinet peut l'administrer.")
    User.objects.filter(pk=user.pk).update(administers_firm=True)
    by = actor.claim() if actor else PLATFORM
    _log("firm.administrator_named", about=user, actor=by, at=at)


@transaction.atomic
def part_with(user: User, *, actor: Actor, at: datetime) -> None:
    """A leaver: every session and key ends, nothing opens again (G5). `user` comes from
    `access.colleague`."""
    User.objects.filter(pk=user.pk).update(administers_firm=False)
    accounts.disable(user.pk)
    _log("firm.left", about=user, actor=actor.claim(), at=at)


def _log(act: str, *, about: User, actor: dict[str, str], at: datetime, **more: Any) -> None:
    claims = {
        "actor": actor,
        "act": act,
        "subject": {"id": str(about.pk), "name": about.name},
        **more,
    }
    log.append(platform_log(), [Fact("admin.acted", claims, received_at=at)])
