"""`accedit serve` does not start, nor `accedit init` finish, on settings that are not safe
(attacks.md J6, L21).

Each check answers None, or one sentence that says what is wrong and what to do.
All are asked, so that an operator mends everything at once. The demo does not ask: it
holds invented people and answers to this machine alone.
"""

import os
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from accedit.machine import grants
from accedit.machine.place import Place
from accedit.machine.refusals import MachineRefusal

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
SHORTEST_SECRET = 32
CHECKED_BY_NAME = {"require", "verify-ca", "verify-full"}
KNOWN = {
    "alert_mails_per_hour", "invitations_per_hour",
    "base_url", "content_url", "data", "default_quota_bytes", "demo", "listen", "log_domain",
    "mail_from", "max_upload_bytes", "port", "recovery_delay_hours", "scrub_days", "secret_key", "server_threads", "signer_socket",
    "smtp_host",
    "smtp_password", "smtp_port", "smtp_security", "smtp_user", "tls_certificate", "tls_key",
    "trusted_proxies",
}  # fmt: skip


class Settings(Protocol):
    """What is read of Django's settings."""

    DEBUG: bool
    DEMO: bool
    BASE_URL: str
    CONTENT_URL: str
    SECRET_KEY: str
    LOG_DOMAIN: str
    SMTP_HOST: str
    SMTP_SECURITY: str
    MAIL_FROM: str
    TLS_CERTIFICATE: str
    TLS_KEY: str
    DATA: Path


def check(settings: Any, place: Place) -> None:
    """Raise with every refusal, or return."""
    found = [*of_settings(settings), *of_folder(settings.DATA), *of_database(place)]
    if found:
        start = "cette raison" if len(found) == 1 else "ces raisons"
        lines = "".join(f"\n– {sentence}" for sentence in found)
        raise MachineRefusal(f"Accédit ne peut pas être mis en service, pour {start} :{lines}")


def of_settings(settings: Settings) -> Iterator[str]:
    for one in SETTINGS_CHECKS:
        if sentence := one(settings):
            yield sentence


def debug_is_off(settings: Settings) -> str | None:
    if settings.DEBUG:
        return "DEBUG est en marche et montrerait le code et les données : retirez ce réglage."
    return None


def is_no_demo(settings: Settings) -> str | None:
    if settings.DEMO:
        return (
            "« demo » est en marche : les mails ne partiraient pas. Retirez ce réglage "
            "d’accedit.toml, ou lancez « bin/demo »."
        )
    return None


def addresses_are_encrypted(settings: Settings) -> str | None:
    for name, url in (("base_url", settings.BASE_URL), ("content_url", settings.CONTENT_URL)):
        parts = urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            return (
                f"« {name} » vaut « {url} » : hors de cette machine, l’adresse doit commencer par "
                "https://. Donnez-lui un certificat (docs/operate.md, « Chiffrement »)."
            )
        if parts.path not in {"", "/"} or parts.query or parts.username:
            return f"« {name} » vaut « {url} » : écrivez seulement https://NOM, sans rien après."
    return None


def content_is_apart(settings: Settings) -> str | None:
    """Cookies do not know ports: another port of the same name is not another place."""
    if urlsplit(settings.BASE_URL).hostname == urlsplit(settings.CONTENT_URL).hostname:
        return (
            "« content_url » a le même nom que « base_url » : une pièce piégée agirait au nom de "
            "qui l’ouvre. Donnez-lui un autre nom, par exemple https://contenu.votre-domaine.fr."
        )
    return None


def log_has_a_name(settings: Settings) -> str | None:
    if settings.LOG_DOMAIN in {"", "localhost"} and (
        urlsplit(settings.BASE_URL).hostname not in LOOPBACK
    ):
        return (
            "« log_domain » manque : donnez le nom de domaine qui signera les récépissés, par "
            "exemple votre-domaine.fr. Il ne pourra plus changer."
        )
    return None


def secret_is_long(settings: Settings) -> str | None:
    if len(settings.SECRET_KEY) < SHORTEST_SECRET:
        return (
            f"« secret_key » a moins de {SHORTEST_SECRET} caractères : retirez ce réglage, un "
            "secret sera fabriqué dans le dossier des données."
        )
    return None


def mail_has_a_server(settings: Settings) -> str | None:
    if not settings.SMTP_HOST:
        return (
            "« smtp_host » manque : sans serveur d’envoi, personne n’est prévenu d’un dépôt. "
            "Donnez celui de votre messagerie."
        )
    return None


def mail_has_a_sender(settings: Settings) -> str | None:
    address = settings.MAIL_FROM.rpartition("<")[2].rstrip(">")
    if "@" not in address or address.endswith(".example"):
        return (
            "« mail_from » manque : donnez l’adresse d’expéditeur des avis, par exemple "
            "« Accédit <avis@votre-domaine.fr> »."
        )
    return None


def mail_is_encrypted(settings: Settings) -> str | None:
    if settings.SMTP_SECURITY not in {"starttls", "tls", "none"}:
        return f"« smtp_security » vaut « {settings.SMTP_SECURITY} » : écrivez « starttls » ou « tls »."
    if settings.SMTP_SECURITY == "none" and settings.SMTP_HOST not in LOOPBACK | {""}:
        return (
            f"Les mails partiraient en clair vers « {settings.SMTP_HOST} » : mettez "
            "« smtp_security » à « starttls » ou « tls »."
        )
    return None


def certificate_is_whole(settings: Settings) -> str | None:
    given = [settings.TLS_CERTIFICATE, settings.TLS_KEY]
    if not any(given):
        return None
    for path in given:
        if not path or not Path(path).is_file():
            return (
                "« tls_certificate » et « tls_key » vont ensemble : donnez le chemin du "
                "certificat et celui de sa clé, tous deux lisibles."
            )
    return None


def nobody_kills(_settings: Settings) -> str | None:
    """`settings.prod` would not listen; whoever tries it is told."""
    if "ACCEDIT_KILL_POINTS" in os.environ:
        return (
            "ACCEDIT_KILL_POINTS fait mourir le serveur à la demande, pour les essais : "
            "retirez cette variable."
        )
    return None


SETTINGS_CHECKS: list[Callable[[Settings], str | None]] = [
    debug_is_off,
    is_no_demo,
    addresses_are_encrypted,
    content_is_apart,
    log_has_a_name,
    secret_is_long,
    mail_has_a_server,
    mail_has_a_sender,
    mail_is_encrypted,
    certificate_is_whole,
    nobody_kills,
]


def of_folder(data: Path) -> Iterator[str]:
    """The data folder is its owner's alone, and its settings hold no slip of the pen."""
    facts = data.stat()
    if facts.st_mode & 0o077:
        yield (
            f"D’autres comptes de cette machine peuvent ouvrir « {data} » : "
            f"tapez « chmod 700 {data} »."
        )
    if facts.st_uid != os.geteuid():
        yield f"« {data} » appartient à un autre compte : lancez Accédit sous ce compte-là."
    file = data / "accedit.toml"
    for private in [file, *data.glob("secrets/*"), *data.glob("signer/cle*")]:
        if private.is_file() and private.stat().st_mode & 0o077:
            yield f"D’autres comptes peuvent lire « {private} » : tapez « chmod 600 {private} »."
    if file.is_file():
        yield from _of_settings_file(file)


def _of_settings_file(file: Path) -> Iterator[str]:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        yield f'« {file} » n’est pas lisible : une ligne s’écrit « nom = "valeur" ».'
        return
    for name in sorted(set(content) - KNOWN):
        yield f"« {file} » contient « {name} », qui n’est pas un réglage : corrigez son nom."


def of_database(place: Place) -> Iterator[str]:
    """The server's role could not change the past even if the server were taken over."""
    with psycopg.connect(place.app_url) as link:
        row = link.execute(
            """
            SELECT rolsuper OR rolbypassrls OR rolcreaterole,
                   has_schema_privilege(current_user, 'public', 'CREATE'),
                   EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public'
                           AND pg_has_role(current_user, tableowner, 'MEMBER')),
                   EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public'
                           AND tablename = ANY(%s)
                           AND has_table_privilege(current_user, quote_ident(tablename),
                                                   'UPDATE, DELETE, TRUNCATE'))
            FROM pg_roles WHERE rolname = current_user
            """,
            [list(grants.ONLY_GROW)],
        ).fetchone()
    assert row is not None
    powerful, may_create, owns, may_change = row
    if powerful:
        yield (
            "Le rôle de DATABASE_URL administre le serveur PostgreSQL : donnez un rôle ordinaire, "
            "et celui qui possède les tables dans DATABASE_OWNER_URL (docs/operate.md)."
        )
    elif owns or may_create or may_change:
        yield (
            "Le rôle de DATABASE_URL peut modifier le journal de preuve : donnez-y un rôle qui ne "
            "possède pas les tables, et celui qui les possède dans DATABASE_OWNER_URL, puis lancez "
            "« accedit migrate » (docs/operate.md)."
        )
    yield from _of_the_line(place.app_url)


def _of_the_line(url: str) -> Iterator[str]:
    facts = conninfo_to_dict(url)
    host = str(facts.get("host", "") or "")
    local = not host or host.startswith(("/", "@")) or host in LOOPBACK
    if not local and facts.get("sslmode", "") not in CHECKED_BY_NAME:
        yield (
            f"La base de données serait lue en clair sur « {host} » : ajoutez "
            "« ?sslmode=verify-full » à DATABASE_URL et à DATABASE_OWNER_URL."
        )
