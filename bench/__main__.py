"""`python -m bench [NAME…]`: the figures of docs/performance.md, as a Markdown table.

Names: `deposits`, `pages`, `transfers`; all of them without a name. `--quick` takes a fifth of
the time and says so. The machine and the command are printed above the table.
"""

import argparse
import shlex
import sys
import tempfile
import time
from pathlib import Path

from bench import deposits, pages, rooms, transfers
from bench.figures import Figure, machine, say, table
from bench.installation import Installation, joined, running

NAMES = ("pages", "deposits", "transfers")
GIB = 1 << 30


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--quick", action="store_true", help="fewer rounds, a smaller file")
    parser.add_argument("--workers", type=int, default=1, help="processes of the server")
    parser.add_argument("--folder", type=Path, help="where to work (a disk, never a tmpfs)")
    given = parser.parse_args()
    names = given.names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    described, began = machine(), time.monotonic()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="accedit-bench-", dir=given.folder) as where:
        folder = Path(where)
        folder.chmod(0o755)
        with running(folder, workers=given.workers) as house:
            joined(house.data)
            for name in NAMES:
                if name in names:
                    figures += MEASURES[name](house, folder, given.quick)
    command = shlex.join(["python", "-m", "bench", *sys.argv[1:]])
    took = f"{(time.monotonic() - began) / 60:.0f} min"
    print(f"Machine : {described}. Commande : `{command}` ({took}).\n\n{table(figures)}")
    return 0 if all(figure.holds is not False for figure in figures) else 1


def _pages(house: Installation, _folder: Path, quick: bool) -> list[Figure]:
    say("une salle de 1 000 nœuds, une de 100 000")
    small = rooms.large(nodes=1_000, members=50)
    large = rooms.large(nodes=20_000 if quick else 100_000, members=50)
    rooms.analysed()
    rounds, each = (3, 10) if quick else (5, 40)
    return pages.measured(house, small=small, large=large, rounds=rounds, each=each, clients=8)


def _deposits(house: Installation, _folder: Path, quick: bool) -> list[Figure]:
    seconds, rounds = (2.0, 3) if quick else (5.0, 5)
    return deposits.measured(house, rooms.depositors(), seconds=seconds, rounds=rounds)


def _transfers(house: Installation, folder: Path, quick: bool) -> list[Figure]:
    size, rounds = (GIB // 2, 3) if quick else (2 * GIB, 5)
    by = rooms.depositors()[0]
    return transfers.measured(house, by, folder=folder, size=size, rounds=rounds)


MEASURES = {"pages": _pages, "deposits": _deposits, "transfers": _transfers}

if __name__ == "__main__":
    sys.exit(main())
