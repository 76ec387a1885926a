"""The second factor: an authenticator, passkeys, a sheet of recovery codes; never none of them.

The tables and the reckoning of codes (RFC 6238) and of keys (WebAuthn) are
django-allauth's; secrets are encrypted by the adapter that the settings name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from accedit.domain.people.models import User
from accedit.domain.people.operations.accounts import end_all_access
from accedit.shared.fields import one_line
from accedit.shared.refusals import Kind, NotFound, Refusal

SHEET = Authenticator.Type.RECOVERY_CODES
PASSKEY = Authenticator.Type.WEBAUTHN
MOST_PASSKEYS = 20


class LastFactor(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "C'est votre seul moyen de prouver que c'est vous : ajoutez d'abord une autre clé, ou reliez une application."


class TooManyPasskeys(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Vous avez déjà vingt clés d'identification : retirez-en une d'abord."


@dataclass(frozen=True, slots=True)
class Passkey:
    """A passkey just made: its name, and what the browser answered, already verified."""

    name: str
    credential: Mapping[str, Any]


def new_secret() -> str:
    """Twenty random bytes in base 32, as authenticators take them."""
    return str(generate_totp_secret())


@transaction.atomic
def set_authenticator(user: User, *, secret: str) -> None:
    """From now on only this authenticator and its new sheet open the account; every session,
    token, passkey and trusted computer of before ends (G5)."""
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    _end_all(user)


@transaction.atomic
def set_passkey(user: User, *, passkey: Passkey) -> None:
    """From now on only this passkey and its new sheet open the account (G5)."""
    Authenticator.objects.filter(user=user).delete()
    _add(user, passkey)
    RecoveryCodes.activate(user)
    _end_all(user)


@transaction.atomic
def change_authenticator(user: User, *, secret: str) -> None:
    """Another telephone: the old one and the old sheet open nothing; the passkeys stay."""
    Authenticator.objects.filter(user=user).exclude(type=PASSKEY).delete()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    _end_all(user)


@transaction.atomic
def add_passkey(user: User, *, passkey: Passkey) -> bool:
    """One more. Every other session and token ends (G5). Whether a first sheet was made."""
    User.objects.select_for_update().get(pk=user.pk)
    if Authenticator.objects.filter(user=user, type=PASSKEY).count() >= MOST_PASSKEYS:
        raise TooManyPasskeys
    _add(user, passkey)
    sheet = not Authenticator.objects.filter(user=user, type=SHEET).exists()
    if sheet:
        RecoveryCodes.activate(user)
    _end_all(user)
    return sheet


@transaction.atomic
def rename_passkey(user: User, *, passkey: int, name: str) -> None:
    found = _own(user, passkey)
    found.wrap().name = one_line(name, what="Nom de la clé", limit=100)
    found.save(update_fields=["data"])


@transaction.atomic
def remove_passkey(user: User, *, passkey: int) -> str:
    """Its name. It opens nothing any more; every other session and token ends (G5)."""
    User.objects.select_for_update().get(pk=user.pk)
    found = _own(user, passkey)
    others = Authenticator.objects.filter(user=user).exclude(pk=found.pk).exclude(type=SHEET)
    if not others.exists():
        raise LastFactor
    name = str(found.wrap().name)
    found.delete()
    _end_all(user)
    return name


@transaction.atomic
def end_all(user: User) -> None:
    """Nothing that this person holds opens anything: only a new invitation does (G16)."""
    Authenticator.objects.filter(user=user).delete()
    _end_all(user)


@transaction.atomic
def new_sheet(user: User) -> None:
    """Fresh recovery codes: those of the earlier sheet open nothing any more."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=SHEET).delete()
    RecoveryCodes.activate(user)


def _add(user: User, passkey: Passkey) -> None:
    name = one_line(passkey.name, what="Nom de la clé", limit=100)
    WebAuthn.add(user, name, dict(passkey.credential))


def _own(user: User, passkey: int) -> Authenticator:
    found = Authenticator.objects.filter(user=user, type=PASSKEY, pk=passkey).first()
    if found is None:
        raise NotFound
    return found


def _end_all(user: User) -> None:
    end_all_access(user.pk)
    user.refresh_from_db(fields=["epoch"])
