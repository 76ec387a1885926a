"""How sign-in behaves: nobody signs up by themselves, mails go through our outbox, the second
factor is required, and its secrets are kept encrypted."""

import base64
import hashlib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accedit.domain.people.operations import accounts, slowing
from accedit.domain.post.operations import outbox
from accedit.interfaces.web import slowness
from accedit.interfaces.web.signed_in import complete

CHANGED = """Bonjour {name},

Pour information : {what}.

Si ce n'est pas vous, changez votre mot de passe sans attendre ({page}) et téléphonez à l'expert de votre dossier.
"""
WAIT = "Trop d'essais de suite. Attendez quelques minutes, puis recommencez."
FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux, ou choisissez un nouveau mot de passe.",
        "incorrect_password": "Ce n'est pas votre mot de passe. Vérifiez les majuscules, puis recommencez.",
        "incorrect_code": "Ce code n'est pas le bon, ou il a déjà servi. Saisissez celui que l'application affiche maintenant.",
        "too_many_login_attempts": WAIT,
        "rate_limited": WAIT,
        "invalid_password_reset": "Ce lien ne sert plus.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Whoever has no second factor yet is told what to do, instead of a session that opens nothing."""
        response: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if response is None and not is_mfa_enabled(user, FACTORS):
            return HttpResponseRedirect(reverse("without_factor"))
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        """All steps were passed. Without a second factor the session stays closed (fail closed)."""
        super().login(request, user)
        if is_mfa_enabled(user, FACTORS):
            complete(request, epoch=user.epoch)
            setattr(request, slowness.NEWLY_IN, user.email)

    def reauthenticate(self, user: Any, password: str) -> bool:
        """The password of this person, even where one address opens several accounts."""
        return bool(user.check_password(password))

    def set_password(self, user: Any, password: str) -> None:
        """Every other session and token ends (G5)."""
        accounts.change_password(user, password=password)
        tell_of_change(user, what="votre mot de passe a été changé", at=timezone.now())

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        outbox.queue(
            to=email,
            to_name=email,
            subject=message.subject,
            body=message.body,
            at=timezone.now(),
        )

    def send_password_reset_mail(self, user: Any, email: str, context: dict[str, Any]) -> None:
        """Who never used their invitation has no password to replace: they are reminded of the code."""
        known = user.has_usable_password()
        name = "password_reset_key" if known else "invitation_first"
        words = {
            "url": context["password_reset_url"],
            "invitation": f"{settings.BASE_URL}/invitation",
            "name": user.name,
        }
        self.send_mail(f"account/email/{name}", email, words)

    def pretend_reset_mail(self, email: str) -> None:
        """All the work of the mail above, for nobody. Whoever calls takes it back."""
        nobody = get_user_model()(pk=uuid4(), name="x" * 20, email=email, password="x")  # noqa: S106
        key = f"{user_pk_to_url_str(nobody)}-{ResetTokens().make_token(nobody)}"
        url = self.get_reset_password_from_key_url(key)
        self.send_password_reset_mail(nobody, email, {"password_reset_url": url})

    def get_reset_password_from_key_url(self, key: str) -> str:
        """From the setting, never from what a request says its host is (G7)."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.BASE_URL}{path}"

    def get_from_email(self) -> str:
        return settings.MAIL_FROM

    def format_email_subject(self, subject: str) -> str:
        return f"[Accédit] {subject}"

    def is_safe_url(self, url: str) -> bool:
        """Only places of this site, written as paths (G11)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say in their own words what was done."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Each try is counted before anything is hashed, and waits where it must (G2, G3)."""
        self._counted = slowness.password_keys(request, address=credentials.get("email", ""))
        try:
            slowness.count(request, self._counted, at=timezone.now())
        except slowing.TooManyTries as refusal:
            raise ValidationError(refusal.for_people()) from None

    def _rollback_login_failed_rl_usage(self) -> None:
        """The password was right: this try is counted against nobody."""
        slowing.take_back(self._counted, at=timezone.now())


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def encrypt(self, text: str) -> str:
        return sealed(text)

    def decrypt(self, encrypted_text: str) -> str:
        return unsealed(encrypted_text)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Whose keys these are: the name of the site by the setting, never by the request (G7)."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "", "name": "Accédit"}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The second factor is required: it is replaced, never removed."""
        return False


class ResetTokens(PasswordResetTokenGenerator):
    """A link of reset dies with the password, with any sign-in, and with whatever ends all access."""

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{super()._make_hash_value(user, timestamp)}:{user.epoch}:{user.is_active}"


def tell_of_change(user: Any, *, what: str, at: datetime) -> None:
    """Whoever changes an account, its owner hears of it."""
    if user.email:
        outbox.queue(
            to=user.email,
            to_name=user.name,
            subject="[Accédit] Votre accès a changé",
            body=CHANGED.format(name=user.name, what=what, page=f"{settings.BASE_URL}/compte"),
            at=at,
        )


def site() -> str:
    """The address of the site as one types it."""
    return settings.BASE_URL.partition("://")[2]


def sealed(text: str) -> str:
    """Readable only with the platform's secret key, which is not in the database."""
    return _vault().encrypt(text.encode()).decode()


def unsealed(text: str) -> str:
    return _vault().decrypt(text.encode()).decode()


def _vault() -> Fernet:
    key = hashlib.sha256(b"accedit.second-factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
