"""kill -9 of the server, the follower, the signer, PostgreSQL: nothing acknowledged is lost.

The ordinary run strikes each named moment once and every kind of process at random moments;
`make soak` goes on to a thousand. The seed is printed and given again by ACCEDIT_CRASH_SEED.
"""

import os
import random
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from accedit.shared.kill_points import POINTS
from tests.crash.driver import Blow, Driver
from tests.crash.house import House, Opened

SOAK = bool(os.environ.get("ACCEDIT_SOAK"))
KILLS = int(os.environ.get("ACCEDIT_CRASH_KILLS", "1000"))
SEED = int(os.environ.get("ACCEDIT_CRASH_SEED", random.SystemRandom().randrange(10**6)))


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with Opened() as house:
        yield house


@pytest.fixture(scope="module")
def driver(house: House) -> Driver:
    return Driver(house, random.Random(SEED))


def test_each_named_moment_is_struck_and_nothing_acknowledged_is_lost(driver: Driver) -> None:
    for blows in driver.plan():
        driver.round(*blows)
    seen = driver.look()

    assert (seen.faults, seen.lost) == ([], 0), f"seed {SEED}"
    assert driver.struck == dict.fromkeys(POINTS, 1)
    assert seen.orphans <= driver.kills


def test_any_process_at_any_moment(driver: Driver) -> None:
    for victim in ("web", "postgres", "signer", "follow", "backend"):
        driver.round(Blow(victim=victim, after=driver.dice.uniform(0.0, 0.3)))
    driver.round(Blow("finish.before_commit", victim="postgres"))
    while SOAK and driver.kills < KILLS:
        driver.round(driver.at_random())
        if driver.kills % 50 == 0:
            for blows in driver.plan() if driver.kills % 100 == 0 else []:
                driver.round(*blows)
            seen = driver.look()
            assert (seen.faults, seen.lost) == ([], 0), f"seed {SEED}, after {driver.kills} kills"
            print(driver.kills, "kills,", len(driver.ledger.lines), "acknowledged", flush=True)
    seen = driver.look()

    assert (seen.faults, seen.lost) == ([], 0), f"seed {SEED}"


def test_everybody_was_told_of_each_basket_once(driver: Driver) -> None:
    """A mail may go twice only where a follower or its database died between the yes of the
    mail server and its own record (docs/limits.md)."""
    told = driver.house.drained(seconds=3600 if SOAK else 120)
    posted: Counter[str] = Counter()
    while not driver.house.mails.received.empty():
        posted[_number(driver.house.mails.received.get().content)] += 1

    assert (told["waiting"], told["missing"], told["twice"]) == (0, [], [])
    assert set(told["fates"]) == {"sent"}
    assert set(posted) == set(told["messages"])
    again = posted.total() - len(posted)
    assert again <= driver.house.deaths["follow"] + driver.house.deaths["postgres"] + 1


def _number(mail: bytes | str | None) -> str:
    text = mail if isinstance(mail, str) else (mail or b"").decode("utf-8", "replace")
    line = next(one for one in text.splitlines() if one.startswith("Message-ID:"))
    return line.partition("<")[2].partition("@")[0]


def test_what_broke_off_is_swept_and_nothing_else(
    driver: Driver, record_property: Callable[[str, object], None]
) -> None:
    before = driver.look()
    driver.house.hush("follow", "act")

    driver.house.call("sweep")
    seen = driver.house.call("check")

    assert (seen["damages"], seen["orphans"], seen["arrivals"]) == ([], 0, 0)
    assert seen["files"] == seen["named"]
    deaths = ", ".join(f"{kind} {n}" for kind, n in sorted(driver.house.deaths.items()))
    record_property(
        "crash",
        f"seed {SEED}: {driver.kills} kills ({deaths}), {len(driver.ledger.lines)} acknowledged, "
        f"{before.lost} lost, {before.orphans} orphans swept; "
        + ", ".join(f"{point} {n}" for point, n in sorted(driver.struck.items())),
    )
