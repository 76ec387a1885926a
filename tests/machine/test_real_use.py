"""Real use, from an empty folder to a restored one: init, serve, fsck, backup, restore."""

import json
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from accedit.machine.processes import waited_for
from tests.machine.test_demo import environment
from tests.serving.conftest import free_port


class Mailbox:
    """A mail server that keeps what it is given, or refuses whoever it is told to."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refuses = ""

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address == self.refuses:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(str(message_from_bytes(envelope.content)["To"]))
        return "250 OK kept"


@dataclass
class Post:
    port: int
    box: Mailbox


@pytest.fixture(scope="module")
def post() -> Iterator[Post]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield Post(controller.port, box)
    controller.stop()


def ran(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "accedit", *words],
        capture_output=True,
        text=True,
        check=False,
        env=environment(),
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


def initialised(data: Path, post: Post, **changed: str) -> "subprocess.CompletedProcess[str]":
    port = free_port()
    given = {
        "base-url": f"http://localhost:{port}",
        "content-url": f"http://127.0.0.1:{port}",
        "log-domain": "expert.fr",
        "smtp-host": "127.0.0.1",
        "smtp-port": str(post.port),
        "smtp-security": "none",
        "smtp-user": "",
        "mail-from": "Accédit <avis@expert.fr>",
        "space": "Expertises Durand",
        "name": "Anne Durand",
        "email": "anne.durand@expert.fr",
    } | {name.replace("_", "-"): value for name, value in changed.items()}
    return ran("init", "--data", str(data), *(f"--{name}={value}" for name, value in given.items()))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory, post: Post) -> Path:
    data = tmp_path_factory.mktemp("real") / "data"
    done = initialised(data, post)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() != ""
    return data


def test_init_sends_one_mail_to_the_first_account(data: Path, post: Post) -> None:
    assert ["anne.durand@expert.fr" in mail for mail in post.box.mails] == [True]


def test_init_keeps_everything_for_its_owner(data: Path) -> None:
    assert data.stat().st_mode & 0o777 == 0o700
    assert (data / "accedit.toml").stat().st_mode & 0o777 == 0o600


def test_init_never_touches_a_space_in_use(data: Path, post: Post) -> None:
    done = initialised(data, post)

    assert done.returncode == 1
    assert "est déjà en service" in done.stderr


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"email": "nobody@expert.fr"}, "no such user"),
        ({"base_url": "http://pieces.expert.fr"}, "doit commencer par https://"),
    ],
)
def test_init_that_fails_keeps_nothing(
    tmp_path: Path, post: Post, changed: dict[str, str], words: str
) -> None:
    post.box.refuses = "nobody@expert.fr"

    done = initialised(tmp_path / "data", post, **changed)

    assert done.returncode == 1
    assert words in done.stderr
    assert not (tmp_path / "data").exists()


def test_serve_serves_and_stops(data: Path) -> None:
    server = subprocess.Popen(
        [sys.executable, "-m", "accedit", "serve", "--data", str(data)],
        stdout=subprocess.PIPE,
        env=environment(),
    )
    assert server.stdout is not None
    line = server.stdout.readline().decode()
    url = line.removeprefix("Prêt : ").strip()
    page = httpx.get(url, follow_redirects=True)
    strange = httpx.get(url, headers={"Host": "evil.example"})
    elsewhere = httpx.get(url.replace("localhost", "127.0.0.1"))
    server.terminate()

    assert server.wait(timeout=5) == 0
    server.stdout.close()
    assert page.status_code == 200
    assert (strange.status_code, elsewhere.status_code) == (400, 404)


def test_serve_refuses_unsafe_settings_in_words(data: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("postgres"))
    file = copy / "accedit.toml"
    file.write_text(file.read_text().replace('"127.0.0.1"', '"smtp.expert.fr"'))

    done = ran("serve", "--data", str(copy), "--port", str(free_port()))

    assert done.returncode == 1
    assert "Les mails partiraient en clair vers « smtp.expert.fr »" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_refuses_a_demos_folder(tmp_path: Path) -> None:
    (tmp_path / "accedit.json").write_text('{"kind": "demo", "loaded": true}')

    done = ran("serve", "--data", str(tmp_path))

    assert done.returncode == 1
    assert "dossier d’une démonstration" in done.stderr


def test_what_is_served_can_be_checked(data: Path) -> None:
    fsck = ran("fsck", "--json", "--data", str(data))
    log = ran("verify-log", "--json", "--data", str(data))

    assert (fsck.returncode, json.loads(fsck.stdout)["ok"]) == (0, True)
    assert (log.returncode, json.loads(log.stdout)["ok"]) == (0, True)


def test_a_token_is_answered_alone(data: Path) -> None:
    words = ("--user", "anne.durand@expert.fr", "--name", "essai", "--scope", "read")

    done = ran("token", "create", *words, "--data", str(data))

    assert done.returncode in {0, 1}  # an account that has not chosen its password has none
    assert len(done.stdout.split()) == (done.returncode == 0)


def manifest_of(file: Path) -> Any:
    with tarfile.open(file) as archive:
        content = archive.extractfile("manifest.json")
        assert content is not None
        return json.load(content)


def test_a_wiped_installation_comes_back_from_its_backup(data: Path, tmp_path: Path) -> None:
    saved = ran("backup", str(tmp_path), "--data", str(data))
    file = Path(saved.stdout.strip())

    restored = ran("restore", str(file), "--data", str(tmp_path / "again"))
    again = ran("backup", str(tmp_path / "again.tar"), "--data", str(tmp_path / "again"))

    assert (saved.returncode, restored.returncode, again.returncode) == (0, 0, 0), restored.stderr
    before, after = manifest_of(file), manifest_of(tmp_path / "again.tar")
    people = ("people_user", "people_space", "people_invitation")
    assert [after["counts"][name] for name in people] == [before["counts"][name] for name in people]
    assert {head["origin"] for head in before["heads"]} <= {"expert.fr/platform"}
    assert [head["origin"] for head in after["heads"]] == ["expert.fr/platform"]  # « restored »


def test_a_backup_older_than_the_surviving_signer_is_restored_only_with_an_incident_declared(
    data: Path, tmp_path: Path
) -> None:
    """L12: receipts were given after the backup; the signer knows, and nobody is lied to."""
    file = Path(ran("backup", str(tmp_path), "--data", str(data)).stdout.strip())
    first, second = tmp_path / "first", tmp_path / "second"
    ran("restore", str(file), "--data", str(first))  # its signer has signed one entry since

    looked = ran("restore", str(file), "--data", str(second), "--signer", str(first / "signer"))
    silent = ran("new-epoch", "--data", str(second))
    words = ("--sentence", "Le disque a été perdu.", "--made-at", "2026-11-22T03:00:00+00:00")
    declared = ran("new-epoch", "--data", str(second), *words)
    checked = ran("verify-log", "--data", str(second))

    assert (looked.returncode, silent.returncode) == (3, 1)
    assert "Le signataire se souvient d’entrées que cette base n’a pas" in looked.stderr
    assert f"--data {second}" in looked.stderr
    assert looked.stdout.startswith("expert.fr/platform : ")
    assert "manque." in looked.stdout
    assert declared.returncode == 0, declared.stderr
    assert checked.returncode == 0, checked.stdout
    assert "expert.fr/e/platform/2 : 2 feuilles, intact" in checked.stdout
    assert "défaut" not in checked.stdout
    key = (first / "signer" / "cle").read_text()
    assert (second / "signer" / "cle").read_text() == key


def test_a_command_leaves_no_database_running_behind_it(data: Path) -> None:
    ran("fsck", "--data", str(data))

    assert waited_for(
        lambda: not (data / "postgres" / "data" / "postmaster.pid").exists(), seconds=10
    )
