"""The same deaths under the supervisor itself: what it starts again serves, and nothing is lost.

`test_kills.py` copies a loaded process to be quick; here the product's own births are used, a
few times: the worker of the HTTP server, its master, the follower, the signer, PostgreSQL.
"""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from accedit_ledger.receipt import verify_receipt
from tests.crash.house import free_port
from tests.crash.writers import Ledger, Program
from tests.machine.test_demo import Demo, children_of, environment, started

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not os.environ.get("ACCEDIT_SOAK"), reason="make soak"),
]
TURNS = 4
VICTIMS = ("worker", "web", "follow", "signer", "postgres")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = started(tmp_path_factory.mktemp("tree") / "data", free_port())
    yield demo
    demo.stop()


def victim_of(demo: Demo, name: str) -> int:
    if name == "worker":
        return max(children_of(victim_of(demo, "web")))  # beside multiprocessing's own helper
    return next(pid for pid in children_of(demo.process.pid) if _is(pid, name))


def _is(pid: int, name: str) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return name.encode() in words or words[0].endswith(f"/bin/{name}".encode())


def depositor(demo: Demo, ledger: Ledger) -> Program:
    told = json.loads((demo.data / "demo.json").read_text())
    for person in told["people"]:
        headers = {"Authorization": f"Bearer {person['token']}"}
        for case in told["cases"]:
            found = httpx.get(f"{demo.url}/api/v1/cases/{case['id']}", headers=headers, timeout=30)
            boxes = found.json().get("boxes", []) if found.status_code == 200 else []
            if person["role"] in ("counsel", "party") and boxes:
                return Program(
                    demo.port,
                    ledger,
                    random.Random(1),
                    patience=120.0,
                    box=boxes[0]["id"],
                    token=person["token"],
                )
    raise AssertionError("nobody deposits in this demo")


def test_what_the_supervisor_starts_again_has_lost_nothing(demo: Demo) -> None:
    ledger = Ledger()
    program = depositor(demo, ledger)
    for victim in VICTIMS * TURNS:
        program.deposit()
        os.kill(victim_of(demo, victim), signal.SIGKILL)
        program.deposit()

    known = next((demo.data).rglob("*.cles")).read_text().split()
    verdicts = [verify_receipt(one.receipt, file=None, known=known) for one in ledger.lines]
    checked = subprocess.run(
        [sys.executable, "-m", "accedit", "fsck", "--json", "--data", str(demo.data)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert [one.is_success for one in verdicts] == [True] * (2 * TURNS * len(VICTIMS))
    assert json.loads(checked.stdout) == {"ok": True, "damages": []}
    assert ledger.told_otherwise == []
