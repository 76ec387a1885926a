"""« Pourquoi X peut-il lire ceci ? » and « qui a quoi ici ? »: the same facts as the decision,
with names, places, who gave it and when. A number of queries that does not grow with the room.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Q

from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Grant, Node, RoomMember
from accedit.domain.filing.queries import (
    Standings,
    facts_of,
    holders,
    nature,
    room_grants,
    scope_paths,
)
from accedit.domain.filing.rights import (
    ALL,
    Asking,
    Because,
    Obstacle,
    Rights,
    RoomFacts,
    WhyNot,
    because,
    reaching,
    why_not,
)
from accedit.domain.filing.rights import Grant as GrantFact
from accedit.domain.people.models import Delegation, Group, Membership, User


class Role(StrEnum):
    """How a right is held: by the room, by a delegation, or by one grant."""

    OWNER = "owner"
    DELEGATE = "delegate"
    GRANT = "grant"


@dataclass(frozen=True, slots=True)
class Reason:
    """One right and what gives it. `subject` is the person, or the group through which they have it."""

    right: Right
    role: Role
    place: Node
    subject: User | Group
    given_by: User | None
    given_at: datetime | None


@dataclass(frozen=True, slots=True)
class Missing:
    right: Right
    obstacle: Obstacle
    seal: Node | None


@dataclass(frozen=True, slots=True)
class Explained:
    """`left_at`: since when a person who was a member is one no more."""

    person: User
    node: Node
    held: Sequence[Reason]
    missing: Sequence[Missing]
    left_at: datetime | None

    @property
    def rights(self) -> Rights:
        return frozenset(reason.right for reason in self.held)


def explain(node: Node, *, person: User, within: Standings) -> Explained:
    """What `person` holds on `node` and why, whatever door or key they come by. `person` comes
    from `access.person_asked_about`."""
    room = within.room
    groups = Membership.objects.filter(user=person).values_list("group_id", flat=True)
    facts = facts_of(room, among=[person.pk])
    asked: dict[str, Any] = {
        "path": scope_paths(room.pk)[node.scope_id or node.pk],
        "nature": nature(node),
        "grants": room_grants(room.pk),
        "asking": Asking(person.pk, frozenset(groups), ALL),
        "room": facts,
    }
    held, missing = because(**asked), why_not(**asked)
    left = None
    if person.pk not in facts.members:
        left = (
            RoomMember.objects.filter(room=room, user=person, left_at__isnull=False)
            .order_by("-left_at")
            .values_list("left_at", flat=True)
            .first()
        )
    return Explained(
        person,
        node,
        _reasons(held, person=person, facts=facts, within=within),
        _missing(missing, within=within),
        left,
    )


def people(*, within: Standings) -> list[User]:
    """Whom the owner may ask about: the members of the room, those who left it, the assistants."""
    room = within.room
    known = (
        Q(pk=room.owner_id)
        | Q(rooms_joined__room=room)
        | Q(delegations__space=room.space_id, delegations__ended_at__isnull=True)
    )
    found = User.objects.select_related("firm").filter(known).order_by("name", "pk").distinct()
    return list(found) if within.is_owner else []


def _reasons(
    held: Sequence[Because], *, person: User, facts: RoomFacts, within: Standings
) -> list[Reason]:
    grants = [one.grant for one in held if one.grant]
    places = Node.objects.in_bulk({grant.node for grant in grants})
    subjects = _subjects(grants)
    givers = User.objects.in_bulk({grant.by for grant in grants if grant.by})
    if held and not grants:
        return _by_role(held, person=person, facts=facts, within=within)
    return [
        Reason(
            one.right,
            Role.GRANT,
            places[one.grant.node],
            subjects[one.grant.subject],
            givers.get(one.grant.by) if one.grant.by else None,
            one.grant.at,
        )
        for one in held
        if one.grant
    ]


def _by_role(
    held: Sequence[Because], *, person: User, facts: RoomFacts, within: Standings
) -> list[Reason]:
    """The owner by the room itself; a delegate by what the owner confided, since when."""
    room = within.room
    root = Node.objects.get(room=room, kind="root")
    role, by, at = Role.OWNER, None, room.opened_at
    if person.pk != facts.owner:
        role, by = Role.DELEGATE, room.owner
        at = Delegation.objects.get(
            space=room.space_id, delegate=person, ended_at__isnull=True
        ).given_at
    return [Reason(one.right, role, root, person, by, at) for one in held]


def _subjects(grants: Iterable[GrantFact]) -> Mapping[UUID, User | Group]:
    keys = {grant.subject for grant in grants}
    return {**User.objects.in_bulk(keys), **Group.objects.in_bulk(keys)}


def _missing(found: Sequence[WhyNot], *, within: Standings) -> list[Missing]:
    """A seal that the asker may not see does not exist for them: what it stops was not given."""
    seals = {
        node.pk: node
        for node in Node.objects.filter(pk__in={one.seal for one in found if one.seal})
        if Right.BROWSE in within.on(node)
    }
    return [
        Missing(one.right, Obstacle.NOT_GIVEN, None)
        if one.seal and one.seal not in seals
        else Missing(one.right, one.obstacle, seals[one.seal] if one.seal else None)
        for one in found
    ]


def word_of(subject: User | Group) -> str:
    """A subject as an address names it."""
    return f"{'user' if isinstance(subject, User) else 'group'}:{subject.pk}"


@dataclass(frozen=True, slots=True)
class Given:
    """One grant: to whom, where, what, by whom, when."""

    place: Node
    subject: User | Group
    rights: Sequence[Right]
    by: User
    at: datetime

    @property
    def word(self) -> str:
        return word_of(self.subject)

    @property
    def is_group(self) -> bool:
        return isinstance(self.subject, Group)


@dataclass(frozen=True, slots=True)
class Holder:
    person: User
    rights: Sequence[Right]
    role: Role


@dataclass(frozen=True, slots=True)
class Shared:
    """A place, and who has what there: given here, coming from above, stopped by a seal, and
    what it makes for each person."""

    here: Sequence[Given]
    above: Sequence[Given]
    stopped: Sequence[Given]
    seal: Node | None
    holders: Sequence[Holder]


def shared(node: Node, *, within: Standings) -> Shared:
    path = scope_paths(within.room.pk)[node.scope_id or node.pk]
    reach = {place.id for place in reaching(path)}
    grants = _given(node__in=[place.id for place in path])
    seal = next((place.id for place in reversed(path) if place.sealed), None)
    return Shared(
        here=[one for one in grants if one.place.pk == node.pk],
        above=[one for one in grants if one.place.pk != node.pk and one.place.pk in reach],
        stopped=[one for one in grants if one.place.pk not in reach],
        seal=Node.objects.get(pk=seal) if seal else None,
        holders=_holders(node, within=within),
    )


def _given(**where: Any) -> list[Given]:
    rows = Grant.objects.filter(**where).select_related("node", "user__firm", "group", "given_by")
    found = []
    for row in rows:
        subject = row.user or row.group
        if subject is not None:
            held = [right for right in Right if right in row.rights]
            found.append(Given(row.node, subject, held, row.given_by, row.given_at))
    return sorted(found, key=lambda one: (one.place.depth, not one.is_group, one.subject.name))


def _holders(node: Node, *, within: Standings) -> list[Holder]:
    held = {person: rights for person, rights in holders(node).items() if rights}
    people = User.objects.select_related("firm").filter(pk__in=held).order_by("name", "pk")
    facts = facts_of(within.room, among=list(held))
    found = [
        Holder(
            person,
            [right for right in Right if right in held[person.pk]],
            _role(person.pk, facts=facts),
        )
        for person in people
    ]
    return sorted(found, key=lambda one: one.role is not Role.OWNER)


def _role(person: UUID, *, facts: RoomFacts) -> Role:
    if person == facts.owner:
        return Role.OWNER
    return Role.DELEGATE if person in facts.delegates else Role.GRANT


@dataclass(frozen=True, slots=True)
class PlaceSeen:
    """One line of the page of rights."""

    node: Node
    given: Sequence[Given]


def places_shared(places: Collection[Node], *, within: Standings) -> list[PlaceSeen]:
    """These places, in their order, each with what is given right there."""
    found: dict[UUID, list[Given]] = {}
    for one in _given(node__room=within.room):
        found.setdefault(one.place.pk, []).append(one)
    return [PlaceSeen(node, found.get(node.pk, [])) for node in places]
