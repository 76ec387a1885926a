"""A person comes in with an invitation: password, authenticator and the journal, in one act."""

from datetime import datetime

from django.db import transaction

from accedit.domain.cases.models import Case
from accedit.domain.cases.operations.parties import told
from accedit.domain.evidence.enums import Audience
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import factors, invitations
from accedit.domain.people.operations.factors import Passkey


@transaction.atomic
def use_invitation(
    invitation: Invitation,
    *,
    email: str,
    password: str,
    at: datetime,
    secret: str = "",
    passkey: Passkey | None = None,
) -> User:
    """The account opens with this password and this second factor, or nothing happened. The
    caller has seen a right code of `secret`, or verified `passkey`; the invitation comes from
    `people.access.invitation`."""
    user = invitations.use(invitation, email=email, password=password, at=at)
    if passkey is not None:
        factors.set_passkey(user, passkey=passkey)
    else:
        factors.set_authenticator(user, secret=secret)
    case = Case.objects.filter(pk=invitation.room_id).first() if invitation.room_id else None
    if case is not None:
        told(
            case,
            "invitation.used",
            actor=actor_of(user, door=Door.PAGE),
            at=at,
            about=user.pk,
            audience=Audience.CONCERNED,
            invitation_id=str(invitation.pk),
            member={"id": str(user.pk), "name": user.name},
        )
    return user
