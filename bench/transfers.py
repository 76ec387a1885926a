"""A large file in and out, beside nginx: each round measures both, one after the other.

In: our POST until the answer (hashed, on the disk, in the log, signed) against nginx's PUT of
the same file, then fsync, then `sha256sum`. Out: our GET (decided, entered in the log) against
nginx's static file. The same client for both.
"""

import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench import peer
from bench.clients import Line
from bench.figures import Figure, ratio, say, shown
from bench.installation import Installation
from bench.rooms import Depositor

MIB = 1 << 20
GROWTH = 64 * MIB


class Memory:
    """The most that the server's processes held while something ran, over what they held before."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._before: dict[str, int] = {}
        self._most: dict[str, int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> "Memory":
        self._before = self._house.resident_bytes()
        self._most = dict(self._before)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._stop.wait(0.2):
            for name, size in self._house.resident_bytes().items():
                self._most[name] = max(self._most.get(name, 0), size)

    @property
    def growth(self) -> int:
        return self._most["server"] - self._before["server"]


@dataclass
class Rounds:
    up: list[float] = field(default_factory=list)
    down: list[float] = field(default_factory=list)
    up_rates: list[float] = field(default_factory=list)
    down_rates: list[float] = field(default_factory=list)
    peer_parts: list[str] = field(default_factory=list)
    grown_up: list[int] = field(default_factory=list)
    grown_down: list[int] = field(default_factory=list)


def measured(
    house: Installation, by: Depositor, *, folder: Path, size: int, rounds: int
) -> list[Figure]:
    file = folder / "large.bin"
    _written(file, size)
    found = Rounds()
    with peer.running(folder / "nginx") as (port, files):
        for which in range(rounds):
            say(f"fichier de {size // MIB} Mio, passe {which + 1} sur {rounds}")
            _one(house, by, file=file, port=port, files=files, found=found, which=which)
    return _told(found, size=size)


def _one(
    house: Installation,
    by: Depositor,
    *,
    file: Path,
    port: int,
    files: Path,
    found: Rounds,
    which: int,
) -> None:
    size = file.stat().st_size
    os.sync()
    theirs, parts = _put(port, file, files / f"{which}.bin")
    os.sync()
    with Memory(house) as memory:
        ours, node = _deposited(house, by, file=file, which=which)
    found.grown_up.append(memory.growth)
    found.up.append(theirs / ours)
    found.up_rates.append(size / ours / MIB)
    found.peer_parts.append(parts)
    there = _got(Line(port, host=f"127.0.0.1:{port}"), f"/{which}.bin", size)
    with Memory(house) as memory:
        line = Line(house.port, host=house.host, headers=_key(by))
        here = _got(line, f"/api/v1/nodes/{node}/content", size)
    found.grown_down.append(memory.growth)
    found.down.append(there / here)
    found.down_rates.append(size / here / MIB)
    (files / f"{which}.bin").unlink()


def _put(port: int, file: Path, target: Path) -> tuple[float, str]:
    """PUT, fsync, sha256sum of what came: what our one answer promises."""
    line = Line(port, host=f"127.0.0.1:{port}")
    began = time.perf_counter()
    answer = line.ask("PUT", f"/{target.name}", body=file)
    sent = time.perf_counter()
    if answer.status not in (201, 204):
        raise RuntimeError(f"nginx answered {answer.status}")
    handle = os.open(target, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    safe = time.perf_counter()
    subprocess.run(["sha256sum", str(target)], check=True, stdout=subprocess.DEVNULL)
    ended = time.perf_counter()
    line.close()
    parts = f"{shown(sent - began, 1)} + {shown(safe - sent, 1)} + {shown(ended - safe, 1)} s"
    return ended - began, parts


def _deposited(house: Installation, by: Depositor, *, file: Path, which: int) -> tuple[float, str]:
    line = Line(house.port, host=house.host, headers=_key(by))
    answer = line.ask("POST", f"/api/v1/nodes/{by.box}/deposits?name=lourd-{which}.bin", body=file)
    line.close()
    if answer.status != 201:
        raise RuntimeError(f"{answer.status}: {answer.body[:300]!r}")
    return answer.seconds, answer.json["node_id"]


def _got(line: Line, path: str, size: int) -> float:
    answer = line.ask("GET", path, keep=False)
    line.close()
    if answer.status != 200 or answer.size != size:
        raise RuntimeError(f"{path}: {answer.status}, {answer.size} bytes of {size}")
    return answer.seconds


def _key(by: Depositor) -> dict[str, str]:
    return {"Authorization": f"Bearer {by.token}"}


def _written(file: Path, size: int) -> None:
    with file.open("wb") as out:
        for _ in range(size // MIB):
            out.write(os.urandom(MIB))


def _told(found: Rounds, *, size: int) -> list[Figure]:
    gib = f"{shown(size / (1 << 30), 1)} Gio"
    rates = sorted(zip(found.up_rates, found.peer_parts, strict=True))
    middle = rates[len(rates) // 2]
    return [
        ratio(
            f"dépôt de {gib} ÷ (PUT par nginx + fsync + sha256sum)", found.up, goal=0.8, least=True
        ),
        Figure("débit du dépôt ; les trois temps de nginx", f"{middle[0]:.0f} Mio/s ; {middle[1]}"),
        ratio(f"téléchargement de {gib} ÷ nginx", found.down, goal=0.8, least=True),
        Figure("débit du téléchargement", f"{sorted(found.down_rates)[len(rates) // 2]:.0f} Mio/s"),
        _memory("mémoire prise par le serveur pendant le dépôt", found.grown_up),
        _memory("mémoire prise par le serveur pendant le téléchargement", found.grown_down),
    ]


def _memory(what: str, grown: list[int]) -> Figure:
    most = max(grown)
    return Figure(what, f"{shown(most / MIB, 1)} Mio au plus", "< 64 Mio", most < GROWTH)
