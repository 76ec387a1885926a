"""Coming in again after losing telephone and sheet: ask, be recognised by two, or stop it (G16)."""

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accedit.domain.cases.operations import recovery
from accedit.domain.people.operations.slowing import TooManyTries
from accedit.interfaces.web import slowness
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.forms.reprise import ApproveForm, AskForm, StopForm
from accedit.interfaces.web.middleware import open_to_everyone
from accedit.interfaces.web.signed_in import asker
from accedit.shared.refusals import Refusal

STANDINGS = {
    recovery.Standing.EXPERT: "expert d’un de ses dossiers",
    recovery.Standing.OPERATOR: "exploitant du site",
    recovery.Standing.ASSISTANT: "assistant de l’expert",
    recovery.Standing.FIRM: "administrateur de son cabinet",
}


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """The same answer whether the address opens an account or not."""
    form = AskForm(request.POST or None)
    sentence, at = "", timezone.now()
    if request.method == "POST" and form.is_valid():
        try:
            slowness.count(request, slowness.asking_keys(request, what="recovery"), at=at)
        except TooManyTries as refusal:
            sentence = refusal.for_people()
        else:
            recovery.ask(form.cleaned_data["email"], at=at)
            return HttpResponseRedirect("/reprise/demandee")
    context = {"form": form, "sentence": sentence, "hours": settings.RECOVERY_DELAY_HOURS}
    status = 422 if form.is_bound else 200
    return render(request, "reprise/demander.html", context, status=status)


@open_to_everyone
@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    return render(request, "reprise/demandee.html", {"hours": settings.RECOVERY_DELAY_HOURS})


@open_to_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """By whoever is signed in, for themselves; or by address and code of the notice."""
    actor = getattr(request, "actor", None)
    own = recovery.own_request(asker=actor) if actor else None
    form = StopForm(request.POST if request.method == "POST" and not own else None)
    sentence, at = "", timezone.now()
    if request.method == "POST":
        try:
            if own:
                recovery.cancel_own(actor=asker(request), at=at)
                return HttpResponseRedirect("/reprise/arretee")
            if form.is_valid():
                slowness.count(request, slowness.asking_keys(request, what="stop"), at=at)
                recovery.cancel_by_code(
                    form.cleaned_data["code"], address=form.cleaned_data["email"], at=at
                )
                return HttpResponseRedirect("/reprise/arretee")
        except TooManyTries as refusal:
            sentence = refusal.for_people()
        except Refusal:
            sentence = "Ce code n’arrête aucune demande à cette adresse. Prenez celui du dernier message reçu, ou connectez-vous."
    context = {"form": form, "own": own, "sentence": sentence}
    return render(
        request, "reprise/arreter.html", context, status=422 if sentence or form.errors else 200
    )


@open_to_everyone
@require_safe
def stopped(request: HttpRequest) -> HttpResponse:
    return render(request, "reprise/arretee.html")


@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    rows = [(one, STANDINGS[one.standing]) for one in recovery.requests(asker=asker(request))]
    return render(request, "reprise/demandes.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def approve(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    actor = asker(request)
    found = recovery.request(recovery_id, asker=actor)
    form = ApproveForm(request.POST or None)
    refused, status = "", 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            recovery.approve(
                recovery_id, words=form.cleaned_data["words"], actor=actor, at=timezone.now()
            )
        except Refusal as refusal:
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            return HttpResponseRedirect("/reprises")
    context = {
        "form": form,
        "found": found,
        "standing": STANDINGS[found.standing],
        "refused": refused,
        "hours": settings.RECOVERY_DELAY_HOURS,
    }
    return render(request, "reprise/reconnaitre.html", context, status=status)


@require_POST
@confirmed
def refuse(request: HttpRequest, recovery_id: UUID) -> HttpResponse:
    recovery.refuse(recovery_id, actor=asker(request), at=timezone.now())
    return HttpResponseRedirect("/reprises")


urls = [
    path("reprise", ask, name="recovery"),
    path("reprise/demandee", asked, name="recovery_asked"),
    path("reprise/annuler", stop, name="recovery_stop"),
    path("reprise/arretee", stopped, name="recovery_stopped"),
    path("reprises", requests, name="recoveries"),
    path("reprises/<uuid:recovery_id>", approve, name="recovery_approve"),
    path("reprises/<uuid:recovery_id>/refus", refuse, name="recovery_refuse"),
]
