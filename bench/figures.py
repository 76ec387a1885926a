"""What is told: medians, the machine, the command, a Markdown table."""

import os
import platform
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

GIB = 1 << 30


@dataclass(frozen=True)
class Figure:
    """One line: what was measured, the figure, its goal, whether it holds."""

    what: str
    found: str
    goal: str = ""
    holds: bool | None = None

    def line(self) -> str:
        verdict = {True: "oui", False: "**non**", None: ""}[self.holds]
        return f"| {self.what} | {self.found} | {self.goal} | {verdict} |"


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def shown(value: float, digits: int = 2) -> str:
    return f"{value:.{digits}f}".replace(".", ",")


def ratio(what: str, values: Sequence[float], *, goal: float, least: bool) -> Figure:
    """The median of ratios, each taken in one round."""
    found = median(values)
    spread = f"{shown(found)} ({shown(min(values))} à {shown(max(values))})"
    sign = "≥" if least else "≤"
    holds = found >= goal if least else found <= goal
    return Figure(what, spread, f"{sign} {shown(goal, 1)}", holds)


def machine() -> str:
    """The machine, and how busy it was before we began."""
    model = next(
        line.split(":", 1)[1].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if line.startswith("model name")
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    load = os.getloadavg()[0]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    ).stdout.strip()
    return (
        f"{os.cpu_count()} cœurs {model}, {memory:.0f} Gio, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}, état {commit or 'inconnu'}, "
        f"le {datetime.now(UTC):%d/%m/%Y}, charge au départ {shown(load, 1)}"
    )


def table(figures: Sequence[Figure]) -> str:
    head = "| mesure | résultat | but | tenu |\n|---|---|---|---|"
    return "\n".join([head, *(figure.line() for figure in figures)])


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
