"""The only way from an id and an asker to a room, a place, a piece.

No right at all: exactly the answer for an unknown id. Some right but not the one
needed: `Forbidden`. The case is derived from the node found, never from what the
asker says it is in (attacks.md A1, A2).
"""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from accedit.domain.filing import queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Basket, Box, Deposit, Node, Room, RoomMember
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.rights import Rights
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.models import Group, User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Kind, NotFound, Refusal

WORDS = {
    Right.BROWSE: "le nom seul ne vous est pas ouvert",
    Right.READ: "cette pièce ne vous est pas ouverte à la lecture",
    Right.DOWNLOAD: "le téléchargement ne vous est pas ouvert",
    Right.ADD: "vous ne pouvez rien ajouter à cet endroit",
    Right.MODIFY: "vous ne pouvez rien modifier à cet endroit",
    Right.DELETE: "vous ne pouvez rien supprimer à cet endroit",
    Right.MANAGE: "seul l'expert peut le faire",
}


@dataclass(frozen=True, slots=True)
class Reached:
    """A node, what the asker may do on it, and what they hold in the room."""

    node: Node
    rights: Rights
    standings: Standings


def room(room_id: UUID, *, asker: Actor) -> Standings:
    """The room, for whoever holds anything in it."""
    found = Room.objects.select_related("owner", "space").filter(pk=room_id).first()
    if found is None:
        raise NotFound
    standings = queries.standings(found, asker=asker)
    if standings.empty:
        raise NotFound
    return standings


def owned_room(room_id: UUID, *, asker: Actor) -> Standings:
    """The room, for its expert alone, and for no key of theirs that may only read or deposit."""
    standings = room(room_id, asker=asker)
    if not standings.is_owner or Right.MANAGE not in standings.asking.ceiling:
        raise Forbidden(what=WORDS[Right.MANAGE])
    return standings


def node(
    node_id: UUID, *, asker: Actor, need: Right = Right.BROWSE, within: Standings | None = None
) -> Reached:
    """The node, decided now. `within` is what this request reckoned of the room it came through;
    it serves only if the node lies there and the asker is the same."""
    rows = Node.objects.select_related("parent", "deposit__blob")
    if within is None:
        rows = rows.select_related("room__owner", "room__space")
    found = rows.filter(pk=node_id).first()
    if found is None:
        raise NotFound
    standings = within if _same(within, found=found, asker=asker) else None
    if standings:
        found.room = standings.room
    standings = standings or queries.standings(found.room, asker=asker)
    rights = standings.on(found)
    if not rights:
        raise NotFound
    if need not in rights and not (need is Right.BROWSE and Right.ADD in rights):
        if found.withdrawn_at and need in (Right.READ, Right.DOWNLOAD):
            raise Withdrawn
        raise Forbidden(what=WORDS[need])
    return Reached(found, rights, standings)


def _same(within: Standings | None, *, found: Node, asker: Actor) -> bool:
    return (
        within is not None
        and within.room.pk == found.room_id
        and within.asking.person == asker.user_id
        and asker.only_room in (None, found.room_id)
    )


class OnPlacesOnly(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "Les droits se donnent sur un lieu (dossier de rangement, boîte aux lettres, archives), jamais sur une pièce : elle a ceux du lieu où elle se trouve."


def owned_place(node_id: UUID, *, asker: Actor) -> Reached:
    """A place whose rights the asker may change: the owner's alone, never a delegate's, nor of
    a key that may not manage. A file has no rights of its own."""
    reached = node(node_id, asker=asker)
    if not reached.standings.is_owner or Right.MANAGE not in reached.standings.asking.ceiling:
        raise Forbidden(what="seul l'expert change les droits")
    if reached.node.kind == NodeKind.FILE:
        raise OnPlacesOnly
    return reached


def subject(word: str, *, within: Standings) -> User | Group:
    """`user:ID`, an active member of this room, or `group:ID`, a group of it. Whoever is
    elsewhere, or nowhere, does not exist here."""
    kind, _, key = word.partition(":")
    try:
        found = UUID(key)
    except ValueError:
        raise NotFound from None
    if kind == "group":
        group = Group.objects.filter(pk=found, room_id=within.room.pk).first()
        if group is not None and key == str(found):
            return group
    if kind == "user" and key == str(found):
        return member(found, within=within)
    raise NotFound


def member(user_id: UUID, *, within: Standings) -> User:
    """An active member of the room."""
    row = (
        RoomMember.objects.select_related("user__firm")
        .filter(room=within.room, user=user_id, left_at__isnull=True, user__is_active=True)
        .first()
    )
    if row is None:
        raise NotFound
    return row.user


def person_asked_about(user_id: UUID, *, within: Standings) -> User:
    """Of whom the asker may ask « why may they read this? »: the owner, of anybody who is or was
    in the room; everybody else, of themselves."""
    if user_id != within.asking.person and not within.is_owner:
        raise Forbidden(what="seul l'expert peut le demander pour une autre personne que lui-même")
    room = within.room
    known = (
        Q(pk=room.owner_id)
        | Q(rooms_joined__room=room)
        | Q(delegations__space=room.space_id, delegations__ended_at__isnull=True)
    )
    found = User.objects.filter(known, pk=user_id).distinct().first()
    if found is None:
        raise NotFound
    return found


def standings_of_member(room_id: UUID, user_id: UUID, *, asker: Actor) -> tuple[User, Standings]:
    """What a member holds, for the owner who looks at the room as that member sees it.

    It opens nothing: there is no session of theirs, and what it answers is for lists only.
    """
    own = owned_room(room_id, asker=asker)
    user = member(user_id, within=own)
    return user, queries.standings(own.room, asker=actor_of(user, door=Door.PAGE))


def place_seen(node_id: UUID, *, within: Standings) -> Node:
    """A place that may be browsed with these standings, whoever's they are."""
    found = Node.objects.select_related("parent").filter(pk=node_id, room=within.room).first()
    if found is None or found.kind == NodeKind.FILE or Right.BROWSE not in within.on(found):
        raise NotFound
    return found


class Withdrawn(Forbidden):
    sentence = "Cette pièce a été retirée de la diffusion par l'expert : elle n'est plus ouverte à la lecture."


def box(node_id: UUID, *, asker: Actor, need: Right = Right.ADD) -> tuple[Box, Reached]:
    """The drop box that stands at this node; a closed room says so when it is reached to add."""
    found = Box.objects.select_related("folder__room", "archive").filter(folder=node_id).first()
    reached = node(node_id, asker=asker, need=Right.BROWSE)
    if found is None:
        raise NotFound
    if need not in reached.rights and not _only_closed(reached, need=need):
        raise Forbidden(what=WORDS[need])
    return found, reached


def _only_closed(reached: Reached, *, need: Right) -> bool:
    """Whether nothing but the closing of the room stands in the way: then the operation says so."""
    held = reached.standings.held.get(reached.node.scope_id or reached.node.pk, frozenset())
    return (
        reached.standings.facts.closed and need in held and need in reached.standings.asking.ceiling
    )


def basket(basket_id: UUID, *, asker: Actor) -> Basket:
    """One's own basket: nobody else's exists."""
    found = (
        Basket.objects.select_related("box__folder__room", "box__archive")
        .filter(pk=basket_id, owner=asker.user_id)
        .first()
    )
    if found is None or room(found.box.folder.room_id, asker=asker).empty:
        raise NotFound
    return found


def deposit(deposit_id: UUID, *, asker: Actor) -> Deposit:
    """A deposit, for whoever made it and for whoever may read the piece."""
    found = (
        Deposit.objects.select_related("node__room", "blob", "box__folder")
        .filter(pk=deposit_id)
        .first()
    )
    if found is None:
        raise NotFound
    standings = room(found.node.room_id, asker=asker)
    if found.depositor_id != asker.user_id and Right.READ not in standings.on(found.node):
        raise NotFound
    return found


def require(right: Right, *, on: Node, by: Actor, held: Standings | None = None) -> Standings:
    """Decide again, in the transaction that writes, now that the room is locked.

    `held`: what was just reckoned for the same actor and room, outside any transaction.
    """
    standings = held or queries.standings(on.room, asker=by)
    rights = standings.on(on)
    if right in rights:
        return standings
    if not rights:
        raise NotFound
    raise Forbidden(what=WORDS[right])
