"""Several rooms at once, for the page of one's cases.

The same answers as `standings` and `pieces` give room by room, in a number of queries
that does not grow with the number of cases. A scope belongs to one room, so that the
readable scopes of several rooms can be asked for together.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Count, F, Min, Q, QuerySet

from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Basket, Box, Grant, Node, Room, RoomMember
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.rights import CEILING, Asking, Place, RoomFacts, standing
from accedit.domain.filing.rights import Grant as GrantFact
from accedit.domain.people.models import Delegation, Membership
from accedit.domain.people.rights import Actor


def standings_of(rooms: Sequence[Room], *, asker: Actor) -> dict[UUID, Standings]:
    """What `asker` holds in each of these rooms: five queries, however many there are."""
    groups = Membership.objects.filter(user_id=asker.user_id).values_list("group_id", flat=True)
    asking = Asking(asker.user_id, frozenset(groups), CEILING[asker.scope])
    facts = _facts_of(rooms, asker=asker)
    paths = _paths_of(rooms)
    grants = _grants_of(rooms, asking=asking)
    found = {}
    for room in rooms:
        reached = asker.only_room in (None, room.pk)
        held = {
            scope: standing(
                path=path, grants=grants.get(room.pk, ()), asking=asking, room=facts[room.pk]
            )
            for scope, path in (paths.get(room.pk, {}) if reached else {}).items()
        }
        found[room.pk] = Standings(room, asking, facts[room.pk], held)
    return found


def _facts_of(rooms: Sequence[Room], *, asker: Actor) -> dict[UUID, RoomFacts]:
    person = frozenset({asker.user_id})
    joined = set(
        RoomMember.objects.filter(
            room__in=rooms, user=asker.user_id, left_at__isnull=True, user__is_active=True
        ).values_list("room_id", flat=True)
    )
    acted_for = set(
        Delegation.objects.filter(
            space__in={room.space_id for room in rooms},
            delegate=asker.user_id,
            ended_at__isnull=True,
            delegate__is_active=True,
        ).values_list("space_id", flat=True)
    )
    return {
        room.pk: RoomFacts(
            owner=room.owner_id,
            closed=room.closed_at is not None,
            members=person if room.pk in joined else frozenset(),
            delegates=person if room.space_id in acted_for else frozenset(),
        )
        for room in rooms
    }


def _paths_of(rooms: Sequence[Room]) -> dict[UUID, dict[UUID, list[Place]]]:
    rows = Node.objects.filter(room__in=rooms, scope_id=F("id")).values_list(
        "room_id", "id", "sealed", "parent__scope_id"
    )
    above: dict[UUID, tuple[UUID, Place, UUID | None]] = {
        id_: (room, Place(id_, sealed), parent) for room, id_, sealed, parent in rows
    }
    paths: dict[UUID, dict[UUID, list[Place]]] = {}
    for scope, (room, _, _) in above.items():
        path: list[Place] = []
        at: UUID | None = scope
        while at is not None:
            _, place, at = above[at]
            path.append(place)
        paths.setdefault(room, {})[scope] = path[::-1]
    return paths


def _grants_of(rooms: Sequence[Room], *, asking: Asking) -> dict[UUID, list[GrantFact]]:
    rows = Grant.objects.filter(
        Q(user=asking.person) | Q(group__in=asking.groups), node__room__in=rooms
    ).select_related("node")
    found: dict[UUID, list[GrantFact]] = {}
    for row in rows:
        fact = GrantFact(
            node=row.node_id,
            subject=row.user_id or row.group_id or row.node_id,
            rights=frozenset(Right(right) for right in row.rights),
            by=row.given_by_id,
            at=row.given_at,
        )
        found.setdefault(row.node.room_id, []).append(fact)
    return found


def visible_in(standings: Iterable[Standings]) -> Q:
    """`Standings.visible` of several rooms together."""
    held = list(standings)
    browsed = [scope for one in held for scope in one.scopes(Right.BROWSE)]
    read = [scope for one in held for scope in one.scopes(Right.READ)]
    return Q(scope__in=browsed, withdrawn_at__isnull=True) | Q(scope__in=read)


def piece_counts(standings: Iterable[Standings]) -> dict[UUID, int]:
    """How many pieces the asker may see in each room."""
    return dict(
        Node.objects.filter(visible_in(standings), evidence=True)
        .order_by()
        .values_list("room_id")
        .annotate(count=Count("pk"))
    )


def next_dues(standings: Iterable[Standings], *, at: datetime) -> dict[UUID, datetime]:
    """The next date limite of the boxes that are open to the asker, room by room."""
    scopes = [scope for one in standings if not one.facts.closed for scope in one.scopes(Right.ADD)]
    return dict(
        Box.objects.filter(folder__scope__in=scopes, due_at__gt=at)
        .order_by()
        .values_list("folder__room_id")
        .annotate(next=Min("due_at"))
    )


def arrivals(standings: Iterable[Standings], *, limit: int = 8) -> list[Basket]:
    """The last acts of deposit, newest first, each with `count` (the pieces of it that the
    asker may see) and `late`."""
    seen = Node.objects.filter(visible_in(standings), evidence=True).values("pk")
    return list(
        Basket.objects.filter(deposited_at__isnull=False, deposits__node__in=seen)
        .annotate(count=Count("deposits"), late=BoolOr("deposits__late"))
        .select_related("box__folder__room", "owner__firm")
        .order_by("-deposited_at", "-pk")[:limit]
    )


def open_baskets(*, asker: Actor, rooms: QuerySet[Room]) -> list[Basket]:
    """One's own baskets that hold files and wait to be deposited, with their `count`."""
    return list(
        Basket.objects.filter(
            owner=asker.user_id, deposited_at__isnull=True, box__folder__room__in=rooms.order_by()
        )
        .annotate(count=Count("items"))
        .filter(count__gt=0)
        .select_related("box__folder__room")
        .order_by("-created_at", "-pk")
    )
