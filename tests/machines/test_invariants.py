"""The table of docs/invariants.md against the tests: each sentence is kept by tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "invariants.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
NUMBERS = [f"I{number}" for number in range(1, 22)]


def table() -> dict[str, list[tuple[str, str]]]:
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"I\d+", cells[0]):
            found[cells[0]] = NAMED.findall(cells[-1])
    return found


def named_in(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_invariant_is_there_once() -> None:
    assert list(table()) == NUMBERS


@pytest.mark.parametrize("number", NUMBERS)
def test_each_invariant_names_tests_that_exist(number: str) -> None:
    named = table()[number]

    assert named
    for path, name in named:
        assert name in named_in(ROOT / path), f"{number}: {path}::{name}"


def test_a_test_that_is_gone_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text("def test_here():\n    pass\n")

    assert named_in(file) == {"test_here"}
