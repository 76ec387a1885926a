"""A person leaves a case; a lawyer comes beside another one, or in their place."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accedit.domain.cases import queries as cases
from accedit.domain.cases.operations import counsel, leaving
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.forms.parties import CounselRow
from accedit.interfaces.web.pages.entering import asker, case_page, owned
from accedit.interfaces.web.pages.ouverture import directory_of
from accedit.shared.refusals import Kind, Refusal


@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, case_id: UUID, line_id: UUID) -> HttpResponse:
    """What the person loses is said before; afterwards there is nothing left to lose."""
    entered, who = owned(request, case_id), asker(request)
    line = leaving.line_to_end(case_id, line_id, actor=who)
    reason, address = request.POST.get("motif", ""), request.POST.get("adresse", "")
    refused, status = "", 200
    if request.method == "POST":
        try:
            leaving.let_out(
                case_id, line_id, reason=reason, address=address, actor=who, at=timezone.now()
            )
        except Refusal as refusal:
            refused, status = _said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/personnes")
    found = leaving.losing(line)
    context = case_page(
        entered,
        here="personnes",
        line=line,
        losing=found,
        no_address=any(not party.address for party in found.alone),
        reason=reason,
        address=address,
        refused=refused,
    )
    return render(request, "personnes/retirer.html", context, status=status)


@require_http_methods(["GET", "POST"])
def lawyer(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """Who comes, in whose place or beside whom; then the last screen; then done."""
    entered, who = owned(request, case_id), asker(request)
    party = counsel.party_of(case_id, party_id, actor=who)
    acting = [
        mandate
        for side in cases.sides(entered.case)
        if side.side.pk == party.side_id
        for mandate in side.counsel
        if mandate.party_id == party.pk
    ]
    typed = request.POST.get
    row = CounselRow(typed("nom", ""), typed("email", ""), typed("cabinet", ""))
    place = typed("remplace", "")
    leaving_one = next((one.counsel for one in acting if str(one.counsel_id) == place), None)
    refused, status, act = "", 200, typed("do", "")
    if request.method == "POST" and act != "back":
        row.check(known=directory_of(who))
        status = 422 if row.errors else 200
    if act == "join" and not row.errors:
        try:
            counsel.join(
                case_id,
                party_id,
                draft=row.draft(),
                replacing=leaving_one.pk if leaving_one else None,
                actor=who,
                at=timezone.now(),
            )
        except Refusal as refusal:
            refused, status = _said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/personnes")
    context = case_page(
        entered,
        here="personnes",
        party=party,
        acting=acting,
        row=row,
        leaving=leaving_one,
        known=sorted(directory_of(who).items()),
        refused=refused,
    )
    last = act == "check" and not row.errors
    name = "personnes/avocat_confirmer.html" if last else "personnes/avocat.html"
    return render(request, name, context, status=status)


def _said(refusal: Refusal) -> tuple[str, int]:
    if refusal.kind is Kind.ABSENT:
        raise refusal
    return refusal.for_people(), STATUS[refusal.kind]


urls = [
    path("dossiers/<uuid:case_id>/personnes/<uuid:line_id>/retirer", leave),
    path("dossiers/<uuid:case_id>/parties/<uuid:party_id>/avocat", lawyer),
]
