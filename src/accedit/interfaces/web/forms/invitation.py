"""The three steps of an invitation: code and address, password, authenticator."""

from typing import Any

from allauth.mfa.totp.internal.auth import validate_totp_code
from django import forms

from accedit.domain.people.operations import accounts
from accedit.interfaces.web.forms.entrance import code_field
from accedit.interfaces.web.forms.fields import FILL, EmailField, NewPasswordField, PasswordField
from accedit.shared.refusals import Refusal


class FirstStepForm(forms.Form):
    email = EmailField(
        label="Votre adresse électronique",
        help_text="Celle qui a reçu le message. Si le code est venu par lettre : celle que vous voulez utiliser.",
    )
    code = forms.CharField(
        label="Code d’invitation",
        help_text="Seize lettres et chiffres, par exemple 7K2M-P4QX-9TRW-3HVD. Majuscules et tirets sont sans importance.",
        max_length=60,
        error_messages=FILL,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )


class PasswordStepForm(forms.Form):
    def __init__(self, *args: Any, user: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.email = user, email
        self.fields["password"] = NewPasswordField(user, label="Mot de passe que vous choisissez")
        self.fields["again"] = PasswordField(
            label="Le même mot de passe, une seconde fois", autocomplete="new-password"
        )

    def clean(self) -> dict[str, Any]:
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", "Les deux mots de passe ne sont pas les mêmes.")
        elif password and again:
            try:
                accounts.refuse_password_of_another(self.user, email=self.email, password=password)
            except Refusal as refusal:
                self.add_error("password", refusal.for_people())
        return self.cleaned_data


class AuthenticatorForm(forms.Form):
    """Whether the authenticator was linked: the code that it shows for this secret."""

    def __init__(self, *args: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret = secret
        self.fields["code"] = code_field(
            "L’application l’affiche sous « Accédit ». Il change toutes les trente secondes.",
            autofocus=False,  # the page is read from its top: there is a square to scan first
        )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise forms.ValidationError(
                "Ce code n’est pas celui que l’application affiche maintenant. Vérifiez que le téléphone est à l’heure automatique, puis saisissez le code suivant."
            )
        return code
