"""A delivery goes on as long as the decision that opened it stands.

The decision is made again each time the pulse stirs the line, and now and then in any case.
While it is being made, and while the database is away, nothing more is handed over; once it
is no, what is being sent is cut, however slowly the other side reads (I12).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from django.db import Error

from accedit.serving.pulse import BEAT, Rests, pulse
from accedit.shared.refusals import Refusal

logger = logging.getLogger(__name__)
AGAIN_AFTER = 30.0  # seconds without any mark that moved


class Standing:
    """`again` decides; it raises the refusal. Use `over` and `blocks` of one of them once."""

    def __init__(self, rests: Rests, *, again: Callable[[], Awaitable[object]]) -> None:
        self._rests, self._again = rests, again
        self._stands = asyncio.Event()
        self._stands.set()

    async def over(self) -> None:
        """Return once the answer is no."""
        async with pulse.watching(self._rests) as watch:
            while True:
                await watch.stirred(within=AGAIN_AFTER)
                self._stands.clear()
                while not self._stands.is_set():
                    await pulse.steady()
                    try:
                        await self._again()
                    except Refusal:
                        return
                    except Error as error:  # nobody can say yes: wait for who can
                        logger.warning("undecided", extra={"error": type(error).__name__})
                        await asyncio.sleep(BEAT)
                    else:
                        self._stands.set()

    async def blocks(self, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The blocks, none while it is not known whether they may go."""
        async with aclosing(blocks):  # type: ignore[type-var]
            async for block in blocks:
                await pulse.steady()
                await self._stands.wait()
                yield block
