"""Coming in again: who asks, how they were recognised, how one stops it."""

from django import forms

from accedit.domain.cases.operations.recovery import SHORTEST
from accedit.interfaces.web.forms.fields import FILL, EmailField


class AskForm(forms.Form):
    email = EmailField(
        label="Adresse électronique", help_text="Celle avec laquelle vous vous connectez."
    )


class StopForm(forms.Form):
    email = EmailField(label="Votre adresse électronique")
    code = forms.CharField(
        label="Code d’annulation",
        help_text="Seize lettres et chiffres, dans le dernier message reçu à ce sujet.",
        max_length=60,
        error_messages=FILL,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class ApproveForm(forms.Form):
    words = forms.CharField(
        label="Comment vous l’avez reconnue",
        help_text="Par exemple : « Je l’ai rappelée au numéro de son cabinet, que je connais, et elle m’a cité notre dernière réunion. » Ces mots sont gardés.",
        min_length=SHORTEST,
        max_length=2000,
        error_messages=FILL | {"min_length": "Dites-le en une phrase au moins."},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
