"""`accedit verify`: the exit code, the JSON, the sentences, and what it remembers."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest
from tests.ledger.sample import FILE, FORGER, KEY, log_of

from accedit_ledger import sentences
from accedit_ledger.cli import verify


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def receipt(home: Path) -> str:
    return written(home / "recepisse.zip", log_of(3).receipt(1))


@pytest.fixture
def forged(home: Path) -> str:
    return written(home / "forge.zip", log_of(3, key=FORGER).receipt(1))


@pytest.fixture
def file(home: Path) -> str:
    return written(home / "constat.pdf", FILE)


def written(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return str(path)


def remembered(home: Path) -> Path:
    return home / "config" / "accedit" / "cles-connues"


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, object]]:
    code = verify([*argv, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_without_a_known_key_it_is_no_success(
    receipt: str, file: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = answer(capsys, receipt, file)

    assert (code, found["valid"], found["key_trusted"], found["file_matches"]) == (
        *(1, True, False),
        True,
    )
    assert not remembered(home).exists()


def test_a_key_given_is_trusted_and_remembered_for_the_next_receipt(
    receipt: str, file: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, _ = answer(capsys, receipt, file, "--key", KEY.vkey)
    again, found = answer(capsys, receipt)

    assert (first, again, found["reasons"], found["file_matches"]) == (0, 0, [], None)
    assert remembered(home).read_text() == f"{KEY.vkey}\n"
    assert stat.S_IMODE(remembered(home).stat().st_mode) == 0o600


def test_a_key_may_be_a_fingerprint_or_a_file_of_keys(
    receipt: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = written(home / "cles", f"{KEY.vkey}\n\n".encode())
    both = written(home / "deux", f"autre.example/j+{'0' * 8}+x\n{KEY.vkey}\n".encode())

    assert answer(capsys, receipt, "--key", keys)[0] == 0
    remembered(home).unlink()
    assert answer(capsys, receipt, "--key", KEY.verifier.fingerprint)[0] == 0
    assert verify([receipt, "--key", both]) == 2


def test_another_file_is_refused_and_its_key_not_remembered(
    receipt: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = written(home / "autre.pdf", FILE + b"x")

    code, found = answer(capsys, receipt, other, "--key", KEY.vkey)

    assert (code, found["valid"], found["file_matches"]) == (1, True, False)
    assert not remembered(home).exists()


def test_a_forged_receipt_is_told_apart_once_the_key_is_remembered(
    receipt: str, forged: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, receipt, "--key", KEY.vkey)

    code, found = answer(capsys, forged)

    assert (code, found["valid"], found["key_trusted"]) == (1, True, False)
    assert found["reasons"][0] == sentences.IMPOSTOR.format(name=KEY.name)  # type: ignore[index]


@pytest.mark.parametrize("given", [FORGER.vkey, FORGER.verifier.fingerprint])
def test_another_key_under_a_known_name_is_refused_aloud(
    receipt: str, forged: str, home: Path, given: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(capsys, receipt, "--key", KEY.vkey)

    code, found = answer(capsys, forged, "--key", given)

    assert (code, found["valid"], found["key_trusted"]) == (1, False, False)
    assert "n’est pas celle que cet ordinateur connaît" in found["reasons"][0]  # type: ignore[index]
    assert remembered(home).read_text() == f"{KEY.vkey}\n"


def test_a_list_of_keys_that_was_spoiled_trusts_nobody(
    receipt: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    remembered(home).parent.mkdir(parents=True)
    remembered(home).write_bytes(b"\xff\xfe garbage\n" + KEY.vkey[:-3].encode())

    assert answer(capsys, receipt)[0] == 1


def test_a_key_that_cannot_be_remembered_does_not_change_the_answer(
    receipt: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config").write_bytes(b"a file where a folder should be")

    assert verify([receipt, "--key", KEY.vkey]) == 0
    assert "n’a pas pu être retenue" in capsys.readouterr().err


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["absent.zip"],
        ["{home}"],
        ["{receipt}", "absent.pdf"],
        ["{receipt}", "{home}"],
        ["{receipt}", "--key"],
        ["{receipt}", "--key", "ni clé ni fichier"],
        ["{receipt}", "--key", "{receipt}"],
        ["{receipt}", "--key", "x" * 5000],
        ["{receipt}", "--key", ""],
        ["{receipt}", "--clef", "x"],
        ["{receipt}", "a", "b"],
    ],
)
def test_a_command_that_is_not_understood_is_told_on_stderr(
    argv: list[str], receipt: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = verify([word.format(home=home, receipt=receipt) for word in argv])

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.endswith("\n")


def test_a_file_that_is_no_receipt_is_refused_in_words(
    file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify([file]) == 1
    assert capsys.readouterr().out.splitlines() == [sentences.REFUSED, sentences.ARCHIVE]


def test_the_answer_comes_in_a_third_of_a_second(receipt: str, file: str) -> None:
    program = "import sys; from accedit_ledger.cli import verify; sys.exit(verify(sys.argv[1:]))"
    command = [sys.executable, "-c", program, receipt, file, "--key", KEY.vkey]
    source = str(Path(__file__).parents[2] / "src")

    spent = []
    for _ in range(3):
        before = getrusage(RUSAGE_CHILDREN)
        done = subprocess.run(
            command,
            env={"PYTHONPATH": source, "XDG_CONFIG_HOME": str(Path(receipt).parent), "PATH": ""},
            check=False,
            capture_output=True,
        )
        after = getrusage(RUSAGE_CHILDREN)
        spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        assert done.returncode == 0

    assert min(spent) < 0.3  # of the processor's time: other work on the machine does not count


def test_django_is_not_loaded(receipt: str) -> None:
    program = (
        "import sys; from accedit_ledger.cli import verify; verify(sys.argv[1:]);"
        "sys.exit('django' in sys.modules)"
    )
    source = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", program, receipt], env={"PYTHONPATH": source}, check=False
    )

    assert done.returncode == 0
