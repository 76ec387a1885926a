"""The plug is pulled after each step: bytes that were said to be safe are there, whole.

A simulation of the disk under the blob store alone (`forgetful.py`); its mutants, without one
of the syncs, are all caught.
"""

import hashlib
import os
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.test import override_settings

from accedit.domain.filing import blobs
from accedit.domain.filing.blobs import StoredBlob
from tests.crash.failing import disk_of
from tests.crash.forgetful import (
    ForgetfulDisk,
    WithoutFolderSync,
    WithoutParentSync,
    WithoutSync,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
FILES, CUTS = (30, 40) if os.environ.get("ACCEDIT_SOAK") else (6, 8)


def stored(content: bytes) -> StoredBlob:
    with blobs.Receiving(received_from=NOON) as receiving:
        for start in range(0, len(content), 4096):
            receiving.write(content[start : start + 4096])
        return receiving.finish(received_at=NOON)


def lost_after_cuts(disk: ForgetfulDisk, *, beside: Path, seed: int) -> int:
    """How many times an acknowledged file was not found whole, over all the cuts."""
    dice, lost = random.Random(seed), 0
    safe: list[StoredBlob] = []
    with disk_of(disk), override_settings(BLOB_FOLDER=disk.root / "blobs"):
        for _ in range(FILES):
            safe.append(stored(dice.randbytes(dice.randint(1, 20_000))))
            blobs.Receiving(received_from=NOON).write(b"the line breaks here")
            for _ in range(CUTS):
                disk.after_the_cut(beside, dice=dice)
                lost += sum(not is_whole(one, beside) for one in safe)
    return lost


def is_whole(blob: StoredBlob, root: Path) -> bool:
    with override_settings(BLOB_FOLDER=root / "blobs"):
        path = blobs.path_of(blob.key)
    return (
        path.is_file()
        and path.stat().st_size == blob.size
        and hashlib.sha256(path.read_bytes()).hexdigest() == blob.sha256
    )


@pytest.mark.parametrize("seed", range(2))
def test_what_was_said_to_be_safe_survives_every_cut(tmp_path: Path, seed: int) -> None:
    (tmp_path / "disk").mkdir()

    assert (
        lost_after_cuts(ForgetfulDisk(tmp_path / "disk"), beside=tmp_path / "cut", seed=seed) == 0
    )


@pytest.mark.parametrize("mutant", [WithoutSync, WithoutFolderSync, WithoutParentSync])
def test_a_store_without_one_of_its_syncs_is_caught(
    tmp_path: Path, mutant: type[ForgetfulDisk]
) -> None:
    (tmp_path / "disk").mkdir()

    assert lost_after_cuts(mutant(tmp_path / "disk"), beside=tmp_path / "cut", seed=1) > 0


def test_a_folder_that_a_killed_process_made_is_not_taken_for_durable(tmp_path: Path) -> None:
    """Made and not synced by who died; whoever comes next answers for its name too."""
    (tmp_path / "disk").mkdir()
    disk = ForgetfulDisk(tmp_path / "disk")
    with disk_of(disk), override_settings(BLOB_FOLDER=disk.root / "blobs"):
        for first in range(256):
            for second in (0, 1):
                folder = disk.root / "blobs" / f"{first:02x}" / f"{second:02x}"
                for one in (folder.parent.parent, folder.parent, folder):
                    disk.make_folder(one)
        safe = [stored(b"a piece") for _ in range(5)]
        dice = random.Random(1)
        for _ in range(CUTS):
            disk.after_the_cut(tmp_path / "cut", dice=dice)
            assert [is_whole(one, tmp_path / "cut") for one in safe] == [True] * 5
