"""`accedit verify RECEIPT [FILE] [--key VKEY]… [--json]`: check a receipt without the platform.

Exit: 0 whole, signed by a known key, and the file (if given) is the one
entered; 1 anything less; 2 the command was not understood.

A key that signed a trusted receipt is remembered, by its name, so that the
next one needs no `--key`. A second key under a name already known is never
accepted silently: someone is to look.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from accedit_ledger.archive import MAX_ARCHIVE
from accedit_ledger.keyring import Keyring
from accedit_ledger.note import VerifierKey
from accedit_ledger.receipt import Known, verify_receipt
from accedit_ledger.verdict import Verdict, printable

CHANGED = (
    "Attention : la clé donnée pour {name} n’est pas celle que cet ordinateur connaît sous ce nom. "
    "Comparez les deux avec l’expert ; si la clé a vraiment changé, retirez l’ancienne de {file}."
)


_TROUBLES = (
    (FileNotFoundError, "fichier introuvable"),
    (IsADirectoryError, "c’est un dossier, non un fichier"),
    (PermissionError, "lecture non permise"),
)


class _Usage(Exception):
    """The command was not understood; says why, in French."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise _Usage(f"Commande non comprise. {self.usage}")


def verify(argv: Sequence[str]) -> int:
    try:
        return _verify(_parser().parse_args(argv))
    except _Usage as usage:
        sys.stderr.write(f"{usage}\n")
        return 2
    except OSError as error:
        sys.stderr.write(f"{printable(str(error.filename))} : {_why(error)}\n")
        return 2


def _parser() -> _Parser:
    parser = _Parser(
        prog="accedit verify",
        description="Vérifie un récépissé de dépôt, sans réseau.",
        usage="accedit verify RÉCÉPISSÉ [FICHIER] [--key CLÉ]… [--json]",
        add_help=False,
    )
    parser.add_argument("receipt", metavar="RÉCÉPISSÉ", type=Path)
    parser.add_argument("file", metavar="FICHIER", type=Path, nargs="?")
    parser.add_argument("--key", metavar="CLÉ", action="append", default=[])
    parser.add_argument("--json", action="store_true")
    return parser


def _verify(options: argparse.Namespace) -> int:
    keyring = Keyring(_keyring_file())
    given = [entry for text in options.key for entry in _entries(text)]
    known = [*given, *(key.text for key in keyring.read())]
    verdict = _checked(options.receipt, options.file, known)
    for key in [*Known.parse(given).keys, *([verdict.key] if verdict.key_trusted else [])]:
        if key and keyring.contradicts(key):
            sentence = CHANGED.format(name=key.name, file=keyring.file)
            return _told(Verdict(valid=False, reasons=(sentence,)), options.json)
    if verdict.is_success and verdict.key:
        _remember(keyring, verdict.key)
    return _told(verdict, options.json)


def _checked(receipt: Path, file: Path | None, known: list[str]) -> Verdict:
    with receipt.open("rb") as stream:
        data = stream.read(MAX_ARCHIVE + 1)
    if file is None:
        return verify_receipt(data, file=None, known=known)
    with file.open("rb") as stream:
        return verify_receipt(data, file=stream, known=known)


def _entries(text: str) -> list[str]:
    """A key, a fingerprint, or the name of a file of them, one a line."""
    known = Known.parse([text])
    if known.all_readable:
        return [text]
    try:
        lines = Path(text).read_text("utf-8").splitlines()
    except (OSError, ValueError):
        raise _Usage(f"Ni une clé, ni un fichier de clés : {printable(text)}") from None
    lines = [line for line in lines if line.strip()]
    if not lines or not Known.parse(lines).all_readable:
        raise _Usage(f"Ce fichier n’est pas une liste de clés : {printable(text)}")
    return lines


def _why(error: OSError) -> str:
    return next((words for kind, words in _TROUBLES if isinstance(error, kind)), "illisible")


def _keyring_file() -> Path:
    folder = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(folder) / "accedit" / "cles-connues"


def _remember(keyring: Keyring, key: VerifierKey) -> None:
    try:
        keyring.remember(key)
    except OSError as error:
        sys.stderr.write(f"La clé n’a pas pu être retenue dans {error.filename}.\n")


def _told(verdict: Verdict, as_json: bool) -> int:
    encoding = sys.stdout.encoding or "utf-8"  # a name may not fit what the terminal can show
    escaped = encoding.lower() != "utf-8"
    text = "\n".join(verdict.sentences())
    if as_json:
        text = json.dumps(verdict.as_json(), ensure_ascii=escaped)
    sys.stdout.write(text.encode(encoding, "replace").decode(encoding) + "\n")
    return 0 if verdict.is_success else 1
