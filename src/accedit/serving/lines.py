"""What the HTTP server gives no hold on: its sockets, found among our own.

A delivery that is cut must send nothing more. But the server and the kernel hold what they
already took, megabytes for a slow reader, and would go on sending it: so the connection is
reset, which throws it away (I12). And whoever takes nothing at all is let go in the end.

Linux tells us our sockets; elsewhere a cut ends with what was already handed over.
"""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

TAKES_NOTHING_FOR = 120  # seconds
AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: a close throws away what has not left

Peer = tuple[str, int]


@cache
def bound() -> int:
    """Once a process: give up, in every connection still to come, on a reader that takes nothing
    for so long or whose machine went away. Listening sockets hand their options on; how many
    there are."""
    found = 0
    for one in _ours():
        if one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
            one.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKES_NOTHING_FOR * 1000)
            found += 1
    return found


def cut(peer: Peer) -> bool:
    """Reset the connection with this peer: what waits to be sent is thrown away."""
    for one in _ours():
        with suppress(OSError):
            host, port = one.getpeername()[:2]
            if (host.removeprefix("::ffff:"), port) == peer:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
                one.shutdown(socket.SHUT_RDWR)  # the server sees it at once, and closes
                return True
    return False


def _ours() -> Iterator[socket.socket]:
    """The TCP sockets of this process, each for the time of one look."""
    with suppress(FileNotFoundError):
        for entry in list(Path("/proc/self/fd").iterdir()):
            with suppress(OSError), socket.socket(fileno=os.dup(int(entry.name))) as one:
                if one.family in {socket.AF_INET, socket.AF_INET6}:
                    yield one
