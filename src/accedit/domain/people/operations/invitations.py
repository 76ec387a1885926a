"""Invite a person: a code in a mail or in a letter, once, for seven days.

The link in the mail carries no code: it is typed by a person, so that a mail
scanner which opens links, or posts forms, uses nothing up (attacks.md H1, H2).
"""

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction

from accedit.domain.people.access import CodeNotKnown, digest
from accedit.domain.people.enums import Channel, IdentityLevel
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations.accounts import let_in
from accedit.domain.people.rights import Actor
from accedit.domain.post.operations import outbox
from accedit.shared.refusals import PARIS

LASTS = timedelta(days=7)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
LENGTH = 16  # 80 bits

MAIL = """Bonjour,

{inviter} vous ouvre un accès :

    {about}

Pour entrer, ouvrez la page {page}
puis saisissez votre adresse électronique et ce code :

    {code}

Le code sert une seule fois, jusqu'au {until:%d/%m/%Y} à {until:%H h %M} (heure de Paris).
Après cette date, demandez-en un nouveau à l'expert : il l'envoie en un clic.

Vous choisirez un mot de passe, puis vous relierez une application d'authentification
(sur votre téléphone) qui donne un code à six chiffres. Quelqu'un peut vous aider à le faire.

Si ce message ne vous concerne pas, ignorez-le : rien n'est ouvert tant que le code n'est pas saisi.
"""

LETTER = """Madame, Monsieur,

{inviter} vous ouvre un accès par internet :

    {about}

Pour entrer, tapez cette adresse dans un navigateur : {page}
puis saisissez votre adresse électronique et ce code :

    {code}

Le code sert une seule fois, jusqu'au {until:%d/%m/%Y} (heure de Paris). Après cette date,
demandez-en un nouveau à l'expert.

Cet accès est facultatif. Sans lui, les documents vous seront adressés par la poste.
"""


def new_code() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def grouped(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


@transaction.atomic
def invite(
    user: User,
    *,
    actor: Actor,
    channel: Channel,
    about: str,
    at: datetime,
    room_id: UUID | None = None,
) -> Invitation:
    """A fresh code for `user`; any earlier one stops working. Mails or prepares the letter."""
    Invitation.objects.filter(user=user, used_at__isnull=True, replaced_at__isnull=True).update(
        replaced_at=at
    )
    code = new_code()
    invitation = Invitation(
        user=user,
        room_id=room_id,
        channel=channel,
        address=user.email or "" if channel is Channel.MAIL else "",
        code_digest=digest(code),
        sent_by_id=actor.user_id,
        created_at=at,
        expires_at=at + LASTS,
    )
    words = {
        "inviter": actor.name,
        "about": about,
        "page": f"{settings.BASE_URL}/invitation",
        "code": grouped(code),
        "until": invitation.expires_at.astimezone(PARIS),
    }
    subject = f"Votre accès à Accédit : {about}"
    if channel is Channel.MAIL:
        invitation.message_id = outbox.queue(
            to=user.email or "",
            to_name=user.name,
            subject=subject,
            body=MAIL.format(**words),
            at=at,
            reference=invitation.pk,
        ).pk
    else:
        invitation.message_id = outbox.prepare_letter(
            to_name=user.name,
            address=user.address,
            subject=subject,
            body=LETTER.format(**words),
            at=at,
            reference=room_id,
        ).pk
    invitation.save()
    return invitation


@transaction.atomic
def take_back(user: User, *, room_id: UUID, at: datetime) -> None:
    """A code to this room that was not used yet stops working."""
    Invitation.objects.filter(
        user=user, room_id=room_id, used_at__isnull=True, replaced_at__isnull=True
    ).update(replaced_at=at)


@transaction.atomic
def first_code(user: User, *, at: datetime) -> str:
    """The code of the very first person, shown to whoever installs: nobody is there to invite."""
    code = new_code()
    Invitation.objects.create(
        user=user,
        channel=Channel.LETTER,
        address=user.email or "",
        code_digest=digest(code),
        created_at=at,
        expires_at=at + LASTS,
    )
    return grouped(code)


@transaction.atomic
def use(invitation: Invitation, *, email: str, password: str, at: datetime) -> User:
    """Consume the code: only one of two who come together gets in."""
    locked = Invitation.objects.select_for_update().select_related("user").get(pk=invitation.pk)
    if locked.used_at or locked.replaced_at or locked.expires_at <= at:
        raise CodeNotKnown
    if locked.address and locked.address != email.strip().lower():
        raise CodeNotKnown
    locked.used_at = at
    locked.save(update_fields=["used_at"])
    level = _level(locked)
    return let_in(locked.user, email=email, password=password, level=level)


def _level(invitation: Invitation) -> IdentityLevel:
    """What the use of this code says of who used it: it came where it was sent. A code that
    nobody sent (the first one, read on the screen of whoever installs) says nothing."""
    if invitation.sent_by_id is None:
        return IdentityLevel.DECLARED
    return IdentityLevel.ADDRESS if invitation.channel == Channel.MAIL else IdentityLevel.LETTER
