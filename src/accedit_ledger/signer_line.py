"""The line between a signer's process and whoever asks it: its address, its frames.

An address is a path. There stands a Unix socket, open to its owner alone; or, where the
system has none or the path is too long for one, a private file that names a port of this
machine and the secret that each line must begin with.

A frame is its length in four bytes, then an object in JSON, 64 KiB at most. A request, an
answer, and again:

    {"do": "sign", "head": "origin\nsize\nroot\n", "old": 7, "path": ["base64", …]}
        → {"note": "…"}        the signed note
        → {"need": 9}          ask again with the proof of consistency from 9 leaves
        → {"refused": "why"}   what was asked contradicts what was signed
    {"do": "last", "origin": "…"}     → {"head": "…"}, or null for a log never signed
    {"do": "heads", "from": 0}        → {"heads": ["…", …], "next": 100}, or null at the end

To any of them: {"damaged": "file"}, its memory cannot be read; {"fault": "why"}, its disk
failed. Whoever is slower than `PATIENCE` for a frame is hung up on.
"""

import json
import os
import socket
import stat
import time
from pathlib import Path
from typing import Any

MOST = 64 * 1024
PATIENCE = 5.0  # seconds for one frame, either way
LONGEST_SOCKET = 100  # bytes of a path; systems differ a little above

Frame = dict[str, Any]


class LineBroken(OSError):
    """Cut in mid-frame, too slow, or not what this line speaks."""


def send(line: socket.socket, frame: Frame) -> None:
    data = json.dumps(frame, ensure_ascii=False).encode()
    if len(data) > MOST:
        raise LineBroken("larger than a frame may be")
    line.settimeout(PATIENCE)
    line.sendall(len(data).to_bytes(4, "big") + data)


def receive(line: socket.socket) -> Frame | None:
    """The next frame; None where the other side hung up between two."""
    until = time.monotonic() + PATIENCE
    start = _exactly(line, 4, until=until)
    if not start:
        return None
    size = int.from_bytes(start, "big")
    data = _exactly(line, size, until=until) if 0 < size <= MOST else b""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise LineBroken("not a frame") from error
    if not isinstance(frame, dict):
        raise LineBroken("not a frame")
    return frame


def _exactly(line: socket.socket, count: int, *, until: float) -> bytes:
    """`count` bytes, or none at all where the other side hung up before the first."""
    data = b""
    while len(data) < count:
        left = until - time.monotonic()
        if left <= 0:
            raise LineBroken("too slow")
        line.settimeout(left)
        more = line.recv(count - len(data))
        if not more and data:
            raise LineBroken("cut in mid-frame")
        if not more:
            return b""
        data += more
    return data


def takes_socket(address: Path) -> bool:
    return hasattr(socket, "AF_UNIX") and len(os.fsencode(address)) <= LONGEST_SOCKET


def reached(address: Path) -> socket.socket:
    """A line to the signer at `address`. Raises OSError where none answers."""
    target: Any = str(address)
    secret = None
    if not stat.S_ISSOCK(address.stat().st_mode):
        said = json.loads(address.read_text(encoding="ascii"))
        target, secret = ("127.0.0.1", int(said["port"])), str(said["secret"])
    line = socket.socket(socket.AF_UNIX if secret is None else socket.AF_INET)
    try:
        line.settimeout(PATIENCE)
        line.connect(target)
        if secret is not None:
            send(line, {"secret": secret})
    except BaseException:
        line.close()
        raise
    return line


def answers(address: Path) -> bool:
    """Whether a signer listens there now."""
    try:
        reached(address).close()
    except (OSError, ValueError, KeyError):
        return False
    return True


def keys_file(address: Path) -> Path:
    """Where a signer publishes its verifier keys, for whoever need not wait for it."""
    return address.with_suffix(".cles")
