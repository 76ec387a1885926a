"""Each line of the tables of docs/rights.md, on the engine alone, and on a real room."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node, Room
from accedit.domain.filing.operations import places, rooms
from accedit.domain.filing.rights import (
    CEILING,
    Asking,
    Grant,
    Nature,
    Place,
    RoomFacts,
    rights_on,
)
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Covers, Door, PersonKind, Scope
from accedit.domain.people.models import Group, User
from accedit.domain.people.operations import accounts, delegations, groups
from accedit.shared.refusals import NotFound
from tests.cast import NOON, expert
from tests.filing import oracle
from tests.filing.oracle import Spot, World
from tests.filing.rights_table import Line, lines

LINES = lines()

UP = {
    "root": None,
    "notes": "root",
    "minutes": "notes",
    "box": "root",
    "piece": "box",
    "archive": "root",
    "archived": "archive",
    "reserve": "root",
    "inside": "reserve",
    "secret": "inside",
    "safe": "reserve",
}
SEALED = {"reserve", "safe"}
KINDS = {
    "root": NodeKind.ROOT,
    "box": NodeKind.BOX,
    "archive": NodeKind.ARCHIVE,
    "minutes": NodeKind.FILE,
    "piece": NodeKind.FILE,
    "archived": NodeKind.FILE,
    "secret": NodeKind.FILE,
}
EVIDENCE = {"piece", "archived"}


def path_to(name: str) -> list[str]:
    up = UP[name]
    return [*(path_to(up) if up else []), name]


def test_the_page_has_its_tables() -> None:
    assert len(LINES) == 80
    assert len(set(map(str, LINES))) == len(LINES)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_engine_says_what_the_page_says(line: Line) -> None:
    ids = {name: uuid4() for name in [*UP, "u", "g", "v", "h", "owner"]}
    asker = ids["owner"] if line.who == "owner" else ids["u"]
    room = RoomFacts(
        owner=ids["owner"],
        closed=line.state == "closed",
        members=frozenset({asker} if line.who == "member" else ()),
        delegates=frozenset({asker} if line.who == "delegate" else ()),
    )

    held = rights_on(
        path=[Place(ids[name], sealed=name in SEALED) for name in path_to(line.on)],
        nature=Nature(
            KINDS.get(line.on, NodeKind.FOLDER), line.on in EVIDENCE, line.state == "withdrawn"
        ),
        grants=[Grant(ids[g.at], ids[g.to], frozenset({g.right})) for g in line.given],
        asking=Asking(asker, frozenset({ids["g"]}), CEILING[line.through or Scope.MANAGE]),
        room=room,
    )

    assert held == line.rights


@pytest.mark.parametrize("line", [one for one in LINES if one.through is None], ids=str)
def test_the_oracle_says_what_the_page_says(line: Line) -> None:
    """So that the oracle of the property tests is held by the same page as the engine."""
    spots = {name: Spot(up) for name, up in UP.items()}
    for name, kind in KINDS.items():
        spots[name] = replace(spots[name], file=kind is NodeKind.FILE, evidence=name in EVIDENCE)
    for name in SEALED:
        spots[name] = replace(spots[name], sealed=True)
    for given in line.given:
        known = spots[given.at].given.get(given.to, frozenset())
        told = {**spots[given.at].given, given.to: known | {given.right.value}}
        spots[given.at] = replace(spots[given.at], given=told)
    if line.state == "withdrawn":
        spots[line.on] = replace(spots[line.on], withdrawn=True)
    person = "owner" if line.who == "owner" else "u"

    held = oracle.eff(
        World(
            spots=spots,
            owner="owner",
            delegates=frozenset({"u"} if line.who == "delegate" else ()),
            members=frozenset({"u", "v"} if line.who == "member" else {"v"}),
            groups={"g": frozenset({"u"}), "h": frozenset({"v"})},
            closed=line.state == "closed",
        ),
        person,
        line.on,
    )

    assert held == {right.value for right in line.rights}


@pytest.mark.django_db
@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_real_room_says_what_the_page_says(line: Line) -> None:
    room, nodes, people = built(line)
    user = people["owner" if line.who == "owner" else "u"]
    asker = replace(actor_of(user, door=Door.PAGE), scope=line.through or Scope.MANAGE)

    if not line.rights:
        with pytest.raises(NotFound):
            access.node(nodes[line.on].pk, asker=asker)
    else:
        assert access.node(nodes[line.on].pk, asker=asker).rights == line.rights
    listed = {
        node.pk
        for node in Node.objects.filter(queries.standings(room, asker=asker).visible(), room=room)
    }
    assert (nodes[line.on].pk in listed) == (Right.BROWSE in line.rights)
    if line.through is None:
        told = queries.holders(Node.objects.select_related("room").get(pk=nodes[line.on].pk))
        assert told.get(user.pk, frozenset()) == line.rights


def built(line: Line) -> tuple[Room, dict[str, Node], dict[str, User]]:
    """The room of the page, in the tables, with what the line gives."""
    owner = User.objects.get(pk=expert(name="E", email=f"{uuid4().hex}@e.example").user_id)
    people = {
        "owner": owner,
        **{
            name: accounts.enter_person(
                name=name, kind=PersonKind.PROFESSIONAL, email=f"{uuid4().hex}@e.example", at=NOON
            )
            for name in ("u", "v")
        },
    }
    root = rooms.open_room(
        room_id=uuid4(), space=owner.space, title="t", reference="r", notice="", at=NOON
    )
    nodes = tree_below(root)
    subjects: dict[str, User | Group] = {"u": people["u"], "v": people["v"]}
    for name, member in (("g", "u"), ("h", "v")):
        group = groups.create_group(name=name, room_id=root.room_id)
        groups.add(people[member], to=group)
        subjects[name] = group
    give(line, nodes=nodes, subjects=subjects, by=owner.pk)
    rooms.let_in(people["v"], room=root.room, at=NOON)
    if line.who in ("member", "former"):
        rooms.let_in(people["u"], room=root.room, at=NOON)
    if line.who == "former":
        rooms.let_out(people["u"], room=root.room, at=NOON)
    if line.who == "delegate":
        delegations.delegate(space=owner.space, to=people["u"], covers=list(Covers), at=NOON)
    if line.state == "closed":
        Room.objects.filter(pk=root.room_id).update(closed_at=NOON)
    if line.state == "withdrawn":
        Node.objects.filter(pk=nodes[line.on].pk).update(withdrawn_at=NOON)
    return Room.objects.select_related("owner", "space").get(pk=root.room_id), nodes, people


def tree_below(root: Node) -> dict[str, Node]:
    side = uuid4()
    nodes = {"root": root}
    for name, up in UP.items():
        if up is None:
            continue
        kind = KINDS.get(name, NodeKind.FOLDER)
        if kind is NodeKind.FILE:
            parent = nodes[up]
            nodes[name] = Node.objects.create(
                room=root.room, parent=parent, scope_id=parent.scope_id, kind=kind, depth=parent.depth + 1,
                side=side, evidence=name in EVIDENCE, created_at=NOON, **rooms.name_fields(name),
            )  # fmt: skip
        else:
            nodes[name] = places.plant(
                nodes[up], name=name, at=NOON, kind=kind,
                side=side if kind in (NodeKind.BOX, NodeKind.ARCHIVE) else None,
                sealed=name in SEALED,
            )  # fmt: skip
    return nodes


def give(
    line: Line, *, nodes: dict[str, Node], subjects: dict[str, User | Group], by: UUID
) -> None:
    """One grant for each place and subject: a second one at the same place replaces the first."""
    together: dict[tuple[str, str], set[Right]] = {}
    for given in line.given:
        together.setdefault((given.at, given.to), set()).add(given.right)
    for (at, to), rights in together.items():
        rooms.grant(nodes[at], to=subjects[to], rights=rights, by=by, at=NOON)
