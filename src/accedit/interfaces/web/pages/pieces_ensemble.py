"""« Télécharger ce dossier »: to the content origin by ticket, as for a piece."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_GET

from accedit.domain.filing.operations import bundles
from accedit.interfaces.web.pages.entering import asker
from accedit.interfaces.web.tickets import bundle_url
from accedit.shared.refusals import NotFound


@require_GET
def download(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """Looked at here, so that an empty folder says so on a page; decided again over there."""
    found = bundles.look(node_id, asker=asker(request))
    if found.node.room_id != case_id:
        raise NotFound
    return redirect(bundle_url(request, node_id))


urls = [path("dossiers/<uuid:case_id>/dossier/<uuid:node_id>/telecharger", download)]
