"""The second factor: an authenticator, replaced but never removed, and a sheet of recovery codes.

The tables and the reckoning of codes (RFC 6238) are django-allauth's; secrets are
encrypted by the adapter that the settings name.
"""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from accedit.domain.people.models import User
from accedit.domain.people.operations.accounts import end_all_access


def new_secret() -> str:
    """Twenty random bytes in base 32, as authenticators take them."""
    return str(generate_totp_secret())


@transaction.atomic
def set_authenticator(user: User, *, secret: str) -> None:
    """From now on only this authenticator and its new sheet open the account; every session,
    token and trusted computer of before ends (G5)."""
    Authenticator.objects.filter(user=user).delete()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    end_all_access(user.pk)
    user.refresh_from_db(fields=["epoch"])


@transaction.atomic
def new_sheet(user: User) -> None:
    """Fresh recovery codes: those of the earlier sheet open nothing any more."""
    User.objects.select_for_update().get(pk=user.pk)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).delete()
    RecoveryCodes.activate(user)
