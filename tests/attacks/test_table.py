"""The table of docs/attacks.md against the tests: each cell names a test that says so itself."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "attacks.md"
DOORS = ("pages", "rest")
ROWS = [
    *(
        [
            "A1",
            "A2",
            "A3",
            "A4",
            "A6",
            "A7",
            "A8",
            "A9",
            "A10",
            "A11",
            "A12",
            "A13",
            "A14",
            "A15",
            "A16",
            "A17",
            "A18",
            "A19",
            "A20",
            "A21",
            "A22",
            "A23",
            "A24",
            "B1",
            "B2",
            "B3",
            "B4",
            "B5",
            "B6",
            "B7",
            "B8",
            "B9",
            "B11",
            "B10",
            "B12",
            "B13",
        ]
    ),
    *(f"C{n}" for n in range(1, 21)),
    *(f"K{n}" for n in range(1, 6)),
    *(["J1", "J2", "J3", "J4", "J6", "J8", "J9", "J10", "J11", "D6", "D16"]),
    *(f"G{n}" for n in range(1, 17)),
    *(
        [
            "D1",
            "D2",
            "D5",
            "D7",
            "D8",
            "D9",
            "D14",
            "H1",
            "H2",
            "H3",
            "H4",
            "H5",
            "H6",
            "H7",
            "H10",
            "J5",
        ]
    ),
]
CELL = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")


def table() -> dict[str, dict[str, str]]:
    """row → door → what its cell says."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]\d+", cells[0]):
            found[cells[0]] = dict(zip(DOORS, cells[-2:], strict=True))
    return found


def marked(path: Path, name: str) -> set[tuple[str, str]]:
    """The (row, door) pairs that a test function says it shows, by `@pytest.mark.attack`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return {
                (row, door)
                for mark in node.decorator_list
                if isinstance(mark, ast.Call)
                and isinstance(mark.func, ast.Attribute)
                and mark.func.attr == "attack"
                for row in [ast.literal_eval(mark.args[0])]
                for door in [ast.literal_eval(arg) for arg in mark.args[1:]]
            }
    return set()


def test_the_table_has_each_row_once() -> None:
    assert sorted(table()) == sorted(ROWS)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("door", DOORS)
def test_each_cell_is_shown_by_a_test_or_says_why_not(row: str, door: str) -> None:
    cell = table()[row][door]
    named = CELL.findall(cell)

    assert named or cell.startswith("no such act: "), f"{row} × {door} is empty"
    for path, name in named:
        assert (ROOT / path).is_file(), path
        assert (row, door) in marked(ROOT / path, name), f"{path}::{name} does not say {row} {door}"


def test_a_missing_cell_would_be_seen(tmp_path: Path) -> None:
    file = tmp_path / "test_x.py"
    file.write_text('@pytest.mark.attack("A1", "pages")\ndef test_x():\n    pass\n')

    assert marked(file, "test_x") == {("A1", "pages")}
    assert marked(file, "test_y") == set()
