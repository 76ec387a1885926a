"""The bytes of a piece go out: to a program by its token, to a browser by a ticket.

    decide    who asks, may they; nothing is entered for a refusal or a HEAD
    enter     the opening in the reads log, committed before the first byte (I19)
    send      the file or the part asked for, at the line's own pace; decided again on the
              way, so that nothing more leaves once the right is gone (I12)
    enter     how much of it left

A ticket comes to the origin that has no cookie. It names the piece, one way of looking at
it and the session it was made in, which must still be open.
"""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from accedit.domain.documents.operations import previews
from accedit.domain.filing import access, blobs
from accedit.domain.filing.enums import Right
from accedit.domain.filing.operations import readings
from accedit.domain.filing.operations.readings import Opened
from accedit.domain.people.rights import Actor
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.tokens import asker_of
from accedit.interfaces.web import tickets
from accedit.interfaces.web.tickets import Ticket
from accedit.serving import answers, inert, ranges, transfer
from accedit.serving.messages import Delivery, RawRequest, RawResponse
from accedit.serving.ranges import NoSuchRange, Span
from accedit.serving.threads import in_drawing_thread, in_thread
from accedit.shared.refusals import NotFound

AGAIN_AFTER_BYTES = 8 * 1024 * 1024
AGAIN_AFTER_SECONDS = 2.0

Who = Callable[[], Actor]


@dataclass(frozen=True, slots=True)
class Looked:
    """A piece that may be sent to this person now; nothing is entered yet."""

    actor: Actor
    node_id: UUID
    name: str
    deposit: Any
    sha256: str
    size: int
    path: Path

    @property
    def tag(self) -> str:
        return f'"{self.sha256}"'


async def by_token(request: RawRequest) -> RawResponse:
    """GET, HEAD /api/v1/nodes/{id}/content"""
    who = partial(asker_of, request.headers.get("authorization"))
    return await _file(request, who=who, node=request.params["node"])


async def by_ticket(request: RawRequest) -> RawResponse:
    """GET, HEAD /contenu/{ticket}, on the content origin"""
    ticket = await in_thread(tickets.read, request.params["ticket"])
    who = partial(tickets.holder, ticket)
    if ticket.page is None:
        return await _file(request, who=who, node=str(ticket.node_id))
    return await _picture(request, ticket=ticket, who=who)


async def _file(request: RawRequest, *, who: Who, node: str) -> RawResponse:
    found = await in_thread(_looked, who, node=node, need=Right.DOWNLOAD)
    headers = [*inert.as_file(found.name), ("Accept-Ranges", "bytes"), ("ETag", found.tag)]
    if _known(request, tag=found.tag):
        return RawResponse(304, headers)
    if request.method == "HEAD":
        return RawResponse(200, [*headers, ("Content-Length", str(found.size))])
    try:
        span = _span(request, found=found)
    except NoSuchRange as refusal:
        response = answers.of_refusal(request, refusal)
        response.headers.append(("Content-Range", f"bytes */{found.size}"))
        return response
    part = span or Span(0, found.size)
    opened = await in_thread(
        readings.open_content,
        found.node_id,
        asker=found.actor,
        at=now(),
        preview=False,
        span=part.of(found.size) if span else None,
    )
    if span:
        headers.append(("Content-Range", span.of(found.size)))
    blocks = transfer.blocks_of(found.path, start=part.start, length=part.length)
    again = partial(in_thread, _looked, who, node=node, need=Right.DOWNLOAD)
    return RawResponse(
        206 if span else 200,
        [*headers, ("Content-Length", str(part.length))],
        body=while_allowed(blocks, again=again),
        ended=_entering(opened, actor=found.actor, whole=part.length),
    )


async def _picture(request: RawRequest, *, ticket: Ticket, who: Who) -> RawResponse:
    page = ticket.page or 1
    found = await in_thread(_looked, who, node=str(ticket.node_id), need=Right.READ)
    picture = await in_drawing_thread(
        previews.page_png, found.deposit, page=page, width=ticket.width
    )
    headers = [*inert.as_picture(), ("Content-Length", str(len(picture)))]
    if request.method == "HEAD":
        return RawResponse(200, headers)
    opened = await in_thread(
        readings.open_content,
        found.node_id,
        asker=found.actor,
        at=now(),
        preview=True,
        page=page,
    )
    return RawResponse(
        200,
        headers,
        body=picture,
        ended=_entering(opened, actor=found.actor, whole=len(picture)),
    )


def _looked(who: Who, *, node: str, need: Right) -> Looked:
    """Decide. A piece whose bytes are not what was stored is a fault of ours, told as one."""
    actor = who()
    reached = access.node(read_id(node), asker=actor, need=need)
    deposit = getattr(reached.node, "deposit", None)
    if deposit is None:
        raise NotFound
    blob = deposit.blob
    path = blobs.path_of(blob.pk)
    if path.stat().st_size != blob.size:
        raise OSError("the bytes of a piece are not those that were stored: run fsck")
    return Looked(actor, reached.node.pk, reached.node.name, deposit, blob.sha256, blob.size, path)


def _known(request: RawRequest, *, tag: str) -> bool:
    """Whether the asker says that they hold these very bytes already."""
    given = {
        part.strip().removeprefix("W/") for part in request.headers.get("if-none-match").split(",")
    }
    return tag in given or "*" in given


def _span(request: RawRequest, *, found: Looked) -> Span | None:
    asked, unless = request.headers.get("range"), request.headers.get("if-range")
    if not asked or (unless and unless.strip() != found.tag):
        return None
    return ranges.wanted(asked, size=found.size)


async def while_allowed(
    blocks: AsyncIterator[bytes], *, again: Callable[[], Awaitable[object]]
) -> AsyncIterator[bytes]:
    """The blocks, as long as deciding again gives the same answer; a refusal cuts the line."""
    since, sent = time.monotonic(), 0
    async with aclosing(blocks):  # type: ignore[type-var]
        async for block in blocks:
            if sent >= AGAIN_AFTER_BYTES or time.monotonic() - since >= AGAIN_AFTER_SECONDS:
                await again()
                since, sent = time.monotonic(), 0
            sent += len(block)
            yield block


def _entering(opened: Opened, *, actor: Actor, whole: int) -> Callable[[Delivery], Awaitable[None]]:
    async def ended(delivery: Delivery) -> None:
        await in_thread(
            readings.close_content,
            opened,
            asker=actor,
            sent=delivery.sent,
            whole=whole,
            at=now(),
        )

    return ended
