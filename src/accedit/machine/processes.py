"""What the process table says, where a signal or a pid file would lie.

The first process of many containers reaps late: a killed child stays a zombie
for seconds, still has a pid and still answers signal 0. A pid written in a file
may belong to somebody else after a reboot. So a process counts as ours only if it
is not a zombie and its current directory is our folder (PostgreSQL's is its data).
"""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROC = Path("/proc")


def alive(pid: int) -> bool:
    """True unless the process is gone or dead and not yet reaped (state `Z` or `X`)."""
    if PROC.joinpath("self/stat").exists():
        try:
            state = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return False
        return state not in {"Z", "X"}
    answer = subprocess.run(  # noqa: S603 - no shell, no outside text
        ["/bin/ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.returncode == 0 and not answer.stdout.strip().startswith("Z")


def works_in(pid: int, folder: Path) -> bool:
    """Whether the process has `folder` as its current directory.

    Without /proc: whether its command line names it.
    """
    if PROC.joinpath("self/stat").exists():
        try:
            return (PROC / str(pid) / "cwd").samefile(folder)
        except OSError:
            return False
    answer = subprocess.run(  # noqa: S603 - no shell, no outside text
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return str(folder) in answer.stdout


def all_in(folder: Path) -> list[int]:
    """Every living process whose current directory is `folder` (none is seen without /proc)."""
    if not PROC.joinpath("self/stat").exists():
        return []
    pids = [int(entry.name) for entry in PROC.iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if works_in(pid, folder) and alive(pid)]


def waited_for(condition: Callable[[], bool], *, seconds: float, every: float = 0.01) -> bool:
    """Whether the condition came true in time."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(every)
    return True
