"""The follower loop: what was written is carried on, by one process beside the server.

It is woken by the outbox as soon as a mail is committed (LISTEN), and looks by itself at
least every two seconds, because a notice can be lost and a mail can become due again.
Each step is safe to repeat: killed anywhere, the next follower takes up where this one was.
"""

import logging
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import FrameType

import psycopg
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from accedit.domain.alerts.followers import log_fates
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.operations.recovery import open_next
from accedit.domain.cases.operations.tasks import tell_of_damage
from accedit.domain.evidence.operations.keeping import sign_grown
from accedit.domain.filing.operations.scrubbing import scrub
from accedit.domain.filing.operations.sweeping import sweep
from accedit.domain.people.operations import slowing
from accedit.domain.post.operations import outbox, sending

logger = logging.getLogger(__name__)

PATIENCE = 1.0  # seconds between two looks; half of what is promised
GRACE = 1.0  # seconds that a mail under way is given once we are told to stop
MAILS_A_TURN = 20
SWEEPS = timedelta(hours=1)
SIGNS = timedelta(minutes=1)
SCRUBS = timedelta(hours=1)


class Stopped(BaseException):
    """Told to stop, and the mail under way took too long. It will be sent again."""


@dataclass
class Follower:
    """`hour` reads the clock; `transport` carries the mails."""

    hour: Callable[[], datetime]
    transport: sending.Transport
    stopping: bool = False
    done: dict[str, datetime] = field(default_factory=dict)

    def once(self) -> int:
        """Everything that waits, as far as it is due. How much was done."""
        done = 0
        while turn := sum(step() for step in self._steps()):
            done += turn
        return done

    def _steps(self) -> list[Callable[[], int]]:
        return [
            self._open_accesses,
            self._send,
            self._log,
            self._make_tasks,
            self._sign,
            self._sweep,
            self._scrub,
        ]

    def _open_accesses(self) -> int:
        """Recoveries whose delay is over."""
        count = 0
        while not self.stopping and open_next(at=self.hour()):
            count += 1
        return count

    def _send(self) -> int:
        """Some, then the other steps have their turn: mails that never end starve nothing."""
        for count in range(MAILS_A_TURN):
            if self.stopping or not sending.send_next(at=self.hour(), transport=self.transport):
                return count
        return MAILS_A_TURN

    def _log(self) -> int:
        return log_fates(at=self.hour())

    def _make_tasks(self) -> int:
        return make_tasks(at=self.hour())

    def _sign(self) -> int:
        return sign_grown() if self._is_time("sign", every=SIGNS) else 0

    def _sweep(self) -> int:
        if not self._is_time("sweep", every=SWEEPS):
            return 0
        return slowing.sweep(at=self.hour()) + sweep(at=self.hour()).files

    def _scrub(self) -> int:
        if self._is_time("scrub", every=SCRUBS):
            scrub(at=self.hour(), every=SCRUBS)
            tell_of_damage(at=self.hour())
        return 0  # nothing more to do because of it

    def for_ever(self) -> None:
        """Until told to stop. A database that goes away is waited for."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGALRM, _give_up)
        try:
            while not self.stopping:
                self._turn()
        except Stopped:
            logger.warning("stopped while a mail was under way: it will be sent again")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _turn(self) -> None:
        try:
            self._listen()
            if not sum(self._guarded(step) for step in self._steps()) and not self.stopping:
                self._wait()
        except (DatabaseError, InterfaceError, psycopg.Error):
            logger.exception("the database did not answer")
            connection.close()
            time.sleep(PATIENCE)

    def _guarded(self, step: Callable[[], int]) -> int:
        """A step with a bug is said, and the others go on."""
        try:
            return step()
        except (DatabaseError, InterfaceError):
            raise
        except Exception:
            logger.exception("a step of the follower failed")
            return 0

    def _listen(self) -> None:
        """On the connection of now: a new one, after a loss, listens too."""
        with connection.cursor() as cursor:
            cursor.execute(f"listen {outbox.CHANNEL}")

    def _wait(self) -> None:
        for _ in connection.connection.notifies(timeout=PATIENCE, stop_after=1):
            pass

    def _is_time(self, what: str, *, every: timedelta) -> bool:
        now = self.hour()
        if what in self.done and now < self.done[what] + every:
            return False
        self.done[what] = now
        return True

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True
        signal.setitimer(signal.ITIMER_REAL, GRACE)


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def transport() -> sending.Transport:
    return sending.show_only if settings.DEMO else sending.by_smtp
