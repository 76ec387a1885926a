"""The signer as a process of its own: it starts in a blink, alone opens its memory, forgets nothing."""

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accedit.machine.processes import waited_for
from accedit_ledger import signer_line, signer_process
from accedit_ledger.checkpoint import Checkpoint, open_note
from accedit_ledger.note import VerifierKey
from accedit_ledger.proofs import consistency_proof
from accedit_ledger.signer import SignerRefuses, Store, StoreDamaged, StoreHeld, kept_in
from accedit_ledger.signer_client import RemoteSigner, SignerAway, published_keys
from tests.ledger.sample import ACTS, SampleLog, log_of
from tests.machine.test_demo import environment

KILLS = 1000 if os.environ.get("ACCEDIT_SOAK") else 60
DOMAIN = "accedit.example"
HISTORIES = [[log_of(size, seed=seed) for size in range(1, 40)] for seed in (1, 2)]
DIES_ONCE_STORED = """
import os, signal, sys
from accedit_ledger import signer_process
made = signer_process.kept_in
def kept_in(folder, *, domain):
    signer = made(folder, domain=domain)
    signer.stored = lambda: os.kill(os.getpid(), signal.SIGKILL)
    return signer
signer_process.kept_in = kept_in
signer_process.main(sys.argv[1:])
"""
STORES_NOTHING = """
import sys
from accedit_ledger.signer import Store
from accedit_ledger import signer_process
Store.record = lambda self, checkpoint: None
signer_process.main(sys.argv[1:])
"""


class House:
    """A signer's folder and address, and the process that serves there."""

    def __init__(self, folder: Path, address: Path) -> None:
        self.folder, self.address = folder, address
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *program: str) -> None:
        how = program or ("-m", "accedit", "signer")
        self.process = subprocess.Popen(
            [sys.executable, *how, str(self.folder), str(self.address), DOMAIN], env=environment()
        )
        assert waited_for(lambda: signer_line.answers(self.address) or self.is_over, seconds=20)

    @property
    def is_over(self) -> bool:
        return self.process is None or self.process.poll() is not None

    @property
    def remote(self) -> RemoteSigner:
        return RemoteSigner(self.address)

    @property
    def keys(self) -> list[VerifierKey]:
        return [VerifierKey.parse(text) for text in published_keys(self.address)]

    def end(self, number: int = signal.SIGKILL) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(timeout=10)
        self.process = None
        return code


@pytest.fixture
def down(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "signer", tmp_path / "s.sock")
    yield house
    house.end()


@pytest.fixture
def house(down: House) -> House:
    down.start()
    return down


def proof_of(log: SampleLog) -> Callable[[int], list[bytes]]:
    return lambda old: consistency_proof(old=old, new=log.frontier.size, node=log.node)


def signed(signer: RemoteSigner, log: SampleLog) -> Checkpoint:
    return open_note(signer.sign(log.head(), consistency=proof_of(log)), [_key_of(signer)])[0]


def _key_of(signer: RemoteSigner) -> VerifierKey:
    return VerifierKey.parse(published_keys(signer.address)[0])


def test_it_signs_a_log_that_grows_and_remembers_it(house: House) -> None:
    log = log_of(3)

    first, again = signed(house.remote, log), signed(house.remote, log)
    for _ in range(6):
        log.append({"kind": "x"})
    later = signed(house.remote, log)

    assert first == again
    assert later == log.head() == house.remote.last(ACTS)
    assert list(house.remote.heads()) == [log.head()]
    assert house.remote.last(f"{DOMAIN}/e/autre/acts") is None


def test_it_loads_neither_django_nor_a_database_driver() -> None:
    script = (
        "import sys; from accedit_ledger import signer_process\n"
        "sys.exit(bool({'django', 'psycopg'} & set(sys.modules)))"
    )

    assert (
        subprocess.run([sys.executable, "-c", script], env=environment(), check=False).returncode
        == 0
    )


def test_the_key_and_the_socket_are_for_its_owner_and_the_public_key_for_all(house: House) -> None:
    assert (house.folder / "cle").stat().st_mode & 0o777 == 0o600
    assert house.address.stat().st_mode & 0o777 == 0o600
    assert signer_line.keys_file(house.address).stat().st_mode & 0o777 == 0o644
    kept = kept_in(house.folder, domain=DOMAIN)
    assert published_keys(house.address) == [kept.key.vkey]


def test_its_public_key_is_read_while_it_is_down(house: House) -> None:
    before = published_keys(house.address)
    house.end()

    assert published_keys(house.address) == before


# L9: nothing but a continuation of what was signed


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (log_of(4), "already signed"),
        (log_of(5, seed=2), "another root"),
        (log_of(9, seed=2), "does not continue"),
    ],
)
def test_l9_what_contradicts_what_was_signed_is_refused(
    house: House, asked: SampleLog, why: str
) -> None:
    signed(house.remote, log_of(5))

    with pytest.raises(SignerRefuses, match=why):
        signed(house.remote, asked)
    assert house.remote.last(ACTS) == log_of(5).head()
    assert signed(house.remote, log_of(9)) == log_of(9).head()


def test_l9_a_wrong_proof_is_refused_even_for_a_true_log(house: House) -> None:
    signed(house.remote, log_of(5))
    longer = log_of(9)

    for wrong in ([], [bytes(32)], proof_of(longer)(4), [b"short"]):
        with pytest.raises(SignerRefuses, match="does not continue"):
            house.remote.sign(longer.head(), consistency=lambda _old, wrong=wrong: wrong)
    assert signed(house.remote, longer) == longer.head()


def test_an_origin_of_somebody_else_is_refused(house: House) -> None:
    with pytest.raises(SignerRefuses, match="does not speak"):
        house.remote.sign(
            Checkpoint("autre.example/e/1/acts", 1, bytes(32)), consistency=lambda _: []
        )


def test_a_memory_that_cannot_be_read_is_said_as_such(house: House) -> None:
    signed(house.remote, log_of(5))
    (file,) = (house.folder / "heads").glob("*.head")
    file.write_bytes(b"\xff")

    for ask in (lambda: signed(house.remote, log_of(5)), lambda: house.remote.last(ACTS)):
        with pytest.raises(StoreDamaged):
            ask()
    assert list(house.remote.heads()) == []


def test_more_logs_than_one_frame_holds_are_all_told(house: House) -> None:
    store = Store(house.folder / "heads")
    names = {f"{DOMAIN}/e/{rank:0200}/acts" for rank in range(250)}
    for name in names:
        store.record(Checkpoint(name, 1, bytes(32)))

    assert {head.origin for head in house.remote.heads()} == names


def test_eight_callers_at_once_are_each_answered(house: House) -> None:
    def caller(room: int) -> list[Checkpoint]:
        origin = f"{DOMAIN}/e/{room % 4}/acts"
        return [signed(house.remote, log_of(size, origin=origin)) for size in [room + 1]]

    with ThreadPoolExecutor(8) as threads:
        sizes = [heads[0].size for heads in threads.map(caller, range(4))]

    assert sizes == [1, 2, 3, 4]


# Who may stand there


def test_two_signers_never_work_on_one_memory(house: House) -> None:
    kept = kept_in(house.folder, domain=DOMAIN)

    with pytest.raises(StoreHeld):
        kept.store.hold()
    with pytest.raises(StoreHeld):
        kept.sign(log_of(1).head(), consistency=lambda _: [])
    house.end()
    note = kept.sign(log_of(1).head(), consistency=lambda _: [])

    assert open_note(note, house.keys)[0] == log_of(1).head()


def test_a_second_process_says_why_it_does_not_start(
    house: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(signer_process, "TAKES_OVER_WITHIN", 0.0)

    code = signer_process.main([str(house.folder), str(tmp_path / "t.sock"), DOMAIN])

    assert code == 1
    assert "Un autre signataire travaille déjà" in capsys.readouterr().err
    assert signed(house.remote, log_of(2)) == log_of(2).head()


def test_a_killed_signer_is_followed_by_another_with_its_memory(house: House) -> None:
    signed(house.remote, log_of(5))
    house.end()
    with pytest.raises(SignerAway):
        signed(house.remote, log_of(6))
    house.start()

    with pytest.raises(SignerRefuses):
        signed(house.remote, log_of(5, seed=2))
    assert signed(house.remote, log_of(6)) == log_of(6).head()


def test_told_to_stop_it_stops_and_leaves_no_address(house: House) -> None:
    assert house.end(signal.SIGTERM) == 0
    assert not house.address.exists()


# The line


def test_a_path_too_long_for_a_socket_is_a_port_of_this_machine_with_a_secret(
    down: House, tmp_path: Path
) -> None:
    down.address = tmp_path / ("d" * 90) / "s.sock"
    down.address.parent.mkdir()
    assert not signer_line.takes_socket(down.address)
    down.start()

    said = json.loads(down.address.read_text())
    assert signed(down.remote, log_of(5)) == log_of(5).head()
    assert down.address.stat().st_mode & 0o777 == 0o600
    for hello in ({"secret": "x" * 43}, {"do": "last", "origin": ACTS}):
        with socket.create_connection(("127.0.0.1", said["port"])) as line:
            signer_line.send(line, hello)
            assert signer_line.receive(line) is None  # hung up, nothing said


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"\x00",
        b"\x00\x00\x00\x05{",
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff" + b"x" * 100,
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x02{}",
        b"\x00\x00\x00\x01\xff",
        b"\x00\x01\x00\x00" + b"[" * 65536,
        *(
            len(text).to_bytes(4, "big") + text
            for text in (
                b'{"do":"sign","head":"x"}',
                b'{"do":"sign","head":1}',
                b'{"do":"sign","head":"accedit.example/e/1/acts\\n1\\nAAAA\\n"}',
                b'{"do":"heads","from":-1}',
                b'{"do":"heads","from":true}x',
                b'{"do":"last","origin":null}',
                b'{"do":"forget"}',
            )
        ),
    ],
)
def test_what_is_no_question_is_hung_up_on_and_the_next_is_answered(
    house: House, sent: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(str(house.address))
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        line.settimeout(10)
        with contextlib.suppress(ConnectionResetError):  # hung up on before all was read
            assert line.recv(1) == b""

    assert signed(house.remote, log_of(1)) == log_of(1).head()


def test_whoever_says_nothing_does_not_keep_the_others_waiting(house: House) -> None:
    silent = [signer_line.reached(house.address) for _ in range(10)]

    assert signed(house.remote, log_of(1)) == log_of(1).head()
    for line in silent:
        line.close()


def test_nobody_there_is_said_as_such(down: House) -> None:
    for ask in (lambda: down.remote.last(ACTS), lambda: published_keys(down.address)):
        with pytest.raises(SignerAway):
            ask()
    down.address.write_text("{}")
    with pytest.raises(SignerAway):
        down.remote.last(ACTS)


# L9: killed at any moment


def test_l9_killed_between_store_and_sign_it_remembers_what_it_did_not_sign(down: House) -> None:
    down.start("-c", DIES_ONCE_STORED)
    with pytest.raises(SignerAway):
        down.remote.sign(log_of(5).head(), consistency=lambda _: [])
    down.end()
    down.start()

    with pytest.raises(SignerRefuses, match="another root"):
        signed(down.remote, log_of(5, seed=2))
    assert signed(down.remote, log_of(5)) == log_of(5).head()


def test_l9_killed_at_any_moment_it_never_signs_two_roots(down: House) -> None:
    assert Kills(down).two_roots(KILLS) == set()


def test_l9_a_signer_that_does_not_store_is_caught(down: House) -> None:
    """The negative control of the test above."""
    assert Kills(down, ("-c", STORES_NOTHING)).two_roots(4) != set()


@dataclass
class Kills:
    """Two callers tell two histories of one log to a signer that is killed again and again."""

    house: House
    program: tuple[str, ...] = ()
    chance: random.Random = field(default_factory=lambda: random.Random(20261124))
    roots: dict[int, set[bytes]] = field(default_factory=dict)

    def two_roots(self, count: int) -> set[int]:
        """The sizes for which two roots were signed in `count` kills."""
        found: set[int] = set()
        for turn in range(count):
            self.turn()
            if turn % 10 == 9 or turn + 1 == count:  # a fresh log: not all turns fall on its end
                assert self.roots, "nothing was signed"
                found |= {size for size, roots in self.roots.items() if len(roots) > 1}
                self.roots = {}
                (self.house.folder / "heads").rename(self.house.folder / f"heads-{turn}")
        return found

    def turn(self) -> None:
        self.house.start(*self.program)
        with ThreadPoolExecutor(2) as callers:
            told = [callers.submit(self.tell, history) for history in HISTORIES]
            waited_for(lambda: all(one.done() for one in told), seconds=self.chance.random() / 20)
            self.house.end()
        for head in told[0].result() + told[1].result():
            self.roots.setdefault(head.size, set()).add(head.root)

    def tell(self, history: list[SampleLog]) -> list[Checkpoint]:
        heard: list[Checkpoint] = []
        for log in history:
            try:
                heard.append(signed(self.house.remote, log))
            except SignerRefuses:
                continue
            except SignerAway:
                break
        return heard
