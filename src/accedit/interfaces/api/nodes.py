"""Places and pieces of a room: read, listed; a folder made or moved, a piece archived or withdrawn."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Router

from accedit.domain.filing import access, queries
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import Right
from accedit.domain.filing.operations import archiving, boxes, moving, places, withdrawals
from accedit.domain.people.rights import Actor
from accedit.interfaces.api import schema, shapes
from accedit.interfaces.api.bearer import asker
from accedit.interfaces.api.schema import Id

router = Router(tags=["espace de dépôt"])


@router.get(
    "/nodes/{node_id}", response=schema.Node, exclude_unset=True, summary="Un lieu ou une pièce"
)
def read_node(request: HttpRequest, node_id: Id) -> Any:
    return _shape(access.node(node_id, asker=asker(request)))


@router.get(
    "/nodes/{node_id}/children", response=schema.NodePage, exclude_unset=True, summary="Son contenu"
)
def list_children(request: HttpRequest, node_id: Id, cursor: str | None = None) -> Any:
    reached = access.node(node_id, asker=asker(request))
    held = reached.standings
    page = queries.children(reached.node, within=held, cursor=cursor)
    return {
        "items": [
            shapes.node(child, rights=held.on(child), parent_id=node_id) for child in page.items
        ],
        "next_cursor": page.next_cursor,
    }


@router.post(
    "/nodes/{node_id}/folders",
    response={201: schema.Node},
    exclude_unset=True,
    summary="Créer un dossier de rangement",
)
def create_folder(request: HttpRequest, node_id: Id, payload: schema.FolderIn) -> Any:
    made = places.create_folder(node_id, name=payload.name, actor=asker(request), at=now())
    return _again(made.pk, by=asker(request))


@router.put(
    "/nodes/{node_id}/due", response=schema.BoxDue, summary="Fixer la date limite d'une boîte"
)
def set_due(request: HttpRequest, node_id: Id, payload: schema.DueIn) -> Any:
    box = boxes.set_due(node_id, due_at=payload.due_at, actor=asker(request), at=now())
    return {"id": node_id, "due_at": shapes.hour(box.due_at)}


@router.post(
    "/nodes/{node_id}/archive",
    response=schema.Archived,
    exclude_unset=True,
    summary="Ranger une pièce dans le dossier archives de sa partie",
)
def archive(request: HttpRequest, node_id: Id, payload: schema.ArchiveIn | None = None) -> Any:
    """Si des personnes doivent la lire qui ne la lisent pas aujourd'hui, `gaining` les nomme."""
    gaining = (payload.gaining if payload else None) or []
    found = archiving.archive(node_id, actor=asker(request), at=now(), gaining=gaining)
    return {**_again(node_id, by=asker(request)), "gained": sorted(found.gained, key=str)}


@router.post(
    "/nodes/{node_id}/move",
    response=schema.Node,
    exclude_unset=True,
    summary="Déplacer un dossier de rangement, ou un fichier de l'expert",
)
def move(request: HttpRequest, node_id: Id, payload: schema.MoveIn) -> Any:
    moving.move(node_id, parent_id=payload.parent_id, actor=asker(request), at=now())
    return _again(node_id, by=asker(request))


@router.post(
    "/nodes/{node_id}/withdraw",
    response=schema.Node,
    exclude_unset=True,
    summary="Retirer une pièce de la diffusion",
)
def withdraw(request: HttpRequest, node_id: Id, payload: schema.WithdrawIn) -> Any:
    withdrawals.withdraw(node_id, reason=payload.reason, actor=asker(request), at=now())
    return _again(node_id, by=asker(request))


def _again(node_id: UUID, *, by: Actor) -> shapes.Json:
    return _shape(access.node(node_id, asker=by))


def _shape(reached: Reached) -> shapes.Json:
    above = reached.node.parent
    shown = above is not None and Right.BROWSE in reached.standings.on(above)
    return shapes.node(
        reached.node, rights=reached.rights, parent_id=above.pk if above and shown else None
    )
