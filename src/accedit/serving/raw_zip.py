"""A folder goes out as a ZIP: to a program by its token, to a browser by a ticket.

    decide    what the asker may download, now, from the list that the pages show (A7, I15)
    enter     one opening a log, committed before the first byte (I19)
    send      piece after piece, each decided again before its first byte and, while it is
              under way, whenever something moved (I12); a no cuts the line, and so do bytes that
              were found changed meanwhile (K4)
    enter     how much of it left

A ZIP that was cut has no end and opens nowhere: it is not taken for the whole.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from accedit.domain.filing import access
from accedit.domain.filing.enums import Right
from accedit.domain.filing.operations import bundles, scrubbing
from accedit.domain.filing.operations.bundles import Bundle, OpenedBundle
from accedit.domain.filing.reckoning import MANIFEST
from accedit.domain.people.rights import Actor
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.tokens import asker_of, token_digest
from accedit.interfaces.web import tickets
from accedit.serving import inert, transfer
from accedit.serving.messages import Delivery, RawRequest, RawResponse
from accedit.serving.pulse import Rests
from accedit.serving.raw_content import Who
from accedit.serving.standing import Standing
from accedit.serving.threads import in_disk_thread, in_thread
from accedit.serving.zipping import Zipping, fed
from accedit.shared.refusals import PARIS, Refusal


async def by_token(request: RawRequest) -> RawResponse:
    """GET, HEAD /api/v1/nodes/{id}/zip"""
    given = request.headers.get("authorization")
    who = Who(partial(asker_of, given, address=request.client), token=token_digest(given))
    return await _zip(request, who=who, node=request.params["node"])


async def by_ticket(request: RawRequest) -> RawResponse:
    """GET, HEAD /lots/{ticket}, on the content origin"""
    ticket = await in_thread(tickets.read, request.params["ticket"])
    _, session = await in_thread(tickets.held, ticket)
    who = Who(partial(tickets.holder, ticket), session=session)
    return await _zip(request, who=who, node=str(ticket.node_id))


async def _zip(request: RawRequest, *, who: Who, node: str) -> RawResponse:
    if request.method == "HEAD":
        bundle = await in_thread(_looked, who, node)
        return RawResponse(200, inert.as_file(f"{bundle.node.name}.zip"), body=_nothing())
    actor, opened = await in_thread(_opened, who, node)
    sending = _Sending(opened, who=who)
    rests = Rests(actor.user_id, opened.bundle.node.room_id, session=who.session, token=who.token)
    standing = Standing(rests, again=sending.decided)
    return RawResponse(
        200,
        inert.as_file(f"{opened.bundle.node.name}.zip"),
        body=standing.blocks(sending.blocks()),
        over=partial(_first, standing.over, sending.refused.wait),
        ended=_entering(opened, actor=actor),
    )


def _looked(who: Who, node: str) -> Bundle:
    return bundles.look(read_id(node), asker=who.actor())


def _opened(who: Who, node: str) -> tuple[Actor, OpenedBundle]:
    actor = who.actor()
    return actor, bundles.open_bundle(read_id(node), asker=actor, at=now())


async def _nothing() -> AsyncIterator[bytes]:
    yield b""


class _Sending:
    """The bundle on its way, and the piece that is under way in it."""

    def __init__(self, opened: OpenedBundle, *, who: Who) -> None:
        self._bundle, self._who = opened.bundle, who
        self._current: UUID = opened.bundle.members[0].node_id
        self.refused = asyncio.Event()

    async def decided(self) -> Path:
        """Where the bytes of the piece under way are, if it may still be sent."""
        return await in_thread(_decided, self._who, self._current)

    async def _may_begin(self) -> Path:
        """As `decided`; a no is told to whoever watches the line, who cuts it."""
        try:
            return await self.decided()
        except Refusal:
            self.refused.set()
            await asyncio.Event().wait()
            raise

    async def blocks(self) -> AsyncIterator[bytes]:
        zipping = Zipping()
        try:
            zipping.begin(MANIFEST, size=len(self._bundle.manifest), at=now().astimezone(PARIS))
            zipping.write(self._bundle.manifest)
            for member in self._bundle.members:
                self._current = member.node_id
                path = await self._may_begin()
                at = member.received_at.astimezone(PARIS)
                await in_disk_thread(zipping.begin, member.path, size=member.size, at=at)
                async with aclosing(transfer.blocks_of(path)) as read:  # type: ignore[type-var]
                    async for ready in fed(zipping, read, size=member.size):
                        yield ready
            zipping.close()
            yield zipping.taken(least=0)
        finally:
            zipping.close()


async def _first(*ends: Callable[[], Coroutine[Any, Any, object]]) -> None:
    """Return when one of these does; the others are given up."""
    waiting = [asyncio.ensure_future(end()) for end in ends]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waiting:
            one.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def _decided(who: Who, node_id: UUID) -> Path:
    reached = access.node(node_id, asker=who.actor(), need=Right.DOWNLOAD)
    return scrubbing.require_sound(reached.node.deposit.blob)


def _entering(opened: OpenedBundle, *, actor: Actor) -> Callable[[Delivery], Awaitable[None]]:
    async def ended(delivery: Delivery) -> None:
        await in_thread(
            bundles.close_bundle,
            opened,
            asker=actor,
            sent=delivery.sent,
            completed=delivery.completed,
            at=now(),
        )

    return ended
