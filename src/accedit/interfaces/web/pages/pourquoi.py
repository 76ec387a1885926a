"""« Pourquoi X peut-il lire ceci ? »: each right with the one grant that gives it; and why not."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accedit.domain.filing import access
from accedit.domain.filing.queries import as_seen, explaining
from accedit.interfaces.web.pages.entering import asker, case_page, enter
from accedit.shared.refusals import NotFound


@require_GET
def page(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """Of a place or a piece. The expert picks anybody; everybody else asks for themselves."""
    entered = enter(request, case_id)
    reached = access.node(node_id, asker=asker(request))
    if reached.node.room_id != case_id:
        raise NotFound
    within = reached.standings
    people = explaining.people(within=within)
    typed = request.GET.get("personne", "")
    found = None
    if typed or not within.is_owner:
        whom = read_person(typed) if typed else asker(request).user_id
        person = access.person_asked_about(whom, within=within)
        found = explaining.explain(reached.node, person=person, within=within)
    piece = getattr(reached.node, "deposit", None)
    context = case_page(
        entered,
        here="droits" if within.is_owner else "dossier",
        node=reached.node,
        piece=as_seen(piece, within=within) if piece else None,
        people=people,
        chosen=typed,
        found=found,
        is_mine=found is not None and found.person.pk == asker(request).user_id,
    )
    return render(request, "droits/pourquoi.html", context)


def read_person(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise NotFound from None


urls = [path("dossiers/<uuid:case_id>/pourquoi/<uuid:node_id>", page)]
