"""What a change of rights would open and close, before it is made. Nothing is written here.

The same reckoning serves the page that asks « confirmez-vous ? » and the operation, which
does it again under the room's lock: `mark` tells whether it came out the same. Six
queries, whatever the size of the room, and two more for the names.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node, Room, RoomMember
from accedit.domain.filing.queries import Standings, room_grants
from accedit.domain.filing.rights import (
    Layout,
    Rights,
    RoomFacts,
    Shift,
    Spot,
    shifts,
    topmost,
)
from accedit.domain.people.models import Delegation, Membership, User


@dataclass(frozen=True, slots=True)
class Laid:
    """The room as it stands: what rights follow from, and which places have rights of their own."""

    layout: Layout
    scopes: frozenset[UUID]
    epoch: int

    def below(self, tops: Collection[UUID]) -> list[UUID]:
        """These places, and every scope at or below one of them."""
        tops = set(tops)
        return sorted(tops | {scope for scope in self.scopes if tops & self._above(scope)}, key=str)

    def _above(self, place: UUID) -> set[UUID]:
        return {step.id for step in self.layout.path(place)}


@dataclass(frozen=True, slots=True)
class Preview:
    """Who gains and who loses which rights where. `shifts` says it of each place with rights of
    its own, `top` without what only repeats lower down."""

    shifts: Sequence[Shift]
    top: Sequence[Shift]
    mark: str

    @property
    def gaining(self) -> list[Shift]:
        return [one for one in self.top if one.gained]

    @property
    def losing(self) -> list[Shift]:
        return [one for one in self.top if one.lost]


def laid(*, within: Standings) -> Laid:
    """Of the room that `within` stands in, for whoever may manage its rights."""
    room = within.room
    members = frozenset(
        RoomMember.objects.filter(
            room=room, left_at__isnull=True, user__is_active=True
        ).values_list("user_id", flat=True)
    )
    delegates = frozenset(
        Delegation.objects.filter(
            space_id=room.space_id, ended_at__isnull=True, delegate__is_active=True
        ).values_list("delegate_id", flat=True)
    )
    groups: dict[UUID, set[UUID]] = {}
    for group, user in Membership.objects.filter(group__room_id=room.pk).values_list(
        "group_id", "user_id"
    ):
        groups.setdefault(group, set()).add(user)
    places = Node.objects.filter(room=room).exclude(kind=NodeKind.FILE)
    rows = list(places.values_list("id", "parent_id", "sealed", "scope_id"))
    layout = Layout(
        room=RoomFacts(
            owner=room.owner_id,
            closed=room.closed_at is not None,
            members=members,
            delegates=delegates,
        ),
        tree={id_: Spot(parent, sealed) for id_, parent, sealed, _ in rows},
        grants=tuple(room_grants(room.pk)),
        groups={group: frozenset(people) for group, people in groups.items()},
    )
    epoch = Room.objects.values_list("epoch", flat=True).get(pk=room.pk)
    return Laid(layout, frozenset(id_ for id_, _, _, scope in rows if scope == id_), epoch)


def of_grant(*, node: UUID, subject: UUID, rights: Rights, within: Standings) -> Preview:
    """If `subject` held exactly `rights` at `node`; no right takes the grant back."""
    now = laid(within=within)
    after = now.layout.given(node=node, subject=subject, rights=rights)
    return preview(now, after, tops=[node], what=["grant", node, subject, *sorted(rights)])


def of_seal(*, node: UUID, sealed: bool, within: Standings) -> Preview:
    now = laid(within=within)
    after = now.layout.with_seal(node, sealed=sealed)
    return preview(now, after, tops=[node], what=["seal", node, sealed])


def of_group(*, group: UUID, person: UUID, enters: bool, within: Standings) -> Preview:
    """If `person` entered the group, or left it."""
    now = laid(within=within)
    people = now.layout.groups.get(group, frozenset())
    people = people | {person} if enters else people - {person}
    tops = {grant.node for grant in now.layout.grants if grant.subject == group}
    after = now.layout.with_group(group, people=people)
    return preview(now, after, tops=tops, what=["group", group, person, enters])


def preview(now: Laid, after: Layout, *, tops: Collection[UUID], what: Iterable[object]) -> Preview:
    places = now.below(tops)
    found = sorted(
        shifts(before=now.layout, after=after, places=places),
        key=lambda one: (str(one.place), str(one.person)),
    )
    said = [str(now.epoch), *map(str, what)]
    said += [f"{s.person} {s.place} +{sorted(s.gained)} -{sorted(s.lost)}" for s in found]
    mark = hashlib.sha256("\n".join(said).encode()).hexdigest()[:40]
    return Preview(found, topmost(found, places=places, tree=now.layout.tree), mark)


def readers_of_evidence_lost(preview: Preview, *, within: Standings) -> list[User]:
    """Who could read a deposited piece and would not any more; the one thing that has to be
    confirmed by name (rights.md)."""
    places = {one.place for one in preview.shifts if Right.READ in one.lost}
    holding = set(
        Node.objects.filter(
            room=within.room, evidence=True, withdrawn_at__isnull=True, scope__in=places
        )
        .order_by()
        .values_list("scope_id", flat=True)
        .distinct()
    )
    people = {
        one.person for one in preview.shifts if Right.READ in one.lost and one.place in holding
    }
    return list(User.objects.filter(pk__in=people).select_related("firm").order_by("name", "pk"))


@dataclass(frozen=True, slots=True)
class Line:
    """One shift, as people read it."""

    person: User
    place: Node
    rights: Rights


@dataclass(frozen=True, slots=True)
class Named:
    """« Ce que ce changement ouvrira », « Ce qu'il fermera »."""

    opens: Sequence[Line]
    closes: Sequence[Line]


def named(preview: Preview, *, within: Standings) -> Named:
    people = User.objects.select_related("firm").in_bulk({one.person for one in preview.top})
    places = Node.objects.filter(room=within.room).in_bulk({one.place for one in preview.top})

    def order(line: Line) -> tuple[int, str, str, str]:
        return (line.place.depth, line.place.sort_key, line.person.name, str(line.person.pk))

    return Named(
        sorted(
            (Line(people[s.person], places[s.place], s.gained) for s in preview.gaining), key=order
        ),
        sorted(
            (Line(people[s.person], places[s.place], s.lost) for s in preview.losing), key=order
        ),
    )
