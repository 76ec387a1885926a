"""Rounds of depositing in which something is killed, at a named moment or at any."""

import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from accedit.shared.kill_points import POINTS
from tests.crash.comparing import Compared, compared
from tests.crash.house import House
from tests.crash.writers import MIB, Browser, Ledger, Program, writers

STRUCK_WITHIN = 60.0
BY_PAGE = {"basket.item_inserted"}
BIG = (2 * MIB + 17,)
# Moments that no depositor brings about: a process of their own comes by.
BESIDE = {"sweep": "sweep", "follow": "sign"}
CHANGES = {"rights", "archive"}
UNBIDDEN = CHANGES | {"alert"}  # their process comes by without anybody depositing more


@dataclass(frozen=True)
class Blow:
    """One death: at a point, of the process that comes by or of another; or after some seconds."""

    point: str = ""
    victim: str = "self"
    after: float = 0.0

    @property
    def group(self) -> str:
        return self.point.partition(".")[0]


@dataclass
class Driver:
    house: House
    dice: random.Random
    ledger: Ledger = field(default_factory=Ledger)
    struck: "Counter[str]" = field(default_factory=Counter)
    _turn: int = 0

    def __post_init__(self) -> None:
        found = writers(
            port=self.house.port, seeded=self.house.seeded, ledger=self.ledger, dice=self.dice
        )
        self.programs = [one for one in found if isinstance(one, Program)]
        self.browsers = [one for one in found if isinstance(one, Browser)]
        self.pool = ThreadPoolExecutor(4)

    def round(self, *blows: Blow) -> None:
        """Everybody deposits while these are struck; over when all is done and up again."""
        for blow in blows:
            if blow.point:
                self.house.arm(blow.point, victim=blow.victim)
        loud = [blow for blow in blows if not blow.point]
        began, until = time.monotonic(), time.monotonic() + STRUCK_WITHIN
        under_way = self._depositing(blows)
        while True:
            for blow in [one for one in loud if time.monotonic() - began >= one.after]:
                loud.remove(blow)
                self._struck_down(blow.victim)
            self.house.tend()
            waiting = [b for b in blows if b.point and not self.house.struck(b.point).exists()]
            if all(one.done() for one in under_way) and not loud:
                for one in under_way:
                    one.result()
                if not waiting:
                    break
                assert time.monotonic() < until, f"never reached: {waiting}"
                under_way = self._more(waiting)
            time.sleep(0.005)
        self.struck.update(blow.point or f"at random: {blow.victim}" for blow in blows)
        self.house.tend()

    def _depositing(self, blows: tuple[Blow, ...]) -> "list[Future[None]]":
        self._turn += 1
        program = self.programs[self._turn % len(self.programs)]
        program.sizes = (
            BIG if any(b.point == "upload.middle" for b in blows) else type(program).sizes
        )
        at_work: list[Program | Browser] = [program]
        if self._turn % 3 == 0 or any(b.point in BY_PAGE for b in blows):
            at_work.append(self.browsers[self._turn % len(self.browsers)])
        return [self.pool.submit(one.deposit) for one in at_work]

    def _more(self, waiting: list[Blow]) -> "list[Future[None]]":
        """What is still armed waits for somebody to come by."""
        beside = {BESIDE[blow.group] for blow in waiting if blow.group in BESIDE}
        for name in beside:
            self.house.act(name)
        if beside or all(blow.group in UNBIDDEN for blow in waiting):
            time.sleep(0.05)
            return []
        return self._depositing(tuple(waiting))

    def _struck_down(self, victim: str) -> None:
        if victim == "backend":
            if (pid := self.house.backend()) is not None:
                self.house.kill_number(pid)
        else:
            self.house.kill(victim)

    def look(self) -> Compared:
        """Compare, with nobody at work."""
        self.house.hush("act")
        found = compared(self.house, self.ledger)
        if self.house.changing:
            self.house.start("act")
        return found

    def plan(self) -> "list[tuple[Blow, ...]]":
        """Each point once; those of different processes are struck in the same round."""
        points = list(POINTS)
        self.dice.shuffle(points)
        of_web = [
            p for p in points if p.partition(".")[0] not in {*BESIDE, *CHANGES, "alert", "signer"}
        ]
        others = [p for p in points if p not in of_web]
        late = [p for p in others if p.startswith("sweep")]  # once there is something to sweep
        others = [p for p in others if p not in late]
        rounds = [[Blow(point)] for point in of_web]
        for n, point in enumerate(others):
            rounds[n % len(rounds)].append(Blow(point))
        return [tuple(one) for one in rounds] + [(Blow(point),) for point in late]

    def at_random(self) -> Blow:
        """Any process at any moment, or another than the one that comes by at a point."""
        if self.dice.random() < 0.3:
            point = self.dice.choice(
                [p for p in POINTS if p.startswith(("finish", "log", "upload"))]
            )
            point = "upload.hashed" if point == "upload.middle" else point
            return Blow(point, victim=self.dice.choice(["postgres", "signer", "follow"]))
        victim = self.dice.choice(["web", "web", "follow", "signer", "postgres", "backend"])
        return Blow(victim=victim, after=self.dice.uniform(0.0, 0.4))

    @property
    def kills(self) -> int:
        return self.struck.total()
