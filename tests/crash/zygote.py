"""A process that has loaded everything once, and is copied each time something is killed.

Loading Django takes a second or two; a fork takes milliseconds. Each child is what the
supervisor starts (the front on the same HTTP server, the follower, the signer), with the
same environment; only its birth is cheaper. A small run on the supervisor itself
(`test_tree.py`) shows that the product's own births do as well.

    {"do": "web", "port": 8000, "mutant": ""}         → {"pid": 1234}
    {"do": "call", "name": "check", "out": "FILE"}    → {"code": 0}, once it has ended
"""

import asyncio
import contextlib
import ctypes
import gc
import json
import os
import signal
import sys
import traceback
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

import accedit.serving.application as served  # isort: skip - Django is ready after this
from django.utils import timezone

from accedit.interfaces.console import following
from accedit.interfaces.console.management.commands import fsck
from accedit.shared.kill_points import reach
from accedit_ledger import signer_process
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.signer import Store
from tests.crash import inside, mutants

LOADED = (served, following, fsck)
PR_SET_PDEATHSIG = 1


def main() -> int:
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _child(order)
        answer = {"pid": pid}
        if order["do"] == "call":
            answer = {"code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        print(json.dumps(answer), flush=True)
    return 0


def _child(order: dict[str, Any]) -> None:
    code = 1
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        log = os.open(
            Path(os.environ["ACCEDIT_DATA"]) / f"{order.get('name') or order['do']}.log",
            os.O_WRONLY | os.O_CREAT | os.O_APPEND,
            0o600,
        )
        null = os.open(os.devnull, os.O_RDONLY)
        for kept, given in ((0, null), (1, log), (2, log)):
            os.dup2(given, kept)
        CHILDREN[order["do"]](order)
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the copy goes no further
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def web(order: dict[str, Any]) -> None:
    mutants.become(order.get("mutant", ""))
    server = Server(
        served.application,
        address="127.0.0.1",
        port=order["port"],
        interface=Interfaces.ASGI,
        websockets=False,
        http=HTTPModes.http1,
        log_level=LogLevels.warning,
    )
    asyncio.run(server.serve())


def follow(_order: dict[str, Any]) -> None:
    following.Follower(hour=timezone.now, transport=following.transport()).for_ever()


def signer(order: dict[str, Any]) -> None:
    record = Store.record

    def recorded(self: Store, checkpoint: Checkpoint) -> None:
        record(self, checkpoint)
        reach("signer.stored")  # the signer itself knows no settings: its moment is told here

    Store.record = recorded  # type: ignore[method-assign]
    signer_process.main(order["words"])


def call(order: dict[str, Any]) -> None:
    """Run a function of `inside`; its answer, if any, is written as JSON to `out`."""
    answer = getattr(inside, order["name"])(**order.get("given", {}))
    if order.get("out"):
        fresh = Path(f"{order['out']}.new")
        fresh.write_text(json.dumps(answer), encoding="utf-8")
        fresh.rename(order["out"])


CHILDREN = {"web": web, "follow": follow, "signer": signer, "call": call, "act": call}

if __name__ == "__main__":
    sys.exit(main())
