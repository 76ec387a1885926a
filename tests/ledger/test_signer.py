"""Row L9: whatever is asked, and wherever it is killed, the signer never signs two roots of one size."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.ledger.sample import ACTS, KEY, READS, SampleLog, log_of

from accedit_ledger.checkpoint import Checkpoint, open_note
from accedit_ledger.note import SigningKey
from accedit_ledger.origin import first_of, is_origin_of, of_epoch
from accedit_ledger.proofs import consistency_proof
from accedit_ledger.signer import Signer, SignerRefuses, Store, StoreDamaged

KILLS = 1000 if os.environ.get("ACCEDIT_SOAK") else 20


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return Signer(KEY, Store(tmp_path / "heads"))


def proof_of(log: SampleLog) -> Callable[[int], list[bytes]]:
    def consistency(old: int) -> list[bytes]:
        return consistency_proof(old=old, new=log.frontier.size, node=log.node)

    return consistency


def signed(signer: Signer, log: SampleLog) -> str:
    return signer.sign(log.head(), consistency=proof_of(log))


def test_a_log_that_grows_is_signed_and_the_same_head_gives_the_same_note(signer: Signer) -> None:
    log = log_of(3)

    first, again = signed(signer, log), signed(signer, log)
    log.append({"kind": "x"})
    later = signed(signer, log)

    assert first == again
    assert open_note(first, [KEY.verifier])[0].size == 3
    assert open_note(later, [KEY.verifier]) == (log.head(), [KEY.verifier])
    assert signer.store.last(ACTS) == log.head()


def test_l9_a_smaller_log_is_refused(signer: Signer) -> None:
    signed(signer, log_of(5))

    with pytest.raises(SignerRefuses, match="already signed"):
        signed(signer, log_of(4))


def test_l9_another_root_of_the_same_size_is_refused(signer: Signer) -> None:
    signed(signer, log_of(5))

    with pytest.raises(SignerRefuses, match="another root"):
        signed(signer, log_of(5, seed=2))


def test_l9_a_longer_log_that_rewrote_its_past_is_refused(signer: Signer) -> None:
    signed(signer, log_of(5))

    with pytest.raises(SignerRefuses, match="does not continue"):
        signed(signer, log_of(9, seed=2))


def test_l9_a_wrong_proof_is_refused_even_for_a_true_log(signer: Signer) -> None:
    signed(signer, log_of(5))
    longer = log_of(9)

    for wrong in ([], [bytes(32)], proof_of(longer)(4), [*proof_of(longer)(5), bytes(32)]):
        answers = iter([wrong])
        with pytest.raises(SignerRefuses, match="does not continue"):
            signer.sign(longer.head(), consistency=lambda old: next(answers))  # noqa: B023
    assert signer.store.last(ACTS) == log_of(5).head()
    assert signed(signer, longer)


def test_each_origin_has_a_memory_of_its_own_and_a_foreign_one_is_refused(signer: Signer) -> None:
    signed(signer, log_of(5))

    assert signed(signer, log_of(2, origin=READS))
    with pytest.raises(SignerRefuses, match="does not speak"):
        signer.sign(Checkpoint("autre.example/e/1/acts", 1, bytes(32)), consistency=lambda old: [])


def test_a_memory_that_cannot_be_read_is_not_taken_for_an_empty_one(signer: Signer) -> None:
    signed(signer, log_of(5))
    (file,) = signer.store.folder.glob("*.head")
    good = file.read_bytes()

    for damage in (b"", good[:-1], good[: len(good) // 2], b"\xff", good.replace(b"/acts", b"/x")):
        file.write_bytes(damage)
        with pytest.raises(StoreDamaged):
            signed(signer, log_of(5))


def test_l9_what_is_stored_is_stored_before_it_is_signed(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(source: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    signed(signer, log_of(5))
    with monkeypatch.context() as broken:
        broken.setattr(Path, "replace", no_room)
        with pytest.raises(OSError, match="No space"):
            signed(signer, log_of(6))

    assert signer.store.last(ACTS) == log_of(5).head()
    assert signed(signer, log_of(6, seed=1))


def test_l9_it_remembers_a_head_before_it_signs_it(
    signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed_here(checkpoint: Checkpoint, key: SigningKey) -> str:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("accedit_ledger.signer.sign", killed_here)
        with pytest.raises(KeyboardInterrupt):
            signed(signer, log_of(5))

    assert signer.store.last(ACTS) == log_of(5).head()
    assert signed(signer, log_of(5)) == log_of(5).note()
    with pytest.raises(SignerRefuses):
        signed(signer, log_of(5, seed=2))


def test_l9_many_threads_that_ask_for_two_histories_get_one(tmp_path: Path) -> None:
    histories = [[log_of(size, seed=seed) for size in range(1, 9)] for seed in (1, 2)]
    notes: list[str] = []

    def ask(history: list[SampleLog]) -> None:
        signer = Signer(KEY, Store(tmp_path / "heads"))
        for log in history:
            try:
                notes.append(signed(signer, log))
            except SignerRefuses:
                continue

    threads = [threading.Thread(target=ask, args=(history,)) for history in histories * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert_one_root_for_each_size(notes)


@pytest.mark.skipif(sys.platform != "linux", reason="kills by signal, looks into /proc")
def test_l9_killed_between_store_and_sign_it_never_signs_two_roots(tmp_path: Path) -> None:
    """Two processes ask for two histories of one log; each turn, both are killed at some moment."""
    histories = [[log_of(size, seed=seed) for size in range(1, 60)] for seed in (1, 2)]
    answers = tmp_path / "answers"
    answers.touch()

    for turn in range(KILLS // 2):
        children = [spawn(history, tmp_path / "heads", answers) for history in histories]
        before = answers.stat().st_size
        # No clock: wait until the children have come some way, then kill them in mid-flight.
        wanted = before + 1 + (turn * 7919) % 900
        while answers.stat().st_size < wanted and any(is_alive(child) for child in children):
            os.sched_yield()
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        if turn % 10 == 9:  # a fresh log, lest all turns fall on its end
            heads = (tmp_path / "heads").rename(tmp_path / f"heads-{turn}")
            largest = assert_one_root_for_each_size(whole_notes(answers))
            remembered = Store(heads).last(ACTS)
            assert remembered is not None
            assert remembered.size >= largest
            answers.write_bytes(b"")


def spawn(history: list[SampleLog], heads: Path, answers: Path) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signer = Signer(KEY, Store(heads))
        out = os.open(answers, os.O_WRONLY | os.O_APPEND)
        for log in history:
            try:
                note = signed(signer, log)
            except SignerRefuses:
                continue
            os.write(out, note.encode() + b"\0")
    finally:
        signal.pause()  # the parent ends it, wherever it has come to
    return 0


def is_alive(child: int) -> bool:
    state = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0]
    return state == "R" or state == "D"


def whole_notes(answers: Path) -> list[str]:
    return answers.read_bytes().decode().split("\0")[:-1]


def assert_one_root_for_each_size(notes: list[str]) -> int:
    heads = {open_note(note, [KEY.verifier])[0] for note in notes}
    sizes = [head.size for head in heads]
    assert len(sizes) == len(set(sizes)) > 0
    return max(sizes)


@pytest.mark.parametrize(
    "name", ["d/e/a-7/acts", "d/e/a-7/reads", "d/e/a-7/s/b-8/acts", "d/platform"]
)
def test_the_later_names_of_a_log_lead_back_to_the_first(name: str) -> None:
    later = [of_epoch(name, number) for number in (2, 3, 41)]

    assert len({name, *later}) == 4
    assert {first_of(one) for one in [name, *later]} == {name}
    assert all(is_origin_of("d", origin=one) for one in later)
    assert [one.rpartition("/")[2] for one in later if "platform" not in one] in (
        [],
        [name.rpartition("/")[2]] * 3,
    )
