"""What the live page is told of a room, a part at a time."""

from datetime import timedelta

import pytest

from accedit.domain.filing import access
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places
from accedit.domain.filing.queries import news as module
from accedit.domain.filing.queries.news import newest, news
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import box_of


def test_a_long_burst_is_told_in_parts_and_none_is_left_behind(
    g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given two logs, one of them with more than a look takes, some made in one hour; when one
    goes on from each answer; then each piece is told once."""
    monkeypatch.setattr(module, "LIMIT", 12)
    within = access.node(box_of(g).folder_id, asker=g.expert).standings
    since = newest(within=within, asker=g.expert, otherwise=NOON)
    reserve = Node.objects.get(room=g.case.pk, parent__kind="root", sealed=True)
    for names in (["a"], ["b", "c"], ["d"], ["e"]):
        cast.deposited(*names, box=box_of(g), by=g.owner_counsel)
    places.create_folder(reserve.pk, name="n", actor=g.assistant, at=NOON)

    told, looks = 0, 0
    while True:
        found = news(within=within, asker=g.expert, since=since)
        told, looks = told + found.pieces, looks + 1
        if found.until == since:
            break
        assert found.until - since > timedelta()
        since = found.until

    assert (told, looks > 2) == (5, True)
