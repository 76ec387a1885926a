"""The second machine: two worlds that differ only in what somebody may not see answer them the
same, byte for byte, on every address of every door (I8, I11, I15; attacks.md A6, B4)."""

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from accedit.domain.filing import queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import places, rooms
from accedit.domain.people.models import User
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from tests import cast
from tests.cast import Gymnase
from tests.machines import worlds
from tests.machines.worlds import Answers, Beginning
from tests.store import undone


@pytest.fixture(scope="module")
def beginning(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Beginning]:
    with django_db_blocker.unblock(), undone():
        yield worlds.begun(tmp_path_factory.mktemp("worlds"))


def differing(first: Answers, second: Answers) -> dict[str, Any]:
    assert first.keys() == second.keys()
    return {what: (first[what], second[what]) for what in first if first[what] != second[what]}


@pytest.mark.parametrize("who", worlds.HIDDEN)
@pytest.mark.attack("A6", "pages", "rest")
def test_what_one_may_not_see_changes_no_answer(who: str, beginning: Beginning) -> None:
    """Given the same case twice; when hidden things happen in one; then this person is answered
    the same by both, everywhere."""
    first, second = worlds.both_worlds(beginning, getattr(beginning.g, who), worlds.HIDDEN[who])

    assert len(first) > 100
    found = differing(first, second)
    assert not found, told(found)


def told(found: dict[str, Any]) -> str:
    """Where two answers part, with what stands around it."""
    lines = []
    for what, (one, other) in list(found.items())[:12]:
        a, b = str(one), str(other)
        at = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), 0)
        lines.append(
            f"{what}\n  1: …{a[max(0, at - 150) : at + 150]}\n  2: …{b[max(0, at - 150) : at + 150]}"
        )
    return f"{len(found)} answers differ\n" + "\n".join(lines)


def test_a_number_that_counts_the_hidden_is_caught(
    beginning: Beginning, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative control: the list of pieces says how many there are in the whole space."""
    whole = queries.pieces

    def leaking(**asked: Any) -> Any:
        page, _ = whole(**asked)
        space = asked["within"].room.space_id
        return page, Deposit.objects.filter(box__folder__room__space=space).count()

    monkeypatch.setattr(queries, "pieces", leaking)
    first, second = worlds.both_worlds(
        beginning, beginning.g.architect_counsel, [worlds.another_case]
    )

    assert any(what.endswith("/pieces") for what in differing(first, second))


def makes_folder(begun: Beginning, who: Actor, name: str, *, inside: Node) -> list[tuple[Any, ...]]:
    """What somebody is answered who makes a folder of this name by each door, then looks."""
    page = f"/dossiers/{begun.g.case.pk}/dossier/{inside.pk}"
    pages, api = (
        worlds.asking(cookies=begun.cookies[who.user_id]),
        worlds.asking(token=begun.keys[who.user_id]),
    )
    with worlds.one_thread(), pages, api:
        said = [
            pages.post(page, data={"nom": name}),
            api.post(f"/api/v1/nodes/{inside.pk}/folders", json={"name": f"{name} bis"}),
            api.post(f"/api/v1/nodes/{inside.pk}/folders", json={"name": name.upper()}),
            pages.get(page),
        ]
        return [worlds.seen(one, known=begun.known) for one in said]


@pytest.mark.attack("B4", "pages", "rest")
def test_b4_a_hidden_folder_takes_no_name(beginning: Beginning) -> None:
    """Given somebody who may make folders; when a sealed one of the same names is there, unseen;
    then theirs is made as if it were not, and a name that they do see is refused as ever."""
    g, answers = beginning.g, []
    for hidden in ([], ["Essais", "ESSAIS BIS"]):
        with beginning.again():
            place = Node.objects.select_related("room").get(
                room=g.case.pk, parent__kind="root", name__startswith="4."
            )
            expert, lawyer = g.expert.user_id, User.objects.get(pk=g.owner_counsel.user_id)
            rooms.grant(place, to=lawyer, rights=[Right.ADD], by=expert, at=cast.NOON)
            for name in hidden:
                places.plant(place, name=name, at=cast.NOON, sealed=True)
            answers.append(makes_folder(beginning, g.owner_counsel, "Essais", inside=place))

    assert answers[0] == answers[1]
    assert [status for status, _, _ in answers[0]] == [302, 201, 409, 200]


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("B4", "pages", "rest")
def test_b4_a_name_that_is_taken_out_of_sight_answers_as_a_free_one(
    door: str, beginning: Beginning
) -> None:
    """Given somebody who may only deposit; when another deposits a file of the same name where
    they see nothing; then their own deposit of it is answered the same."""

    def theirs(g: Gymnase) -> None:
        cast.deposited("piege.pdf", "piege (2).pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    answers = []
    for hidden in ([], [theirs]):
        with beginning.again():
            g = beginning.g
            groups.remove(User.objects.get(pk=g.contractor.user_id), of=g.case.group)
            for happens in hidden:
                happens(g)
            answers.append(worlds.deposits(beginning, g.contractor, "piege.pdf", door=door))

    assert answers[0] == answers[1]
    assert [status for status, _, _ in answers[0]][-1] < 400
