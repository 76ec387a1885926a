"""Invariants I1 to I5 of the rights, on random rooms, against an oracle written apart."""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places, rooms
from accedit.domain.filing.queries import checks, standings
from accedit.domain.filing.rights import (
    ALL,
    FOLLOWS,
    Asking,
    Grant,
    Nature,
    Place,
    Rights,
    RoomFacts,
    because,
    closed_over,
    rights_on,
)
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door, PersonKind
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts
from tests.cast import NOON, expert
from tests.filing import oracle
from tests.filing.oracle import Spot, World

SPACE = UUID(int=7)
PEOPLE = ["owner", "ann", "bob", "cyd", "dan"]
GROUPS = ["g", "h"]
SUBJECTS = PEOPLE + GROUPS


def key(word: str) -> UUID:
    return uuid5(SPACE, word)


@dataclass(frozen=True)
class Room:
    """A random room: `up` says, for each node but the root, the number of its parent."""

    up: tuple[int, ...]
    kinds: tuple[tuple[bool, bool, bool, bool], ...]  # file, evidence, withdrawn, sealed
    grants: tuple[tuple[int, str, Right], ...]
    members: frozenset[str]
    delegates: frozenset[str]
    groups: dict[str, frozenset[str]] = field(hash=False)
    closed: bool

    @property
    def size(self) -> int:
        return len(self.up) + 1

    def path(self, node: int) -> list[int]:
        return [node] if node == 0 else [*self.path(self.up[node - 1]), node]

    def kind(self, node: int) -> tuple[bool, bool, bool, bool]:
        file, evidence, withdrawn, sealed = self.kinds[node]
        leaf = node not in self.up
        file = file and leaf and node > 0
        evidence = evidence and file
        return file, evidence, withdrawn and evidence, sealed and not file and node > 0

    def engine(self, person: str, node: int) -> Rights:
        return rights_on(**self.asked(person, node))

    def asked(self, person: str, node: int) -> dict[str, Any]:
        file, evidence, withdrawn, _ = self.kind(node)
        kind = NodeKind.FILE if file else NodeKind.ROOT if node == 0 else NodeKind.FOLDER
        return {
            "path": [Place(key(str(n)), sealed=self.kind(n)[3]) for n in self.path(node)],
            "nature": Nature(kind, evidence, withdrawn),
            "grants": [Grant(key(str(n)), key(to), frozenset({r})) for n, to, r in self.grants],
            "asking": Asking(
                key(person),
                frozenset(key(g) for g, people in self.groups.items() if person in people),
            ),
            "room": RoomFacts(
                owner=key("owner"),
                closed=self.closed,
                members=frozenset(map(key, self.members)),
                delegates=frozenset(map(key, self.delegates)),
            ),
        }

    def oracle(self, person: str, node: int) -> frozenset[str]:
        spots = {}
        for n in range(self.size):
            file, evidence, withdrawn, sealed = self.kind(n)
            held: dict[str, frozenset[str]] = {}
            for at, to, right in self.grants:
                if at == n:
                    held[to] = held.get(to, frozenset()) | {right.value}
            up = None if n == 0 else str(self.up[n - 1])
            spots[str(n)] = Spot(up, file, evidence, withdrawn, sealed, held)
        world = World(spots, "owner", self.delegates, self.members, self.groups, self.closed)
        return oracle.eff(world, person, str(node))

    def everything(self) -> dict[tuple[str, int], Rights]:
        return {(p, n): self.engine(p, n) for p in PEOPLE for n in range(self.size)}


flags = st.tuples(st.booleans(), st.booleans(), st.booleans(), st.booleans())


@st.composite
def made(draw: st.DrawFn) -> Room:
    size = draw(st.integers(1, 9))
    nodes = st.integers(0, size - 1)
    return Room(
        up=tuple(draw(st.integers(0, n)) for n in range(size - 1)),
        kinds=tuple(draw(flags) for _ in range(size)),
        grants=tuple(
            draw(
                st.lists(
                    st.tuples(nodes, st.sampled_from(SUBJECTS), st.sampled_from(Right)), max_size=8
                )
            )
        ),
        members=draw(st.frozensets(st.sampled_from(PEOPLE[1:]))),
        delegates=draw(st.frozensets(st.sampled_from(PEOPLE[1:]), max_size=1)),
        groups={g: draw(st.frozensets(st.sampled_from(PEOPLE))) for g in GROUPS},
        closed=draw(st.booleans()),
    )


many = examples(max_examples=100, deadline=None, derandomize=True)


@many
@given(room=made())
def test_the_engine_and_the_oracle_agree(room: Room) -> None:
    for (person, node), held in room.everything().items():
        assert {right.value for right in held} == room.oracle(person, node), (person, node)


@many
@given(room=made())
def test_i1_no_grant_on_the_path_no_right(room: Room) -> None:
    for (person, node), held in room.everything().items():
        if person == "owner" or person in room.delegates:
            continue
        mine = {person} | {g for g, people in room.groups.items() if person in people}
        if not any(at in room.path(node) and to in mine for at, to, _ in room.grants):
            assert held == frozenset()


@many
@given(room=made())
def test_i2_every_right_is_explained_by_one_grant_on_the_path(room: Room) -> None:
    for (person, node), held in room.everything().items():
        reasons = because(**room.asked(person, node))
        assert {reason.right for reason in reasons} == held
        assert len(reasons) == len(held)
        mine = {key(person)} | {key(g) for g, ps in room.groups.items() if person in ps}
        for reason in reasons:
            if person == "owner" or person in room.delegates:
                assert reason.grant is None
                continue
            assert reason.grant is not None
            assert reason.grant.subject in mine
            assert reason.grant.node in {key(str(n)) for n in room.path(node)}
            assert reason.right in closed_over(reason.grant.rights)


@many
@given(room=made(), data=st.data())
def test_i3_a_grant_takes_nothing_and_a_seal_gives_nothing(room: Room, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, room.size - 1))
    more = (at, data.draw(st.sampled_from(SUBJECTS)), data.draw(st.sampled_from(Right)))
    kinds = list(room.kinds)
    kinds[at] = (*kinds[at][:3], True)
    before = room.everything()

    with_grant = replace(room, grants=(*room.grants, more)).everything()
    with_seal = replace(room, kinds=tuple(kinds)).everything()

    assert all(before[who] <= with_grant[who] for who in before)
    assert all(with_seal[who] <= before[who] for who in before)


@many
@given(room=made())
def test_i4_what_follows_from_a_right_is_held_with_it(room: Room) -> None:
    for held in room.everything().values():
        for right in held:
            assert FOLLOWS[right] <= held


@many
@given(room=made(), data=st.data())
def test_i5_a_grant_changes_nobody_but_its_subject(room: Room, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, room.size - 1))
    subject = data.draw(st.sampled_from(SUBJECTS))
    more = (at, subject, data.draw(st.sampled_from(Right)))
    touched = room.groups.get(subject, frozenset({subject}))

    before, after = room.everything(), replace(room, grants=(*room.grants, more)).everything()

    for (person, node), held in before.items():
        if person not in touched:
            assert after[person, node] == held


@many
@given(room=made(), data=st.data())
def test_i10_nothing_above_a_seal_reaches_below_it(room: Room, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, room.size - 1))
    more = (at, data.draw(st.sampled_from(SUBJECTS)), data.draw(st.sampled_from(Right)))
    before, after = room.everything(), replace(room, grants=(*room.grants, more)).everything()

    for (person, node), held in before.items():
        path = room.path(node)
        if at in path and any(room.kind(n)[3] for n in path[path.index(at) + 1 :]):
            assert after[person, node] == held


@given(rights=st.frozensets(st.sampled_from(Right)))
def test_closure_is_reached_at_once(rights: Rights) -> None:
    assert closed_over(closed_over(rights)) == closed_over(rights) >= rights
    assert closed_over(ALL) == ALL


@pytest.mark.django_db
@examples(
    max_examples=20,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_i20_scopes_follow_any_sequence_of_grants(data: st.DataObject, shared: "Shared") -> None:
    """On PostgreSQL: the scope column equals a recomputation, and the room agrees with the oracle."""
    root = shared.room()
    nodes = [root]
    for rank in range(data.draw(st.integers(1, 6))):
        parent = data.draw(st.sampled_from(nodes))
        sealed = data.draw(st.booleans()) and rank % 2 == 0
        nodes.append(places.plant(parent, name=f"d{rank}", at=NOON, sealed=sealed))
    given_there: dict[UUID, frozenset[str]] = {}
    for _ in range(data.draw(st.integers(0, 8))):
        node = data.draw(st.sampled_from(nodes))
        rights = data.draw(st.frozensets(st.sampled_from(Right)))
        if rights:
            rooms.grant(node, to=shared.user, rights=rights, by=shared.owner.pk, at=NOON)
            given_there[node.pk] = frozenset(r.value for r in rights)
        else:
            rooms.revoke(node, of=shared.user)
            given_there.pop(node.pk, None)

    held = standings(root.room, asker=actor_of(shared.user, door=Door.PAGE))
    spots = {
        str(n.pk): Spot(
            str(n.parent_id) if n.parent_id else None,
            sealed=n.sealed,
            given={"u": given_there.get(n.pk, frozenset())},
        )
        for n in nodes
    }
    world = World(spots, "owner", members=frozenset({"u"}))

    assert list(checks.damages(room=root.room_id, quick=True)) == []
    for node in Node.objects.filter(room=root.room):
        assert {r.value for r in held.on(node)} == oracle.eff(world, "u", str(node.pk))


@dataclass
class Shared:
    owner: User
    user: User

    def room(self) -> Node:
        root = rooms.open_room(
            room_id=uuid4(), space=self.owner.space, title="t", reference="r", notice="", at=NOON
        )
        rooms.let_in(self.user, room=root.room, at=NOON)
        return root


@pytest.fixture
def shared(db: None) -> Shared:
    owner = User.objects.get(pk=expert(name="E", email=f"{uuid4().hex}@e.example").user_id)
    user = accounts.enter_person(
        name="u", kind=PersonKind.PROFESSIONAL, email=f"{uuid4().hex}@e.example", at=NOON
    )
    return Shared(owner, user)
