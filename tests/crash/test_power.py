"""The plug of the whole machine is pulled: blobs, PostgreSQL and the signer's memory at once.

`make soak`, as root, where btrfs and loop devices are at hand; skipped in words elsewhere. The
house lives on ext4, in an image that lies on btrfs: a copy by reflink at a random moment is
the disk as a power cut would leave it at that instant. The copy is mounted (its journal is
replayed), PostgreSQL recovers, and all that had been acknowledged before is looked for.

What it does not model: a disk that lies about its cache, or writes in another order than it
was asked. For the blob store `test_plug.py` does.
"""

import os
import random
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from accedit.machine.postgres import Cluster
from tests.crash.comparing import Compared, compared_with_a_copy
from tests.crash.driver import Driver
from tests.crash.house import House, Opened
from tests.crash.writers import Acknowledged

PULLS = int(os.environ.get("ACCEDIT_CRASH_PULLS", "500"))
SEED = int(os.environ.get("ACCEDIT_CRASH_SEED", "1"))
TOOLS = ("mkfs.btrfs", "mkfs.ext4", "mount", "umount", "cp")
SMALL = (1, 700, 20_000, 300_000)
GIGABYTE = 1024**3

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(not os.environ.get("ACCEDIT_SOAK"), reason="make soak"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts"),
    pytest.mark.skipif(
        any(shutil.which(tool) is None for tool in TOOLS), reason=f"needs {', '.join(TOOLS)}"
    ),
]


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True)


@contextmanager
def mounted(image: Path, at: Path) -> Iterator[Path]:
    at.mkdir(exist_ok=True)
    run("mount", "-o", "loop", image, at)
    try:
        yield at
    finally:
        run("umount", at)


def image(path: Path, kind: str, *, size: int) -> Path:
    with path.open("wb") as file:
        file.truncate(size)
    run(f"mkfs.{kind}", "-q", path)
    return path


@dataclass
class Machine:
    """`disk` is the image that the house lies on; a copy of it is a machine that lost power."""

    disk: Path
    live: Path

    def pulled(self) -> Path:
        copy = self.disk.with_name("pulled.img")
        copy.unlink(missing_ok=True)
        run("cp", "--reflink=always", self.disk, copy)
        return copy


@pytest.fixture
def machine() -> Iterator[Machine]:
    """Its paths are short: the database's socket lies below."""
    root = Path("/tmp") / f"accedit-power-{os.getpid()}"
    root.mkdir(mode=0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, root, ignore_errors=True)
        pool = stack.enter_context(
            mounted(image(root / "pool.img", "btrfs", size=12 * GIGABYTE), root / "pool")
        )
        disk = image(pool / "disk.img", "ext4", size=4 * GIGABYTE)
        yield Machine(disk, stack.enter_context(mounted(disk, root / "live")))


@contextmanager
def depositing(driver: Driver) -> Iterator[Callable[[], list[Acknowledged]]]:
    """Everybody deposits without a pause; the call gives what was acknowledged until now, with
    the receipts that had come by then."""
    over = threading.Event()
    faults: list[BaseException] = []

    def work(one: "object") -> None:
        try:
            while not over.is_set():
                one.deposit()  # type: ignore[attr-defined]
        except BaseException as fault:  # noqa: BLE001 - said by whoever started us
            faults.append(fault)

    people = [*driver.programs, driver.browsers[0]]
    for one in people:
        one.sizes = SMALL
    threads = [threading.Thread(target=work, args=[one]) for one in people]
    for thread in threads:
        thread.start()
    try:
        yield lambda: [replace(line) for line in list(driver.ledger.lines)]
    finally:
        over.set()
        for thread in threads:
            thread.join()
    assert faults == []


def after_the_cut(house: House, machine: Machine, lines: list[Acknowledged]) -> Compared:
    copy = machine.pulled()
    with mounted(copy, machine.live.with_name("after")) as root:
        data = root / house.data.relative_to(machine.live)
        cluster = Cluster(data / "postgres")
        try:
            cluster.ensure()
            return compared_with_a_copy(house, lines, copy=data)
        finally:
            cluster.stop()


def test_what_was_acknowledged_before_the_plug_was_pulled_is_there(
    machine: Machine, record_property: Callable[[str, object], None]
) -> None:
    dice = random.Random(SEED)
    with Opened(at=machine.live) as house:
        driver = Driver(house, dice)
        with depositing(driver) as acknowledged:
            for pull in range(PULLS):
                threading.Event().wait(dice.uniform(0.0, 0.3))
                lines = acknowledged()
                found = after_the_cut(house, machine, lines)
                assert (found.faults, found.lost) == ([], 0), f"seed {SEED}, pull {pull}"
                if pull % 25 == 24:
                    print(pull + 1, "pulls,", len(lines), "acknowledged", flush=True)
        count = len(driver.ledger.lines)
    record_property("crash", f"seed {SEED}: {PULLS} plugs pulled, {count} acknowledged, 0 lost")


def test_a_store_that_syncs_nothing_loses_pieces_when_the_plug_is_pulled(machine: Machine) -> None:
    """The control: the same machine, the same pulls, our own syncs taken away."""
    lost = 0
    with Opened(at=machine.live, changing=False) as house:
        house.become("no_sync")
        driver = Driver(house, random.Random(SEED))
        with depositing(driver) as acknowledged:
            for _ in range(40):
                threading.Event().wait(0.3)
                found = after_the_cut(house, machine, acknowledged())
                lost += len(found.faults)
                if lost:
                    break

    assert lost > 0


def test_the_copy_is_another_disk(machine: Machine) -> None:
    """What is written after the plug was pulled is not in the copy; what was synced before is."""
    (machine.live / "before").write_bytes(b"1")
    os.sync()
    copy = machine.pulled()
    (machine.live / "after").write_bytes(b"2")
    os.sync()
    with mounted(copy, machine.live.with_name("copy")) as root:
        names = {path.name for path in root.iterdir()}

    assert names & {"before", "after"} == {"before"}
