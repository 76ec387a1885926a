"""The import contracts of pyproject.toml, run as they stand, and broken once on purpose."""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINT = Path(sys.executable).parent / "lint-imports"


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(LINT), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_contracts_are_kept() -> None:
    done = linted(ROOT)

    assert done.returncode == 0, done.stdout


def copied(to: Path) -> Path:
    shutil.copy(ROOT / "pyproject.toml", to)
    shutil.copytree(
        ROOT / "src", to / "src", ignore=shutil.ignore_patterns("__pycache__", "static")
    )
    return to


def test_a_new_kind_of_room_and_a_call_up_the_stairs_are_refused(tmp_path: Path) -> None:
    house = copied(tmp_path)
    (house / "src/accedit/domain/post/helpers.py").write_text('"""A drawer."""\n')
    with (house / "src/accedit/domain/filing/rights.py").open("a") as file:
        file.write("\nimport django\n")
    with (house / "src/accedit/domain/evidence/queries.py").open("a") as file:
        file.write("\nimport accedit.domain.filing.enums\n")

    done = linted(house)

    assert done.returncode == 1
    for name in (
        "Law, ledger and sync know no Django BROKEN",
        "The parts of the house, top to bottom BROKEN",
        "The same floor plan in each part BROKEN",
    ):
        assert name in done.stdout
