"""What the device answers, and the name one gives its key."""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms

from accedit.domain.people.operations.factors import Passkey
from accedit.interfaces.web.forms.fields import FILL

NO_ANSWER = {
    "required": "Votre appareil n’a rien répondu. Recommencez, et suivez ce qu’il affiche.",
    "invalid": "La réponse de l’appareil n’est pas lisible. Recommencez.",
}
LONGEST = 20_000
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, struct.error)


class Answer:
    """The answer of the device: bounded, and refused in words."""

    fields: dict[str, forms.Field]

    def bounded(self) -> None:
        field = self.fields["credential"]
        field.error_messages.update(NO_ANSWER)  # not a row
        field.validators.append(_short)


@contextmanager
def read() -> Iterator[None]:
    """What anybody may send is taken apart in here: what is no answer of a device is refused.
    A `ValidationError` is no `ValueError`, and passes."""
    try:
        yield
    except UNREADABLE as fault:
        raise forms.ValidationError(NO_ANSWER["invalid"]) from fault


def _short(value: Any) -> None:
    if not isinstance(value, dict) or len(str(value)) > LONGEST:
        raise forms.ValidationError(NO_ANSWER["invalid"])


class NewPasskeyForm(Answer, AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = name_field()
        self.fields.pop("passwordless", None)
        self.initial["name"] = ""
        self.bounded()

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        return name

    def clean(self) -> dict[str, Any]:
        """Whatever is wrong with the name is said before the answer is spent."""
        if self.errors:
            return dict(self.cleaned_data)
        self.cleaned_data["passwordless"] = True
        with read():
            cleaned: dict[str, Any] = super().clean()
        return cleaned

    def passkey(self) -> Passkey:
        return Passkey(self.cleaned_data["name"], self.cleaned_data["credential"])


def name_field() -> forms.CharField:
    return forms.CharField(
        label="Nom de cette clé",
        help_text="L’appareil où elle est, pour la reconnaître plus tard : « mon téléphone », « ordinateur du cabinet ».",
        max_length=100,
        error_messages=FILL,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RenameForm(forms.Form):
    name = name_field()


class Shown(Answer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bounded()

    def clean_credential(self) -> Any:
        with read():
            return super().clean_credential()  # type: ignore[misc]


class SignInByPasskeyForm(Shown, LoginWebAuthnForm):  # type: ignore[misc]
    """The whole sign-in."""


class SecondFactorForm(Shown, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After the password."""


class ConfirmByPasskeyForm(Shown, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before what touches the safety of an account."""
