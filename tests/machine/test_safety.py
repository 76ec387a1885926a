"""Settings that are not safe do not start; each refusal says what to do."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest

from accedit.machine import folder, grants, safety
from accedit.machine.place import Place
from accedit.machine.postgres import APP, Cluster
from accedit.machine.refusals import MachineRefusal

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Given:
    DEBUG: bool = False
    DEMO: bool = False
    BASE_URL: str = "https://pieces.expert.fr"
    CONTENT_URL: str = "https://contenu.expert.fr"
    SECRET_KEY: str = "s" * 50
    LOG_DOMAIN: str = "expert.fr"
    SMTP_HOST: str = "smtp.expert.fr"
    SMTP_SECURITY: str = "starttls"
    MAIL_FROM: str = "Accédit <avis@expert.fr>"
    TLS_CERTIFICATE: str = ""
    TLS_KEY: str = ""
    DATA: Path = Path("/nowhere")


SAFE = Given()
HOME = replace(
    SAFE, BASE_URL="http://localhost:8000", CONTENT_URL="http://127.0.0.1:8000",
    LOG_DOMAIN="localhost", SMTP_HOST="localhost", SMTP_SECURITY="none",
)  # fmt: skip


@pytest.mark.parametrize("settings", [SAFE, HOME])
def test_safe_settings_are_not_refused(settings: Given) -> None:
    assert list(safety.of_settings(settings)) == []


@pytest.mark.parametrize(
    ("unsafe", "words"),
    [
        ({"DEBUG": True}, "DEBUG est en marche"),
        ({"DEMO": True}, "« demo » est en marche"),
        ({"BASE_URL": "http://pieces.expert.fr"}, "doit commencer par https://"),
        ({"BASE_URL": "https://pieces.expert.fr/site"}, "écrivez seulement https://NOM"),
        ({"CONTENT_URL": "http://contenu.expert.fr"}, "doit commencer par https://"),
        ({"CONTENT_URL": "https://pieces.expert.fr"}, "a le même nom que « base_url »"),
        ({"CONTENT_URL": "https://pieces.expert.fr:8443"}, "a le même nom que « base_url »"),
        ({"SECRET_KEY": "s" * 31}, "moins de 32 caractères"),
        ({"LOG_DOMAIN": "localhost"}, "« log_domain » manque"),
        ({"LOG_DOMAIN": ""}, "« log_domain » manque"),
        ({"SMTP_HOST": ""}, "« smtp_host » manque"),
        ({"SMTP_SECURITY": "none"}, "partiraient en clair"),
        ({"SMTP_SECURITY": "ssl"}, "écrivez « starttls » ou « tls »"),
        ({"MAIL_FROM": ""}, "« mail_from » manque"),
        ({"MAIL_FROM": "Accédit <avis@accedit.example>"}, "« mail_from » manque"),
        ({"TLS_CERTIFICATE": "/absent.pem"}, "vont ensemble"),
        ({"TLS_KEY": "/absent.key"}, "vont ensemble"),
    ],
)
def test_each_unsafe_setting_is_refused_alone(unsafe: dict[str, object], words: str) -> None:
    found = list(safety.of_settings(replace(SAFE, **unsafe)))  # type: ignore[arg-type]

    assert len(found) == 1
    assert words in found[0]


class TestFolder:
    def test_its_owners_folder_is_not_refused(self, tmp_path: Path) -> None:
        data = folder.made(tmp_path / "data", kind=folder.REAL).path
        folder.written(data / "accedit.toml", 'base_url = "https://pieces.expert.fr"\n')

        assert list(safety.of_folder(data)) == []

    @pytest.mark.parametrize("mode", [0o750, 0o705, 0o701])
    def test_a_folder_open_to_others_is_refused(self, tmp_path: Path, mode: int) -> None:
        data = folder.made(tmp_path / "data", kind=folder.REAL).path
        data.chmod(mode)

        assert [f"chmod 700 {data}" in one for one in safety.of_folder(data)] == [True]

    @pytest.mark.parametrize("name", ["accedit.toml", "secrets/secret_key", "signer/cle"])
    def test_a_secret_that_others_may_read_is_refused(self, tmp_path: Path, name: str) -> None:
        data = folder.made(tmp_path / "data", kind=folder.REAL).path
        (data / name).parent.mkdir(exist_ok=True)
        (data / name).touch(mode=0o644)

        assert [f"chmod 600 {data / name}" in one for one in safety.of_folder(data)] == [True]

    def test_a_slip_of_the_pen_in_a_settings_name_is_refused(self, tmp_path: Path) -> None:
        data = folder.made(tmp_path / "data", kind=folder.REAL).path
        folder.written(data / "accedit.toml", 'smtp_hots = "smtp.expert.fr"\n')

        assert [
            "« smtp_hots », qui n’est pas un réglage" in one for one in safety.of_folder(data)
        ] == [True]

    def test_settings_that_cannot_be_read_are_refused(self, tmp_path: Path) -> None:
        data = folder.made(tmp_path / "data", kind=folder.REAL).path
        folder.written(data / "accedit.toml", "smtp_host = smtp.expert.fr\n")

        assert ["n’est pas lisible" in one for one in safety.of_folder(data)] == [True]


def test_every_setting_that_is_read_is_known() -> None:
    base = (ROOT / "src/accedit/settings/base.py").read_text()
    read = set(re.findall(r'values\.(?:text|number|flag|secret)\(\s*"(\w+)"', base))

    assert read <= safety.KNOWN
    assert safety.KNOWN - read == {"data"}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("safety") / "postgres", durable=False)
    with psycopg.connect(cluster.ensure().owner_url) as link:
        link.execute("CREATE TABLE evidence_leaf (id int)")
        link.execute("CREATE TABLE other (id int)")
    grants.apply(owner_url=cluster.ensure().owner_url, app_role=APP)
    yield cluster
    cluster.stop()


def place(tmp_path: Path, url: str) -> Place:
    data = folder.made(tmp_path / "data", kind=folder.REAL)
    return Place(data, None, app_url=url, owner_url=url, app_role="x")


def test_the_servers_own_role_is_not_refused(tmp_path: Path, cluster: Cluster) -> None:
    assert list(safety.of_database(place(tmp_path, cluster.ensure().app_url))) == []


def test_a_role_that_owns_the_tables_is_refused(tmp_path: Path, cluster: Cluster) -> None:
    found = list(safety.of_database(place(tmp_path, cluster.ensure().owner_url)))

    assert ["DATABASE_OWNER_URL" in one and "accedit migrate" in one for one in found] == [True]


def test_a_superuser_is_refused(tmp_path: Path, cluster: Cluster) -> None:
    url = cluster.ensure().app_url.replace("accedit_app", "postgres")

    found = list(safety.of_database(place(tmp_path, url)))

    assert ["administre le serveur PostgreSQL" in one for one in found] == [True]


@pytest.mark.parametrize(
    "right", ["UPDATE ON evidence_leaf", "TRUNCATE ON evidence_leaf", "CREATE ON SCHEMA public"]
)
def test_one_right_too_many_is_refused(tmp_path: Path, cluster: Cluster, right: str) -> None:
    addresses = cluster.ensure()
    with psycopg.connect(addresses.owner_url) as link:
        link.execute(f"GRANT {right} TO accedit_app")

    found = list(safety.of_database(place(tmp_path, addresses.app_url)))
    grants.apply(owner_url=addresses.owner_url, app_role=APP)

    assert ["peut modifier le journal de preuve" in one for one in found] == [True]
    assert list(safety.of_database(place(tmp_path, addresses.app_url))) == []


@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("postgresql://a@base.expert.fr/accedit", True),
        ("postgresql://a@base.expert.fr/accedit?sslmode=prefer", True),
        ("postgresql://a@base.expert.fr/accedit?sslmode=verify-full", False),
        ("postgresql://a@127.0.0.1/accedit", False),
        ("postgresql://a@/accedit?host=/var/run/postgresql", False),
        ("postgresql:///accedit", False),
    ],
)
def test_a_database_read_in_clear_over_the_network_is_refused(url: str, *, refused: bool) -> None:
    assert bool(list(safety._of_the_line(url))) == refused


def test_all_refusals_are_said_at_once(tmp_path: Path, cluster: Cluster) -> None:
    data = folder.made(tmp_path / "data", kind=folder.REAL).path
    settings = replace(SAFE, DEBUG=True, SMTP_HOST="", DATA=data)

    with pytest.raises(MachineRefusal) as refused:
        safety.check(settings, place(tmp_path, cluster.ensure().app_url))

    assert str(refused.value).count("\n– ") == 2
