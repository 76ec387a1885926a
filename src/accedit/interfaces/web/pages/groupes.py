"""The groups of a case: made, renamed; who is in them, each change shown before it is made."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accedit.domain.cases import access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.cases.operations import groups
from accedit.domain.filing.queries import changes
from accedit.interfaces.web.pages.droits import members_of, said
from accedit.interfaces.web.pages.entering import asker, case_page, owned
from accedit.interfaces.web.pages.pourquoi import read_person
from accedit.shared.refusals import NotFound, Refusal


@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = owned(request, case_id)
    typed, refused, status = request.POST.get("nom", ""), "", 200
    if request.method == "POST":
        try:
            made = groups.make_group(case_id, name=typed, actor=asker(request), at=timezone.now())
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/groupes/{made.pk}")
    context = case_page(
        entered, here="droits", groups=cases.groups(entered.case), typed=typed, refused=refused
    )
    return render(request, "droits/groupes.html", context, status=status)


def group_of(request: HttpRequest, case_id: UUID, group_id: UUID) -> tuple[Entered, Any]:
    """A group of this case, with its people; the one of the liste de diffusion is only read."""
    entered = owned(request, case_id)
    seen = next((one for one in cases.groups(entered.case) if one.group.pk == group_id), None)
    if seen is None:
        raise NotFound
    return entered, seen


@require_http_methods(["GET", "POST"])
def group_page(request: HttpRequest, case_id: UUID, group_id: UUID) -> HttpResponse:
    entered, seen = group_of(request, case_id, group_id)
    typed, refused, status = request.POST.get("nom", seen.group.name), "", 200
    if request.method == "POST":
        try:
            groups.rename_group(group_id, name=typed, actor=asker(request), at=timezone.now())
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/groupes/{group_id}")
    inside = {user.pk for user in seen.people}
    context = case_page(
        entered,
        here="droits",
        seen=seen,
        others=[user for user in members_of(entered) if user.pk not in inside],
        typed=typed,
        refused=refused,
    )
    return render(request, "droits/groupe.html", context, status=status)


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, case_id: UUID, group_id: UUID) -> HttpResponse:
    """One person enters or leaves: what it opens and closes for them, then it is done."""
    entered, seen = group_of(request, case_id, group_id)
    enters = request.GET.get("sens") != "sort"
    person = access.group_person(
        read_person(request.GET.get("personne", "")),
        group=seen.group,
        within=entered.standings,
        enters=enters,
    )
    refused, status = "", 200
    if request.method == "POST":
        try:
            groups.change_group(
                group_id,
                person_id=person.pk,
                enters=enters,
                actor=asker(request),
                at=timezone.now(),
                seen=request.POST.get("vu", ""),
            )
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/groupes/{group_id}")
    preview = changes.of_group(
        group=group_id, person=person.pk, enters=enters, within=entered.standings
    )
    context = case_page(
        entered,
        here="droits",
        seen=seen,
        person=person,
        enters=enters,
        mark=preview.mark,
        effect=changes.named(preview, within=entered.standings),
        refused=refused,
    )
    return render(request, "droits/groupe_confirmer.html", context, status=status)


urls = [
    path("dossiers/<uuid:case_id>/groupes", list_page),
    path("dossiers/<uuid:case_id>/groupes/<uuid:group_id>", group_page),
    path("dossiers/<uuid:case_id>/groupes/<uuid:group_id>/changer", change),
]
