"""What a linter cannot see of the house rules, checked on the code itself."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db.models import ForeignKey

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
ORDER = [
    "evidence",
    "post",
    "people",
    "alerts",
    "filing",
    "cases",
    "valuation",
    "analysis",
    "documents",
]
DOORS = ["web", "api", "dav", "sync", "console"]
WRITES = {
    "save",
    "create",
    "bulk_create",
    "update",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
}
CLOCKS = {"today", "now", "localdate", "localtime"}
NOT_A_ROW = "# not a row"
FORBIDDEN_NAMES = {"utils", "helpers", "misc", "common", "manager", "base"}


def calls(folder: Path) -> Iterator[tuple[Path, str, int, str]]:
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").splitlines()
        for node in ast.walk(ast.parse("\n".join(lines))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                yield path, node.func.attr, node.lineno, lines[node.lineno - 1]


def strays_in(folder: Path, names: set[str], *, spared: set[str]) -> list[str]:
    return [
        f"{path.relative_to(folder)}:{line} .{name}()"
        for path, name, line, text in calls(folder)
        if name in names and not spared & set(path.parts) and NOT_A_ROW not in text
    ]


def test_rows_are_written_only_by_operations() -> None:
    """`machine` holds no row: it prepares processes and files, and may not import a model."""
    for floor in ("domain", "interfaces", "serving"):
        found = strays_in(SRC / "accedit" / floor, WRITES, spared={"operations", "migrations"})
        assert found == []


def test_the_clock_is_read_only_at_the_doors() -> None:
    for folder in ("accedit_law", "accedit_ledger", "accedit/domain"):
        assert strays_in(SRC / folder, CLOCKS, spared={"migrations"}) == []


def test_tables_point_only_down_the_house() -> None:
    strays = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
        and height(field.related_model._meta.app_label) > height(model._meta.app_label) >= 0
    ]

    assert strays == []


def height(label: str) -> int:
    """How high a part stands in the house; -1 for what is not ours."""
    return ORDER.index(label) if label in ORDER else -1


def test_the_five_doors_and_the_nine_parts_exist() -> None:
    assert [
        d for d in DOORS if not (SRC / "accedit/interfaces" / d / "__init__.py").is_file()
    ] == []
    assert [p for p in ORDER if not (SRC / "accedit/domain" / p / "__init__.py").is_file()] == []


def test_no_file_is_a_drawer() -> None:
    drawers = [
        str(path.relative_to(SRC))
        for path in SRC.rglob("*.py")
        if path.stem in FORBIDDEN_NAMES and path.parent.name != "settings"
    ]

    assert drawers == []


def test_shared_is_a_closed_list() -> None:
    assert sorted(path.stem for path in (SRC / "accedit/shared").glob("*.py")) == [
        "__init__",
        "fields",
        "json_cache",
        "kill_points",
        "paging",
        "refusals",
    ]


@pytest.mark.parametrize("package", ["accedit_law", "accedit_ledger", "accedit_sync"])
def test_a_foundation_is_imported_without_django(package: str) -> None:
    code = (
        f"import sys, {package}; assert not any(m.split('.')[0] == 'django' for m in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


def test_a_planted_stray_is_seen(tmp_path: Path) -> None:
    """The tests above can fail: a write, a clock and a drawer outside their place are found."""
    (tmp_path / "access.py").write_text(
        "def f(row, timezone):\n    row.save()\n    timezone.now()\n"
    )

    assert strays_in(tmp_path, WRITES, spared=set()) == ["access.py:2 .save()"]
    assert strays_in(tmp_path, CLOCKS, spared=set()) == ["access.py:3 .now()"]
