"""Retirer de la diffusion: a privileged or misfiled piece. The bytes stay, reading ends at once."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node, Room
from accedit.domain.filing.operations.rooms import AlreadySo, refuse_if_closed
from accedit.domain.people.rights import Actor
from accedit.shared.fields import several_lines
from accedit.shared.refusals import Forbidden, Invalid


@transaction.atomic
def withdraw(node_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Node:
    """The owner, with a reason; those who could read it so far are listed in the log."""
    room, node = _piece(node_id, actor=actor)
    reason = several_lines(reason, what="Motif", limit=1000)
    if not reason:
        raise Invalid(what="Motif : dites pourquoi cette pièce est retirée de la diffusion.")
    if node.withdrawn_at:
        raise AlreadySo(what="Cette pièce est déjà retirée de la diffusion.")
    before = sorted(str(user) for user in queries.readers(node))
    node.withdrawn_at, node.withdrawn_reason = at, reason
    node.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    _told(room, node, kind="piece.withdrawn", actor=actor, at=at, reason=reason, before=before)
    return node


@transaction.atomic
def restore(node_id: UUID, *, reason: str, actor: Actor, at: datetime) -> Node:
    room, node = _piece(node_id, actor=actor)
    reason = several_lines(reason, what="Motif", limit=1000)
    if not node.withdrawn_at:
        raise AlreadySo(what="Cette pièce n'est pas retirée de la diffusion.")
    node.withdrawn_at, node.withdrawn_reason = None, ""
    node.save(update_fields=["withdrawn_at", "withdrawn_reason"])
    after = sorted(str(user) for user in queries.readers(node))
    _told(room, node, kind="piece.restored", actor=actor, at=at, reason=reason, after=after)
    return node


def _piece(node_id: UUID, *, actor: Actor) -> tuple[Room, Node]:
    reached = access.node(node_id, asker=actor, need=Right.BROWSE)
    if not reached.standings.is_owner or actor.scope != "manage":
        raise Forbidden(what="seul l'expert retire une pièce de la diffusion")
    room = Room.objects.select_for_update().get(pk=reached.node.room_id)
    refuse_if_closed(room)
    node = Node.objects.select_related("room").get(pk=node_id)
    if not node.evidence:
        raise Forbidden(what="seule une pièce déposée se retire de la diffusion")
    return room, node


def _told(
    room: Room,
    node: Node,
    *,
    kind: str,
    actor: Actor,
    at: datetime,
    reason: str,
    before: list[str] | None = None,
    after: list[str] | None = None,
) -> None:
    readers = {"readers_before": before} if before is not None else {"readers_after": after or []}
    lists = {key: [{"reader": who} for who in value] for key, value in readers.items()}
    log.append(
        log.acts_of(room.pk, sealed=queries.sealed_above(node)),
        [
            Fact(
                kind=kind,
                claims={"actor": actor.claim(), "piece_id": str(node.pk), "reason": reason},
                received_at=at,
                actor_id=actor.user_id,
                node=node.pk,
                lists=lists,
            )
        ],
    )
