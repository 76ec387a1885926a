"""A folder laid elsewhere: where to, what it opens and closes, then done."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accedit.domain.filing import access
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.operations import moving
from accedit.domain.filing.queries import changes, moves
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.pages.entering import asker, case_page, enter
from accedit.shared.refusals import Forbidden, Kind, NotFound, Refusal


@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """First the place, then the last screen, which holds the mark of what it showed."""
    entered, reached = enter(request, case_id), _movable(request, case_id, node_id)
    node, wanted = reached.node, request.POST.get("vers", "")
    places = moves.targets(node, within=reached.standings) if node.parent_id else []
    target = next((place for place in places if str(place.pk) == wanted), None)
    refused, status = "", 200
    if request.method == "POST" and target is None:
        refused, status = "Choisissez le dossier de rangement où le déplacer.", 422
    elif target is not None and request.POST.get("do") == "move":
        refused, status = _moved(request, node_id, target.pk)
        if not refused:
            shown = target if node.kind == NodeKind.FILE else node
            return redirect(f"/dossiers/{case_id}/dossier/{shown.pk}")
    preview = target and moves.of_move(node=node, parent=target, within=reached.standings)
    context = case_page(
        entered,
        here="dossier",
        node=node,
        places=places,
        target=target,
        shown=preview and changes.named(preview, within=reached.standings),
        mark=preview.mark if preview else "",
        refused=refused,
    )
    return render(request, "dossiers/deplacer.html", context, status=status)


def _movable(request: HttpRequest, case_id: UUID, node_id: UUID) -> Reached:
    reached = access.node(node_id, asker=asker(request), need=Right.BROWSE)
    if reached.node.room_id != case_id or Right.BROWSE not in reached.rights:
        raise NotFound
    closed = reached.standings.facts.closed and reached.standings.is_owner
    if reached.node.evidence or not (closed or Right.MANAGE in reached.rights):
        raise Forbidden(what=access.WORDS[Right.MANAGE])
    return reached


def _moved(request: HttpRequest, node_id: UUID, parent_id: UUID) -> tuple[str, int]:
    """Nothing to say when it is done; else why not, and the status of it."""
    seen = request.POST.get("vu", "")
    try:
        moving.move(
            node_id, parent_id=parent_id, actor=asker(request), at=timezone.now(), seen=seen
        )
    except Refusal as refusal:
        if refusal.kind is Kind.ABSENT:
            raise
        return refusal.for_people(), STATUS[refusal.kind]
    return "", 200


urls = [path("dossiers/<uuid:case_id>/dossier/<uuid:node_id>/deplacer", move)]
