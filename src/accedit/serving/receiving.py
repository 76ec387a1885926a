"""A file on its way in: from the line to the store, one block in flight, nothing in memory.

While one block is hashed and written in a disk thread the next is read from the line,
never more: a slow disk slows the sender down. Whatever breaks off leaves nothing behind.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from functools import partial

from django.utils.timezone import now

from accedit.domain.filing.blobs import Receiving, StoredBlob
from accedit.serving import answers
from accedit.serving.messages import ClientGone, Message, RawRequest, RawResponse
from accedit.serving.threads import in_disk_thread
from accedit.shared.refusals import Invalid, Refusal

SILENT_AFTER = 300.0  # seconds for one block of 1 MiB: a line slower than that is given up
DRAIN_BYTES = 16 * 1024 * 1024
DRAIN_SECONDS = 10.0


class FirstByte:
    """When the first byte of a body reached us: lateness is judged on it, however slow the line."""

    def __init__(self, request: RawRequest) -> None:
        self.at: datetime | None = None
        self._receive = request.receive
        request.receive = self._watched

    async def _watched(self) -> Message:
        message = await self._receive()
        if self.at is None and message.get("body"):
            self.at = now()
        return message


async def lively(blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The blocks, as long as they come; a line that fell silent is a line that broke."""
    while True:
        try:
            async with asyncio.timeout(SILENT_AFTER):
                block = await anext(blocks, None)
        except TimeoutError as silence:
            raise ClientGone from silence
        if block is None:
            return
        yield block


async def received(request: RawRequest) -> StoredBlob:
    """The whole body, safe in the store. `ClientGone` and every refusal leave nothing there."""
    first = FirstByte(request)
    receiving = await in_disk_thread(
        partial(Receiving, received_from=now(), declared=request.declared_length)
    )
    writing: asyncio.Future[None] | None = None
    try:
        async for block in lively(request.body()):
            if writing is not None:
                await writing
            writing = asyncio.ensure_future(in_disk_thread(receiving.write, block))
        received_at = now()
        if writing is not None:
            await writing
        receiving.received_from = first.at or received_at
        return await in_disk_thread(partial(receiving.finish, received_at=received_at))
    except BaseException:
        if writing is not None:
            await asyncio.gather(writing, return_exceptions=True)
        await in_disk_thread(receiving.abandon)
        raise


def refuse_encoded(request: RawRequest) -> None:
    """What is hashed is what the sender has: no compression on the way, no piece of a file."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Invalid(what="Content-Encoding : envoyez le fichier tel quel, sans compression.")
    if request.headers.get("content-range"):
        raise Invalid(what="Content-Range : envoyez le fichier entier, en une seule fois.")


Form = Callable[[RawRequest, Refusal], RawResponse]


async def turned_away(
    request: RawRequest, refusal: Refusal, *, form: Form = answers.of_refusal
) -> RawResponse:
    """The refusal, after reading a little of what is still coming: most senders look at an
    answer only once they have finished. One who asked first (Expect) sends nothing."""
    if not request.headers.get("expect"):
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                await request.drained(limit=DRAIN_BYTES)
        except TimeoutError:
            pass
    response = form(request, refusal)
    response.headers.append(("Connection", "close"))
    return response
