"""Fields that several forms have: an address, a password, a new password."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from accedit.shared import fields
from accedit.shared.refusals import Refusal

LONGEST = 1000
SHORTEST = 12
FILL = {"required": "Remplissez ce champ."}


class EmailField(forms.CharField):
    def __init__(
        self, *, label: str, help_text: str = "", autocomplete: str = "email", required: bool = True
    ) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=required,
            max_length=254,
            error_messages=FILL,
            widget=forms.EmailInput(attrs={"autocomplete": autocomplete, "spellcheck": "false"}),
        )

    def clean(self, value: Any) -> str:
        typed = super().clean(value)
        if not typed:
            return ""
        try:
            return fields.email_address(typed)
        except Refusal as refusal:
            raise forms.ValidationError(refusal.for_people()) from None


class PasswordField(forms.CharField):
    def __init__(
        self,
        *,
        label: str,
        autocomplete: str = "current-password",
        help_text: str = "",
        autofocus: bool = False,
    ) -> None:
        attrs: dict[str, Any] = {"autocomplete": autocomplete}
        super().__init__(
            label=label,
            help_text=help_text,
            strip=False,
            max_length=LONGEST,
            error_messages=FILL,
            widget=forms.PasswordInput(
                attrs=attrs | ({"autofocus": True} if autofocus else {}), render_value=False
            ),
        )


class NewPasswordField(PasswordField):
    """The rules are said before they are applied, and each refusal says what to do."""

    def __init__(self, user: Any = None, *, label: str = "Nouveau mot de passe") -> None:
        super().__init__(
            label=label,
            autocomplete="new-password",
            help_text="Douze caractères au moins. Trois ou quatre mots sans rapport entre eux font un bon mot de passe. Ni votre nom, ni votre adresse, ni un mot de passe déjà très répandu.",
        )
        self.user = user

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value))
        try:
            validate_password(typed, self.user)
        except forms.ValidationError as refused:
            raise forms.ValidationError(
                [_sentence(error) for error in refused.error_list]
            ) from None
        return typed


def _sentence(error: Any) -> str:
    return {
        "password_too_short": f"Il est trop court : {SHORTEST} caractères au moins.",
        "password_too_common": "Beaucoup de gens ont ce mot de passe : choisissez-en un autre.",
        "password_too_similar": "Il ressemble trop à votre nom ou à votre adresse : choisissez-en un autre.",
    }.get(error.code, str(error.message))
