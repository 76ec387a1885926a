"""The front: every request passes here first, in this order.

    host       one of our two addresses, or 400
    path       one spelling, or 400
    method     one of five, or 405; no header can change it
    /sante     for the machine itself only
    /statique/ what we ship
    raw        routes that carry file bytes
    Django     all the rest, over the bridge

Each answer carries its number, which is the only thing that a page of error tells.
"""

import asyncio
import json
import logging
import os
import time
from dataclasses import dataclass, replace
from urllib.parse import quote

from django.db import connection
from psycopg.errors import DiskFull

from accedit.domain.filing.blobs import StoreFull
from accedit.serving import answers, lines, logs
from accedit.serving.bridge import Bridge
from accedit.serving.delivery import deliver
from accedit.serving.messages import (
    ClientGone,
    Headers,
    RawRequest,
    RawResponse,
    Receive,
    Scope,
    Send,
)
from accedit.serving.origins import Origin, Origins, is_loopback_host
from accedit.serving.paths import AmbiguousPath, canonical
from accedit.serving.routes import RawRoute
from accedit.serving.statics import Statics
from accedit.serving.threads import in_thread
from accedit.shared.kill_points import reach
from accedit.shared.refusals import Refusal

logger = logging.getLogger(__name__)
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE")
LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True)
class Front:
    origins: Origins
    bridge: Bridge
    statics: Statics
    raw: list[RawRoute]
    healthy: "Health"
    trusted_proxies: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send)
        elif scope["type"] == "http":
            lines.bound()  # not before: the server listens only once the application is ready
            # A task of its own: the server has one context for all, and each has its number.
            await asyncio.create_task(self._serve(scope, receive, send))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = self._request(scope, receive)
        logs.request_id.set(request.id)
        try:
            response = await self._answered(request, raw_path=scope["raw_path"])
            reach("answer.before")
            delivery = await deliver(request, response, send)
            reach("answer.after")
        except ClientGone:
            logger.info("client gone", extra={"method": request.method, "path": request.path})
            return
        except Exception:  # the line is cut, so that nobody takes a part for the whole
            logger.exception("broken answer", extra={"number": request.id})
            return
        logger.info(
            "answered",
            extra={
                "method": request.method,
                "path": request.path,
                "status": response.status,
                "sent": delivery.sent,
                "ms": round((time.perf_counter() - started) * 1000),
            },
        )

    async def _answered(self, request: RawRequest, *, raw_path: bytes) -> RawResponse:
        try:
            return await self._answer(request, raw_path)
        except Refusal as refusal:
            return answers.of_refusal(request, refusal)
        except ClientGone:
            raise
        except Exception as fault:
            logger.exception("unexpected error", extra={"number": request.id})
            if isinstance(fault.__cause__, DiskFull):  # the database's disk, not the store's
                return answers.of_refusal(request, StoreFull())
            return answers.our_fault(request)

    async def _answer(self, request: RawRequest, raw_path: bytes) -> RawResponse:
        origin = self.origins.of(request.headers.all("host"))
        if origin is None and not self._asks_for_health(request):
            return answers.refused(
                request,
                status=400,
                code="invalid",
                sentence="Cette adresse n’est pas celle de ce serveur : vérifiez le lien suivi.",
            )
        try:
            request.path = canonical(raw_path)
        except AmbiguousPath:
            return answers.refused(
                request,
                status=400,
                code="invalid",
                sentence="Cette adresse est mal écrite : reprenez le lien depuis sa page.",
            )
        if request.method not in METHODS:
            return answers.refused(
                request,
                status=405,
                code="invalid",
                sentence="Cette adresse ne connaît pas cette action.",
                headers=[("Allow", ", ".join(METHODS))],
            )
        if request.path == "/sante":
            return await self._health(request)
        if origin == Origin.CONTENT and self.origins.are_apart:
            return await self._content(request)
        return await self._app(request)

    async def _app(self, request: RawRequest) -> RawResponse:
        if self.statics.owns(request.path):
            return self._static(request)
        origins = [Origin.APP] if self.origins.are_apart else [Origin.APP, Origin.CONTENT]
        for origin in origins:
            if response := await self._raw(request, origin):
                return response
        return await self.bridge.answer(request)

    async def _content(self, request: RawRequest) -> RawResponse:
        """Bytes of pieces, and nothing that could know who asks by a cookie.

        The demo's second address is also where people try REST, or land by typing it.
        """
        request.headers = request.headers.without("cookie")
        if self.statics.owns(request.path):
            return self._static(request)
        if response := await self._raw(request, Origin.CONTENT):
            return response
        if self.origins.demo and request.wants_json:
            return await self._app(request)
        if self.origins.demo and request.method in {"GET", "HEAD"}:
            place = quote(request.path)
            query = f"?{request.query_string}" if request.query_string else ""
            to = ("Location", f"{self.origins.base_url}{place}{query}")
            return RawResponse(302, [to, *answers.QUIET_HEADERS])
        return _not_found(request)

    async def _raw(self, request: RawRequest, origin: Origin) -> RawResponse | None:
        for route in self.raw:
            params = route.match(method=request.method, path=request.path, origin=origin)
            if params is not None:
                return await route.handler(replace(request, params=params))
        return None

    def _static(self, request: RawRequest) -> RawResponse:
        if request.method not in {"GET", "HEAD"}:
            return _not_found(request)
        return self.statics.answer(request) or _not_found(request)

    def _request(self, scope: Scope, receive: Receive) -> RawRequest:
        headers = Headers(
            (name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]
        )

        async def received() -> dict[str, object]:  # the server's awaitable is not a coroutine
            return dict(await receive())

        return RawRequest(
            method=scope["method"],
            path=scope["path"],
            query_string=scope["query_string"].decode("latin-1"),
            headers=headers,
            client=self._client(str(scope["client"][0]), headers),
            receive=received,
            peer=(str(scope["client"][0]), int(scope["client"][1])),
        )

    def _client(self, peer: str, headers: Headers) -> str:
        """The nearest address that is not a proxy we were told to trust."""
        said = [part.strip() for part in headers.get("x-forwarded-for").split(",") if part.strip()]
        while peer in self.trusted_proxies and said:
            peer = said.pop()
        return peer

    @staticmethod
    def _asks_for_health(request: RawRequest) -> bool:
        """From this machine, to this machine, by nobody's intermediary."""
        return (
            request.path == "/sante"
            and request.client in LOOPBACK
            and is_loopback_host(request.headers.get("host"))
            and not request.headers.get("x-forwarded-for")
        )

    async def _health(self, request: RawRequest) -> RawResponse:
        if not self._asks_for_health(request):
            return _not_found(request)
        state = await self.healthy.state()
        return RawResponse(
            200 if state["status"] == "ok" else 503,
            [("Content-Type", "application/json"), *answers.QUIET_HEADERS],
            body=json.dumps(state).encode(),
        )


class Health:
    """Whether the database answers; `instance` tells the supervisor that this server is its own."""

    async def state(self) -> dict[str, str]:
        try:
            await in_thread(_ask_the_database)
            status = "ok"
        except Exception:
            logger.exception("unhealthy")
            status = "unavailable"
        return {"status": status, "instance": os.environ.get("ACCEDIT_INSTANCE", "")}


def _ask_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _not_found(request: RawRequest) -> RawResponse:
    return answers.refused(
        request,
        status=404,
        code="not_found",
        sentence="Cette page ou cette pièce n’existe pas, ou ne vous est pas ouverte.",
    )


async def _live(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
