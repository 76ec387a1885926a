"""Who may do what in a file room.

A right is granted on a folder and holds for everything below it, until a sealed
folder. Nothing is ever denied or overridden: rights only add up. `rights_on`
answers from the facts handed to it: it reads no database and knows no request,
so that every case of the table in `docs/rights.md` is one line of a test.

    grant    this person or group has these rights, from this folder down
    sealed   a folder that takes nothing from above

Two steps, as the tables are kept: `standing` is what a person holds at a place
of the tree (per scope, tens to hundreds in a room); `masked` is what the nature
of one node leaves of it. No door calls this module. Doors call `filing.access`,
which fetches the facts and answers "absent" for what the asker may not know of.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.people.enums import Scope

Rights = frozenset[Right]

ALL: Rights = frozenset(Right)
NONE: Rights = frozenset()
NEVER_DELEGATED: Rights = frozenset({Right.MANAGE})
FOLLOWS: Mapping[Right, Rights] = {
    Right.DOWNLOAD: frozenset({Right.READ, Right.BROWSE}),
    Right.READ: frozenset({Right.BROWSE}),
    Right.MODIFY: frozenset({Right.READ, Right.BROWSE}),
    Right.DELETE: frozenset({Right.BROWSE}),
    Right.MANAGE: frozenset({Right.BROWSE}),
    Right.ADD: NONE,  # a drop box: adding lets one see nothing
    Right.BROWSE: NONE,
}
READING: Rights = frozenset({Right.BROWSE, Right.READ, Right.DOWNLOAD})
CEILING: Mapping[Scope, Rights] = {
    Scope.READ: READING,
    Scope.DEPOSIT: READING | {Right.ADD},
    Scope.MANAGE: ALL,
}


@dataclass(frozen=True, slots=True)
class Grant:
    node: UUID
    subject: UUID  # a person or a group
    rights: Rights
    by: UUID | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A node on the path from the root, as far as rights are concerned."""

    id: UUID
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Nature:
    """What a node is, once one stands on it."""

    kind: NodeKind
    evidence: bool = False
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class RoomFacts:
    owner: UUID
    closed: bool = False
    members: frozenset[UUID] = frozenset()
    delegates: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Asking:
    """S(u): the person and their groups; and what their token lets through."""

    person: UUID
    groups: frozenset[UUID] = field(default_factory=frozenset)
    ceiling: Rights = ALL

    @property
    def subjects(self) -> frozenset[UUID]:
        return self.groups | {self.person}


def closed_over(rights: Iterable[Right]) -> Rights:
    """The rights and all that follows from them."""
    held = frozenset(rights)
    return held.union(*(FOLLOWS[right] for right in held)) if held else held


def reaching(path: Sequence[Place]) -> Sequence[Place]:
    """The part of the path whose grants reach its end: from the nearest seal down, or from the root."""
    for depth in range(len(path) - 1, -1, -1):
        if path[depth].sealed:
            return path[depth:]
    return path


def grants_that_count(
    *, path: Sequence[Place], grants: Iterable[Grant], asking: Asking
) -> Iterator[Grant]:
    places = {place.id for place in reaching(path)}
    return (g for g in grants if g.node in places and g.subject in asking.subjects)


def standing(
    *, path: Sequence[Place], grants: Iterable[Grant], asking: Asking, room: RoomFacts
) -> Rights:
    """What `asking` holds at the end of `path`, before the nature of the node is looked at."""
    if asking.person == room.owner:
        held = ALL
    elif asking.person in room.delegates:
        held = ALL - NEVER_DELEGATED
    elif asking.person not in room.members:
        return NONE
    else:
        held = closed_over(
            right
            for grant in grants_that_count(path=path, grants=grants, asking=asking)
            for right in grant.rights
        )
    return held


def masked(rights: Rights, *, nature: Nature, asking: Asking, room: RoomFacts) -> Rights:
    """What is left of `rights` on a node of this nature; the owner is not spared."""
    if nature.withdrawn and asking.person != room.owner:
        rights = frozenset({Right.BROWSE}) if Right.READ in rights else NONE
    if nature.evidence:
        rights -= {Right.MODIFY, Right.DELETE}
    if nature.kind is NodeKind.FILE:
        rights -= {Right.ADD}
    if room.closed:
        rights -= {Right.ADD, Right.MODIFY, Right.DELETE, Right.MANAGE}
    return rights & asking.ceiling


def rights_on(
    *,
    path: Sequence[Place],
    nature: Nature,
    grants: Iterable[Grant],
    asking: Asking,
    room: RoomFacts,
) -> Rights:
    """`eff(u, n)` of docs/rights.md."""
    held = standing(path=path, grants=grants, asking=asking, room=room)
    return masked(held, nature=nature, asking=asking, room=room)


@dataclass(frozen=True, slots=True)
class Because:
    """One right, and the one grant that gives it; no grant for the owner and delegates."""

    right: Right
    grant: Grant | None


def because(
    *,
    path: Sequence[Place],
    nature: Nature,
    grants: Iterable[Grant],
    asking: Asking,
    room: RoomFacts,
) -> list[Because]:
    """Why each right is held: the grant nearest to the node, the oldest of equals (I2)."""
    grants = list(grants)
    held = rights_on(path=path, nature=nature, grants=grants, asking=asking, room=room)
    depth = {place.id: rank for rank, place in enumerate(path)}
    counting = sorted(
        grants_that_count(path=path, grants=grants, asking=asking),
        key=lambda g: (-depth[g.node], g.at.timestamp() if g.at else 0, str(g.subject)),
    )
    reasons: list[Because] = []
    for right in Right:
        if right in held:
            giving = (g for g in counting if right in closed_over(g.rights))
            by_role = asking.person == room.owner or asking.person in room.delegates
            reasons.append(Because(right, None if by_role else next(giving)))
    return reasons


def may_move(*, source: Rights, target: Rights, same_room: bool, makes_cycle: bool) -> bool:
    """Manage where it leaves, add where it arrives, one room, no cycle."""
    return Right.MANAGE in source and Right.ADD in target and same_room and not makes_cycle
