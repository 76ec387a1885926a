"""To open a case: one form, one screen that says what will happen, one that says what was done."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accedit.domain.cases import queries as cases
from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.operations.opening import open_case
from accedit.domain.cases.stages import KINDS
from accedit.domain.filing import queries as filing
from accedit.domain.people import queries as people
from accedit.domain.people.access import space_of
from accedit.domain.people.enums import Covers
from accedit.domain.people.rights import Actor
from accedit.domain.post import queries as post
from accedit.interfaces.web.errors import status_of
from accedit.interfaces.web.forms.opening import OpeningForm, consequence
from accedit.interfaces.web.forms.parties import Known, apply_button
from accedit.interfaces.web.pages.entering import asker, case_page, managed
from accedit.interfaces.web.templatetags.mots import PARTY_KINDS
from accedit.shared.refusals import Refusal

SUGGESTED = 300
OPENED = "opened"  # in the session: the forms that have opened a case


def directory_of(who: Actor) -> Known:
    """Address → name and firm of the professionals, to suggest and to complete."""
    found = people.directory(asker=who, limit=SUGGESTED)
    return {
        user.email: (user.name, user.firm.name if user.firm else "") for user in found if user.email
    }


def choices() -> dict[str, Any]:
    return {
        "templates": [(kind.value, KINDS[kind].french) for kind in Template],
        "party_kinds": [(kind.value, PARTY_KINDS[kind]) for kind in PartyKind],
    }


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    who = asker(request)
    space_of(who, covers=Covers.OPEN_CASES)
    known = directory_of(who)
    if request.method == "GET":
        return form_page(request, OpeningForm.fresh(), known=known)
    form = OpeningForm.sent(request.POST.dict())
    act = request.POST.get("do", "check")
    if act == "back":
        return form_page(request, form, known=known)
    if act not in ("check", "open"):
        apply_button(form.parties, act)
        return form_page(request, form, known=known)
    if not form.check(known=known):
        return form_page(request, form, known=known, status=422)
    if act == "check":
        return confirm_page(request, form)
    return opened(request, form, who=who, known=known)


def opened(request: HttpRequest, form: OpeningForm, *, who: Actor, known: Known) -> HttpResponse:
    """Open it, once for this form however often the button is pressed."""
    done: dict[str, str] = request.session.get(OPENED, {})
    if form.ticket in done:
        return redirect(f"/dossiers/{done[form.ticket]}/ouvert")
    try:
        case = open_case(form.draft(), actor=who, at=timezone.now())
    except Refusal as refusal:
        form.errors["all"] = refusal.for_people()
        return form_page(request, form, known=known, status=status_of(refusal))
    request.session[OPENED] = dict([*list(done.items())[-20:], (form.ticket, str(case.pk))])
    return redirect(f"/dossiers/{case.pk}/ouvert")


def form_page(
    request: HttpRequest, form: OpeningForm, *, known: Known, status: int = 200
) -> HttpResponse:
    context = {"form": form, "known": sorted(known.items()), **choices()}
    return render(request, "dossiers/nouveau.html", context, status=status)


def confirm_page(request: HttpRequest, form: OpeningForm) -> HttpResponse:
    kind = KINDS[Template(form.template)]
    context = {
        "form": form,
        "kind": kind,
        "folders": len(kind.folders) + 3,
        "told": consequence(form.parties),
    }
    return render(request, "dossiers/nouveau_confirmer.html", context)


@require_GET
def done(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """What was made: the tree, the boxes, the invitations sent, the letters to print."""
    entered = managed(request, case_id, covers=Covers.OPEN_CASES)
    invitations = people.latest_invitations(room_id=case_id)
    lines = [
        line for line in cases.roster(entered.case) if line.user_id != entered.case.room.owner_id
    ]
    context = case_page(
        entered,
        here="dossier",
        folders=filing.places(within=entered.standings),
        boxes=filing.boxes(within=entered.standings),
        lines=[(line, invitations.get(line.user_id) if line.user_id else None) for line in lines],
        letters=list(post.letters([case_id]).filter(posted_on__isnull=True)),
    )
    return render(request, "dossiers/ouvert.html", context)


urls = [
    path("dossiers/nouveau", new),
    path("dossiers/<uuid:case_id>/ouvert", done),
]
