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
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
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


class Obstacle(StrEnum):
    """What stands between a person and a right."""

    STRANGER = "stranger"  # not, or no longer, an active member of the room
    NOT_GIVEN = "not_given"
    SEALED = "sealed"  # given above a seal, which it does not cross
    NEVER_DELEGATED = "never_delegated"
    WITHDRAWN = "withdrawn"
    EVIDENCE = "evidence"
    FILE = "file"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class WhyNot:
    right: Right
    obstacle: Obstacle
    seal: UUID | None = None


def why_not(
    *,
    path: Sequence[Place],
    nature: Nature,
    grants: Iterable[Grant],
    asking: Asking,
    room: RoomFacts,
) -> list[WhyNot]:
    """Why each other right is not held: what nobody may do to a deposited piece comes first, then
    the first obstacle in the order of the decision."""
    grants = list(grants)
    held = standing(path=path, grants=grants, asking=asking, room=room)
    left = masked(held, nature=nature, asking=asking, room=room)
    unsealed = [Place(place.id) for place in path]
    anywhere = standing(path=unsealed, grants=grants, asking=asking, room=room)
    known = asking.person in room.members | room.delegates | {room.owner}
    missing = []
    for right in Right:
        if right in left:
            continue
        seal = None
        if known and (by_nature := _by_nature(right, nature=nature)):
            obstacle = by_nature
        elif right in held:
            obstacle = _masking(nature=nature, asking=asking, room=room)
        elif asking.person in room.delegates:
            obstacle = Obstacle.NEVER_DELEGATED
        elif not known:
            obstacle = Obstacle.STRANGER
        elif right in anywhere:
            obstacle, seal = Obstacle.SEALED, reaching(path)[0].id
        else:
            obstacle = Obstacle.NOT_GIVEN
        missing.append(WhyNot(right, obstacle, seal))
    return missing


def _by_nature(right: Right, *, nature: Nature) -> Obstacle | None:
    """What this kind of node lets nobody do."""
    if nature.evidence and right in (Right.MODIFY, Right.DELETE):
        return Obstacle.EVIDENCE
    if nature.kind is NodeKind.FILE and right is Right.ADD:
        return Obstacle.FILE
    return None


def _masking(*, nature: Nature, asking: Asking, room: RoomFacts) -> Obstacle:
    """Which state took a right that was held."""
    withdrawn = nature.withdrawn and asking.person != room.owner
    return Obstacle.WITHDRAWN if withdrawn else Obstacle.CLOSED


@dataclass(frozen=True, slots=True)
class Spot:
    """A place as the tree has it: what it hangs from, and whether it is sealed."""

    parent: UUID | None
    sealed: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """All that rights follow from in one room: who is in it, its places, its grants, its groups."""

    room: RoomFacts
    tree: Mapping[UUID, Spot]
    grants: tuple[Grant, ...] = ()
    groups: Mapping[UUID, frozenset[UUID]] = field(default_factory=dict)

    @property
    def people(self) -> frozenset[UUID]:
        return self.room.members | self.room.delegates | {self.room.owner}

    def path(self, place: UUID) -> list[Place]:
        """From the root down to `place`."""
        path, at = [], place
        while True:
            spot = self.tree[at]
            path.append(Place(at, spot.sealed))
            if spot.parent is None:
                return path[::-1]
            at = spot.parent

    def asking(self, person: UUID) -> Asking:
        mine = (group for group, people in self.groups.items() if person in people)
        return Asking(person, frozenset(mine))

    def given(self, *, node: UUID, subject: UUID, rights: Rights) -> "Layout":
        """As it would be if `subject` held exactly `rights` at `node`; none takes the grant away."""
        others = tuple(g for g in self.grants if (g.node, g.subject) != (node, subject))
        return replace(self, grants=(*others, Grant(node, subject, rights)) if rights else others)

    def with_seal(self, node: UUID, *, sealed: bool) -> "Layout":
        return replace(self, tree={**self.tree, node: replace(self.tree[node], sealed=sealed)})

    def with_group(self, group: UUID, *, people: frozenset[UUID]) -> "Layout":
        return replace(self, groups={**self.groups, group: people})


def holdings(layout: Layout, *, places: Iterable[UUID]) -> dict[tuple[UUID, UUID], Rights]:
    """What each person of the room holds at each of these places, before the nature of a node."""
    given: dict[UUID, list[Grant]] = {}
    for grant in layout.grants:
        given.setdefault(grant.node, []).append(grant)
    asking = [layout.asking(person) for person in layout.people]
    found = {}
    for place in places:
        path = layout.path(place)
        grants = [grant for step in path for grant in given.get(step.id, ())]
        for one in asking:
            held = standing(path=path, grants=grants, asking=one, room=layout.room)
            found[one.person, place] = held
    return found


@dataclass(frozen=True, slots=True)
class Shift:
    """What one person gains and loses at one place, and at whatever takes its rights from it."""

    person: UUID
    place: UUID
    gained: Rights = NONE
    lost: Rights = NONE


def shifts(*, before: Layout, after: Layout, places: Iterable[UUID]) -> list[Shift]:
    """Who gains and who loses what at these places, if `before` became `after`. Writes nothing:
    the page shows it before a change is made, and the log says it of the change that was."""
    places = list(places)
    had, has = holdings(before, places=places), holdings(after, places=places)
    return [
        Shift(person, place, gained=has[person, place] - held, lost=held - has[person, place])
        for (person, place), held in had.items()
        if has[person, place] != held
    ]


def topmost(
    found: Sequence[Shift], *, places: Iterable[UUID], tree: Mapping[UUID, Spot]
) -> list[Shift]:
    """Without those that only repeat, lower down, the same shift of the same person."""
    places = set(places)
    known = {(one.person, one.place): (one.gained, one.lost) for one in found}

    def repeats(one: Shift) -> bool:
        at = tree[one.place].parent
        while at is not None and at not in places:
            at = tree[at].parent
        return at is not None and known.get((one.person, at)) == (one.gained, one.lost)

    return [one for one in found if not repeats(one)]
