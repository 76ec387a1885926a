"""The bytes of a piece go out: to a program by its token, to a browser by a ticket.

    decide    who asks, may they; nothing is entered for a refusal or a HEAD
    enter     the opening in the reads log, committed before the first byte (I19)
    send      the file or the part asked for, at the line's own pace, as long as the
              decision stands (I12)
    enter     how much of it left

A ticket comes to the origin that has no cookie. It names the piece, one way of looking at
it and the session it was made in, which must still be open.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.utils.timezone import now

from accedit.domain.documents.operations import previews
from accedit.domain.filing import access
from accedit.domain.filing.enums import Right
from accedit.domain.filing.operations import readings, scrubbing
from accedit.domain.filing.operations.readings import Opened
from accedit.domain.people.rights import Actor
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.tokens import asker_of, token_digest
from accedit.interfaces.web import tickets
from accedit.interfaces.web.tickets import Ticket
from accedit.serving import answers, inert, ranges, transfer
from accedit.serving.messages import Delivery, RawRequest, RawResponse
from accedit.serving.pulse import Rests
from accedit.serving.ranges import NoSuchRange, Span
from accedit.serving.standing import Standing
from accedit.serving.threads import in_drawing_thread, in_thread
from accedit.shared.refusals import NotFound

PICTURE_BLOCK = 64 * 1024


@dataclass(frozen=True, slots=True)
class Who:
    """How to know who asks, each time anew, and what that rests on."""

    actor: Callable[[], Actor]
    session: str = ""
    token: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """A piece that may be sent to this person now; nothing is entered yet."""

    actor: Actor
    room_id: UUID
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
    given = request.headers.get("authorization")
    who = Who(partial(asker_of, given, address=request.client), token=token_digest(given))
    return await _file(request, who=who, node=request.params["node"])


async def by_ticket(request: RawRequest) -> RawResponse:
    """GET, HEAD /contenu/{ticket}, on the content origin"""
    ticket = await in_thread(tickets.read, request.params["ticket"])
    _, session = await in_thread(tickets.held, ticket)
    who = Who(partial(tickets.holder, ticket), session=session)
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
    standing = _standing(found, who=who, need=Right.DOWNLOAD)
    return RawResponse(
        206 if span else 200,
        [*headers, ("Content-Length", str(part.length))],
        body=standing.blocks(blocks),
        over=standing.over,
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
    standing = _standing(found, who=who, need=Right.READ)
    return RawResponse(
        200,
        headers,
        body=standing.blocks(_slices(picture)),
        over=standing.over,
        ended=_entering(opened, actor=found.actor, whole=len(picture)),
    )


def _looked(who: Who, *, node: str, need: Right) -> Looked:
    """Decide. Bytes known to be others than those that were stored are not given."""
    actor = who.actor()
    reached = access.node(read_id(node), asker=actor, need=need)
    deposit = getattr(reached.node, "deposit", None)
    if deposit is None:
        raise NotFound
    blob = deposit.blob
    path = scrubbing.require_sound(blob)
    node_ = reached.node
    return Looked(actor, node_.room_id, node_.pk, node_.name, deposit, blob.sha256, blob.size, path)


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


def _standing(found: Looked, *, who: Who, need: Right) -> Standing:
    """The same question again, of the same asker, on the way."""
    rests = Rests(found.actor.user_id, found.room_id, session=who.session, token=who.token)
    again = partial(in_thread, _looked, who, node=str(found.node_id), need=need)
    return Standing(rests, again=again)


async def _slices(picture: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(picture), PICTURE_BLOCK):
        yield picture[start : start + PICTURE_BLOCK]


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
