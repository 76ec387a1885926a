"""Kill points: one list, each name in the code, and no way to arm one in real use."""

import ast
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from accedit.machine import safety
from accedit.shared.kill_points import POINTS

SRC = Path(__file__).parents[2] / "src"


def reached() -> set[str]:
    """The names that the code says, from its syntax."""
    found = set()
    for path in [*SRC.rglob("*.py"), Path(__file__).with_name("zygote.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reach":
                names = [one.value for one in ast.walk(node) if isinstance(one, ast.Constant)]
                found |= {name for name in names if isinstance(name, str)}
    return found


def test_the_list_and_the_code_say_the_same_names() -> None:
    assert reached() == set(POINTS)


def of_settings(module: str) -> str:
    """`KILL_POINTS` as a process has it whose environment asks for some."""
    asks = {"DJANGO_SETTINGS_MODULE": module, "ACCEDIT_KILL_POINTS": "/somewhere"}
    done = subprocess.run(
        [sys.executable, "-c", "from django.conf import settings; print(settings.KILL_POINTS)"],
        env=os.environ | asks | {"PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_real_use_hears_of_no_kill_point() -> None:
    assert of_settings("accedit.settings.prod") == ""
    assert of_settings("accedit.settings.dev") == "/somewhere"


def test_real_use_does_not_start_where_the_environment_asks_for_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = SimpleNamespace()
    assert safety.nobody_kills(settings) is None  # type: ignore[arg-type]

    monkeypatch.setenv("ACCEDIT_KILL_POINTS", "/somewhere")

    words = safety.nobody_kills(settings)  # type: ignore[arg-type]
    assert words is not None
    assert "retirez cette variable" in words
    assert safety.nobody_kills in safety.SETTINGS_CHECKS
