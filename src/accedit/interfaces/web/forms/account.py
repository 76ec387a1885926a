"""What one changes of one's own account: password, keys of programs, what an assistant may do."""

from typing import Any

from django import forms

from accedit.domain.people.enums import Covers, Scope
from accedit.interfaces.web.forms.fields import FILL, EmailField, NewPasswordField, PasswordField

SCOPES = [
    (Scope.READ.value, "Lire : voir et télécharger ce que je peux lire"),
    (Scope.DEPOSIT.value, "Déposer : lire, et déposer des pièces en mon nom"),
    (Scope.MANAGE.value, "Gérer : tout ce que je peux faire moi-même"),
]
COVERS = [
    (Covers.OPEN_CASES.value, "Ouvrir des dossiers et y ajouter des parties"),
    (
        Covers.DEPOSIT_ON_BEHALF.value,
        "Entrer les pièces reçues par la poste, par courriel ou de la main à la main",
    ),
    (Covers.INVITE.value, "Inviter les personnes et renvoyer un code"),
    (Covers.LETTERS.value, "Imprimer et poster les courriers"),
]


class PasswordForm(forms.Form):
    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = NewPasswordField(user)
        self.fields["again"] = PasswordField(
            label="Le même mot de passe, une seconde fois", autocomplete="new-password"
        )

    def clean(self) -> dict[str, Any]:
        password, again = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if password and again and password != again:
            self.add_error("again", "Les deux mots de passe ne sont pas les mêmes.")
        return self.cleaned_data


class KeyForm(forms.Form):
    name = forms.CharField(
        label="À quoi sert cette clé",
        help_text="Le nom du programme ou de l’ordinateur, pour la reconnaître plus tard.",
        max_length=100,
        error_messages=FILL,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label="Ce qu’elle permet",
        choices=SCOPES,
        initial=Scope.READ.value,
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que la clé permet."},
    )

    def __init__(self, *args: Any, cases: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case"] = forms.ChoiceField(
            label="Pour quels dossiers",
            choices=[("", "Tous mes dossiers"), *cases],
            required=False,
        )


class DelegationForm(forms.Form):
    """What is confided to an assistant; the acts of the expert alone are not in the list."""

    covers = forms.MultipleChoiceField(
        label="Ce que vous lui confiez",
        choices=COVERS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une chose, ou mettez fin à la délégation."},
    )

    def chosen(self) -> list[Covers]:
        return [Covers(word) for word in self.cleaned_data["covers"]]


class NewAssistantForm(DelegationForm):
    name = forms.CharField(
        label="Prénom et nom", max_length=200, error_messages=FILL,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    email = EmailField(
        label="Adresse électronique",
        help_text="Un code d’invitation y est envoyé si cette personne n’a pas encore d’accès.",
        autocomplete="off",
    )
    field_order = ["name", "email", "covers"]


class SpaceForm(forms.Form):
    name = forms.CharField(label="Nom de l’espace", max_length=200, error_messages=FILL)
    list_number = forms.CharField(
        label="Inscription sur une liste d’experts",
        help_text="Par exemple : expert près la cour d’appel de Paris, rubrique C-02.03.",
        max_length=200,
        required=False,
    )
    address = forms.CharField(
        label="Adresse postale",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        label="Téléphone",
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel"}),
    )
