"""Rows A9, A17, A20: rights are changed by the owner, in the owner's room, and by nobody else.

Each act is tried through both doors; what counts is what everybody holds afterwards.
"""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from accedit.domain.cases.operations import groups as case_groups
from accedit.domain.filing import queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node, Room
from accedit.domain.filing.operations import grants
from accedit.domain.filing.queries import Standings
from accedit.domain.people.models import Group
from accedit.domain.people.rights import Actor
from tests import cast
from tests.attacks.acts import Rest
from tests.attacks.browser import browser
from tests.cast import NOON, Gymnase

DOORS = ("pages", "rest")
MARK = re.compile(r'name="vu" value="([0-9a-f]+)"')


def folder(people: Gymnase, name: str = "2. Convocations") -> Node:
    return Node.objects.get(room=people.case.room, name=name)


def word(who: Actor) -> str:
    return f"user:{who.user_id}"


def held(people: Gymnase) -> dict[Any, Any]:
    """What everybody holds on every place, who is in which group, what each place is called."""
    room = Room.objects.select_related("owner", "space").get(pk=people.case.pk)
    nodes = list(Node.objects.filter(room=room))
    found: dict[Any, Any] = {}
    for who in [*people.everyone, people.stranger]:
        standings = queries.standings(room, asker=who)
        found |= {(who.name, node.pk): standings.on(node) for node in nodes}
    found |= {node.pk: (node.name, node.sealed) for node in nodes}
    for group in Group.objects.filter(room_id=room.pk):
        found[group.pk] = (group.name, set(group.memberships.values_list("user", flat=True)))
    return found


class Door:
    """The same acts by a program and by a browser that skips no screen."""

    def __init__(self, name: str, who: Actor, people: Gymnase) -> None:
        self.rest = name == "rest"
        self.client = Rest().client(who) if self.rest else browser(who)
        self.case = f"/dossiers/{people.case.pk}"

    def give(self, node: object, to: str, *rights: str) -> httpx.Response:
        if self.rest:
            return self.client.put(
                f"/api/v1/nodes/{node}/grants/{to}", json={"rights": list(rights)}
            )
        return self._two_screens(f"{self.case}/droits/{node}/donner", {"a": to, "droit": rights})

    def take_back(self, node: object, of: str) -> httpx.Response:
        if self.rest:
            return self.client.delete(f"/api/v1/nodes/{node}/grants/{of}")
        return self.give(node, of)

    def seal(self, node: object) -> httpx.Response:
        if self.rest:
            return self.client.post(f"/api/v1/nodes/{node}/seal")
        return self._one_screen(f"{self.case}/droits/{node}/reserver", {"do": "seal"})

    def unseal(self, node: object) -> httpx.Response:
        if self.rest:
            return self.client.delete(f"/api/v1/nodes/{node}/seal")
        return self._one_screen(f"{self.case}/droits/{node}/reserver", {"do": "unseal"})

    def enter(self, group: object, person: object) -> httpx.Response:
        return self._one_screen(f"{self.case}/groupes/{group}/changer?personne={person}", {})

    def _two_screens(self, address: str, form: dict[str, Any]) -> httpx.Response:
        shown = self.client.post(address, data=form | {"do": "check"})
        mark = MARK.search(shown.text)
        if mark is None:
            return shown
        return self.client.post(address, data=form | {"do": "confirm", "vu": mark[1]})

    def _one_screen(self, address: str, form: dict[str, Any]) -> httpx.Response:
        mark = MARK.search(self.client.get(address).text)
        return self.client.post(address, data=form | ({"vu": mark[1]} if mark else {}))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.attack("A9", "pages", "rest")
def test_a9_nobody_shares_with_nothing_nor_seals_the_whole(door: str, people: Gymnase) -> None:
    """The root, a box, an archive, a piece; the owner, « . », nothing, a group as a person."""
    box = people.boxes["demandeur"]
    piece = cast.deposited("a.pdf", box=box, by=people.owner_counsel)[0]
    root = Node.objects.get(room=people.case.room, kind="root")
    at = Door(door, people.expert, people)
    before = held(people)

    refused = [at.seal(node) for node in (root.pk, box.folder_id, box.archive_id, piece.node_id)]
    refused += [at.give(piece.node_id, word(people.contractor), "read")]
    refused += [
        at.give(folder(people).pk, to, "read")
        for to in (
            word(people.expert),
            "user:.",
            "group:",
            "%2e",
            f"group:{people.contractor.user_id}",
            f"user:{people.case.group_id}",
        )
    ]

    assert {answer.status_code for answer in refused} <= {400, 403, 404, 422}
    assert held(people) == before


def tries(at: Door, people: Gymnase, who: Actor, group: Group) -> list[httpx.Response]:
    """All that somebody might do to hold more, or to give away what they hold."""
    node, root = folder(people), Node.objects.get(room=people.case.room, kind="root")
    every = [right.value for right in Right]
    answers = [
        at.give(place, to, *every)
        for place in (node.pk, root.pk)
        for to in (word(who), word(people.contractor), f"group:{people.case.group_id}")
    ]
    answers += [at.take_back(node.pk, word(people.engineer_counsels[0])), at.seal(node.pk)]
    answers += [at.unseal(folder(people, "Espace de travail de l'expert").pk)]
    answers += [at.enter(group.pk, who.user_id)] if not at.rest else []
    return answers


@pytest.fixture(scope="module")
def manager(people: Gymnase) -> Actor:
    """A lawyer who was given every right on a folder, « gérer » included."""
    grants.give(
        folder(people).pk,
        to=word(people.owner_counsel),
        rights=list(Right),
        actor=people.expert,
        at=NOON,
    )
    return people.owner_counsel


@pytest.fixture(scope="module")
def group(people: Gymnase) -> Group:
    made = case_groups.make_group(people.case.pk, name="Médecins", actor=people.expert, at=NOON)
    grants.give(
        folder(people, "3. Notes aux parties et comptes rendus").pk,
        to=f"group:{made.pk}",
        rights=[Right.DELETE],
        actor=people.expert,
        at=NOON,
    )
    return made


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.attack("A17", "pages", "rest")
def test_a17_no_act_of_others_makes_anybody_hold_more(
    door: str, people: Gymnase, manager: Actor, group: Group
) -> None:
    before = held(people)

    for who in (manager, people.assistant, people.contractor):
        answers = tries(Door(door, who, people), people, who, group)
        assert {answer.status_code for answer in answers} <= {403, 404}, who.name

    assert held(people) == before


@pytest.mark.parametrize("door", DOORS)
def test_the_test_of_a17_would_see_it(
    door: str,
    people: Gymnase,
    manager: Actor,
    group: Group,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Negative control: with an engine that takes everybody for the owner, the same acts change
    what people hold; and they do when the owner makes them."""
    before = held(people)
    monkeypatch.setattr(Standings, "is_owner", property(lambda self: True))

    done = Door(door, people.contractor, people).give(
        folder(people).pk, word(people.contractor), "modify"
    )

    assert done.status_code in (200, 302)
    assert held(people) != before
    monkeypatch.undo()
    Door(door, people.expert, people).take_back(folder(people).pk, word(people.contractor))
    assert held(people) == before


Act = Callable[[Door], httpx.Response]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.attack("A20", "pages", "rest")
def test_a20_the_owner_of_one_case_is_nobody_in_another(
    door: str, people: Gymnase, group: Group
) -> None:
    """Another expert's place, person or group answers as one that never was, both ways round."""
    before = held(people)
    theirs = Node.objects.get(room=people.stranger_case.room, kind="root")
    node = folder(people)
    other = case_groups.make_group(
        people.stranger_case.pk, name=f"Autre {uuid4().hex[:6]}", actor=people.stranger, at=NOON
    )
    pairs: list[tuple[Actor, Act, Act]] = [
        (
            people.stranger,
            lambda at: at.give(node.pk, word(people.contractor), "read"),
            lambda at: at.give(uuid4(), word(people.contractor), "read"),
        ),
        (
            people.stranger,
            lambda at: at.seal(node.pk),
            lambda at: at.seal(uuid4()),
        ),
        (
            people.expert,
            lambda at: at.give(theirs.pk, word(people.contractor), "read"),
            lambda at: at.give(uuid4(), word(people.contractor), "read"),
        ),
        (
            people.expert,
            lambda at: at.give(node.pk, word(people.stranger), "read"),
            lambda at: at.give(node.pk, f"user:{uuid4()}", "read"),
        ),
        (
            people.expert,
            lambda at: at.give(node.pk, f"group:{other.pk}", "read"),
            lambda at: at.give(node.pk, f"group:{uuid4()}", "read"),
        ),
    ]
    if door == "pages":
        pairs += [
            (
                people.expert,
                lambda at: at.enter(other.pk, people.contractor.user_id),
                lambda at: at.enter(uuid4(), people.contractor.user_id),
            ),
            (
                people.expert,
                lambda at: at.enter(group.pk, people.stranger.user_id),
                lambda at: at.enter(group.pk, uuid4()),
            ),
        ]
    for who, real, unknown in pairs:
        at = Door(door, who, people)
        assert real(at).status_code == unknown(at).status_code == 404

    assert held(people) == before
    own = Door(door, people.expert, people).give(node.pk, word(people.architect_counsel), "add")
    assert own.status_code in (200, 302)  # negative control: the same act at home is done
    assert held(people) != before
    Door(door, people.expert, people).take_back(node.pk, word(people.architect_counsel))
