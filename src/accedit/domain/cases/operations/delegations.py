"""An expert confides acts to an assistant, and takes them back; each open case tells it.

A delegation never covers: sign, archive, withdraw, seal, change rights (people/enums.py).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction

from accedit.domain.cases.models import Case
from accedit.domain.cases.operations.parties import told
from accedit.domain.people.enums import Channel, Covers, PersonKind
from accedit.domain.people.models import Delegation, Space, User
from accedit.domain.people.operations import accounts, delegations, invitations, pacing
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Invalid, Kind, Refusal


class AssistsAnother(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Cette adresse ne peut pas être celle d'un assistant de votre espace : choisissez-en une autre."


@transaction.atomic
def take_on(
    *, space: Space, name: str, email: str, covers: Collection[Covers], actor: Actor, at: datetime
) -> User:
    """A new assistant, invited by mail; or one who left and comes back. `space` comes from
    `people.access.own_space`."""
    known = accounts.holder_of(email)
    if known is None:
        user = accounts.enter_person(name=name, kind=PersonKind.ASSISTANT, email=email, at=at)
    elif known.kind != PersonKind.ASSISTANT or _assists_another(known, space=space):
        raise AssistsAnother
    else:
        user = known
    if not user.has_usable_password():
        pacing.count_invitation(actor, at=at)
        invitations.invite(
            user,
            actor=actor,
            channel=Channel.MAIL,
            about=f"{space.name}, en qualité d'assistant de l'expert",
            at=at,
        )
    _give(space, to=user, covers=covers, actor=actor, at=at)
    return user


@transaction.atomic
def change(
    delegation: Delegation, *, covers: Collection[Covers], actor: Actor, at: datetime
) -> None:
    """Other acts from now on. `delegation` comes from `people.access.delegation`."""
    _give(delegation.space, to=delegation.delegate, covers=covers, actor=actor, at=at)


@transaction.atomic
def end(delegation: Delegation, *, actor: Actor, at: datetime) -> None:
    """Nothing is confided any more: the assistant's sessions and keys end at once (G5)."""
    delegations.end(space=delegation.space, of=delegation.delegate, at=at)
    accounts.end_all_access(delegation.delegate_id)
    _tell(
        delegation.space,
        "delegation.ended",
        actor=actor,
        at=at,
        delegate={"id": str(delegation.delegate_id), "name": delegation.delegate.name},
        reason=None,
    )


def _give(
    space: Space, *, to: User, covers: Collection[Covers], actor: Actor, at: datetime
) -> None:
    if not covers:
        raise Invalid(what="Cochez au moins une chose à confier.")
    delegations.delegate(space=space, to=to, covers=covers, at=at)
    _tell(
        space,
        "delegation.given",
        actor=actor,
        at=at,
        delegate={"id": str(to.pk), "name": to.name},
        covers=sorted(one.value for one in covers),
        until=None,
    )


def _tell(space: Space, kind: str, *, actor: Actor, at: datetime, **claims: Any) -> None:
    """In the journal of each case that is open, always in the same order (no two wait for each other)."""
    open_cases = Case.objects.filter(room__space=space, room__closed_at__isnull=True)
    for case in open_cases.select_related("room").order_by("pk"):
        told(case, kind, actor=actor, at=at, **claims)


def _assists_another(user: User, *, space: Space) -> bool:
    given = Delegation.objects.filter(delegate=user, ended_at__isnull=True)
    return given.exclude(space=space).exists()
