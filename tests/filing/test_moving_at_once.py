"""Opposite moves at once, really committed (A10)."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import moving, places
from accedit.domain.filing.queries import checks
from accedit.shared.refusals import Refusal
from tests import cast
from tests.cast import NOON, Gymnase


def folder(g: Gymnase, above: str, name: str) -> Node:
    parent = Node.objects.select_related("room").get(
        room=g.case.pk, parent__kind="root", name__startswith=above
    )
    return places.plant(parent, name=name, at=NOON)


@pytest.mark.attack("A10", "pages", "rest")
def test_a10_of_two_opposite_moves_at_once_one_wins_and_no_cycle_is_made(committed: None) -> None:
    """On real connections: a→b while b→a, twenty times over, from eight threads."""
    g = cast.gymnase()
    pairs = [(folder(g, "4.", f"a{n}"), folder(g, "5.", f"b{n}")) for n in range(20)]

    def tried(pair: tuple[Node, Node]) -> bool:
        try:
            moving.move(pair[0].pk, parent_id=pair[1].pk, actor=g.expert, at=NOON)
        except Refusal:
            return False
        finally:
            connection.close()
        return True

    asked = [way for a, b in pairs for way in ((a, b), (b, a))]
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(tried, asked))

    wins = [done[2 * n] + done[2 * n + 1] for n in range(len(pairs))]
    assert wins == [1] * len(pairs)
    assert list(checks.damages(room=g.case.pk)) == []
