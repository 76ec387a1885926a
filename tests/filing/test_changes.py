"""What is shown before a change is what the change does: on random rooms, on PostgreSQL."""

from dataclasses import dataclass, field
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accedit.domain.cases.enums import Template
from accedit.domain.cases.operations import groups as case_groups
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node, Room
from accedit.domain.filing.operations import grants, places, rooms, seals
from accedit.domain.filing.queries import changes, checks
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.rights import Rights
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door, PersonKind
from accedit.domain.people.models import Group, User
from accedit.domain.people.operations import accounts
from accedit.domain.people.rights import Actor
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.test_grants import folder

few = examples(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a failure is read as it was drawn: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
Held = dict[tuple[UUID, UUID], Rights]


@dataclass
class World:
    """A case with folders one in the other, three members, an assistant, and two groups."""

    owner: Actor
    assistant: Actor
    members: list[Actor]
    groups: list[Group] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    @property
    def everybody(self) -> list[Actor]:
        return [self.owner, self.assistant, *self.members]

    def room(self) -> Room:
        return Room.objects.select_related("owner", "space").get(pk=self.nodes[0].room_id)

    def everything(self) -> Held:
        """What each person holds on each place, asked of the room itself."""
        room = self.room()
        found = {}
        for who in self.everybody:
            held = queries.standings(room, asker=who)
            for node in Node.objects.filter(room=room):
                found[who.user_id, node.pk] = held.on(node)
        return found


@pytest.fixture
def people(db: None) -> World:
    owner = cast.expert(name="E", email=f"{uuid4().hex}@e.example")
    assistant = cast.assistant_of(owner, name="A", email=f"{uuid4().hex}@e.example")
    members = [
        actor_of(
            accounts.enter_person(
                name=name,
                kind=PersonKind.PROFESSIONAL,
                email=f"{uuid4().hex}@e.example",
                at=NOON,
            ),
            door=Door.PAGE,
        )
        for name in ("U", "V", "W")
    ]
    return World(owner, assistant, members)


def opened(people: World, data: st.DataObject) -> World:
    """A new case, with a tree drawn at random."""
    case = open_case(
        CaseDraft(template=Template.UNOFFICIAL, title="t", reference="r"),
        actor=people.owner,
        at=NOON,
    )
    for who in people.members:
        rooms.let_in(User.objects.get(pk=who.user_id), room=case.room, at=NOON)
    world = World(people.owner, people.assistant, people.members)
    world.groups = [
        case_groups.make_group(case.pk, name=name, actor=people.owner, at=NOON) for name in "gh"
    ]
    root = Node.objects.select_related("room").get(room=case.room, kind=NodeKind.ROOT)
    world.nodes = [root]
    for rank in range(data.draw(st.integers(2, 5))):
        parent = data.draw(st.sampled_from(world.nodes))
        world.nodes.append(places.plant(parent, name=f"d{rank}", at=NOON))
    return world


def act(world: World, data: st.DataObject) -> tuple[Preview, Preview, list[UUID]] | None:
    """Something drawn at random: what was shown before, what the operation says it did, where."""
    kind = data.draw(st.sampled_from(["give", "give", "seal", "group"]))
    node = data.draw(st.sampled_from(world.nodes))
    within = access.owned_room(world.nodes[0].room_id, asker=world.owner)
    if kind == "give":
        who = data.draw(st.sampled_from([*world.members, *world.groups]))
        to = f"user:{who.user_id}" if isinstance(who, Actor) else f"group:{who.pk}"
        rights = data.draw(st.frozensets(st.sampled_from(Right), max_size=3))
        key = who.user_id if isinstance(who, Actor) else who.pk
        shown = changes.of_grant(node=node.pk, subject=key, rights=rights, within=within)
        done = grants.give(
            node.pk, to=to, rights=rights, actor=world.owner, at=NOON, seen=shown.mark
        ).preview
        return shown, done, [node.pk]
    if kind == "seal":
        now = Node.objects.get(pk=node.pk)
        if now.kind != NodeKind.FOLDER:
            return None
        shown = changes.of_seal(node=node.pk, sealed=not now.sealed, within=within)
        turn = seals.unseal if now.sealed else seals.seal
        done = turn(node.pk, actor=world.owner, at=NOON, seen=shown.mark)
        return shown, done, [node.pk]
    group, who = data.draw(st.sampled_from(world.groups)), data.draw(st.sampled_from(world.members))
    enters = not group.memberships.filter(user=who.user_id).exists()
    shown = changes.of_group(group=group.pk, person=who.user_id, enters=enters, within=within)
    done = case_groups.change_group(
        group.pk, person_id=who.user_id, enters=enters, actor=world.owner, at=NOON, seen=shown.mark
    )
    return shown, done, [grant.node_id for grant in group.grants.all()]


def said_of(preview: Preview, *, tops: list[UUID], world: World, listed: list[UUID]) -> Held:
    """What the preview says of every place: a place that is not listed follows the nearest above."""
    parents = dict(Node.objects.filter(room=world.room()).values_list("pk", "parent_id"))
    told = {(one.person, one.place): (one.gained, one.lost) for one in preview.shifts}
    found = {}
    for person in (who.user_id for who in world.everybody):
        for place in parents:
            at: UUID | None = place
            while at is not None and at not in listed:
                at = parents[at]
            if at is not None and (person, at) in told:
                found[person, place] = told[person, at]
    return found


@few
@given(data=st.data())
def test_what_was_shown_is_what_happens(data: st.DataObject, people: World) -> None:
    world = opened(people, data)
    for _ in range(data.draw(st.integers(1, 6))):
        before = world.everything()
        within = access.owned_room(world.nodes[0].room_id, asker=world.owner)
        now = changes.laid(within=within)
        done = act(world, data)
        if done is None:
            continue
        shown, applied, tops = done
        after = world.everything()

        moved = {
            key: (after[key] - held, held - after[key])
            for key, held in before.items()
            if after[key] != held
        }
        listed = now.below(tops)
        assert shown.shifts == applied.shifts
        assert said_of(shown, tops=tops, world=world, listed=listed) == moved
        assert {(one.person, one.place) for one in shown.top} <= set(moved)
        assert {person for person, _ in moved} == {one.person for one in shown.top}
        assert list(checks.damages(room=world.nodes[0].room_id, quick=True)) == []


def test_only_the_topmost_place_is_named(g: Gymnase) -> None:
    top = folder(g)
    inner = places.create_folder(top.pk, name="Ordonnances", actor=g.expert, at=NOON)
    grants.give(
        inner.pk,
        to=f"user:{g.contractor.user_id}",
        rights=[Right.DELETE],
        actor=g.expert,
        at=NOON,
    )
    within = access.owned_room(g.case.pk, asker=g.expert)

    preview = changes.of_grant(
        node=top.pk,
        subject=g.contractor.user_id,
        rights=frozenset({Right.MODIFY}),
        within=within,
    )

    assert {one.place for one in preview.shifts} == {top.pk, inner.pk}
    assert [one.place for one in preview.top] == [top.pk]
    named = changes.named(preview, within=within)
    assert [(line.person.name, line.place.name, line.rights) for line in named.opens] == [
        ("Sols Dubreuil", "1. Mission et décisions", {Right.MODIFY})
    ]
    assert named.closes == []


def test_a_preview_costs_the_same_whatever_the_room(g: Gymnase) -> None:
    top = folder(g)

    def cost() -> int:
        within = access.owned_room(g.case.pk, asker=g.expert)
        with CaptureQueriesContext(connection) as asked:
            preview = changes.of_seal(node=top.pk, sealed=True, within=within)
            changes.readers_of_evidence_lost(preview, within=within)
            changes.named(preview, within=within)
        return len(asked)

    small = cost()
    for rank in range(30):
        inner = places.create_folder(top.pk, name=f"{rank}", actor=g.expert, at=NOON)
        grants.give(
            inner.pk,
            to=f"user:{g.contractor.user_id}",
            rights=[Right.DELETE],
            actor=g.expert,
            at=NOON,
        )

    assert cost() == small == 9
