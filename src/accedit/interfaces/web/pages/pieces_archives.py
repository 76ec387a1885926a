"""The expert puts pieces away in the archive of their side: one, or several of a box at once.

The last screen says where they go, who will read them that does not today, and that nobody
loses them: where somebody would, it names them and offers no button. Its mark goes with the
form: if something else would happen now, nothing does and the new effect is shown.
"""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accedit.domain.filing import access
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.operations import archiving
from accedit.domain.filing.queries import archives
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.pages.entering import asker, case_page, enter, owned
from accedit.interfaces.web.pages.pieces import piece_of
from accedit.shared.refusals import Forbidden, Kind, NotFound, Refusal


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, node_id: UUID) -> HttpResponse:
    reached, deposit = piece_of(request, node_id)
    if not reached.standings.is_owner:
        raise Forbidden(what="seul l'expert range une pièce aux archives")
    refused, status = "", 200
    if request.method == "POST":
        refused, status = _archived(request, [node_id])
        if not refused:
            return redirect(f"/pieces/{node_id}")
    return _confirm(
        request,
        box=deposit.box,
        pieces=[deposit],
        refused=refused,
        status=status,
        back=f"/pieces/{node_id}",
        away=archives.archived_in(reached.node) is not None,
    )


@require_http_methods(["GET", "POST"])
def several(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """The pieces that still lie in a box; those that are ticked go together."""
    entered = owned(request, case_id)
    box, reached = access.box(node_id, asker=asker(request), need=Right.BROWSE)
    if reached.node.room_id != case_id or reached.node.kind != NodeKind.BOX:
        raise NotFound
    lying = archives.still_in_box(box, within=entered.standings)
    ticked = set(request.POST.getlist("piece"))
    chosen = [piece for piece in lying if str(piece.node_id) in ticked]
    refused, status = "", 200
    if request.method == "POST" and request.POST.get("do") == "archive":
        refused, status = _archived(request, [piece.node_id for piece in chosen])
        if not refused:
            return redirect(f"/dossiers/{case_id}/dossier/{box.archive_id}")
    if request.method == "POST" and chosen and request.POST.get("do") in ("check", "archive"):
        here = f"/dossiers/{case_id}/dossier/{node_id}/archiver"
        return _confirm(request, box=box, pieces=chosen, refused=refused, status=status, back=here)
    if request.method == "POST" and not chosen:
        refused, status = "Cochez au moins une pièce à ranger aux archives.", 422
    context = case_page(
        entered, here="pieces", box=box, pieces=lying, ticked=ticked, refused=refused
    )
    return render(request, "pieces/archiver_choisir.html", context, status=status)


def _archived(request: HttpRequest, ids: list[UUID]) -> tuple[str, int]:
    """Nothing to say when it is done; else why not, and the status of it."""
    try:
        seen = request.POST.get("vu", "")
        archiving.archive_together(ids, actor=asker(request), at=timezone.now(), seen=seen)
    except Refusal as refusal:
        if refusal.kind is Kind.ABSENT:
            raise
        return refusal.for_people(), STATUS[refusal.kind]
    return "", 200


def _confirm(
    request: HttpRequest,
    *,
    box: Any,
    pieces: list[Any],
    refused: str,
    status: int,
    back: str,
    away: bool = False,
) -> HttpResponse:
    change = archives.change(box=box)
    found = archives.named(change)
    context = case_page(
        enter(request, box.folder.room_id),
        here="pieces",
        box=box,
        pieces=pieces,
        gained=found.gained,
        lost=found.lost,
        mark=archives.mark(change, box=box, pieces=[piece.node_id for piece in pieces]),
        refused=refused,
        back=back,
        away=away,
    )
    return render(request, "pieces/archiver.html", context, status=status)


urls = [
    path("pieces/<uuid:node_id>/archiver", one),
    path("dossiers/<uuid:case_id>/dossier/<uuid:node_id>/archiver", several),
]
