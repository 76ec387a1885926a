"""What the expert alone decides of a case: closing, reopening, the date limite."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accedit.domain.filing import queries as filing
from accedit.domain.filing.operations import boxes, rooms
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.pages.entering import asker, case_page, owned
from accedit.shared.refusals import PARIS, Invalid, Kind, Refusal


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = owned(request, case_id)
    reason, refused, status = request.POST.get("motif", ""), "", 200
    if request.method == "POST":
        try:
            rooms.close_room(case_id, actor=asker(request), at=timezone.now(), reason=reason)
        except Refusal as refusal:
            refused, status = _said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}")
    context = case_page(
        entered,
        here="dossier",
        reason=reason,
        refused=refused,
        readers=filing.members(entered.case.room),
    )
    return render(request, "dossiers/clore.html", context, status=status)


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = owned(request, case_id)
    reason, refused, status = request.POST.get("motif", ""), "", 200
    if request.method == "POST":
        try:
            rooms.reopen_room(case_id, actor=asker(request), at=timezone.now(), reason=reason)
        except Refusal as refusal:
            refused, status = _said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}")
    context = case_page(entered, here="dossier", reason=reason, refused=refused)
    return render(request, "dossiers/rouvrir.html", context, status=status)


@require_http_methods(["GET", "POST"])
def limits(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """One day for the boxes that are ticked; no day takes their limit away."""
    entered = owned(request, case_id)
    found = filing.boxes(within=entered.standings)
    ticked = set(request.POST.getlist("boite"))
    typed, refused, status = request.POST.get("jour", ""), "", 200
    if request.method == "POST":
        try:
            due_at = read_limit(typed)
            chosen = [box for box in found if str(box.folder_id) in ticked]
            if not chosen:
                raise Invalid(what="Cochez au moins une boîte aux lettres.")
            for box in chosen:
                if box.due_at != due_at:
                    boxes.set_due(
                        box.folder_id, due_at=due_at, actor=asker(request), at=timezone.now()
                    )
        except Refusal as refusal:
            refused, status = _said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}")
    context = case_page(
        entered,
        here="dossier",
        boxes=[(box, not ticked or str(box.folder_id) in ticked) for box in found],
        typed=typed,
        refused=refused,
    )
    return render(request, "dossiers/limites.html", context, status=status)


def read_limit(typed: str) -> datetime | None:
    """« Jusqu'au 30/09/2026 inclus » : the first instant that is late is the next midnight in Paris."""
    if not typed.strip():
        return None
    try:
        day = date.fromisoformat(typed.strip())
        return datetime.combine(day + timedelta(days=1), time(0), tzinfo=PARIS)
    except (ValueError, OverflowError):
        raise Invalid(
            what="Le jour n'est pas lisible : choisissez-le dans le calendrier, ou écrivez 2026-09-30."
        ) from None


def _said(refusal: Refusal) -> tuple[str, int]:
    if refusal.kind is Kind.ABSENT:
        raise refusal
    return refusal.for_people(), STATUS[refusal.kind]


urls = [
    path("dossiers/<uuid:case_id>/clore", close),
    path("dossiers/<uuid:case_id>/rouvrir", reopen),
    path("dossiers/<uuid:case_id>/limites", limits),
]
