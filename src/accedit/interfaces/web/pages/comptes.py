"""One's own account: who one is here, where one is signed in, password, authenticator, keys."""

from typing import Any
from uuid import UUID

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accedit.domain.cases import queries as cases
from accedit.domain.cases.operations import recovery
from accedit.domain.people import access, queries
from accedit.domain.people.enums import PersonKind, Scope
from accedit.domain.people.operations import accounts, factors, tokens
from accedit.domain.people.rights import Actor
from accedit.interfaces.web import devices
from accedit.interfaces.web.accounts import sealed, tell_of_change, unsealed
from accedit.interfaces.web.authenticator import Link
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.forms.account import SCOPES, KeyForm, PasswordForm
from accedit.interfaces.web.forms.entrance import note_used
from accedit.interfaces.web.forms.invitation import AuthenticatorForm
from accedit.interfaces.web.pages.feuille import show_sheet_next
from accedit.interfaces.web.signed_in import asker, complete
from accedit.shared.refusals import Refusal

SECRET = "new_authenticator"  # noqa: S105 - the name of a place in the session
MOST_CASES = 200


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    user = access.own_user(actor)
    context = {
        "user": user,
        "is_expert": actor.kind is PersonKind.EXPERT,
        "is_private": actor.kind is PersonKind.PRIVATE,
        "codes_left": len(queries.recovery_codes(user)),
        "passkeys": len(queries.passkeys(asker=actor)),
        "has_application": queries.has_application(user),
        "proposals": queries.own_proposals(asker=actor),
        "recovery": recovery.own_request(asker=actor),
        "recoveries": len(recovery.requests(asker=actor)),
        "done": DONE.get(request.GET.get("fait", "")),
    }
    return render(request, "compte/compte.html", context)


DONE = {
    "mot-de-passe": "Votre mot de passe est changé. Vos autres connexions et vos clés d’accès ont pris fin.",
    "appareils": "Toutes vos autres connexions ont pris fin.",
}


@require_safe
def places(request: HttpRequest) -> HttpResponse:
    context = {"devices": devices.devices(request, at=timezone.now())}
    return render(request, "compte/appareils.html", context)


@require_POST
def end_place(request: HttpRequest, device: int) -> HttpResponse:
    devices.end_one(request, device=device)
    return HttpResponseRedirect("/compte/appareils")


@require_POST
def end_other_places(request: HttpRequest) -> HttpResponse:
    devices.end_the_others(request)
    return HttpResponseRedirect("/compte/appareils")


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def password(request: HttpRequest) -> HttpResponse:
    """A new password ends every other session and every key; this one goes on."""
    user = access.own_user(asker(request))
    form = PasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change_password(user, password=form.cleaned_data["password"])
        except Refusal as refusal:
            form.add_error("password", refusal.for_people())
        else:
            go_on(request, user)
            tell_of_change(user, what="votre mot de passe a été changé", at=timezone.now())
            return HttpResponseRedirect("/compte?fait=mot-de-passe")
    status = 422 if form.is_bound else 200
    return render(request, "compte/mot_de_passe.html", {"form": form, "user": user}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def authenticator(request: HttpRequest) -> HttpResponse:
    """Another telephone: the old one opens nothing any more, and every other session ends."""
    user = access.own_user(asker(request))
    kept = request.session.get(SECRET)
    secret = unsealed(kept) if kept else factors.new_secret()
    request.session[SECRET] = sealed(secret)
    form = AuthenticatorForm(request.POST or None, secret=secret)
    if request.method == "POST" and form.is_valid():
        factors.change_authenticator(user, secret=secret)
        note_used(form.cleaned_data["code"], by=user.pk)
        request.session.pop(SECRET)
        go_on(request, user)
        tell_of_change(
            user,
            what="une application d’authentification a été reliée à votre accès",
            at=timezone.now(),
        )
        return show_sheet_next(request, then="/compte")
    context = {"form": form, "link": Link(secret, user.email or user.name)}
    status = 422 if form.is_bound else 200
    return render(request, "compte/application.html", context, status=status)


def go_on(request: HttpRequest, user: Any) -> None:
    """This session, and only this one, follows the change."""
    update_session_auth_hash(request, user)
    complete(request, epoch=user.epoch)


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Keys by which programs act for this person."""
    actor = asker(request)
    titles, scopes = dict(_case_choices(actor)), dict(SCOPES)
    rows = [
        (one, scopes[one.scope], titles.get(str(one.room_id), ""), _ended(one))
        for one in queries.tokens(asker=actor).select_related("user")
    ]
    return render(request, "compte/cles.html", {"keys": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def new_key(request: HttpRequest) -> HttpResponse:
    """The secret of a key is in the answer that makes it, and nowhere else."""
    actor = asker(request)
    form = KeyForm(request.POST or None, cases=_case_choices(actor))
    if request.method == "POST" and form.is_valid():
        case = form.cleaned_data["case"]
        try:
            made, secret = tokens.create_token(
                access.own_user(actor),
                name=form.cleaned_data["name"],
                scope=Scope(form.cleaned_data["scope"]),
                room_id=UUID(case) if case else None,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error("name", refusal.for_people())
        else:
            context = {"name": made.name, "secret": secret}
            return render(request, "compte/cle_faite.html", context, status=201)
    status = 422 if form.is_bound else 200
    return render(request, "compte/cle_nouvelle.html", {"form": form}, status=status)


def _case_choices(actor: Actor) -> list[tuple[str, str]]:
    found = cases.cases(asker=actor, size=MOST_CASES).items
    return [(str(case.pk), f"{case.room.reference} {case.room.title}") for case in found]


def _ended(token: Any) -> str:
    """Why a key opens nothing any more."""
    if token.revoked_at:
        return "révoquée"
    return "" if token.epoch == token.user.epoch else "finie par un changement de votre accès"


@require_POST
def revoke_key(request: HttpRequest, key: UUID) -> HttpResponse:
    tokens.revoke_token(access.own_token(key, asker=asker(request)), at=timezone.now())
    return HttpResponseRedirect("/compte/cles")


urls = [
    path("compte", account, name="mfa_index"),
    path("compte/appareils", places, name="usersessions_list"),
    path("compte/appareils/<int:device>/fin", end_place, name="end_place"),
    path("compte/appareils/autres/fin", end_other_places, name="end_other_places"),
    path("compte/mot-de-passe", password, name="account_change_password"),
    path("compte/application", authenticator, name="mfa_activate_totp"),
    path("compte/cles", keys, name="keys"),
    path("compte/cles/nouvelle", new_key, name="new_key"),
    path("compte/cles/<uuid:key>/fin", revoke_key, name="revoke_key"),
]
