"""Where the signer of a place is: its own child, or one that the operator runs elsewhere.

The signer is asked before Django is loaded, and its child never loads it: the two
settings that matter are read here as `settings.values` reads them.
"""

import os
import tomllib
from pathlib import Path

from accedit.machine import folder
from accedit_ledger import signer_line


def own_socket(data: Path) -> Path:
    return data / "signer.sock"


def given_socket(data: Path) -> str:
    """The address of a signer that the operator starts; empty where it is ours to start."""
    given = _setting(data, "signer_socket", "")
    return "" if given == str(own_socket(data)) else given


def log_domain(data: Path) -> str:
    return _setting(data, "log_domain", "localhost")


def socket_now(data: Path) -> str:
    """What a command asks: the operator's signer, or ours if it serves. Empty: it signs itself."""
    if given := given_socket(data):
        return given
    return str(own_socket(data)) if signer_line.answers(own_socket(data)) else ""


def _setting(data: Path, name: str, default: str) -> str:
    file = data / folder.SETTINGS
    kept = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return os.environ.get(f"ACCEDIT_{name.upper()}", str(kept.get(name, default)))
