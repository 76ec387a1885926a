"""How long after the commit a line ends, and what 500 open streams cost.

    ACCEDIT_TESTS_POSTGRES=… python -m pytest tests/serving/measure_revocation.py -s

Not part of the ordinary run (its name is not that of a test file): it prints what
docs/performance.md holds, and asserts nothing but that each line did end.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection

from accedit.domain.people.operations import accounts
from accedit.machine.processes import waited_for
from tests import cast
from tests.attacks import test_live
from tests.attacks.browser import session_of
from tests.attacks.test_live import Reading, content, reading
from tests.cast import Gymnase
from tests.front import committed
from tests.serving import served
from tests.serving.served import Line, Served
from tests.serving.test_raw_events import ENDS, stream_of

__all__ = ["committed", "content", "reading"]

STREAMS = 500


@pytest.fixture(scope="module")
def houses(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Served]]:
    with served.houses(tmp_path_factory.mktemp("measured"), count=2) as found:
        yield found


def test_streams_end(houses: list[Served]) -> None:
    spent = []
    for end in ENDS * 5:
        people = cast.gymnase()
        session = session_of(people.architect_counsel)
        line = stream_of(people, people.architect_counsel, houses[0], session=session)
        end(people, people.architect_counsel, session)
        began = time.perf_counter()
        line.to_the_end()
        spent.append(time.perf_counter() - began)
        houses[0].hang_up()
    told("streams end after", spent)


@pytest.mark.parametrize(("door", "end"), test_live.WAYS)
def test_downloads_end(
    houses: list[Served],
    reading: Reading,
    door: Callable[[Reading, Served], Line],
    end: Callable[[Reading], None],
) -> None:
    line = door(reading, houses[0])
    line.read(1 << 20)
    end(reading)
    began = time.perf_counter()
    assert waited_for(lambda: test_live.delivered(reading), seconds=20, every=0.01)
    spent = time.perf_counter() - began
    after = len(line.to_the_end())
    print(f"{door.__name__} {end.__name__}: {spent:.2f} s, {after} bytes after")
    houses[0].hang_up()


def test_many_streams(houses: list[Served]) -> None:
    """Of a hundred cases' members, five lines each, in one process."""
    house = houses[1]
    before = house.memory()
    people: list[Gymnase] = []
    opened: list[Line] = []
    while len(opened) < STREAMS:
        one = cast.gymnase()
        people.append(one)
        for who in (
            one.expert,
            one.assistant,
            one.owner_counsel,
            one.architect_counsel,
            one.contractor,
        ):
            session = session_of(who)
            opened += [stream_of(one, who, house, session=session) for _ in range(4)]
    print(f"{len(opened)} streams: {(house.memory() - before) / len(opened) / 1024:.0f} KiB each")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_stat_activity where datname = current_database()")
        print(f"database connections in all: {cursor.fetchone()[0]}")
    spent = []
    for _ in range(20):
        began = time.perf_counter()
        assert house.asked("GET", "/connexion")[0] == 200
        spent.append((time.perf_counter() - began) * 1000)
    print(f"a page meanwhile: median {statistics.median(spent):.0f} ms")
    clock = cpu(house)
    began = time.perf_counter()
    time.sleep(10)
    print(f"at rest: {(cpu(house) - clock) / (time.perf_counter() - began) * 100:.0f} % of a core")
    accounts.disable(people[0].architect_counsel.user_id)
    began = time.perf_counter()
    opened[12].to_the_end()
    print(f"one is disabled: closed after {time.perf_counter() - began:.2f} s")
    house.hang_up()


def cpu(house: Served) -> float:
    pids = [house.process.pid, *served.children(house.process.pid)]
    ticks = [
        Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids
    ]
    return sum(int(word) for pair in ticks for word in pair) / 100


def told(what: str, spent: list[float]) -> None:
    print(f"{what}: median {statistics.median(spent):.2f} s, longest {max(spent):.2f} s")
