"""The first machine: random acts through the doors, an oracle that knows nothing of us, and
everything compared after each act, for all pairs of person and node."""

import ast
import os
from pathlib import Path
from types import ModuleType

import pytest

from tests.cast import Gymnase
from tests.machines import oracle, oracle_acts, walk
from tests.machines.house import furnished
from tests.machines.walk import Walk

SOAK = os.environ.get("ACCEDIT_SOAK") == "1"
SEEDS = range(1, 61) if SOAK else range(1, 7)
STEPS = 52


def imported(module: ModuleType) -> set[str]:
    tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        if isinstance(node, ast.ImportFrom):
            found.add(node.module or "." * node.level)
    return found


def test_the_oracle_imports_nothing_of_ours() -> None:
    assert imported(oracle) == {"dataclasses"}
    assert imported(oracle_acts) == {"collections.abc", "dataclasses", "tests.machines.oracle"}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_house_and_the_oracle_say_the_same(seed: int, g: Gymnase) -> None:
    """Given a room of some forty nodes and eight people; when anybody does anything; then the
    answers, the rights, the lists, the counts and the reasons are those of the model."""
    made = Walk(furnished(g), seed)
    assert len(made.world.spots) >= 30
    assert len(made.house.people) == 8

    made.go(STEPS)

    assert len(made.acts) == STEPS
    assert {what.split()[0] for what in made.done} <= set(walk.WEIGHTS)
