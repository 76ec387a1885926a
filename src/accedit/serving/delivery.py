"""An answer on its way out: at the line's own pace, and counted as far as it really went."""

import asyncio
from collections.abc import AsyncIterator

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
            await _stream(request, response.body, send, count)
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


async def _stream(
    request: RawRequest, blocks: AsyncIterator[bytes], send: Send, count: _Count
) -> None:
    """Block by block; a stream that ends too soon is cut, not closed.

    The server takes blocks for a line that is already dead without a word, so the
    broken line is watched for beside the sending. « Sent » means handed to the
    connection: what the reader's machine did with the last blocks nobody knows.
    """
    gone = asyncio.ensure_future(request.disconnected())
    try:
        async for block in _body(request, blocks):
            async with asyncio.timeout(STALLED_AFTER):
                await send({"type": "http.response.body", "body": block, "more_body": True})
            await asyncio.sleep(0)  # the server's `send` does not always let others run
            if gone.done():
                return
            count.sent += len(block)
        await asyncio.sleep(0)
        if not gone.done():
            await send({"type": "http.response.body", "body": b""})
            count.completed = True
    finally:
        gone.cancel()
        await _closed(blocks)


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
