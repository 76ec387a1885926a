"""What the supervisor starts: `web`, `follow`, `prepare`, `load-demo`, in an environment that it made ready.

They are not commands for people, and load only what they need: a start is judged in seconds.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from accedit.serving.parent import die_with_parent

LINES = 4096  # connections of one worker at a time: slow ones must leave room for the others
LATER = 5  # of 19: what the follower leaves to the pages
HEADERS_WITHIN = 15_000  # milliseconds for the head of a request, and between two of one connection


def web(words: Sequence[str]) -> int:
    """The HTTP server: `ADDRESS PORT WORKERS`."""
    from django.conf import settings  # noqa: PLC0415 - only this child needs them
    from granian import Granian  # noqa: PLC0415
    from granian.constants import HTTPModes, Interfaces  # noqa: PLC0415
    from granian.http import HTTP1Settings  # noqa: PLC0415
    from granian.log import LogLevels  # noqa: PLC0415

    address, port, workers = words
    lines = LINES * int(workers)  # it divides them among its workers
    quiet = {"level": "WARNING"}
    tls = {"ssl_cert": Path(settings.TLS_CERTIFICATE), "ssl_key": Path(settings.TLS_KEY)}
    Granian(
        "accedit.serving.application:application",
        address=address,
        port=int(port),
        interface=Interfaces.ASGI,
        workers=int(workers),
        backlog=lines,
        backpressure=LINES,
        http1_settings=HTTP1Settings(header_read_timeout=HEADERS_WITHIN),
        websockets=False,
        http=HTTPModes.http1,
        log_level=LogLevels.warning,
        log_dictconfig=settings.LOGGING | {"loggers": {"_granian": quiet, "granian": quiet}},
        workers_kill_timeout=2,
        respawn_failed_workers=True,
        **(tls if settings.TLS_CERTIFICATE else {}),
    ).serve()
    return 0


def follow(_words: Sequence[str]) -> int:
    """The follower loop. It yields the processor: whoever waits for a page comes first."""
    from accedit.machine import console  # noqa: PLC0415 - see above

    if hasattr(os, "nice"):
        os.nice(LATER)
    return console.command("follow")


def prepare(_words: Sequence[str]) -> int:
    """Tables, rights and static files, as the owner of the tables."""
    from accedit.machine import preparing  # noqa: PLC0415 - see above

    preparing.prepare()
    return 0


def load_demo(words: Sequence[str]) -> int:
    """The demo's people and cases, told in the file `OUT`."""
    from accedit.machine import console  # noqa: PLC0415 - see above

    return console.command("load_demo", f"--out={words[0]}")


CHILDREN = {"web": web, "follow": follow, "prepare": prepare, "load-demo": load_demo}


def run(words: Sequence[str]) -> int:
    die_with_parent(int(os.environ["ACCEDIT_PARENT"]))
    return CHILDREN[words[0]](words[1:])
