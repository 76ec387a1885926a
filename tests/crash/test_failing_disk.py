"""A disk that fails or is full: no acknowledgement, or a right one; then all works again.

Every call by which the store changes the disk goes through `blobs.disk`; each is made to
fail in turn, at each of its times, with EIO and with ENOSPC, under a whole deposit by REST.
The same on PostgreSQL's and the signer's side is killed, not injected: see `test_kills.py`.
"""

import errno
import hashlib
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.db import connection
from django.test import override_settings

from accedit.domain.filing import blobs
from accedit.domain.filing.blobs import Disk
from accedit.domain.filing.models import Deposit
from tests import cast
from tests.crash.failing import CALLS, FailingDisk, ShortDisk, disk_of
from tests.front import client, committed

__all__ = ["committed"]

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * (2 * MIB // 256) + b"end"  # three writes
FAULTS = {"EIO": errno.EIO, "ENOSPC": errno.ENOSPC}
FULL = "La plate-forme n'a plus de place pour ce fichier. Rien n'a été déposé"


@dataclass(frozen=True)
class Door:
    api: httpx.Client
    box: str
    owner: Any

    def deposit(self, *, key: str = "") -> httpx.Response:
        return self.api.post(
            f"/api/v1/nodes/{self.box}/deposits",
            params={"name": "constat.pdf"},
            headers={"Idempotency-Key": key or uuid4().hex},
            content=CONTENT,
        )

    def read_back(self, deposit: str) -> bytes:
        node = Deposit.objects.get(pk=deposit).node_id
        return self.api.get(f"/api/v1/nodes/{node}/content").content


@pytest.fixture(scope="module")
def door(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with override_settings(BLOB_FOLDER=tmp_path_factory.mktemp("blobs")):
        made = cast.gymnase()
        box, who = made.boxes["demandeur"], made.owner_counsel
        with client(token=cast.token_for(who)) as api:
            yield Door(api, str(box.folder_id), who)


def stored_keys() -> set[str]:
    return {path.name for path, _ in blobs.listing()}


def arriving() -> list[Path]:
    return list(blobs._arrivals().iterdir())


def times(door: Door) -> dict[str, int]:
    """How many times a deposit makes each call."""
    arriving()  # the folder is there, as after any other deposit
    with disk_of(FailingDisk(0, "")) as disk:
        assert door.deposit().status_code == 201
    assert isinstance(disk, FailingDisk)
    return dict(disk.counted)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_call_fails_once_at_each_of_its_times(door: Door, fault: str) -> None:
    counted = times(door)
    assert counted == {
        "open_new": 1, "write": 3, "sync": 1, "close": 1, "rename": 1,
        "make_folder": 3, "sync_folder": 4,
    }  # fmt: skip
    struck = 0
    for call, most in counted.items():
        for at in range(1, most + 1):
            before, rows = stored_keys(), Deposit.objects.count()
            key = uuid4().hex
            with disk_of(FailingDisk(FAULTS[fault], call, at)) as disk:
                answer = door.deposit(key=key)
            assert isinstance(disk, FailingDisk)
            where = f"{fault} at {call} n° {at}"
            assert answer.status_code == (507 if fault == "ENOSPC" else 500), where
            assert FULL in answer.text or fault == "EIO", where
            assert (stored_keys(), Deposit.objects.count()) == (before, rows), where
            assert arriving() == [], where
            assert disk.tried_again == 0, where
            again = door.deposit(key=key)
            assert again.status_code == 201, where
            assert again.json()["sha256"] == hashlib.sha256(CONTENT).hexdigest()
            struck += 1
    assert struck == 14
    assert set(counted) == set(CALLS) - {"unlink"}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_cannot_be_thrown_away_is_an_orphan_and_no_piece(door: Door, fault: str) -> None:
    """The store fails to take back what it could not keep: the sweeper will."""
    rows = Deposit.objects.count()
    before = stored_keys()

    class Stuck(FailingDisk):
        def unlink(self, path: Path) -> None:
            raise OSError(self.error, os.strerror(self.error))

    with disk_of(Stuck(FAULTS[fault], "sync_folder", 4)):
        answer = door.deposit()

    assert answer.status_code in (500, 507)
    assert Deposit.objects.count() == rows
    assert len(stored_keys() - before) == 1
    for path, _ in blobs.listing():
        if path.name not in before:
            path.unlink()


def test_a_disk_that_takes_little_at_a_time_takes_all(door: Door) -> None:
    with disk_of(ShortDisk(most=100_000)):
        answer = door.deposit()

    assert answer.status_code == 201
    assert door.read_back(answer.json()["deposit_id"]) == CONTENT


class TriesAgain(FailingDisk):
    """The fault that R3 forbids: after a sync that failed, the same descriptor is asked again."""

    def sync(self, handle: int) -> None:
        try:
            super().sync(handle)
        except OSError:
            super().sync(handle)


def test_a_store_that_tries_again_on_the_same_descriptor_would_be_seen(door: Door) -> None:
    with disk_of(TriesAgain(errno.EIO, "sync")) as disk:
        answer = door.deposit()

    assert isinstance(disk, FailingDisk)
    assert (answer.status_code, disk.tried_again) == (201, 1)


def test_a_full_disk_refuses_deposits_lets_read_and_takes_them_again(door: Door) -> None:
    before = door.deposit().json()["deposit_id"]

    with disk_of(FailingDisk(errno.ENOSPC, "write", lasting=True)):
        refused = [door.deposit() for _ in range(3)]
        read = door.read_back(before)
    after = door.deposit()

    assert [(one.status_code, one.json()["code"]) for one in refused] == [(507, "quota_full")] * 3
    assert all(FULL in one.json()["detail"] for one in refused)
    assert read == CONTENT
    assert after.status_code == 201


def test_a_full_disk_of_the_database_is_said_in_the_same_words(door: Door) -> None:
    """PostgreSQL's own answer (53100), given by a trigger where a deposit is written."""
    before = stored_keys()
    with connection.cursor() as cursor:
        cursor.execute(
            "create function full_disk() returns trigger language plpgsql as "
            "$$ begin raise exception 'no space left' using errcode = '53100'; end $$"
        )
        cursor.execute(
            "create trigger full_disk before insert on filing_deposit "
            "for each row execute function full_disk()"
        )
    try:
        refused = door.deposit()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop function full_disk cascade")
    after = door.deposit()

    assert (refused.status_code, refused.json()["code"]) == (507, "quota_full")
    assert FULL in refused.json()["detail"]
    assert after.status_code == 201
    assert len(stored_keys() - before) == 2  # the refused one is an orphan, for the sweeper


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of five megabytes, ours alone."""
    if os.geteuid() != 0:
        pytest.skip("only root makes a file system of five megabytes")
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(
        ["/bin/mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if made.returncode != 0:
        pytest.skip(f"this machine does not mount: {made.stderr.decode().strip()}")
    yield place
    subprocess.run(["/bin/umount", "-l", str(place)], check=True)


def test_a_disk_that_is_really_full(door: Door, small_disk: Path) -> None:
    with override_settings(BLOB_FOLDER=small_disk), disk_of(Disk()):
        first = door.deposit()
        filler = small_disk / "filler"
        filler.write_bytes(bytes(2 * MIB))
        refused = [door.deposit() for _ in range(2)]
        read = door.read_back(first.json()["deposit_id"])
        left = arriving()
        filler.unlink()
        after = door.deposit()

    assert first.status_code == 201
    assert [one.status_code for one in refused] == [507, 507]
    assert FULL in refused[0].json()["detail"]
    assert (read, left) == (CONTENT, [])
    assert after.status_code == 201
