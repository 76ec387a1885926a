"""Django behind the ASGI front, as WSGI in one thread hop.

Django's own ASGI handler changes thread dozens of times for each request; called as
WSGI in a thread, it answers an order of magnitude more of them on the same machine.
The price is that a body is in memory before Django sees it: it is limited, and file
bytes take the raw routes.
"""

import asyncio
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, BinaryIO

from accedit.serving import answers
from accedit.serving.messages import BLOCK, RawRequest, RawResponse, TooLarge
from accedit.serving.threads import database_pool, in_pool

DRAIN = 16 * 1024 * 1024
WHOLE_BODY_WITHIN = 60.0  # seconds for a form of at most the body's limit
# Said by whoever stands before us, or by the client itself: the front decides who the client is.
FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port",
             "forwarded", "x-real-ip", "x-request-id", "proxy")  # fmt: skip

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class FileBlocks:
    """`wsgi.file_wrapper`: the file of a FileResponse, in blocks larger than Django's 4 KiB."""

    def __init__(self, file: BinaryIO, block_size: int = BLOCK) -> None:
        self.file = file

    def __iter__(self) -> Iterator[bytes]:
        return iter(partial(self.file.read, BLOCK), b"")

    def close(self) -> None:
        self.file.close()


class Bridge:
    """One WSGI application, as an answer to a `RawRequest`."""

    def __init__(self, application: Application, *, body_limit: int, scheme: str) -> None:
        self.application = application
        self.body_limit = body_limit
        self.scheme = scheme

    async def answer(self, request: RawRequest) -> RawResponse:
        try:
            async with asyncio.timeout(WHOLE_BODY_WITHIN):
                body = await request.whole_body(limit=self.body_limit)
        except TimeoutError:
            return answers.refused(
                request,
                status=408,
                code="invalid",
                sentence="Cet envoi n’est pas arrivé en entier à temps : recommencez-le.",
                headers=[("Connection", "close")],
            )
        except TooLarge:
            await request.drained(limit=DRAIN)
            return answers.refused(
                request,
                status=413,
                code="too_large",
                sentence=(
                    f"Cet envoi dépasse {self.body_limit // 1024} Kio : "
                    "les fichiers se déposent dans une boîte, par la page « Déposer »."
                ),
                headers=[("Connection", "close")],
            )
        environ = self._environ(request, body)
        return await in_pool(database_pool, partial(self._call, environ))

    def _call(self, environ: Environ) -> RawResponse:
        """The call and the joining of its answer, in one thread; a stream is left to be pulled."""
        head: list[Any] = []

        def start_response(
            status: str, headers: list[tuple[str, str]], exc_info: Any = None
        ) -> None:
            head[:] = [int(status.split(" ", 1)[0]), list(headers)]

        result = self.application(environ, start_response)
        if isinstance(result, FileBlocks) or getattr(result, "streaming", False):
            return RawResponse(head[0], head[1], body=_pulled(result))
        try:
            body = b"".join(result)
        finally:
            _close(result)
        return RawResponse(head[0], head[1], body=body)

    def _environ(self, request: RawRequest, body: bytes) -> Environ:
        host = request.headers.get("host")
        name, _, port = host.rpartition(":")
        if not port.isdigit():
            name, port = host, ""
        environ: Environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": request.path.encode().decode("latin-1"),  # PEP 3333
            "QUERY_STRING": request.query_string,
            "CONTENT_TYPE": request.headers.get("content-type"),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": name,
            "SERVER_PORT": port or ("443" if self.scheme == "https" else "80"),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": request.client,
            "HTTP_X_REQUEST_ID": request.id,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
            "wsgi.file_wrapper": FileBlocks,
        }
        for key in {key for key, _ in request.headers.lines}:
            # `X_Name` would be taken for `X-Name`: one of the two must not be believed.
            if "_" in key or key in FORWARDED or key in {"content-type", "content-length"}:
                continue
            environ["HTTP_" + key.upper().replace("-", "_")] = request.headers.get(key)
        return environ


async def _pulled(result: Iterable[bytes]) -> AsyncIterator[bytes]:
    blocks = iter(result)
    try:
        while (block := await in_pool(database_pool, partial(next, blocks, None))) is not None:
            if block:
                yield block
    finally:
        await in_pool(database_pool, partial(_close, result))


def _close(result: Iterable[bytes]) -> None:
    """PEP 3333; for Django this also ends the request, and tends its connections."""
    with suppress(AttributeError):
        result.close()  # type: ignore[attr-defined]
