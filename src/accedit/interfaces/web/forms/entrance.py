"""Sign in, second factor, forgotten password: django-allauth's forms with our words.

Whatever is hashed is at most 1,000 characters long (attacks.md G10).
"""

from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import (
    LoginForm,
    ReauthenticateForm,
    ResetPasswordForm,
    ResetPasswordKeyForm,
)
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as ReauthenticateByCodeForm
from django import forms
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from accedit.domain.people.operations import accounts, slowing
from accedit.interfaces.web import slowness
from accedit.interfaces.web.forms.fields import FILL, EmailField, NewPasswordField, PasswordField
from accedit.shared.refusals import Refusal

USED_FOR = 120  # seconds: a code and its two neighbours are over by then


class SignInForm(LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = EmailField(label="Adresse électronique", autocomplete="username")
        self.fields["password"] = PasswordField(label="Mot de passe")
        self.order_fields(["login", "password"])


class OnceOnly:
    """A code serves once: not a second time while the clock would still allow it (G9)."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        """Counted first, taken back if it was right: after five wrong ones, the waits grow."""
        request, at = context.request, timezone.now()
        keys = slowness.code_keys(request, user=self.user)
        try:
            slowness.count(request, keys, at=at)
        except slowing.TooManyTries as refusal:
            raise forms.ValidationError(refusal.for_people()) from None
        code: str = super().clean_code()  # type: ignore[misc]
        if not note_used(code, by=self.user.pk):
            raise get_adapter().validation_error("incorrect_code")
        slowing.take_back(keys, at=at)
        return code


def note_used(code: str, *, by: UUID) -> bool:
    """Whether this code was still unused; from now on it is not."""
    plain = "".join(filter(str.isalnum, code))
    return bool(cache.add(f"accedit.code:{by}:{plain}", "used", timeout=USED_FOR))


FROM_PHONE = "L’application d’authentification de votre téléphone l’affiche ; il change toutes les trente secondes. Sans téléphone, saisissez un code de votre feuille de secours."


def code_field(help_text: str = FROM_PHONE, *, autofocus: bool = True) -> forms.CharField:
    return forms.CharField(
        label="Code à six chiffres",
        help_text=help_text,
        error_messages=FILL,
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "class": "code-input",
            }
            | ({"autofocus": True} if autofocus else {})
        ),
    )


class CodeForm(OnceOnly, AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()


class ConfirmByCodeForm(OnceOnly, ReauthenticateByCodeForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()


class ConfirmByPasswordForm(ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = PasswordField(label="Votre mot de passe", autofocus=True)


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = EmailField(
            label="Adresse électronique", help_text="Celle avec laquelle vous vous connectez."
        )

    def save(self, request: Any, **kwargs: Any) -> str:
        """An address that opens nothing costs the same work, and leaves nothing (G1)."""
        with transaction.atomic():
            email: str = super().save(request, **kwargs)  # not a row
            if not self.users:
                mark = transaction.savepoint()
                get_account_adapter(request).pretend_reset_mail(email)
                transaction.savepoint_rollback(mark)
        return email


class NewPasswordForm(ResetPasswordKeyForm):  # type: ignore[misc]
    """A new password, typed twice; not that of another account of the same address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"] = NewPasswordField(self.user)
        self.fields["password2"] = PasswordField(
            label="Le même mot de passe, une seconde fois", autocomplete="new-password"
        )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = self.cleaned_data
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "Les deux mots de passe ne sont pas les mêmes.")
        elif first and second and self.user and self.user.email:
            try:
                accounts.refuse_password_of_another(
                    self.user, email=self.user.email, password=first
                )
            except Refusal as refusal:
                self.add_error("password1", refusal.for_people())
        return cleaned
