"""Passkeys (« clés d’identification »): add, name, remove; sign in and confirm with one.

The exchange with the device is django-allauth's and fido2's; the site they belong to is
the one of the settings. Adding or removing one ends every other session and token (G5).
"""

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.webauthn import views as webauthn
from allauth.mfa.webauthn.internal import auth, flows
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accedit.domain.people import access
from accedit.domain.people.operations import factors
from accedit.domain.people.queries import passkeys
from accedit.interfaces.web.accounts import tell_of_change
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.forms.entrance import SignInForm
from accedit.interfaces.web.forms.passkeys import (
    ConfirmByPasskeyForm,
    NewPasskeyForm,
    RenameForm,
    SignInByPasskeyForm,
)
from accedit.interfaces.web.middleware import open_to_everyone
from accedit.interfaces.web.pages.comptes import go_on
from accedit.interfaces.web.pages.feuille import show_sheet_next
from accedit.interfaces.web.signed_in import asker
from accedit.shared.refusals import Refusal

PLACE = "/compte/identification"


def begin(user: Any) -> str:
    """What the browser asks the device for, to make a key for this person."""
    return json.dumps(auth.begin_registration(user, passwordless=True))


@require_safe
def own_passkeys(request: HttpRequest) -> HttpResponse:
    context = {"passkeys": passkeys(asker=asker(request))}
    return render(request, "compte/identification.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def new_passkey(request: HttpRequest) -> HttpResponse:
    user = access.own_user(asker(request))
    form = NewPasskeyForm(request.POST or None, user=user)
    refused, status = "", 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            sheet = factors.add_passkey(user, passkey=form.passkey())
        except Refusal as refusal:
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            go_on(request, user)
            _tell(user, what="une clé d’identification (passkey) a été ajoutée")
            if sheet:
                return show_sheet_next(request, then=PLACE)
            return HttpResponseRedirect(PLACE)
    context = {"form": form, "options": begin(user), "refused": refused}
    return render(request, "compte/identification_nouvelle.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: HttpRequest, passkey: int) -> HttpResponse:
    actor = asker(request)
    found = passkeys(asker=actor, only=passkey)[0]
    form = RenameForm(request.POST or None, initial={"name": found.name})
    if request.method == "POST" and form.is_valid():
        try:
            factors.rename_passkey(
                access.own_user(actor), passkey=passkey, name=form.cleaned_data["name"]
            )
        except Refusal as refusal:
            form.add_error("name", refusal.for_people())
        else:
            return HttpResponseRedirect(PLACE)
    status = 422 if form.is_bound else 200
    return render(request, "compte/identification_nom.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def remove(request: HttpRequest, passkey: int) -> HttpResponse:
    actor = asker(request)
    found = passkeys(asker=actor, only=passkey)[0]
    refused, status = "", 200
    if request.method == "POST":
        user = access.own_user(actor)
        try:
            factors.remove_passkey(user, passkey=passkey)
        except Refusal as refusal:
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            go_on(request, user)
            _tell(user, what="une clé d’identification (passkey) a été retirée")
            return HttpResponseRedirect(PLACE)
    context = {"passkey": found, "refused": refused}
    return render(request, "compte/identification_fin.html", context, status=status)


def _tell(user: Any, *, what: str) -> None:
    tell_of_change(user, what=what, at=timezone.now())


class SignIn(webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """The whole sign-in: the device says who, and that they were recognised by it."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not get_adapter().is_ajax(request):
            return HttpResponseRedirect("/connexion")
        return JsonResponse({"request_options": auth.begin_authentication(user=None)})

    def get_form_class(self) -> type[SignInByPasskeyForm]:
        return SignInByPasskeyForm

    def form_valid(self, form: SignInByPasskeyForm) -> HttpResponse:
        authenticator = form.cleaned_data["credential"]
        place = get_next_redirect_url(self.request)
        login = Login(user=authenticator.user, redirect_url=place)
        response: HttpResponse = flows.perform_passwordless_login(
            self.request, authenticator, login
        )
        return response

    def form_invalid(self, form: SignInByPasskeyForm) -> HttpResponse:
        context = {
            "form": SignInForm(),
            "sentence": "Cette clé d’identification n’ouvre rien ici. Essayez-en une autre, ou entrez avec votre mot de passe.",
        }
        return render(self.request, "connexion/connexion.html", context, status=422)


class Confirm(webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    template_name = "connexion/confirmer_cle.html"

    def get_form_class(self) -> type[ConfirmByPasskeyForm]:
        return ConfirmByPasskeyForm

    def form_invalid(self, form: ConfirmByPasskeyForm) -> HttpResponse:
        context = self.get_context_data() | {
            "sentence": "L’appareil n’a pas pu le prouver. Recommencez, ou confirmez autrement."
        }
        return render(self.request, self.template_name, context, status=422)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        options = context["js_data"]["request_options"]
        return context | {
            "options": json.dumps(options),
            "form": ConfirmByPasskeyForm(user=self.request.user),
        }


urls = [
    path("compte/identification", own_passkeys, name="mfa_list_webauthn"),
    path("compte/identification/nouvelle", new_passkey, name="mfa_add_webauthn"),
    path("compte/identification/<int:passkey>/nom", rename, name="mfa_edit_webauthn"),
    path("compte/identification/<int:passkey>/fin", remove, name="mfa_remove_webauthn"),
    path("compte/confirmer/cle", Confirm.as_view(), name="mfa_reauthenticate_webauthn"),
    path("connexion/cle", open_to_everyone(SignIn.as_view()), name="mfa_login_webauthn"),
]
