"""A folder, or a file that the expert made, is laid elsewhere in the same room.

Manage where it leaves, add where it arrives, and never below itself (I14, attacks.md A9, A10).
Never a root, a box, an archive or a folder that holds one: what was announced stays where it
is. Never evidence, whose one move is `archiving`. Rights come from above, so a move may open
and close: both are said before it and entered with it, and nobody but the owner makes a move
that opens anything to anyone (I16).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations.grants import ChangedMeanwhile
from accedit.domain.filing.operations.places import TooDeep, refuse_taken
from accedit.domain.filing.operations.rooms import AlreadySo, locked, settle_scope, turn
from accedit.domain.filing.queries import Standings, moves
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.queries.moves import IntoItself
from accedit.domain.filing.reckoning import DEEPEST
from accedit.domain.people.enums import Scope
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Invalid, Kind, Refusal


class StaysWhereItIs(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "La racine, les boîtes aux lettres, les dossiers archives et les dossiers qui en contiennent restent où ils sont : les avis et le journal les citent."


class PieceStays(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Une pièce déposée ne se déplace pas : l'expert peut seulement la ranger dans les archives de sa partie."


class NotAFolder(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "On ne range rien dans une boîte aux lettres, un dossier archives ou un fichier : choisissez un dossier de rangement."


class OpensToOthers(Forbidden):
    sentence = "Ce déplacement ouvrirait des documents à quelqu'un : seul l'expert peut le faire."


@transaction.atomic
def move(
    node_id: UUID, *, parent_id: UUID, actor: Actor, at: datetime, seen: str | None = None
) -> Node:
    """The node under its new parent, with all that is below it. `seen` is the mark of the
    preview that was confirmed. Of two opposite moves at once, the second sees the first."""
    found, target = _may(node_id, parent_id=parent_id, actor=actor)
    locked(found.node.room_id)
    found, target = _may(node_id, parent_id=parent_id, actor=actor)
    node, parent = found.node, target.node
    _refuse_misplaced(node, parent=parent, within=target.standings)
    preview = moves.of_move(node=node, parent=parent, within=found.standings)
    if seen is not None and seen != preview.mark:
        raise ChangedMeanwhile
    if not found.standings.is_owner and any(one.gained for one in preview.shifts):
        raise OpensToOthers
    places = _told_in(node, parents=(node.parent_id, parent.pk))
    before = node.parent
    _laid(node, parent=parent)
    log_places = {**places, **_told_in(node, parents=(parent.pk,))}
    for sealed in sorted(log_places, key=str):
        log.append(
            log.acts_of(node.room_id, sealed=sealed),
            [
                Fact(
                    kind="node.moved",
                    claims={
                        "actor": actor.claim(),
                        "node_id": str(node.pk),
                        "name": node.name,
                        "from": _named(before, sealed=sealed),
                        "to": _named(parent, sealed=sealed),
                        "gained": _people(preview, opened=True),
                        "lost": _people(preview, opened=False),
                    },
                    received_at=at,
                    actor_id=actor.user_id,
                    node=node.pk,
                )
            ],
        )
    return node


def _may(node_id: UUID, *, parent_id: UUID, actor: Actor) -> tuple[Reached, Reached]:
    """Asked before the lock, so that nobody without right waits for it, and again under it."""
    found = access.node(node_id, asker=actor, need=Right.BROWSE)
    if actor.scope is not Scope.MANAGE:
        raise Forbidden(what="cette clé d'accès ne permet pas de déplacer")
    target = access.node(parent_id, asker=actor, need=Right.BROWSE)
    room = found.node.room
    if room.closed_at is None or not found.standings.acts_for_owner:
        _need(found, Right.MANAGE)
        _need(target, Right.ADD)
    return found, target


def _need(reached: Reached, right: Right) -> None:
    if right not in reached.rights:
        raise Forbidden(what=access.WORDS[right])


def _refuse_misplaced(node: Node, *, parent: Node, within: Standings) -> None:
    if node.room_id != parent.room_id:
        raise Invalid(what="On ne déplace rien d'un dossier d'expertise à un autre.")
    if node.evidence:
        raise PieceStays
    if node.kind not in (NodeKind.FOLDER, NodeKind.FILE) or moves.holds_boxes(node):
        raise StaysWhereItIs
    if parent.kind not in (NodeKind.ROOT, NodeKind.FOLDER):
        raise NotAFolder
    if node.pk in moves.at_or_above(parent):
        raise IntoItself
    _refuse_no_room(node, parent=parent, within=within)


def _refuse_no_room(node: Node, *, parent: Node, within: Standings) -> None:
    if node.parent_id == parent.pk:
        raise AlreadySo(what="Ce dossier est déjà rangé à cet endroit.")
    if parent.depth + 1 + moves.height(node) > DEEPEST:
        raise TooDeep
    refuse_taken(node.name, parent=parent.pk, within=within)


DEEPER = """
with recursive below(id) as (
    select %(node)s::uuid
    union all
    select n.id from filing_node n join below b on n.parent_id = b.id
)
update filing_node set depth = depth + %(more)s where id in (select id from below)
"""


def _laid(node: Node, *, parent: Node) -> None:
    """The parent of one row; the depth of all below it; the scope of what inherits its rights."""
    more = parent.depth + 1 - node.depth
    node.parent = parent
    node.save(update_fields=["parent"])
    if more:
        with connection.cursor() as cursor:
            cursor.execute(DEEPER, {"node": node.pk, "more": more})
    node.depth += more
    node.scope_id = settle_scope(node.pk)
    turn(node.room)


def _told_in(node: Node, *, parents: Iterable[UUID | None]) -> dict[UUID | None, None]:
    """The logs that tell of it, by their sealed space: its own if it is sealed, else those of
    the places it leaves and comes to."""
    if node.sealed:
        return {node.pk: None}
    found = Node.objects.select_related("room").in_bulk([one for one in parents if one])
    return {queries.sealed_above(place): None for place in found.values()}


def _named(place: Node | None, *, sealed: UUID | None) -> dict[str, Any] | None:
    """A place by its name, in the log of its own space only: no other log tells of it."""
    if place is None or queries.sealed_above(place) != sealed:
        return None
    return {"id": str(place.pk), "name": place.name}


def _people(preview: Preview, *, opened: bool) -> list[str]:
    return sorted(
        {str(one.person) for one in preview.shifts if (one.gained if opened else one.lost)}
    )
