"""Folders, boxes and archives are made; a folder is sealed as it is made."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Node, Room
from accedit.domain.filing.operations.rooms import locked, name_fields, refuse_if_closed
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.reckoning import DEEPEST, accepted_name, free_name, of_name
from accedit.domain.people.enums import Scope
from accedit.domain.people.rights import Actor
from accedit.shared.fields import folded
from accedit.shared.refusals import Forbidden, Kind, Refusal


class NameTaken(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Un dossier de ce nom existe déjà à cet endroit : choisissez un autre nom."


class TooDeep(Refusal):
    kind = Kind.FULL
    code = "invalid"
    sentence = (
        "Ce dossier serait rangé trop profondément (40 niveaux au plus) : rangez-le plus haut."
    )


def plant(
    parent: Node,
    *,
    name: str,
    at: datetime,
    kind: NodeKind = NodeKind.FOLDER,
    side: UUID | None = None,
    sealed: bool = False,
) -> Node:
    """A place below `parent`, without a word in the log: the caller says what it is part of."""
    if parent.depth + 1 > DEEPEST:
        raise TooDeep
    node = Node(
        room=parent.room,
        parent=parent,
        kind=kind,
        depth=parent.depth + 1,
        side=side,
        sealed=sealed,
        created_at=at,
        **name_fields(name),
    )
    boundary = sealed or kind in (NodeKind.BOX, NodeKind.ARCHIVE)
    node.scope_id = node.pk if boundary else parent.scope_id
    node.save(force_insert=True)
    return node


def refuse_taken(
    name: str, *, parent: UUID | None, within: Standings, but: UUID | None = None
) -> None:
    """A name of a place collides only with what the asker may see there: two places may bear
    the same name where nobody could tell one of them without telling of the other (attacks.md
    B4). The room is locked by the caller."""
    twins = Node.objects.filter(parent=parent, folded_name=folded(name), evidence=False)
    if but:
        twins = twins.exclude(pk=but)
    if twins.filter(within.visible()).exists():
        raise NameTaken


@transaction.atomic
def create_folder(parent_id: UUID, *, name: str, actor: Actor, at: datetime) -> Node:
    """A folder in a place where `actor` may add. Boxes and archives take no folders."""
    reached = access.node(parent_id, asker=actor, need=Right.ADD)
    if actor.scope is not Scope.MANAGE:
        raise Forbidden(what="cette clé d'accès ne permet pas de créer des dossiers")
    Room.objects.select_for_update().get(pk=reached.node.room_id)
    parent = Node.objects.select_related("room").get(pk=parent_id)
    refuse_if_closed(parent.room)
    standings = access.require(Right.ADD, on=parent, by=actor)
    if parent.kind not in (NodeKind.ROOT, NodeKind.FOLDER):
        raise NotAFolder
    accepted_name(name)
    refuse_taken(name, parent=parent.pk, within=standings)
    node = plant(parent, name=name, at=at)
    log.append(
        log.acts_of(parent.room_id, sealed=queries.sealed_above(parent)),
        [
            Fact(
                kind="folder.created",
                claims={
                    "actor": actor.claim(),
                    "node_id": str(node.pk),
                    "parent_id": str(parent.pk),
                    "name": name,
                },
                received_at=at,
                actor_id=actor.user_id,
                node=node.pk,
            )
        ],
    )
    return node


class NotAFolder(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "On ne crée pas de dossier dans une boîte aux lettres ni dans un dossier archives."


class NameIsFixed(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Le nom de ce lieu ne change pas : les avis, les lettres et le journal le citent."


@transaction.atomic
def rename_folder(node_id: UUID, *, name: str, actor: Actor, at: datetime) -> Node:
    """Another name for a folder, by whoever may modify there. The room, its boxes, its archives
    and the folders that hold these keep the name they were announced under."""
    locked(access.node(node_id, asker=actor).node.room_id)
    node = Node.objects.select_related("room").get(pk=node_id)
    standings = access.require(Right.MODIFY, on=node, by=actor)
    if (
        node.kind != NodeKind.FOLDER
        or Node.objects.filter(parent=node, side__isnull=False).exists()
    ):
        raise NameIsFixed
    accepted_name(name)
    before = node.name
    if name == before:
        return node
    refuse_taken(name, parent=node.parent_id, within=standings, but=node_id)
    for field, value in name_fields(name).items():
        setattr(node, field, value)
    node.save(update_fields=list(name_fields(name)))
    log.append(
        log.acts_of(node.room_id, sealed=queries.sealed_above(node)),
        [
            Fact(
                kind="folder.renamed",
                claims={
                    "actor": actor.claim(),
                    "node_id": str(node_id),
                    "before": before,
                    "after": name,
                },
                received_at=at,
                actor_id=actor.user_id,
                node=node_id,
            )
        ],
    )
    return node


@dataclass(frozen=True, slots=True)
class SidePlaces:
    box: Box
    archive: Node


def open_box(
    *, boxes: Node, archives: Node, side: UUID, label: str, side_name: str, at: datetime
) -> SidePlaces:
    """The box and the archive of one side. `label` is who it is the box of, on screen."""
    taken = set(Node.objects.filter(parent=boxes).values_list("folded_name", flat=True))
    taken |= set(Node.objects.filter(parent=archives).values_list("folded_name", flat=True))
    name = free_name(f"Boîte aux lettres {of_name(label)}"[:190], taken=taken)
    folder = plant(boxes, name=name, at=at, kind=NodeKind.BOX, side=side)
    kept = free_name(f"Dossier archives {of_name(label)}"[:190], taken=taken)
    archive = plant(archives, name=kept, at=at, kind=NodeKind.ARCHIVE, side=side)
    box = Box.objects.create(folder=folder, archive=archive, side=side, side_name=side_name[:200])
    return SidePlaces(box, archive)
