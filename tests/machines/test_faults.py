"""Negative control of the first machine: faults sown one by one in the engine, each of which
the walk must meet. The same seeds walk to their end without a fault (test_oracle.py)."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db.models import Q

from accedit.domain.filing import queries
from accedit.domain.filing import rights as engine
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import moving, rooms
from accedit.domain.filing.queries import Standings, archives
from accedit.domain.filing.rights import FOLLOWS, Asking, Nature, Rights, RoomFacts
from tests.cast import Gymnase
from tests.machines.compare import Mismatch
from tests.machines.house import furnished
from tests.machines.oracle_acts import Act
from tests.machines.walk import Walk

Sown = Callable[[pytest.MonkeyPatch], None]
masked, standing = engine.masked, engine.standing


def seal_ignored(to: pytest.MonkeyPatch) -> None:
    to.setattr(engine, "reaching", lambda path: path)


def grants_of_groups_outlive_leaving(to: pytest.MonkeyPatch) -> None:
    def kept(*, asking: Asking, room: RoomFacts, **facts: Any) -> Rights:
        room = replace(room, members=room.members | {asking.person})
        return standing(asking=asking, room=room, **facts)

    to.setattr(queries, "standing", kept)


def withdrawn_file_still_read(to: pytest.MonkeyPatch) -> None:
    def shown(rights: Rights, *, nature: Nature, **facts: Any) -> Rights:
        return masked(rights, nature=replace(nature, withdrawn=False), **facts)

    to.setattr(queries, "masked", shown)


def delegate_manages(to: pytest.MonkeyPatch) -> None:
    to.setattr(engine, "NEVER_DELEGATED", frozenset())


def modify_no_longer_reads(to: pytest.MonkeyPatch) -> None:
    to.setattr(engine, "FOLLOWS", {**FOLLOWS, Right.MODIFY: frozenset({Right.BROWSE})})


def evidence_not_masked_for_its_owner(to: pytest.MonkeyPatch) -> None:
    def spared(rights: Rights, *, nature: Nature, asking: Asking, room: RoomFacts) -> Rights:
        if asking.person == room.owner:
            nature = replace(nature, evidence=False)
        return masked(rights, nature=nature, asking=asking, room=room)

    to.setattr(queries, "masked", spared)


def closed_room_still_adds(to: pytest.MonkeyPatch) -> None:
    def adds(rights: Rights, *, nature: Nature, room: RoomFacts, **facts: Any) -> Rights:
        opened = masked(rights, nature=nature, room=replace(room, closed=False), **facts)
        return masked(rights, nature=nature, room=room, **facts) | (opened & {Right.ADD})

    to.setattr(queries, "masked", adds)


def _as_it_was(node_id: Any) -> Any:
    return Node.objects.get(pk=node_id).scope_id


def scope_not_rewritten_with_grants(to: pytest.MonkeyPatch) -> None:
    to.setattr(rooms, "settle_scope", _as_it_was)


def scope_not_rewritten_by_a_move(to: pytest.MonkeyPatch) -> None:
    to.setattr(moving, "settle_scope", _as_it_was)


def lists_forget_the_withdrawn(to: pytest.MonkeyPatch) -> None:
    def every(self: Standings) -> Q:
        return Q(scope__in=self.scopes(Right.BROWSE))

    to.setattr(Standings, "visible", every)


def grants_of_whoever_left_are_kept(to: pytest.MonkeyPatch) -> None:
    def left(user: Any, *, room: Any, at: Any) -> None:
        rooms.RoomMember.objects.filter(room=room, user=user, left_at=None).update(left_at=at)

    to.setattr(rooms, "let_out", left)


def archiving_takes_no_heed_of_readers(to: pytest.MonkeyPatch) -> None:
    to.setattr(archives, "change", lambda *, box: archives.Change(frozenset(), frozenset()))


def _in_order(walk: Walk) -> list[Act]:
    """Acts that a draw of fifty rarely brings together: somebody who sees without reading or
    modifies, a folder laid out of the place it inherits from, a box read without its archive."""
    box = str(walk.world.spots[walk.named("aubry-2.pdf")].up)
    root = walk.named("Gymnase municipal, parquet déformé")
    return [
        Act("", "quits", subject="diallo", to="all"),
        Act("anne", "grant", root, "diallo", frozenset({"browse"})),
        Act("anne", "withdraw", walk.named("aubry-1.pdf")),
        Act("anne", "grant", walk.named("Coffre"), "carel", frozenset({"modify"})),
        Act("anne", "move", walk.named("Brouillons"), to=root),
        Act("anne", "grant", box, "diallo", frozenset({"read"})),
        Act("anne", "archive", walk.named("aubry-2.pdf")),  # refused: diallo would lose it
        Act("", "leaves", subject="carel"),
        Act("", "enters", subject="carel"),  # and holds nothing of before by themself
        Act("anne", "close"),
    ]


DRAWN: list[Sown] = [
    seal_ignored,
    withdrawn_file_still_read,
    delegate_manages,
    evidence_not_masked_for_its_owner,
    scope_not_rewritten_with_grants,
]
IN_ORDER: list[Sown] = [
    modify_no_longer_reads,
    scope_not_rewritten_by_a_move,
    lists_forget_the_withdrawn,
    archiving_takes_no_heed_of_readers,
    grants_of_groups_outlive_leaving,
    grants_of_whoever_left_are_kept,
    closed_room_still_adds,
]


def walked(g: Gymnase) -> Walk:
    return Walk(furnished(g), 1)


@pytest.mark.parametrize("sown", DRAWN, ids=lambda sown: sown.__name__)
def test_a_fault_in_the_engine_is_met(
    sown: Sown, g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walked(g)
    sown(monkeypatch)

    with pytest.raises(Mismatch):
        walk.go(52)


@pytest.mark.parametrize("sown", IN_ORDER, ids=lambda sown: sown.__name__)
def test_a_fault_in_the_engine_is_met_by_acts_in_order(
    sown: Sown, g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walked(g)
    sown(monkeypatch)

    with pytest.raises(Mismatch):
        walk.go(0, first=_in_order(walk))


def test_the_same_acts_in_order_meet_nothing_without_a_fault(g: Gymnase) -> None:
    walk = walked(g)

    walk.go(0, first=_in_order(walk))

    assert walk.done == {
        "quits done": 1, "grant done": 3, "withdraw done": 1, "move done": 1, "archive refused": 1,
        "leaves done": 1, "enters done": 1, "close done": 1,
    }  # fmt: skip
