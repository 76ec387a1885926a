"""The demo as a newcomer starts it: real processes, in a folder of its own."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from accedit.machine import processes
from accedit.machine.processes import waited_for
from tests.serving.conftest import free_port

ROOT = Path(__file__).parents[2]


@dataclass
class Demo:
    """A running demo. `process` is the supervisor."""

    process: "subprocess.Popen[bytes]"
    port: int
    data: Path
    output: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def children(self) -> dict[str, int]:
        """The supervisor's own children by the word that names them."""
        names = ("web", "follow", "signer", "postgres")
        commands = {pid: command_of(pid) for pid in children_of(self.process.pid)}
        return {
            name: pid
            for pid, command in commands.items()
            for name in names
            if f"accedit {name}" in command or f"bin/{name} " in command
        }

    def answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/sante").json()["status"] == "ok"
        except (httpx.HTTPError, ValueError):
            return False

    def stop(self, number: int = signal.SIGTERM) -> float:
        LAUNCHED[:] = [one for one in LAUNCHED if one is not self]
        started = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=20)
        return time.monotonic() - started


LAUNCHED: list[Demo] = []


def environment() -> dict[str, str]:
    """A newcomer's: nothing of the tests' own settings."""
    ours = ("ACCEDIT_", "DATABASE_", "DJANGO_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return kept | {"PYTHONPATH": str(ROOT / "src")}


def children_of(pid: int) -> list[int]:
    """From the process table itself: a bare Debian has no `ps`."""
    return [
        int(entry.name)
        for entry in processes.PROC.iterdir()
        if entry.name.isdigit() and parent_of(entry) == pid
    ]


def parent_of(entry: Path) -> int:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def command_of(pid: int) -> str:
    try:
        return (processes.PROC / str(pid) / "cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def launched(data: Path, port: int) -> Demo:
    output = data.with_name(f"{data.name}.output")
    with output.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "accedit", "demo", "--port", str(port), "--data", str(data)],
            env=environment(),
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd="/",
        )
    demo = Demo(process, port, data, output)
    LAUNCHED.append(demo)
    return demo


def started(data: Path, port: int | None = None) -> Demo:
    demo = launched(data, port or free_port())
    ready = f"Prêt : {demo.url}/"
    assert waited_for(
        lambda: ready in demo.output.read_text() or demo.process.poll() is not None, seconds=120
    )
    assert demo.process.poll() is None, demo.output.read_text()
    return demo


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo that was started once, by what a newcomer types, and stopped."""
    demo = started(tmp_path_factory.mktemp("demo") / "data")
    assert demo.stop() < 5
    return demo.data


@pytest.fixture(scope="module")
def demo(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    demo = started(copied(loaded, tmp_path_factory.mktemp("served")))
    yield demo
    demo.stop()


@pytest.fixture
def data(loaded: Path, tmp_path: Path) -> Path:
    """A folder like it, for a test that stops what it starts."""
    return copied(loaded, tmp_path)


@pytest.fixture(autouse=True)
def nothing_left_running(demo: Demo) -> Iterator[None]:
    yield
    while len(LAUNCHED) > 1:
        LAUNCHED.pop().stop()


def copied(loaded: Path, place: Path) -> Path:
    shutil.copytree(loaded, place / "data")
    return place / "data"


def test_its_last_line_of_set_up_gives_the_address(demo: Demo) -> None:
    """A second start on the same folder, in another test, may have said its refusal after it."""
    said = demo.output.read_text().splitlines()
    ready = said.index(f"Prêt : http://localhost:{demo.port}/")

    assert [line for line in said[ready + 1 :] if "arrêtez-le" not in line] == []


def test_both_names_of_this_machine_answer(demo: Demo) -> None:
    for host in ("localhost", "127.0.0.1"):
        answer = httpx.get(f"http://{host}:{demo.port}/", follow_redirects=True)
        assert (answer.status_code, answer.url.host) == (200, "localhost")


def test_its_people_are_told_to_the_owner_alone(demo: Demo) -> None:
    file = demo.data / "demo.json"

    content = json.loads(file.read_text())
    assert file.stat().st_mode & 0o777 == 0o600
    assert content["base_url"] == demo.url
    assert {person["role"] for person in content["people"]} == {
        "expert",
        "assistant",
        "counsel",
        "party",
        "stranger",
    }


def test_nobody_reaches_it_from_another_machine(demo: Demo) -> None:
    """Of the addresses listened on, as the kernel lists them, ours is this machine's alone."""
    table = [
        line.split()[1]
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
        if line.split()[3] == "0A"  # listening
    ]

    port = f"{demo.port:04X}"
    assert [address for address in table if address.endswith(f":{port}")] == [f"0100007F:{port}"]


def test_a_dead_server_is_started_again_and_its_worker_goes_with_it(demo: Demo) -> None:
    before = demo.children()["web"]
    workers = children_of(before)
    assert len(workers) == 1

    os.kill(before, signal.SIGKILL)

    assert waited_for(lambda: not any(processes.alive(pid) for pid in workers), seconds=20)
    assert waited_for(
        lambda: demo.children().get("web", before) != before and demo.answers(), seconds=30
    )


def test_a_dead_follower_is_started_again(demo: Demo) -> None:
    assert waited_for(lambda: "follow" in demo.children(), seconds=30)
    before = demo.children()["follow"]

    os.kill(before, signal.SIGKILL)

    assert waited_for(lambda: demo.children().get("follow", before) != before, seconds=30)


def test_a_dead_signer_is_started_again_and_no_deposit_is_lost_or_doubled(demo: Demo) -> None:
    assert waited_for(lambda: "signer" in demo.children(), seconds=30)
    before = demo.children()["signer"]
    told = json.loads((demo.data / "demo.json").read_text())
    counsel = next(person for person in told["people"] if person["role"] == "counsel")
    answers: list[int] = []

    with httpx.Client(
        base_url=f"{demo.url}/api/v1/nodes", headers={"Authorization": f"Bearer {counsel['token']}"}
    ) as api:

        def deposited(box: str, name: str) -> int:
            words = {"params": {"name": name}, "headers": {"Idempotency-Key": name}}
            return api.post(f"/{box}/deposits", content=b"%PDF-1.4", **words).status_code

        places = [case["root_id"] for case in told["cases"]]
        while not (boxes := [one for one in places if deposited(one, "avant") == 201]):
            rooms = [api.get(f"/{one}/children").json() for one in places]
            places = [one["id"] for room in rooms for one in room.get("items", [])]
        (box,) = boxes
        os.kill(before, signal.SIGKILL)

        def accepted() -> bool:
            answers.append(deposited(box, "panne"))
            return answers[-1] != 503

        assert waited_for(accepted, seconds=30)
        found = api.get(f"/{box}/children").json()["items"]

    assert set(answers[:-1]) <= {503}
    assert answers[-1] in {200, 201}
    assert [one["name"] for one in found].count("panne") == 1
    assert demo.children()["signer"] != before


def test_a_dead_database_is_started_again(demo: Demo) -> None:
    pid_file = demo.data / "postgres" / "data" / "postmaster.pid"
    before = int(pid_file.read_text().split()[0])

    os.kill(before, signal.SIGKILL)

    assert waited_for(
        lambda: (
            pid_file.exists() and int(pid_file.read_text().split()[0]) != before and demo.answers()
        ),
        seconds=30,
    )


def test_a_second_start_on_the_same_folder_is_refused(demo: Demo) -> None:
    second = launched(demo.data, free_port())

    assert second.process.wait(timeout=30) == 1
    assert "est déjà en marche sur" in second.output.read_text()
    assert demo.answers()


def test_a_port_that_is_taken_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        second = launched(tmp_path / "data", port)

        assert second.process.wait(timeout=30) == 1
    assert second.output.read_text() == (
        f"Le port {port} est déjà pris par un autre programme : "
        f"choisissez-en un autre, par exemple « --port {port + 1} ».\n"
    )


def test_a_folder_of_somebody_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.odt").write_text("years of work")

    demo = launched(tmp_path / "data", free_port())

    assert demo.process.wait(timeout=30) == 1
    assert "contient déjà autre chose" in demo.output.read_text()
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["thesis.odt"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_within_five_seconds_and_opens_again_with_its_data(
    data: Path, number: int
) -> None:
    people = json.loads((data / "demo.json").read_text())["people"]
    first = started(data)
    children = set(first.children().values())

    took = first.stop(number)

    assert took < 5
    assert first.process.returncode == 0
    assert [pid for pid in children if processes.alive(pid)] == []
    again = started(data)
    told = json.loads((data / "demo.json").read_text())
    assert (told["base_url"], told["people"]) == (again.url, people)
    again.stop()


def test_nothing_but_the_database_outlives_a_supervisor_that_was_killed(data: Path) -> None:
    demo = started(data)
    assert waited_for(lambda: len(demo.children()) == 4, seconds=30), demo.output.read_text()
    children = demo.children()
    ours = [children["web"], children["follow"], children["signer"], *children_of(children["web"])]

    demo.process.kill()
    demo.process.wait()

    assert waited_for(lambda: not any(map(processes.alive, ours)), seconds=20)
    again = started(data, demo.port)
    assert again.answers()
    again.stop()


def test_a_first_start_cut_short_begins_again(tmp_path: Path) -> None:
    cut = launched(tmp_path / "data", free_port())
    assert waited_for((tmp_path / "data" / "postgres" / "ready").exists, seconds=60)
    cut.process.kill()
    cut.process.wait()

    whole = started(tmp_path / "data")

    assert json.loads((tmp_path / "data" / "demo.json").read_text())["people"] != []
    whole.stop()
