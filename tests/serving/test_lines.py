"""What is done to the connections themselves."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from accedit.serving import lines

PAIR = tuple[socket.socket, socket.socket]


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        yield one


@pytest.fixture
def pair(listening: socket.socket) -> Iterator[PAIR]:
    """The two ends of one connection: the reader's, then the server's."""
    with ExitStack() as stack:
        reader = stack.enter_context(socket.create_connection(listening.getsockname(), timeout=10))
        yield reader, stack.enter_context(listening.accept()[0])


def filled(server: socket.socket) -> int:
    """Send until the kernel takes no more; how much it holds."""
    server.setblocking(False)
    held = 0
    while True:
        try:
            held += server.send(b"x" * (1 << 20))
        except BlockingIOError:
            return held


def drained(reader: socket.socket) -> tuple[int, bool]:
    """How much came until the end, and whether the line was reset."""
    got = 0
    try:
        while block := reader.recv(1 << 20):
            got += len(block)
    except ConnectionResetError:
        return got, True
    return got, False


def test_connections_inherit_that_a_reader_who_takes_nothing_is_let_go(
    listening: socket.socket,
) -> None:
    lines.bound.cache_clear()

    found = lines.bound()

    with (
        socket.create_connection(listening.getsockname(), timeout=10),
        listening.accept()[0] as one,
    ):
        patience = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
    assert found >= 1
    assert patience == lines.TAKES_NOTHING_FOR * 1000


def test_a_cut_throws_away_what_waits_to_be_sent(pair: PAIR) -> None:
    """Given megabytes that the kernel holds for a reader who takes none; when the line is cut and
    closed; then the reader sees it reset, and gets no more than lay in front of them."""
    reader, server = pair
    held = filled(server)

    found = lines.cut(reader.getsockname())
    server.close()

    got, reset = drained(reader)
    assert (found, reset) == (True, True)
    assert got < held


def test_without_the_cut_all_of_it_would_still_arrive(pair: PAIR) -> None:
    """The negative control of the test above."""
    reader, server = pair
    held = filled(server)

    server.close()

    assert drained(reader) == (held, False)


def test_a_stranger_s_connection_is_not_cut(pair: PAIR) -> None:
    assert not lines.cut(("127.0.0.1", 1))
