"""Whether what an open line rests on still stands: one look a beat for all lines of a process.

A line rests on a session or a token, a person and a room. Their marks (docs/decisions/
0012-a-look-a-beat.md) change with whatever may change a decision; then the line is stirred,
and whoever holds it asks the domain again. A mark decides nothing.

    nobody holds a line      nothing runs, no connection is kept
    the database is away     nobody is stirred, and `steady` holds everything back until it answers
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Hashable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connections
from django.utils.timezone import now

from accedit.domain.filing.queries.marks import marks_of_rooms
from accedit.domain.people.queries import marks_of_people, marks_of_tokens
from accedit.interfaces.web.signed_in import open_sessions

logger = logging.getLogger(__name__)
BEAT = 0.4  # seconds between two looks
PATIENCE = 0.6  # seconds that a look may take; beyond, nothing more is handed over until it ends


@dataclass(frozen=True, slots=True)
class Rests:
    """What a line rests on; `session` is a session's key, `token` a token's digest."""

    user_id: UUID
    room_id: UUID
    session: str = ""
    token: str = ""


Marks = Mapping[Rests, Hashable]
Look = Callable[[Collection[Rests]], Marks]


@dataclass(eq=False)
class Watch:
    """One line that is held open."""

    rests: Rests
    mark: Hashable = None
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def look(self, mark: Hashable) -> None:
        if mark != self.mark:
            self.mark = mark
            self._stirred.set()

    async def stirred(self, *, within: float) -> bool:
        """Wait until a mark has moved, for so many seconds at most; the first look counts."""
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._stirred.wait()
        found = self._stirred.is_set()
        self._stirred.clear()
        return found


class Pulse:
    """The lines of one process. All on one event loop, which is the only one to touch them."""

    def __init__(self, look: Look, *, beat: float = BEAT) -> None:
        self._look, self._every = look, beat
        self._watches: set[Watch] = set()
        self._beating: asyncio.Task[None] | None = None
        self._answering = asyncio.Event()
        self._pool: ThreadPoolExecutor | None = None

    @asynccontextmanager
    async def watching(self, rests: Rests) -> AsyncIterator[Watch]:
        watch = Watch(rests)
        self._watches.add(watch)
        if self._beating is None:
            self._answering.set()
            self._beating = asyncio.create_task(self._beat())
        try:
            yield watch
        finally:
            self._watches.discard(watch)

    async def steady(self) -> None:
        """Return as soon as the database answers again; at once as long as it does."""
        await self._answering.wait()

    async def _beat(self) -> None:
        """Until nobody holds a line; its thread and its connection end with it."""
        loop = asyncio.get_running_loop()
        pool = ThreadPoolExecutor(1, thread_name_prefix="pulse")
        try:
            while True:
                await asyncio.sleep(self._every)
                if not self._watches:
                    return
                held = list(self._watches)
                looking = loop.run_in_executor(pool, self._look, {w.rests for w in held})
                await asyncio.wait({looking}, timeout=PATIENCE)
                if not looking.done():
                    self._answering.clear()
                try:
                    marks = await looking
                except Exception as error:  # noqa: BLE001 - whoever cannot be asked has not said yes
                    self._answering.clear()
                    logger.warning("no pulse", extra={"error": type(error).__name__})
                    pool.submit(connections.close_all)
                    continue
                self._answering.set()
                for watch in held:
                    watch.look(marks[watch.rests])
        finally:
            self._beating = None
            pool.submit(connections.close_all)
            pool.shutdown(wait=False)


def look(held: Collection[Rests]) -> Marks:
    """The marks of all lines at once: seven queries, however many lines there are."""
    users = marks_of_people({one.user_id for one in held})
    tokens = marks_of_tokens({one.token for one in held if one.token})
    sessions = open_sessions({one.session for one in held if one.session}, at=now())
    rooms = marks_of_rooms({one.room_id for one in held})
    return {
        one: (
            users.get(one.user_id),
            tokens.get(one.token),
            one.session in sessions,
            rooms.get(one.room_id),
        )
        for one in held
    }


pulse = Pulse(look)
