"""The pulse: what stirs a line, and what happens when the database cannot be asked."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from threading import Event
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from accedit.serving import pulse as module
from accedit.serving.pulse import Marks, Pulse, Rests, Watch

ONE = Rests(UUID(int=1), UUID(int=2))
LONG, SHORT = 20.0, 0.2  # seconds: far beyond what should come, and long enough for ten beats


class Database:
    """Answers each look with its mark; may be away, or slow."""

    def __init__(self) -> None:
        self.mark, self.away, self.looks = 0, False, 0
        self.answers = Event()
        self.answers.set()

    def look(self, held: Collection[Rests]) -> Marks:
        self.looks += 1
        self.answers.wait(LONG)
        if self.away:
            raise OperationalError
        return dict.fromkeys(held, self.mark)


def run(work: Callable[[Database, Pulse, Watch], Awaitable[Any]]) -> Any:
    async def whole() -> Any:
        database = Database()
        pulse = Pulse(database.look, beat=0.01)
        async with pulse.watching(ONE) as watch:
            return await work(database, pulse, watch)

    return asyncio.run(whole())


async def steady(pulse: Pulse, *, within: float) -> bool:
    try:
        await asyncio.wait_for(pulse.steady(), within)
    except TimeoutError:
        return False
    return True


async def looked(database: Database) -> None:
    """Until one more look has begun and the one before has been heard."""
    before = database.looks
    while database.looks < before + 2:
        await asyncio.sleep(0)


def test_a_line_is_stirred_by_its_first_mark_and_by_each_that_moves() -> None:
    """The first counts: what changed between the decision and the first look is not missed."""

    async def work(database: Database, pulse: Pulse, watch: Watch) -> list[bool]:
        found = [await watch.stirred(within=LONG), await watch.stirred(within=SHORT)]
        database.mark = 1
        return [*found, await watch.stirred(within=LONG)]

    assert run(work) == [True, False, True]


def test_while_the_database_is_away_nothing_goes_on_and_nothing_is_stirred() -> None:
    """A restart of the database closes no line: what moved meanwhile is seen afterwards."""

    async def work(database: Database, pulse: Pulse, watch: Watch) -> list[bool]:
        await watch.stirred(within=LONG)
        database.away, database.mark = True, 1
        await looked(database)
        found = [await steady(pulse, within=SHORT), await watch.stirred(within=SHORT)]
        database.away = False
        return [*found, await steady(pulse, within=LONG), await watch.stirred(within=LONG)]

    assert run(work) == [False, False, True, True]


def test_a_database_that_does_not_answer_holds_everything_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    async def work(database: Database, pulse: Pulse, watch: Watch) -> list[bool]:
        await watch.stirred(within=LONG)
        database.answers.clear()
        await watch.stirred(within=SHORT)
        found = [await steady(pulse, within=SHORT)]
        database.answers.set()
        return [*found, await steady(pulse, within=LONG)]

    assert run(work) == [False, True]


def test_when_the_last_line_goes_the_looks_end() -> None:
    async def whole() -> tuple[int, int]:
        database = Database()
        pulse = Pulse(database.look, beat=0.01)
        async with pulse.watching(ONE) as watch:
            await watch.stirred(within=LONG)
        assert pulse._beating is not None
        await pulse._beating
        during = database.looks
        async with pulse.watching(ONE) as watch:
            await watch.stirred(within=LONG)  # and begin again with the next
        return during, database.looks

    first, then = asyncio.run(whole())

    assert (first >= 1, then > first) == (True, True)
