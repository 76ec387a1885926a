"""A piece that was dealt with is put away: from its box to the archive of the same side.

The only move of evidence there is (rights.md). The expert alone, never a delegate; nobody
who could read it loses it, or nothing moves. Name, number, bytes and hour stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Node
from accedit.domain.filing.operations.rooms import AlreadySo, locked, settle_scope, turn
from accedit.domain.filing.queries import archives
from accedit.domain.filing.queries.archives import Change
from accedit.domain.people.enums import Scope
from accedit.domain.people.rights import Actor
from accedit.shared.kill_points import reach
from accedit.shared.refusals import Forbidden, Invalid, Kind, Refusal

MOST_PIECES = 500


class SomebodyWouldLose(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Ranger cette pièce aux archives la fermerait à : {names}. Rien n'a été rangé : ouvrez d'abord le dossier archives à ces personnes."


def archive(node_id: UUID, *, actor: Actor, at: datetime) -> Node:
    return archive_together([node_id], actor=actor, at=at)[0]


@transaction.atomic
def archive_together(node_ids: Sequence[UUID], *, actor: Actor, at: datetime) -> list[Node]:
    """Pieces of one box, all of them or none, each with its entry. Raises `SomebodyWouldLose`,
    `AlreadySo` for a piece that lies in its archive already."""
    wanted = list(dict.fromkeys(node_ids))
    if not wanted:
        raise Invalid(what="Choisissez au moins une pièce à ranger aux archives.")
    if len(wanted) > MOST_PIECES:
        raise Invalid(what=f"Rangez {MOST_PIECES} pièces au plus à la fois.")
    for node_id in wanted:
        _refuse_others(node_id, actor=actor)
    room = locked(Node.objects.values_list("room_id", flat=True).get(pk=wanted[0]))
    pieces = Node.objects.select_related("room", "parent").in_bulk(wanted)
    box = _box_of([pieces[node_id] for node_id in wanted])
    for node in pieces.values():
        access.require(Right.MANAGE, on=node, by=actor)
    found = archives.change(box=box)
    if found.lost:
        names = ", ".join(user.name for user in archives.named(found).lost)
        raise SomebodyWouldLose(names=names)
    moved = [
        _moved(pieces[node_id], box=box, found=found, actor=actor, at=at) for node_id in wanted
    ]
    turn(room)
    reach("archive.before_commit")
    return moved


def _refuse_others(node_id: UUID, *, actor: Actor) -> None:
    """For whoever sees nothing there it does not exist; the expert alone archives."""
    reached = access.node(node_id, asker=actor, need=Right.BROWSE)
    if not reached.standings.is_owner or actor.scope is not Scope.MANAGE:
        raise Forbidden(what="seul l'expert range une pièce aux archives")
    if not reached.node.evidence:
        raise Forbidden(what="seule une pièce déposée se range aux archives")


def _box_of(nodes: Sequence[Node]) -> Box:
    """The one box in which these pieces lie."""
    for node in nodes:
        if archives.archived_in(node) is not None:
            raise AlreadySo(what="Cette pièce est déjà rangée aux archives.")
    parents = {node.parent_id for node in nodes}
    box = (
        Box.objects.select_related("folder__room", "archive__room")
        .filter(folder__in=parents, folder__kind=NodeKind.BOX)
        .first()
    )
    if len(parents) > 1 or box is None:
        raise Invalid(
            what="Rangez aux archives les pièces d'une seule boîte aux lettres à la fois."
        )
    return box


def _moved(node: Node, *, box: Box, found: Change, actor: Actor, at: datetime) -> Node:
    before = queries.sealed_above(node)
    node.parent, node.depth = box.archive, box.archive.depth + 1
    node.save(update_fields=["parent", "depth"])
    reach("archive.half_moved")
    node.scope_id = settle_scope(node.pk)
    log.append(
        log.acts_of(node.room_id, sealed=before),
        [
            Fact(
                kind="piece.archived",
                claims={
                    "actor": actor.claim(),
                    "piece_id": str(node.pk),
                    "from": {"id": str(box.folder_id), "name": box.folder.name},
                    "to": {"id": str(box.archive_id), "name": box.archive.name},
                    "readers_gained": sorted(str(user) for user in found.gained),
                    "readers_lost": sorted(str(user) for user in found.lost),
                },
                received_at=at,
                actor_id=actor.user_id,
                node=node.pk,
            )
        ],
    )
    return node
