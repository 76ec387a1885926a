"""An answer on its way out: at the line's own pace, and counted as far as it really went."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from accedit.serving import lines
from accedit.serving.messages import Delivery, RawRequest, RawResponse, Send

STALLED_AFTER = 120.0  # seconds without the line taking a block
BY_THE_SERVER = {"server", "date", "connection", "transfer-encoding"}
WITHOUT_LENGTH = {204, 304}


async def deliver(request: RawRequest, response: RawResponse, send: Send) -> Delivery:
    """Send the answer and tell its maker, once, what became of it."""
    count = _Count()
    try:
        await send(
            {
                "type": "http.response.start",
                "status": response.status,
                "headers": _headers(request, response),
            }
        )
        if isinstance(response.body, bytes):
            body = b"" if request.method == "HEAD" else response.body
            await send({"type": "http.response.body", "body": body})
            count.sent, count.completed = len(body), True
        else:
            await _stream(request, response, send, count)
    finally:
        delivery = Delivery(sent=count.sent, completed=count.completed)
        if response.ended is not None:
            await response.ended(delivery)
    return delivery


class _Count:
    sent = 0
    completed = False


def _headers(request: RawRequest, response: RawResponse) -> list[tuple[bytes, bytes]]:
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in response.headers
        if name.lower() not in BY_THE_SERVER or value == "close"
    ]
    headers.append((b"X-Request-Id", request.id.encode()))
    measured = any(name.lower() == b"content-length" for name, _ in headers)
    if isinstance(response.body, bytes) and not measured and response.status not in WITHOUT_LENGTH:
        headers.append((b"Content-Length", str(len(response.body)).encode()))
    return headers


async def _stream(request: RawRequest, response: RawResponse, send: Send, count: _Count) -> None:
    """Block by block; a stream that ends too soon is cut, not closed.

    The server takes blocks for a line that is already dead without a word, so the
    broken line is watched for beside the sending; and so is the end of the right to send.
    « Sent » means handed to the connection: what the reader's machine did with the last
    blocks nobody knows.
    """
    assert not isinstance(response.body, bytes)
    gone = asyncio.ensure_future(request.disconnected())
    ends = [gone] + ([asyncio.ensure_future(response.over())] if response.over else [])
    sending = asyncio.ensure_future(_send_all(request, response, send, count, ends))
    try:
        await asyncio.wait({sending, *ends}, return_when=asyncio.FIRST_COMPLETED)
        _outcome(sending)
    except _Ended:
        if not gone.done():
            _reset(request)
    except TimeoutError:
        _reset(request)
        raise
    finally:
        for one in (sending, *ends):
            one.cancel()
        await asyncio.gather(sending, *ends, return_exceptions=True)
        await _closed(response.body)


async def _send_all(
    request: RawRequest,
    response: RawResponse,
    send: Send,
    count: _Count,
    ends: Sequence["asyncio.Future[Any]"],
) -> None:
    """One task for the whole answer: a task for each block costs as much as the block."""
    assert not isinstance(response.body, bytes)
    async for block in _body(request, response.body):
        _go_on(ends)
        async with asyncio.timeout(STALLED_AFTER):
            await send({"type": "http.response.body", "body": block, "more_body": True})
        await asyncio.sleep(0)  # the server's `send` does not always let others run
        _go_on(ends)
        count.sent += len(block)
    await send({"type": "http.response.body", "body": b""})
    count.completed = True


def _outcome(sending: "asyncio.Future[None]") -> None:
    if not sending.done():
        raise _Ended
    sending.result()


def _go_on(ends: Sequence["asyncio.Future[Any]"]) -> None:
    if any(end.done() for end in ends):
        raise _Ended


def _reset(request: RawRequest) -> None:
    """Nothing of what the server and the kernel already took may leave any more."""
    if request.peer is not None:
        lines.cut(request.peer)


class _Ended(Exception):
    """The line broke, or the right to send is over."""


async def _body(request: RawRequest, blocks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if request.method == "HEAD":
        return
    async for block in blocks:
        yield block


async def _closed(blocks: AsyncIterator[bytes]) -> None:
    """Let a generator put its file away now, not when it is collected."""
    close = getattr(blocks, "aclose", None)
    if close is not None:
        await close()
