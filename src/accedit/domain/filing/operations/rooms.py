"""Rooms are opened, closed and reopened; people are let in and leave; rights are granted."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Grant, Node, Room, RoomMember
from accedit.domain.filing.reckoning import sort_key
from accedit.domain.people.models import Group, Space, User
from accedit.domain.people.rights import Actor
from accedit.shared.fields import folded, one_line, several_lines
from accedit.shared.kill_points import reach
from accedit.shared.refusals import Kind, Refusal


class RoomClosed(Refusal):
    kind = Kind.CLOSED
    code = "case_closed"
    sentence = "Le dossier « {room} » est clos depuis le {closed_at:%d/%m/%Y} : plus rien n'y est déposé ni changé. Adressez-vous à l'expert."


class AlreadySo(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "{what}"


@transaction.atomic
def open_room(
    *, room_id: UUID, space: Space, title: str, reference: str, notice: str, at: datetime
) -> Node:
    """A new room and its root. Who opens it writes `case.opened` in its log."""
    room = Room.objects.create(
        pk=room_id,
        space=space,
        owner=space.expert,
        title=one_line(title, what="Intitulé du dossier"),
        reference=one_line(reference, what="Référence", limit=100),
        notice=notice,
        opened_at=at,
    )
    root = Node(
        room=room,
        kind=NodeKind.ROOT,
        name=room.title,
        folded_name="",
        sort_key="",
        depth=0,
        created_at=at,
    )
    root.scope_id = root.pk
    root.save()
    return root


@transaction.atomic
def let_in(user: User, *, room: Room, at: datetime) -> None:
    RoomMember.objects.get_or_create(
        room=room, user=user, left_at__isnull=True, defaults={"since": at}
    )
    turn(room)


@transaction.atomic
def let_out(user: User, *, room: Room, at: datetime) -> None:
    """From now on they hold nothing here, and what was given to them alone is taken away."""
    RoomMember.objects.filter(room=room, user=user, left_at__isnull=True).update(left_at=at)
    turn(room)
    theirs = Grant.objects.filter(node__room=room, user=user)
    places = list(theirs.values_list("node_id", flat=True))
    theirs.delete()
    for place in places:
        settle_scope(place)


@transaction.atomic
def grant(
    node: Node, *, to: User | Group, rights: Collection[Right], by: UUID, at: datetime
) -> Grant:
    """`to` holds these rights from `node` down, in place of what they held at `node` before."""
    turn(node.room)
    subject = {"user": to} if isinstance(to, User) else {"group": to}
    given, _ = Grant.objects.update_or_create(
        node=node,
        **subject,
        defaults={
            "rights": sorted(right.value for right in rights),
            "given_by_id": by,
            "given_at": at,
        },
    )
    reach("rights.half_rewritten")
    node.scope_id = settle_scope(node.pk)
    reach("rights.before_commit")
    return given


@transaction.atomic
def revoke(node: Node, *, of: User | Group) -> None:
    subject = {"user": of} if isinstance(of, User) else {"group": of}
    turn(node.room)
    Grant.objects.filter(node=node, **subject).delete()
    reach("rights.half_rewritten")
    node.scope_id = settle_scope(node.pk)
    reach("rights.before_commit")


@transaction.atomic
def set_seal(node: Node, *, sealed: bool) -> None:
    """From now on nothing given above `node` reaches it, or reaches it again. The room is locked."""
    turn(node.room)
    node.sealed = sealed
    node.save(update_fields=["sealed"])
    node.scope_id = settle_scope(node.pk)


def locked(room_id: UUID) -> Room:
    """The room, nobody else changing it until the end of the transaction; open, or a refusal."""
    room = Room.objects.select_for_update().get(pk=room_id)
    refuse_if_closed(room)
    return room


@transaction.atomic
def close_room(room_id: UUID, *, actor: Actor, at: datetime, reason: str = "") -> Room:
    access.owned_room(room_id, asker=actor)
    room = Room.objects.select_for_update().get(pk=room_id)
    if room.closed_at is not None:
        raise AlreadySo(what="Ce dossier est déjà clos.")
    room.closed_at = at
    room.save(update_fields=["closed_at"])
    turn(room)
    _told(room, "case.closed", actor=actor, at=at, reason=reason)
    return room


@transaction.atomic
def reopen_room(room_id: UUID, *, actor: Actor, at: datetime, reason: str = "") -> Room:
    access.owned_room(room_id, asker=actor)
    room = Room.objects.select_for_update().get(pk=room_id)
    if room.closed_at is None:
        raise AlreadySo(what="Ce dossier n'est pas clos.")
    room.closed_at = None
    room.save(update_fields=["closed_at"])
    turn(room)
    _told(room, "case.reopened", actor=actor, at=at, reason=reason)
    return room


def refuse_if_closed(room: Room) -> None:
    if room.closed_at is not None:
        raise RoomClosed(room=room.title, closed_at=room.closed_at)


def name_fields(name: str) -> dict[str, str]:
    return {"name": name, "folded_name": folded(name), "sort_key": sort_key(name)}


def _told(room: Room, kind: str, *, actor: Actor, at: datetime, reason: str) -> None:
    log.append(
        log.acts_of(room.pk),
        [
            Fact(
                kind=kind,
                claims={
                    "actor": actor.claim(),
                    "reason": several_lines(reason, what="Motif") or None,
                },
                received_at=at,
                actor_id=actor.user_id,
            )
        ],
    )


BELOW = """
with recursive below(id) as (
    select %(node)s::uuid
    union all
    select n.id from filing_node n join below b on n.parent_id = b.id where n.scope_id = %(old)s
)
update filing_node set scope_id = %(new)s where id in (select id from below)
"""


def settle_scope(node_id: UUID) -> UUID | None:
    """A place that holds a grant is a scope of its own, and one that no longer does is not;
    what inherits its rights from it follows, in the same transaction. The room is locked."""
    node = Node.objects.select_related("parent").get(pk=node_id)
    boundary = node.sealed or node.kind in (NodeKind.ROOT, NodeKind.BOX, NodeKind.ARCHIVE)
    own = boundary or Grant.objects.filter(node=node_id).exists()
    wanted = node.pk if own or node.parent is None else node.parent.scope_id
    if wanted != node.scope_id:
        with connection.cursor() as cursor:
            cursor.execute(BELOW, {"node": node_id, "old": node.scope_id, "new": wanted})
    return wanted


def turn(room: Room) -> None:
    """Everything decided before now is out of date."""
    Room.objects.filter(pk=room.pk).update(epoch=F("epoch") + 1)
