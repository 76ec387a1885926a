"""« Voir comme »: the expert looks at the lists of a case as one of its members sees them.

The same queries as the member's own pages, with the member's rights. It is no session of
theirs: these pages only read lists, give no content, write nothing, and refuse every form.
"""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accedit.domain.filing import access
from accedit.domain.filing import queries as filing
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.queries.summary import BoxContent, box_contents
from accedit.interfaces.web.pages.droits import walked
from accedit.interfaces.web.pages.entering import asker, case_page, owned
from accedit.interfaces.web.pages.pieces import read_filter


def seen_as(
    request: HttpRequest, case_id: UUID, user_id: UUID, *, here: str
) -> tuple[Standings, dict[str, Any]]:
    """What the member holds, and the frame that says whose eyes these are."""
    entered = owned(request, case_id)
    user, theirs = access.standings_of_member(case_id, user_id, asker=asker(request))
    address = f"/dossiers/{case_id}/comme/{user_id}"
    return theirs, case_page(entered, here="droits", seen=user, as_here=here, address=address)


@require_GET
def case(request: HttpRequest, case_id: UUID, user_id: UUID) -> HttpResponse:
    theirs, context = seen_as(request, case_id, user_id, here="dossier")
    contents = box_contents(within=theirs)
    tree = filing.places(within=theirs)
    shown = {node.pk for node in tree}
    for node in tree:
        node.parent_id = node.parent_id if node.parent_id in shown else None
    _, count = filing.pieces(within=theirs, size=1)
    boxes = filing.boxes(within=theirs)
    open_to = {box.pk for box in filing.boxes_open_to(within=theirs)}
    context |= {
        "boxes": [(box, contents.get(box.pk, BoxContent()), box.pk in open_to) for box in boxes],
        "tree": [(node, min(level, 3)) for node, level in walked(tree)],
        "count": count,
    }
    return render(request, "droits/comme.html", context)


@require_GET
def pieces(request: HttpRequest, case_id: UUID, user_id: UUID) -> HttpResponse:
    theirs, context = seen_as(request, case_id, user_id, here="pieces")
    wanted, kept = read_filter(request.GET)
    page, count = filing.pieces(within=theirs, wanted=wanted, cursor=request.GET.get("suite"))
    context |= {
        "pieces": page.items,
        "count": count,
        "next_cursor": page.next_cursor,
        "query_kept": urlencode(kept),
    }
    return render(request, "droits/comme_pieces.html", context)


@require_GET
def folder(request: HttpRequest, case_id: UUID, user_id: UUID, node_id: UUID) -> HttpResponse:
    theirs, context = seen_as(request, case_id, user_id, here="dossier")
    node = access.place_seen(node_id, within=theirs)
    page = filing.children(node, within=theirs, cursor=request.GET.get("suite"))
    context |= {"node": node, "children": page.items, "next_cursor": page.next_cursor}
    return render(request, "droits/comme_rangement.html", context)


urls = [
    path("dossiers/<uuid:case_id>/comme/<uuid:user_id>", case),
    path("dossiers/<uuid:case_id>/comme/<uuid:user_id>/pieces", pieces),
    path("dossiers/<uuid:case_id>/comme/<uuid:user_id>/dossier/<uuid:node_id>", folder),
]
