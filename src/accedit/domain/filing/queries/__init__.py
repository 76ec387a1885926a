"""What may be seen of a room: standings per scope, and lists filtered by them in SQL.

`Standings` is what one asker holds in one room; it is made anew for each request,
from five small queries, and never kept. A list is filtered before it is counted or
cut into pages, by the same answer that a single access gets (I15).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import (
    Basket,
    BasketItem,
    Box,
    Deposit,
    Grant,
    Node,
    Room,
    RoomMember,
)
from accedit.domain.filing.queries.listed import listed
from accedit.domain.filing.queries.newest import firsts
from accedit.domain.filing.rights import (
    CEILING,
    NONE,
    Asking,
    Nature,
    Place,
    Rights,
    RoomFacts,
    masked,
    standing,
)
from accedit.domain.filing.rights import Grant as GrantFact
from accedit.domain.people.models import Delegation, Membership, User
from accedit.domain.people.rights import Actor
from accedit.shared.paging import PAGE, Page, decode, encode, number
from accedit.shared.refusals import Invalid


@dataclass(frozen=True, slots=True)
class Standings:
    room: Room
    asking: Asking
    facts: RoomFacts
    held: Mapping[UUID, Rights]

    @property
    def is_owner(self) -> bool:
        return self.asking.person == self.facts.owner

    @property
    def acts_for_owner(self) -> bool:
        return self.is_owner or self.asking.person in self.facts.delegates

    def on(self, node: Node) -> Rights:
        return masked(
            self.held.get(node.scope_id or node.pk, NONE),
            nature=nature(node),
            asking=self.asking,
            room=self.facts,
        )

    def scopes(self, right: Right) -> list[UUID]:
        return [scope for scope, rights in self.held.items() if right in rights]

    def visible(self) -> Q:
        """The nodes that may be browsed: a withdrawn one by those who could read it."""
        return Q(scope__in=self.scopes(Right.BROWSE), withdrawn_at__isnull=True) | Q(
            scope__in=self.scopes(Right.READ)
        )

    def readable(self) -> Q:
        """The nodes whose content may be read: a withdrawn one by its owner alone."""
        found = Q(scope__in=self.scopes(Right.READ))
        return found if self.is_owner else found & Q(withdrawn_at__isnull=True)

    @property
    def empty(self) -> bool:
        return not any(self.held.values())


def as_seen(piece: Deposit, *, within: Standings) -> Deposit:
    """The row as the asker may see it. A title tells what a document says: of a piece that they
    may not read (withdrawn, or only browsed), the name and the number show, never the title."""
    piece.readable = Right.READ in within.on(piece.node)
    if not piece.readable:
        piece.title = ""
    return piece


def nature(node: Node) -> Nature:
    return Nature(NodeKind(node.kind), node.evidence, node.withdrawn_at is not None)


def standings(room: Room, *, asker: Actor) -> Standings:
    groups = Membership.objects.filter(user_id=asker.user_id).values_list("group_id", flat=True)
    asking = Asking(asker.user_id, frozenset(groups), CEILING[asker.scope])
    facts = facts_of(room, among=[asker.user_id])
    if asker.only_room not in (None, room.pk):
        return Standings(room, asking, facts, {})
    paths = scope_paths(room.pk)
    subjects = asking.subjects
    grants = room_grants(room.pk, to=subjects)
    held = {
        scope: standing(path=path, grants=grants, asking=asking, room=facts)
        for scope, path in paths.items()
    }
    return Standings(room, asking, facts, held)


def facts_of(room: Room, *, among: Collection[UUID]) -> RoomFacts:
    """Which of these people the room knows, and as what."""
    members = RoomMember.objects.filter(
        room=room, left_at__isnull=True, user__in=among, user__is_active=True
    ).values_list("user_id", flat=True)
    delegates = Delegation.objects.filter(
        space_id=room.space_id, ended_at__isnull=True, delegate__in=among, delegate__is_active=True
    ).values_list("delegate_id", flat=True)
    return RoomFacts(
        owner=room.owner_id,
        closed=room.closed_at is not None,
        members=frozenset(members),
        delegates=frozenset(delegates),
    )


def scope_paths(room_id: UUID) -> dict[UUID, list[Place]]:
    """From the root down to each scope, the places that can hold a grant or a seal."""
    rows = Node.objects.filter(room_id=room_id, scope_id=F("id")).values_list(
        "id", "sealed", "parent__scope_id"
    )
    above = {id_: (Place(id_, sealed), parent) for id_, sealed, parent in rows}
    paths: dict[UUID, list[Place]] = {}
    for scope in above:
        path: list[Place] = []
        at: UUID | None = scope
        while at is not None:
            place, at = above[at]
            path.append(place)
        paths[scope] = path[::-1]
    return paths


def room_grants(room_id: UUID, *, to: Collection[UUID] | None = None) -> list[GrantFact]:
    """The grants of a room; only those to the people and groups of `to`, if it is said."""
    rows = Grant.objects.filter(node__room_id=room_id)
    if to is not None:
        rows = rows.filter(Q(user__in=to) | Q(group__in=to))
    return [
        GrantFact(
            node=node,
            subject=user or group,  # type: ignore[truthy-bool]  # one of the two is null
            rights=frozenset(Right(right) for right in rights),
            by=by,
            at=at,
        )
        for node, user, group, rights, by, at in rows.values_list(
            "node_id", "user_id", "group_id", "rights", "given_by_id", "given_at"
        )
    ]


def readers(node: Node, *, at_kind: NodeKind | None = None) -> set[UUID]:
    """Everybody whom the decision lets read `node`, the owner and delegates included.

    `at_kind=FILE` asks it for a piece about to lie in the box `node`.
    """
    return {user for user, rights in holders(node, at_kind=at_kind).items() if Right.READ in rights}


def holders(node: Node, *, at_kind: NodeKind | None = None) -> dict[UUID, Rights]:
    """What each member, delegate and the owner hold on `node`."""
    room = node.room
    people = set(
        RoomMember.objects.filter(
            room=room, left_at__isnull=True, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    delegates = set(
        Delegation.objects.filter(
            space_id=room.space_id, ended_at__isnull=True, delegate__is_active=True
        ).values_list("delegate_id", flat=True)
    )
    people |= delegates | {room.owner_id}
    groups: dict[UUID, set[UUID]] = {}
    for user, group in Membership.objects.filter(user__in=people).values_list(
        "user_id", "group_id"
    ):
        groups.setdefault(user, set()).add(group)
    facts = RoomFacts(
        owner=room.owner_id,
        closed=room.closed_at is not None,
        members=frozenset(people),
        delegates=frozenset(delegates),
    )
    path = scope_paths(room.pk)[node.scope_id or node.pk]
    grants = room_grants(room.pk)
    what = nature(node) if at_kind is None else Nature(at_kind, evidence=True)
    found = {}
    for person in people:
        asking = Asking(person, frozenset(groups.get(person, ())))
        held = standing(path=path, grants=grants, asking=asking, room=facts)
        found[person] = masked(held, nature=what, asking=asking, room=facts)
    return found


def sealed_above(node: Node) -> UUID | None:
    """The sealed place whose logs tell of `node`: the nearest at or above it."""
    for place in reversed(scope_paths(node.room_id)[node.scope_id or node.pk]):
        if place.sealed:
            return place.id
    return None


def rooms(*, asker: Actor) -> QuerySet[Room]:
    """The rooms one owns, acts in for their owner, or is a member of. Newest first."""
    member = RoomMember.objects.filter(
        room=OuterRef("pk"), user=asker.user_id, left_at__isnull=True, user__is_active=True
    )
    delegate = Delegation.objects.filter(
        space=OuterRef("space"),
        delegate=asker.user_id,
        ended_at__isnull=True,
        delegate__is_active=True,
    )
    found = Room.objects.filter(Q(owner=asker.user_id) | Exists(member) | Exists(delegate))
    if asker.only_room:
        found = found.filter(pk=asker.only_room)
    return found.select_related("owner", "space").order_by("-opened_at", "-pk")


def children(
    node: Node, *, within: Standings, cursor: str | None = None, size: int = PAGE
) -> Page[Node]:
    """What lies in a place, places first, then French order."""
    rows = listed(Node.objects.filter(within.visible(), parent=node))
    after = decode(cursor, size=2)
    if after:
        key, last = str(after[0]), as_uuid(after[1])
        rows = rows.filter(Q(sort_key__gt=key) | Q(sort_key=key, pk__gt=last))
    page = list(rows.order_by("sort_key", "pk")[: size + 1])
    more, page = len(page) > size, page[:size]
    for child in page:
        if child.evidence:
            as_seen(child.deposit, within=within)
    return Page(page, encode(page[-1].sort_key, str(page[-1].pk)) if more else None)


def places(*, within: Standings) -> list[Node]:
    """The visible tree without its files, parents before children; what lies under an
    unreadable folder comes up as an entry point."""
    return list(
        Node.objects.filter(within.visible(), room=within.room)
        .exclude(kind=NodeKind.FILE)
        .order_by("depth", "sort_key", "pk")
    )


@dataclass(frozen=True, slots=True)
class PieceFilter:
    """Plain words of a list of pieces: one side, one place, words in the name, the order."""

    side: UUID | None = None
    place: UUID | None = None
    words: str = ""
    by_number: bool = False


def pieces(
    *,
    within: Standings,
    wanted: PieceFilter | None = None,
    cursor: str | None = None,
    size: int = PAGE,
) -> tuple[Page[Deposit], int]:
    """Deposited pieces, newest first or by number, and how many there are in all."""
    wanted = wanted or PieceFilter()
    nodes = Node.objects.filter(within.visible(), room=within.room, evidence=True)
    rows = Deposit.objects.filter(node__in=nodes)
    if wanted.side:
        rows, nodes = rows.filter(side=wanted.side), nodes.filter(side=wanted.side)
    if wanted.place:
        rows = rows.filter(node__parent=wanted.place)
    for word in wanted.words.split()[:5]:
        titled = Q(title__icontains=word, node__in=nodes.filter(within.readable()))
        rows = rows.filter(Q(name__icontains=word) | titled | Q(number=word))
    count = rows.count() if wanted.words or wanted.place else nodes.count()  # no join to count all
    after = decode(cursor, size=2)
    if wanted.by_number:
        order = ("number_key", "pk")
        if after:
            rows = rows.filter(
                Q(number_key__gt=number(after[0]))
                | Q(number_key=number(after[0]), pk__gt=as_uuid(after[1]))
            )
    else:
        order = ("-log_index", "-pk")  # as the log has them: the files of one basket stay in order
        if after:
            at = number(after[0])
            rows = rows.filter(Q(log_index__lt=at) | Q(log_index=at, pk__lt=as_uuid(after[1])))
    found = firsts(rows, room=within.room.pk, order=order, most=size + 1)
    page = list(
        Deposit.objects.filter(pk__in=[pk for some in found.values() for pk in some])
        .select_related("node", "blob", "box", "basket")
        .order_by(*order)[: size + 1]
    )
    more, page = len(page) > size, [as_seen(row, within=within) for row in page[:size]]
    last = page[-1] if page else None
    key = (last.number_key if wanted.by_number else last.log_index) if last else 0
    return Page(page, encode(key, str(last.pk)) if more and last else None), count


def boxes(*, within: Standings) -> list[Box]:
    """The boxes one may see, or add to (whose name alone then shows)."""
    scopes = set(within.scopes(Right.BROWSE)) | set(within.scopes(Right.ADD))
    rows = (
        Box.objects.filter(folder__room=within.room, folder__scope__in=scopes)
        .select_related("folder", "archive")
        .order_by("folder__sort_key", "pk")
    )
    return [box for box in rows if within.on(box.folder)]  # closed, « déposer » alone is nothing


def boxes_open_to(*, within: Standings) -> list[Box]:
    return [box for box in boxes(within=within) if Right.ADD in within.on(box.folder)]


def depositors(room_id: UUID) -> dict[UUID, list[User]]:
    """Who may add to each box of a room by a grant of their own, by id of the box's folder."""
    found: dict[UUID, list[User]] = {}
    rows = (
        Grant.objects.filter(
            node__room_id=room_id,
            node__kind=NodeKind.BOX,
            user__isnull=False,
            rights__contains=["add"],
        )
        .select_related("user__firm")
        .order_by("given_at", "user__name")
    )
    for row in rows:
        if row.user:
            found.setdefault(row.node_id, []).append(row.user)
    return found


def own_deposits(*, asker: Actor, room: Room, limit: int = PAGE) -> list[Deposit]:
    """One's own deposits in a room: always shown to whoever made them."""
    return list(
        Deposit.objects.filter(depositor=asker.user_id, box__folder__room=room)
        .select_related("node", "blob", "box")
        .order_by("-received_at", "-pk")[:limit]
    )


def basket_items(basket: Basket) -> list[BasketItem]:
    return list(BasketItem.objects.filter(basket=basket))


def basket_deposits(basket: Basket) -> list[Deposit]:
    return list(
        Deposit.objects.filter(basket=basket)
        .select_related("node", "blob", "box")
        .order_by("log_index")
    )


def numbers_of(side: UUID) -> set[str]:
    return set(Deposit.objects.filter(side=side).values_list("number", flat=True))


def used_bytes(space_id: UUID) -> int:
    return sum(Room.objects.filter(space_id=space_id).values_list("used_bytes", flat=True))


def members(room: Room) -> Sequence[RoomMember]:
    return list(
        RoomMember.objects.filter(room=room, left_at__isnull=True)
        .select_related("user__firm")
        .order_by("since", "pk")
    )


def names_of_nodes(ids: Iterable[UUID]) -> dict[UUID, str]:
    return dict(Node.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def as_uuid(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Invalid(
            what="Ce repère de page n'est pas lisible : revenez au début de la liste."
        ) from None
