"""Row L19 and I19 for a folder as a ZIP: no byte leaves before every opening is committed.

A bundle that takes from a sealed place is told in two logs. Whichever of the two is held
by somebody else, nothing has left and no reader sees an entry; once it is let go, each log
has one opening, then one closing that says what left.
"""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeAlias

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations import log
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import bundles, readings
from accedit.domain.filing.operations.bundles import OpenedBundle
from accedit.interfaces.web import tickets
from accedit.machine.processes import waited_for
from tests import cast, front
from tests.api.told import opened
from tests.cast import Gymnase
from tests.front import browser, started
from tests.serving.test_first_byte import Held, _outside, bytes_sent, lines

__all__ = ["lines"]

Asked: TypeAlias = "tuple[str, list[tuple[bytes, bytes]]]"
Way: TypeAlias = "Callable[[Gymnase, Node], Asked]"


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def root(people: Gymnase) -> Node:
    """A room with a piece in the open and one in a sealed place, each read once: both logs have
    a row, which somebody can hold."""
    sealed = people.boxes["bureau d'études"]
    (plain,) = cast.deposited("a.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)
    (hidden,) = cast.deposited("b.pdf", box=sealed, by=people.engineer_counsels[0])
    Node.objects.filter(pk=sealed.folder_id).update(sealed=True)
    for piece in (plain, hidden):
        readings.open_content(piece.node_id, asker=people.expert, at=cast.NOON, preview=False)
    return Node.objects.get(room=people.case.pk, kind="root")


def logs(people: Gymnase) -> list[str]:
    room = people.case.pk
    sealed = people.boxes["bureau d'études"].folder_id
    return [log.reads_of(room), log.reads_of(room, sealed=sealed)]


def by_token(people: Gymnase, root: Node) -> Asked:
    given = f"Bearer {cast.token_for(people.expert)}".encode()
    return f"/api/v1/nodes/{root.pk}/zip", [(b"authorization", given)]


def by_ticket(people: Gymnase, root: Node) -> Asked:
    request = RequestFactory().get("/")
    request.session = SessionStore(browser(people.expert).cookies[settings.SESSION_COOKIE_NAME])
    request.actor = people.expert  # type: ignore[attr-defined]
    return _outside(tickets.bundle_url(request, root.pk))


def told(people: Gymnase) -> list[list[dict[str, Any]]]:
    """What each of the two logs says of bundles, oldest first."""
    rows = Entry.objects.filter(kind__startswith="bundle.").order_by("index")
    return [
        [opened(origin, index) for index in rows.filter(log__origin=origin).values_list("index", flat=True)]
        for origin in logs(people)
    ]  # fmt: skip


def asked_while_held(
    asked: Asked, origin: str, people: Gymnase, lines: list[Any]
) -> tuple[int, list[int], bool, front.Answer]:
    """(bytes, entries of each log, whether it had ended) while one was held; then the answer."""
    address, headers = asked
    before = [len(of_log) for of_log in told(people)]
    lines.clear()
    with Held(origin) as held:
        future: Future[front.Answer] = started("GET", address, headers=headers)
        assert waited_for(lambda: held.somebody_waits() or future.done(), seconds=30)
        entered = [len(now) - then for now, then in zip(told(people), before, strict=True)]
        seen = bytes_sent(lines), entered, future.done()
        held.let_go()
        answer = future.result(60)
    return (*seen, answer)


@pytest.mark.parametrize("held", [0, 1], ids=["room", "sealed"])
@pytest.mark.parametrize("way", [by_token, by_ticket])
def test_l19_no_byte_of_a_bundle_leaves_before_each_log_has_its_opening(
    people: Gymnase, root: Node, lines: list[Any], way: Way, held: int
) -> None:
    before = [len(of_log) for of_log in told(people)]

    sent, entered, ended, answer = asked_while_held(
        way(people, root), logs(people)[held], people, lines
    )

    assert (sent, entered, ended) == (0, [0, 0], False)
    assert answer.status == 200
    for of_log, known in zip(told(people), before, strict=True):
        opening, closing = of_log[known:]
        assert (opening["kind"], opening["count"]) == ("bundle.downloaded", 1)
        assert closing["kind"] == "bundle.delivered"
        assert (closing["sent"], closing["completed"]) == (len(answer.body), True)


def test_l19_a_bundle_that_is_entered_afterwards_is_caught(
    people: Gymnase, root: Node, lines: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control: the same observation of a house that gives first and enters then."""

    def not_entered(node_id: Any, *, asker: Any, **_: object) -> OpenedBundle:
        entries = [(origin, 0) for origin in logs(people)]
        return OpenedBundle(bundles.look(node_id, asker=asker), entries)

    monkeypatch.setattr(bundles, "open_bundle", not_entered)

    sent, _, _, answer = asked_while_held(by_token(people, root), logs(people)[0], people, lines)

    assert sent == len(answer.body) > 0
