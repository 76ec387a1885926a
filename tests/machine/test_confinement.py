"""Once shut in, a process reads what it holds and ends; it reaches nothing else."""

import json
import platform
import subprocess
import sys
import textwrap

import pytest

TRIED = """
    import json, os, resource, socket, subprocess, sys
    from accedit.machine import confinement

    stands = confinement.shut_in()

    def tried(act):
        try:
            act()
        except OSError as fault:
            return fault.errno
        except BaseException as fault:
            return type(fault).__name__
        return "done"

    print(json.dumps({
        "stands": stands,
        "reads": tried(lambda: os.read(0, 10)),
        "memory": tried(lambda: bytearray(900 * 1024 * 1024 * 2)),
        "opens": tried(lambda: os.open("/etc/passwd", os.O_RDONLY)),
        "lists": tried(lambda: os.listdir("/")),
        "links": tried(lambda: os.link("/etc/passwd", "/tmp/x")),
        "forks": tried(os.fork),
        "runs": tried(lambda: os.execv("/bin/true", ["true"])),
        "kills": tried(lambda: os.kill(os.getppid(), 0)),
        "calls": tried(lambda: socket.socket(socket.AF_INET)),
        "calls_here": tried(lambda: socket.socket(socket.AF_UNIX)),
    }), flush=True)
    os._exit(0)
"""
EPERM = 1


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() not in {"x86_64", "aarch64"},
    reason="the filter of system calls is for Linux on two architectures",
)
def test_a_process_that_is_shut_in_reaches_nothing() -> None:
    answer = subprocess.run(
        [sys.executable, "-I", "-c", textwrap.dedent(TRIED)],
        input=b"some bytes",
        capture_output=True,
        check=True,
    )

    assert json.loads(answer.stdout) == {
        "stands": True,
        "reads": "done",
        "memory": "MemoryError",
        "opens": EPERM,
        "lists": EPERM,
        "links": EPERM,
        "forks": EPERM,
        "runs": EPERM,
        "kills": EPERM,
        "calls": EPERM,
        "calls_here": EPERM,
    }
