"""Sign in and out, second factor, trusted computer, forgotten password, confirmation.

The mechanics are django-allauth's; these are its views under our addresses, templates
and forms. Only what is listed below is mounted: there is no sign-up.
"""

import json
from typing import Any

from allauth.account import views as account
from allauth.account.internal.flows.logout import logout
from allauth.mfa.base import views as mfa
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, re_path

from accedit.domain.people.queries import has_application, has_passkey
from accedit.interfaces.web import demonstration
from accedit.interfaces.web.forms import entrance
from accedit.interfaces.web.forms.passkeys import SecondFactorForm
from accedit.interfaces.web.middleware import open_to_everyone
from accedit.interfaces.web.slowness import WAIT


class Corrected:
    """A form that comes back to be corrected says so to programs too."""

    request: HttpRequest

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        if self.request.method == "POST":
            kwargs.setdefault("status", 429 if hasattr(self.request, WAIT) else 422)
        response: HttpResponse = super().render_to_response(context, **kwargs)  # type: ignore[misc]
        return response


class SignIn(Corrected, account.LoginView):  # type: ignore[misc]
    template_name = "connexion/connexion.html"
    form_class = entrance.SignInForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A session that opens nothing (no second factor shown) is left, not walked in circles."""
        if request.user.is_authenticated and request.actor is None:  # type: ignore[attr-defined]
            logout(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"people": demonstration.people()}


class Code(Corrected, mfa.AuthenticateView):  # type: ignore[misc]
    template_name = "connexion/code.html"
    form_class = entrance.CodeForm
    webauthn_form_class = SecondFactorForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.stage.login.user
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {
            "who": user.name,
            "shown": demonstration.person(email=user.email or ""),
            "options": json.dumps(context["js_data"]["request_options"]),
            "has_passkey": has_passkey(user),
            "has_application": has_application(user),
        }


class Trust(mfa.TrustView):  # type: ignore[misc]
    template_name = "connexion/confiance.html"


class SignOut(account.LogoutView):  # type: ignore[misc]
    template_name = "connexion/deconnexion.html"


class Forgotten(Corrected, account.PasswordResetView):  # type: ignore[misc]
    template_name = "connexion/oublie.html"
    form_class = entrance.ForgottenForm


class ForgottenSent(account.PasswordResetDoneView):  # type: ignore[misc]
    template_name = "connexion/oublie_envoye.html"


class NewPassword(Corrected, account.PasswordResetFromKeyView):  # type: ignore[misc]
    template_name = "connexion/nouveau_mot_de_passe.html"
    form_class = entrance.NewPasswordForm


class NewPasswordSet(account.PasswordResetFromKeyDoneView):  # type: ignore[misc]
    template_name = "connexion/mot_de_passe_change.html"


class Inactive(account.AccountInactiveView):  # type: ignore[misc]
    template_name = "connexion/compte_ferme.html"


class ConfirmByPassword(Corrected, account.ReauthenticateView):  # type: ignore[misc]
    template_name = "connexion/confirmer.html"
    form_class = entrance.ConfirmByPasswordForm


class ConfirmByCode(Corrected, mfa.ReauthenticateView):  # type: ignore[misc]
    template_name = "connexion/confirmer.html"
    form_class = entrance.ConfirmByCodeForm


@open_to_everyone
def without_factor(request: HttpRequest) -> HttpResponse:
    """For whoever has a password and no authenticator: a new invitation sets both."""
    return render(request, "connexion/sans_application.html", status=403)


urls = [
    path("connexion", open_to_everyone(SignIn.as_view()), name="account_login"),
    path("connexion/code", open_to_everyone(Code.as_view()), name="mfa_authenticate"),
    path("connexion/confiance", open_to_everyone(Trust.as_view()), name="mfa_trust"),
    path("connexion/sans-application", without_factor, name="without_factor"),
    path("connexion/fermee", open_to_everyone(Inactive.as_view()), name="account_inactive"),
    path("connexion/oublie", open_to_everyone(Forgotten.as_view()), name="account_reset_password"),
    path(
        "connexion/oublie/envoye",
        open_to_everyone(ForgottenSent.as_view()),
        name="account_reset_password_done",
    ),
    path(
        "connexion/oublie/change",
        open_to_everyone(NewPasswordSet.as_view()),
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^connexion/oublie/(?P<uidb36>[0-9a-f]{32})-(?P<key>[0-9A-Za-z-]{1,100})$",
        open_to_everyone(NewPassword.as_view()),
        name="account_reset_password_from_key",
    ),
    path("deconnexion", open_to_everyone(SignOut.as_view()), name="account_logout"),
    path("compte/confirmer", ConfirmByPassword.as_view(), name="account_reauthenticate"),
    path("compte/confirmer/code", ConfirmByCode.as_view(), name="mfa_reauthenticate"),
]
