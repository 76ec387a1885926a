"""« Mon cabinet »: who is of it, who is invited, who leaves. No case is seen from here (A20, G13)."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accedit.domain.cases.operations import leavers
from accedit.domain.people import access, queries
from accedit.domain.people.operations import firms
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.errors import status_of
from accedit.interfaces.web.forms.cabinet import ColleagueForm
from accedit.interfaces.web.signed_in import asker
from accedit.shared.refusals import Refusal

PLACE = "/cabinet"


@require_safe
def firm(request: HttpRequest) -> HttpResponse:
    actor = asker(request)
    chief = access.firm_administrator(actor)
    context = {
        "firm": chief.firm,
        "people": queries.people_of_firm(chief),
        "waiting": queries.waiting_proposals(chief),
        "me": actor.user_id,
    }
    return render(request, "cabinet/cabinet.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def invite(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether the address was known or not."""
    actor = asker(request)
    chief = access.firm_administrator(actor)
    form = ColleagueForm(request.POST or None)
    status = 422 if form.is_bound else 200
    if request.method == "POST" and form.is_valid():
        try:
            firms.propose(chief, **form.cleaned_data, actor=actor, at=timezone.now())
        except Refusal as refusal:
            form.add_error(None, refusal.for_people())
            status = status_of(refusal)
        else:
            return HttpResponseRedirect(PLACE)
    return render(request, "cabinet/inviter.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def part_with(request: HttpRequest, user_id: UUID) -> HttpResponse:
    actor = asker(request)
    leaver = access.colleague(user_id, asker=actor)
    if request.method == "POST":
        leavers.part_with(leaver, actor=actor, at=timezone.now())
        return HttpResponseRedirect(PLACE)
    return render(request, "cabinet/depart.html", {"leaver": leaver})


@require_POST
@confirmed
def name_administrator(request: HttpRequest, user_id: UUID) -> HttpResponse:
    actor = asker(request)
    user = access.colleague(user_id, asker=actor)
    firms.name_administrator(user, actor=actor, at=timezone.now())
    return HttpResponseRedirect(PLACE)


@require_POST
def answer(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    """One's own answer to a firm."""
    actor = asker(request)
    proposal = access.proposal(proposal_id, asker=actor)
    accepted = request.POST.get("reponse") == "oui"
    firms.answer(proposal, accepted=accepted, actor=actor, at=timezone.now())
    return HttpResponseRedirect("/compte")


urls = [
    path("cabinet", firm, name="firm"),
    path("cabinet/inviter", invite, name="firm_invite"),
    path("cabinet/<uuid:user_id>/depart", part_with, name="firm_leaver"),
    path("cabinet/<uuid:user_id>/administrateur", name_administrator, name="firm_administrator"),
    path("compte/cabinet/<uuid:proposal_id>", answer, name="firm_answer"),
]
