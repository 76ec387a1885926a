"""A colleague to invite."""

from django import forms

from accedit.interfaces.web.forms.fields import FILL, EmailField


class ColleagueForm(forms.Form):
    name = forms.CharField(
        label="Prénom et nom",
        help_text="D’une personne : un cabinet n’agit jamais seul.",
        max_length=200,
        error_messages=FILL,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    email = EmailField(label="Adresse électronique", autocomplete="off")
