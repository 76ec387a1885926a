"""A small application behind the real front, to be run by the real HTTP server in the tests."""

import asyncio
import hashlib
import io
import json
import logging
import os
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import django
from django.conf import settings

django.setup()

from accedit.serving import transfer  # noqa: E402 - after Django is ready
from accedit.serving.bridge import Bridge  # noqa: E402
from accedit.serving.front import Front, Health  # noqa: E402
from accedit.serving.logs import JsonFormatter  # noqa: E402
from accedit.serving.messages import (  # noqa: E402
    BLOCK,
    ClientGone,
    Delivery,
    Headers,
    RawRequest,
    RawResponse,
)
from accedit.serving.origins import Origin, Origins  # noqa: E402
from accedit.serving.routes import Needs, RawRoute  # noqa: E402
from accedit.serving.statics import Statics  # noqa: E402
from accedit.serving.threads import in_disk_thread, in_thread  # noqa: E402
from accedit.shared.refusals import NotFound  # noqa: E402

PORT = os.environ["SMALL_HOUSE_PORT"]
handler = logging.StreamHandler()
handler.setFormatter(JsonFormatter())
logging.basicConfig(level=logging.INFO, handlers=[handler])
MIB = 1 << 20
events: list[dict[str, Any]] = []


class Streaming:
    """Like Django's streaming answers: marked so, and closed at the end."""

    streaming = True

    def __iter__(self) -> Iterator[bytes]:
        yield b"one "
        yield b""
        yield threading.current_thread().name.partition("_")[0].encode()

    def close(self) -> None:
        events.append({"closed": "streaming"})


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    path = environ["PATH_INFO"]
    if path == "/boom":
        raise ValueError("the secret name of a piece.pdf")
    if path == "/streaming":
        start_response("200 OK", [("Content-Type", "text/plain")])
        return Streaming()
    if path == "/file":
        start_response("200 OK", [("Content-Type", "application/pdf")])
        answer: Iterable[bytes] = environ["wsgi.file_wrapper"](io.BytesIO(b"%PDF" * MIB))
        return answer
    body = environ["wsgi.input"].read()
    seen = {key: value for key, value in environ.items() if isinstance(value, str)}
    start_response("200 OK", [("Content-Type", "application/json"), ("Set-Cookie", "a=1")])
    return [json.dumps(seen | {"length": len(body)}).encode()]


async def deposit(request: RawRequest) -> RawResponse:
    digest, sizes = hashlib.sha256(), []
    try:
        async for block in request.body():
            await in_disk_thread(digest.update, block)
            sizes.append(len(block))
    except ClientGone:
        events.append({"broken_after": sum(sizes)})
        raise
    found = {"sha256": digest.hexdigest(), "blocks": sizes, "box": request.params["box"]}
    return RawResponse(201, body=json.dumps(found | {"query": request.query}).encode())


async def content(request: RawRequest) -> RawResponse:
    async def ended(delivery: Delivery) -> None:
        events.append(asdict(delivery))

    path = Path(os.environ["SMALL_HOUSE_FILE"])
    return RawResponse(
        200,
        [("Content-Length", str(path.stat().st_size)), ("Content-Type", "application/pdf")],
        body=transfer.blocks_of(path),
        ended=ended,
    )


async def torn(request: RawRequest) -> RawResponse:
    async def blocks() -> AsyncIterator[bytes]:
        yield b"a" * BLOCK
        raise OSError("the disk has gone")

    return RawResponse(200, [("Content-Length", str(2 * BLOCK))], body=blocks())


async def refused(request: RawRequest) -> RawResponse:
    raise NotFound


async def seen(request: RawRequest) -> RawResponse:
    return RawResponse(200, body=json.dumps(events).encode())


async def thread(request: RawRequest) -> RawResponse:
    name = await in_thread(lambda: threading.current_thread().name)
    await asyncio.sleep(0)
    return RawResponse(200, body=name.encode())


async def cookies(request: RawRequest) -> RawResponse:
    return RawResponse(200, body=json.dumps(request.cookies).encode())


async def headers(request: RawRequest) -> RawResponse:
    kept: Headers = request.headers
    return RawResponse(200, body=json.dumps(kept.lines).encode())


application = Front(
    origins=Origins(
        base_url=f"http://localhost:{PORT}",
        content_url=f"http://127.0.0.1:{PORT}",
        demo=os.environ.get("SMALL_HOUSE_DEMO") == "1",
    ),
    bridge=Bridge(wsgi, body_limit=100_000, scheme="http"),
    statics=Statics(Path(os.environ["SMALL_HOUSE_STATICS"]), prefix=settings.STATIC_URL),
    raw=[
        RawRoute("POST", "/api/v1/nodes/<uuid:box>/deposits", deposit, Needs.TOKEN),
        RawRoute("GET", "/api/v1/refused", refused, Needs.TOKEN),
        RawRoute("GET", "/refused", refused, Needs.SESSION),
        RawRoute("GET", "/torn", torn, Needs.SESSION),
        RawRoute("GET", "/seen", seen, Needs.SESSION),
        RawRoute("GET", "/thread", thread, Needs.SESSION),
        RawRoute("GET", "/c/<word:ticket>", content, Needs.TICKET, Origin.CONTENT),
        RawRoute("GET", "/c/<word:ticket>/cookies", cookies, Needs.TICKET, Origin.CONTENT),
        RawRoute("GET", "/headers", headers, Needs.SESSION),
    ],
    healthy=Health(),
    trusted_proxies=frozenset({"127.0.0.1"}),
)
