"""The expert's space: how it presents itself, what it uses, who assists and for what."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accedit.domain.cases.operations import delegations
from accedit.domain.filing.queries import used_bytes
from accedit.domain.people import access, queries
from accedit.domain.people.operations import accounts
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.forms.account import (
    COVERS,
    DelegationForm,
    NewAssistantForm,
    SpaceForm,
)
from accedit.interfaces.web.signed_in import asker
from accedit.shared.refusals import Refusal

PLACE = "/compte/espace"


@require_safe
def space(request: HttpRequest) -> HttpResponse:
    own = access.own_space(asker(request))
    used = used_bytes(own.pk)
    context = {
        "space": own,
        "used": used,
        "percent": min(100, 100 * used // own.quota_bytes) if own.quota_bytes else 100,
        "full": used >= own.quota_bytes,
        "assistants": [
            (one, [words for cover, words in COVERS if cover in one.covers])
            for one in queries.delegations(own)
        ],
    }
    return render(request, "compte/espace.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def coordinates(request: HttpRequest) -> HttpResponse:
    own = access.own_space(asker(request))
    fields = ("name", "address", "phone", "list_number")
    form = SpaceForm(request.POST or None, initial={name: getattr(own, name) for name in fields})
    if request.method == "POST" and form.is_valid():
        try:
            accounts.change_space(own, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, refusal.for_people())
        else:
            return HttpResponseRedirect(PLACE)
    return _form(request, "compte/espace_coordonnees.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def new_assistant(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    own = access.own_space(actor)
    form = NewAssistantForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delegations.take_on(
                space=own,
                name=form.cleaned_data["name"],
                email=form.cleaned_data["email"],
                covers=form.chosen(),
                actor=actor,
                at=timezone.now(),
            )
        except Refusal as refusal:
            form.add_error(None, refusal.for_people())
        else:
            return HttpResponseRedirect(PLACE)
    return _form(request, "compte/assistant_nouveau.html", form)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def assistant(request: HttpRequest, delegation: UUID) -> HttpResponse:
    """Other acts are confided, or none any more."""
    actor = asker(request)
    given = access.delegation(delegation, asker=actor)
    form = DelegationForm(request.POST or None, initial={"covers": given.covers})
    if request.method == "POST" and form.is_valid():
        delegations.change(given, covers=form.chosen(), actor=actor, at=timezone.now())
        return HttpResponseRedirect(PLACE)
    return _form(request, "compte/assistant.html", form, given=given)


@require_POST
@confirmed
def end_delegation(request: HttpRequest, delegation: UUID) -> HttpResponse:
    actor = asker(request)
    delegations.end(access.delegation(delegation, asker=actor), actor=actor, at=timezone.now())
    return HttpResponseRedirect(PLACE)


def _form(request: HttpRequest, template: str, form: forms.Form, **more: Any) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, template, {"form": form, **more}, status=status)


urls = [
    path("compte/espace", space, name="space"),
    path("compte/espace/coordonnees", coordinates, name="space_coordinates"),
    path("compte/espace/assistants/nouveau", new_assistant, name="new_assistant"),
    path("compte/espace/assistants/<uuid:delegation>", assistant, name="assistant"),
    path("compte/espace/assistants/<uuid:delegation>/fin", end_delegation, name="end_delegation"),
]
