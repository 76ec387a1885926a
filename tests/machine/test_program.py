"""The one program: its words and its exit codes."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.machine.test_demo import environment


def ran(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "accedit", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        stdin=subprocess.DEVNULL,
    )


def test_help_is_an_answer() -> None:
    done = ran("--help")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage : accedit")
    for command in ("init", "serve", "demo", "migrate", "verify", "verify-log", "fsck", "backup",
                    "restore"):  # fmt: skip
        assert f"    {command} " in done.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "accedit : il manque : COMMANDE."),
        (["serve", "--port", "abc"], "accedit serve : « abc » n’est pas une valeur pour --port."),
        (
            ["serve", "--port", "70000"],
            "accedit serve : « 70000 » n’est pas une valeur pour --port.",
        ),
        (["serve", "--port"], "accedit serve : « --port » attend une valeur."),
        (["fsck", "stray"], "accedit : ces mots ne sont pas compris : stray."),
        (["token", "create"], "accedit token create : il manque : --user, --name, --scope."),
        (["restore"], "accedit restore : il manque : FICHIER."),
    ],
)
def test_a_badly_written_command_exits_2_and_says_why(words: list[str], sentence: str) -> None:
    done = ran(*words)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1] == sentence


def test_an_unknown_command_exits_2() -> None:
    done = ran("dance")

    assert done.returncode == 2
    assert "« dance » n’est pas possible ici" in done.stderr


@pytest.mark.parametrize(
    "words",
    [["fsck"], ["verify-log"], ["migrate"], ["serve"], ["backup", "out.tar"],
     ["token", "create", "--user", "a@b.fr", "--name", "n", "--scope", "read"]],
)  # fmt: skip
def test_a_folder_that_is_not_ours_exits_1_and_is_not_made(
    tmp_path: Path, words: list[str]
) -> None:
    absent = tmp_path / "absent"

    done = ran(*words, "--data", str(absent))

    assert (done.returncode, done.stdout) == (1, "")
    assert "ne contient pas de données d’Accédit" in done.stderr
    assert not absent.exists()


def test_init_names_what_is_missing(tmp_path: Path) -> None:
    done = ran("init", "--data", str(tmp_path / "data"))

    assert done.returncode == 1
    assert done.stderr.startswith("Il manque --base-url")
    assert not (tmp_path / "data").exists()


def test_restore_touches_no_folder_that_holds_something(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")

    done = ran("restore", "saved.tar", "--data", str(tmp_path))

    assert done.returncode == 1
    assert "n’est pas vide" in done.stderr


def test_verify_needs_neither_django_nor_a_database_driver(tmp_path: Path) -> None:
    receipt = tmp_path / "receipt.zip"
    receipt.write_bytes(b"not one")
    script = (
        f"import sys; sys.argv = ['accedit', 'verify', {str(receipt)!r}]\n"
        "from accedit.__main__ import main\n"
        "code = main()\n"
        "loaded = {'django', 'psycopg'} & set(sys.modules)\n"
        "sys.exit(99 if loaded else code)"
    )

    done = subprocess.run([sys.executable, "-c", script], env=environment(), check=False)

    assert done.returncode == 1
