"""How sign-in behaves: nobody signs up by themselves, mails go through our outbox, the second
factor is required, and its secrets are kept encrypted."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from accedit.domain.people.operations import accounts
from accedit.domain.post.operations import outbox
from accedit.interfaces.web.signed_in import complete


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def login(self, request: HttpRequest, user: Any) -> None:
        """All steps were passed. Without a second factor the session stays closed (fail closed)."""
        super().login(request, user)
        if is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            complete(request, epoch=user.epoch)

    def set_password(self, user: Any, password: str) -> None:
        """Every other session and token ends (G5)."""
        accounts.change_password(user, password=password)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        message = self.render_mail(template_prefix, email, context)
        outbox.queue(
            to=email,
            to_name=email,
            subject=message.subject,
            body=message.body,
            at=timezone.now(),
        )

    def format_email_subject(self, subject: str) -> str:
        return f"[Accédit] {subject}"

    def is_safe_url(self, url: str) -> bool:
        """Only places of this site, written as paths (G11)."""
        return url.startswith("/") and url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Our pages say in their own words what was done."""


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _vault().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """The second factor is required: it is replaced, never removed."""
        return False


def _vault() -> Fernet:
    key = hashlib.sha256(b"accedit.second-factor:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))
