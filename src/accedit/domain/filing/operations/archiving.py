"""A piece that was dealt with is put away: from its box to the archive of the same side.

The only move of evidence there is (rights.md). The expert alone, never a delegate; nobody
who could read it loses it, or nothing moves; whoever would gain it is confirmed, by the mark
of what was shown or by name. Name, number, bytes and hour stay as they are.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Node
from accedit.domain.filing.operations.grants import ChangedMeanwhile
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


class ReadersWouldGain(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Ranger cette pièce aux archives l'ouvrirait à : {names}. Rien n'a été rangé : confirmez d'abord que ces personnes la liront."


def archive(
    node_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    seen: str | None = None,
    gaining: Collection[UUID] = (),
) -> Change:
    return archive_together([node_id], actor=actor, at=at, seen=seen, gaining=gaining)


@transaction.atomic
def archive_together(
    node_ids: Sequence[UUID],
    *,
    actor: Actor,
    at: datetime,
    seen: str | None = None,
    gaining: Collection[UUID] = (),
) -> Change:
    """Pieces of one box, all of them or none, each with its entry. `seen` is the mark of what was
    confirmed on a page; without it `gaining` holds whoever may come to read them. Raises
    `SomebodyWouldLose`, `ReadersWouldGain`, `ChangedMeanwhile`, `AlreadySo` for a piece that
    lies in its archive already."""
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
    _refuse_unseen(found, box=box, pieces=wanted, seen=seen, gaining=gaining)
    for node_id in wanted:
        _move(pieces[node_id], box=box, found=found, actor=actor, at=at)
    turn(room)
    reach("archive.before_commit")
    return found


def _refuse_unseen(
    found: Change,
    *,
    box: Box,
    pieces: Sequence[UUID],
    seen: str | None,
    gaining: Collection[UUID],
) -> None:
    if found.lost:
        names = ", ".join(user.name for user in archives.named(found).lost)
        raise SomebodyWouldLose(names=names)
    if seen is not None and seen != archives.mark(found, box=box, pieces=pieces):
        raise ChangedMeanwhile
    if seen is None and found.gained - set(gaining):
        names = ", ".join(user.name for user in archives.named(found).gained)
        raise ReadersWouldGain(names=names)


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


def _move(node: Node, *, box: Box, found: Change, actor: Actor, at: datetime) -> None:
    """Told in the log of the space it leaves, and in that of the space it comes to."""
    before = queries.sealed_above(node)
    node.parent, node.depth = box.archive, box.archive.depth + 1
    node.save(update_fields=["parent", "depth"])
    reach("archive.half_moved")
    node.scope_id = settle_scope(node.pk)
    after = queries.sealed_above(node)
    for told_in in sorted({before, after}, key=str):
        log.append(
            log.acts_of(node.room_id, sealed=told_in),
            [
                Fact(
                    kind="piece.archived",
                    claims={
                        "actor": actor.claim(),
                        "piece_id": str(node.pk),
                        "from": _named(box.folder, space=before, told_in=told_in),
                        "to": _named(box.archive, space=after, told_in=told_in),
                        "readers_gained": sorted(str(user) for user in found.gained),
                        "readers_lost": sorted(str(user) for user in found.lost),
                    },
                    received_at=at,
                    actor_id=actor.user_id,
                    node=node.pk,
                )
            ],
        )


def _named(place: Node, *, space: UUID | None, told_in: UUID | None) -> dict[str, Any] | None:
    """A place of a sealed space by its name in the log of that space only."""
    if space not in (None, told_in):
        return None
    return {"id": str(place.pk), "name": place.name}
