"""An invitation is used: code and address, then a password, then an authenticator.

Opening these pages consumes nothing, however often a mail scanner does it; the code is
typed by a person (attacks.md H1, H2). What was given at each step lies in the session,
encrypted, and never in an address. A code that is wrong, used, too old or another
person's gets the same sentence.
"""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accedit.domain.cases.operations.entrance import use_invitation
from accedit.domain.people import access
from accedit.domain.people.operations import factors
from accedit.domain.people.operations.factors import Passkey
from accedit.interfaces.web import accounts
from accedit.interfaces.web.authenticator import Link
from accedit.interfaces.web.forms.entrance import note_used
from accedit.interfaces.web.forms.invitation import (
    AuthenticatorForm,
    FirstStepForm,
    PasswordStepForm,
)
from accedit.interfaces.web.forms.passkeys import NewPasskeyForm
from accedit.interfaces.web.middleware import open_to_everyone
from accedit.interfaces.web.pages.feuille import show_sheet_next
from accedit.interfaces.web.pages.passkeys import begin
from accedit.shared.refusals import Refusal

STATE = "invitation"


@dataclass(frozen=True, slots=True)
class Begun:
    """What was given so far."""

    code: str
    email: str
    password: str = ""
    secret: str = ""


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def first_step(request: HttpRequest) -> HttpResponse:
    form = FirstStepForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _first(request, form, status=422 if form.is_bound else 200)
    if not ratelimit.consume(request, action="invitation"):
        return _first(request, form, sentence=accounts.WAIT, status=429)
    begun = Begun(code=form.cleaned_data["code"], email=form.cleaned_data["email"])
    try:
        access.invitation(begun.code, address=begun.email, at=timezone.now())
    except Refusal as refusal:
        # Only wrong tries count against an address: nobody is shut out by a stranger's.
        slow = not ratelimit.consume(request, action="invitation_address", key=begun.email)
        sentence = accounts.WAIT if slow else refusal.for_people()
        return _first(request, form, sentence=sentence, status=429 if slow else 422)
    _keep(request, begun)
    return HttpResponseRedirect("/invitation/mot-de-passe")


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def password_step(request: HttpRequest) -> HttpResponse:
    begun = _begun(request)
    if begun is None:
        return _lost(request)
    try:
        invitation = access.invitation(begun.code, address=begun.email, at=timezone.now())
    except Refusal as refusal:
        return _refused(request, refusal)
    invited = invitation.user
    invited.email = begun.email  # so that a password like it is refused; nothing is saved here
    form = PasswordStepForm(request.POST or None, user=invited, email=begun.email)
    if form.is_bound and not ratelimit.consume(
        request, action="invitation_password", key=begun.email
    ):
        return _first(request, FirstStepForm(), sentence=accounts.WAIT, status=429)
    if request.method == "POST" and form.is_valid():
        secret = begun.secret or factors.new_secret()
        _keep(request, replace(begun, password=form.cleaned_data["password"], secret=secret))
        return HttpResponseRedirect("/invitation/application")
    context = {"form": form, "invitation": invitation, "email": begun.email}
    return render(
        request, "invitation/mot_de_passe.html", context, status=422 if form.is_bound else 200
    )


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def authenticator_step(request: HttpRequest) -> HttpResponse:
    begun = _begun(request)
    if begun is None or not begun.password:
        return _lost(request)
    at = timezone.now()
    form = AuthenticatorForm(request.POST or None, secret=begun.secret)
    try:
        access.invitation(begun.code, address=begun.email, at=at)
        if request.method == "POST" and form.is_valid():
            return _let_in(request, begun, code=form.cleaned_data["code"], at=at)
    except Refusal as refusal:
        return _refused(request, refusal)
    context = {"form": form, "link": Link(begun.secret, begun.email)}
    return render(
        request, "invitation/application.html", context, status=422 if form.is_bound else 200
    )


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def passkey_step(request: HttpRequest) -> HttpResponse:
    """Instead of an authenticator: a key that stays in the device."""
    begun = _begun(request)
    if begun is None or not begun.password:
        return _lost(request)
    at = timezone.now()
    try:
        invited = access.invitation(begun.code, address=begun.email, at=at).user
        invited.email = begun.email  # the name under which the device shows the key
        form = NewPasskeyForm(request.POST or None, user=invited)
        if request.method == "POST" and form.is_valid():
            return _let_in(request, begun, passkey=form.passkey(), at=at)
    except Refusal as refusal:
        return _refused(request, refusal)
    context = {"form": form, "options": begin(invited)}
    return render(request, "invitation/cle.html", context, status=422 if form.is_bound else 200)


def _let_in(
    request: HttpRequest,
    begun: Begun,
    *,
    at: datetime,
    code: str = "",
    passkey: Passkey | None = None,
) -> HttpResponse:
    """Everything at once: the second of two who come together finds the code used."""
    invitation = access.invitation(begun.code, address=begun.email, at=at)
    user = use_invitation(
        invitation,
        email=begun.email,
        password=begun.password,
        secret=begun.secret,
        passkey=passkey,
        at=at,
    )
    if code:
        note_used(code, by=user.pk)
    request.session.pop(STATE, None)
    get_adapter().login(request, user)
    place = f"/dossiers/{invitation.room_id}" if invitation.room_id else "/dossiers"
    return show_sheet_next(request, then=place)


@open_to_everyone
@require_safe
def helper(request: HttpRequest) -> HttpResponse:
    """For whoever helps a party: four steps, to read beside the screen or on paper."""
    return render(request, "invitation/aide.html", {"site": accounts.site()})


def _first(
    request: HttpRequest, form: FirstStepForm, *, sentence: str = "", status: int
) -> HttpResponse:
    context = {"form": form, "sentence": sentence}
    return render(request, "invitation/code.html", context, status=status)


def _lost(request: HttpRequest) -> HttpResponse:
    """Nothing was begun here: back to the first step, with the one sentence if something was sent."""
    if request.method != "POST":
        return HttpResponseRedirect("/invitation")
    return _refused(request, access.CodeNotKnown())


def _refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    request.session.pop(STATE, None)
    return _first(request, FirstStepForm(), sentence=refusal.for_people(), status=422)


def _keep(request: HttpRequest, begun: Begun) -> None:
    request.session[STATE] = accounts.sealed(json.dumps(asdict(begun)))


def _begun(request: HttpRequest) -> Begun | None:
    kept = request.session.get(STATE)
    return Begun(**json.loads(accounts.unsealed(kept))) if kept else None


urls = [
    path("invitation", first_step, name="invitation"),
    path("invitation/mot-de-passe", password_step, name="invitation_password"),
    path("invitation/application", authenticator_step, name="invitation_authenticator"),
    path("invitation/cle", passkey_step, name="invitation_passkey"),
    path("invitation/aide", helper, name="invitation_helper"),
]
