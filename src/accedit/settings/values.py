"""Where settings come from: the environment first, then `accedit.toml` in the data folder.

`machine` prepares the environment (data folder, address of the database) before
Django is loaded; this module only reads. A setting has one name in each place:
`ACCEDIT_SMTP_HOST` in the environment is `smtp_host` in the file.
"""

import os
import secrets
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

DATA = Path(os.environ.get("ACCEDIT_DATA", ".donnees/accedit")).absolute()


def _file() -> dict[str, object]:
    path = DATA / "accedit.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


_FILE = _file()


def text(name: str, default: str = "") -> str:
    """The setting as text; an empty environment variable counts as given."""
    return os.environ.get(f"ACCEDIT_{name.upper()}", str(_FILE.get(name, default)))


def number(name: str, default: int) -> int:
    return int(text(name, str(default)))


def flag(name: str, *, default: bool) -> bool:
    return text(name, "oui" if default else "non").lower() in {"1", "oui", "true", "yes", "on"}


def secret(name: str) -> str:
    """A secret from the environment, or kept in `DATA/secrets/` (0600), made at first need."""
    if given := os.environ.get(f"ACCEDIT_{name.upper()}"):
        return given
    path = DATA / "secrets" / name
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48))
        try:
            os.link(fresh, path)  # whoever links first wins; the others read what it wrote
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()


def database_url() -> str:
    """`machine` gives it for the embedded server; an operator for any other."""
    return os.environ.get("DATABASE_URL", "postgresql:///accedit")


def database(url: str) -> dict[str, object]:
    """Django's form of a PostgreSQL address, `postgresql://user:password@host:port/name?host=/socket`."""
    parts = urlsplit(url)
    options = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": parts.port or options.pop("port", ""),
        "OPTIONS": options,
    }
