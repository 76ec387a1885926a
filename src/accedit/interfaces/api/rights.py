"""The rights of a room: given, taken back, sealed, and explained grant by grant."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Router

from accedit.domain.filing import access
from accedit.domain.filing.enums import Right
from accedit.domain.filing.operations import grants, places, seals
from accedit.domain.filing.operations.grants import Changed
from accedit.domain.filing.queries import explaining
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.queries.explaining import Reason
from accedit.interfaces.api import schema, shapes
from accedit.interfaces.api.bearer import asker
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.schema import Id

router = Router(tags=["droits"])


@router.put(
    "/nodes/{node_id}/grants/{subject}",
    response=schema.GrantChanged,
    summary="Donner exactement ces droits à cet endroit",
)
def give(request: HttpRequest, node_id: Id, subject: str, payload: schema.GrantIn) -> Any:
    """`subject` est `user:ID` ou `group:ID`. Ce qui était donné ici auparavant est remplacé ;
    une liste vide le retire."""
    wanted = [Right(right) for right in payload.rights]
    return _changed(grants.give(node_id, to=subject, rights=wanted, actor=asker(request), at=now()))


@router.delete(  # not a row
    "/nodes/{node_id}/grants/{subject}",
    response=schema.GrantChanged,
    summary="Retirer ce qui est donné à cet endroit",
)
def take_back(request: HttpRequest, node_id: Id, subject: str) -> Any:
    return _changed(grants.take_back(node_id, of=subject, actor=asker(request), at=now()))


@router.post("/nodes/{node_id}/seal", response=schema.Sealed, summary="Réserver un dossier")
def seal(request: HttpRequest, node_id: Id, payload: schema.SealIn | None = None) -> Any:
    """Plus rien de ce qui est donné au-dessus n'y parvient. Si des pièces déposées s'y trouvent
    et que d'autres les lisent, `losing` nomme ceux qui ne les liront plus."""
    losing = (payload.losing if payload else None) or []
    preview = seals.seal(node_id, actor=asker(request), at=now(), losing=losing)
    return {"id": node_id, "sealed": True, **_moved(preview)}


@router.delete(  # not a row
    "/nodes/{node_id}/seal", response=schema.Sealed, summary="Cesser de réserver un dossier"
)
def unseal(request: HttpRequest, node_id: Id) -> Any:
    preview = seals.unseal(node_id, actor=asker(request), at=now())
    return {"id": node_id, "sealed": False, **_moved(preview)}


@router.put("/nodes/{node_id}/name", response=schema.Renamed, summary="Renommer un dossier")
def rename(request: HttpRequest, node_id: Id, payload: schema.FolderIn) -> Any:
    node = places.rename_folder(node_id, name=payload.name, actor=asker(request), at=now())
    return {"id": node.pk, "name": node.name}


@router.get(
    "/nodes/{node_id}/rights",
    response=schema.RightsExplained,
    exclude_unset=True,
    summary="Les droits d'une personne, et ce qui les donne",
)
def explain(request: HttpRequest, node_id: Id, user: str | None = None) -> Any:
    """De soi-même ; l'expert peut le demander pour chacun. Les droits sont ceux de la personne,
    quelle que soit la clé d'accès. Chaque droit cite un seul don : le plus proche."""
    reached = access.node(node_id, asker=asker(request))
    whom = read_id(user) if user else asker(request).user_id
    person = access.person_asked_about(whom, within=reached.standings)
    found = explaining.explain(reached.node, person=person, within=reached.standings)
    return {
        "rights": sorted(found.rights),
        "because": [_because(one) for one in found.held],
        "missing": [
            {"right": one.right, "obstacle": one.obstacle}
            | ({"node_id": one.seal.pk} if one.seal else {})
            for one in found.missing
        ],
    }


def _because(one: Reason) -> shapes.Json:
    return {
        "right": one.right,
        "node_id": one.place.pk,
        "subject": explaining.word_of(one.subject),
        "granted_by": one.given_by.pk if one.given_by else None,
        "granted_at": shapes.hour(one.given_at),
        "role": one.role,
    }


def _changed(done: Changed) -> shapes.Json:
    return {
        "node_id": done.node.pk,
        "subject": explaining.word_of(done.subject),
        "rights": sorted(done.rights),
        **_moved(done.preview),
    }


def _moved(preview: Preview) -> shapes.Json:
    def line(person: UUID, place: UUID, rights: frozenset[Right]) -> shapes.Json:
        return {"user_id": person, "node_id": place, "rights": sorted(rights)}

    return {
        "gained": [line(one.person, one.place, one.gained) for one in preview.gaining],
        "lost": [line(one.person, one.place, one.lost) for one in preview.losing],
    }
