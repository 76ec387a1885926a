"""A mail server on the loopback, that answers as it is told and keeps what it was given."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """`mail`, `rcpt`, `data`, `quit` are the answers to those orders (none: the line is cut); `hanging` answers nothing to DATA."""

    mail: str = "250 OK"
    rcpt: str = "250 OK"
    data: str = "250 2.0.0 queued as 4711"
    quit: str = "221 Bye"
    hanging: bool = False
    port: int = 0
    received: "SimpleQueue[Envelope]" = field(default_factory=SimpleQueue)
    asked: list[str] = field(default_factory=list)
    reached: threading.Event = field(default_factory=threading.Event)

    async def handle_MAIL(  # noqa: N802 - the library's own names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self.mail.startswith("250"):
            envelope.mail_from = address
        return self.mail

    async def handle_QUIT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        if not self.quit and server.transport is not None:
            server.transport.close()
        return self.quit

    async def handle_RCPT(  # noqa: N802 - the library's own names
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        self.asked.append(address)
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.reached.set()
        if self.hanging:
            await asyncio.sleep(600)
        if self.data.startswith("250"):
            self.received.put(envelope)
        return self.data


@contextmanager
def serving(box: Mailbox) -> Iterator[Mailbox]:
    """`box` at 127.0.0.1, on a port of its own, until the end of the block."""
    ready = threading.Event()
    stopping: list[Callable[[], object]] = []

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        stopping.append(lambda: loop.call_soon_threadsafe(stop.set))
        lines: list[SMTP] = []

        def line() -> SMTP:
            lines.append(SMTP(box, hostname="mail.example", loop=loop))
            return lines[-1]

        async with await loop.create_server(line, "127.0.0.1", 0) as server:
            box.port = server.sockets[0].getsockname()[1]
            ready.set()
            await stop.wait()
            for one in lines:
                if one.transport is not None:
                    one.transport.close()
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield box
    finally:
        stopping[0]()
        thread.join(10)
