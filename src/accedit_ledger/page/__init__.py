"""The verifier page: one file, offline, that joins its parts under a strict policy.

The policy names the hashes of the one style and the one script; nothing else
may run, and no address can be reached, not even by mistake.
"""

import json
from functools import cache
from hashlib import sha256
from pathlib import Path

from accedit_ledger import sentences
from accedit_ledger.base64s import standard
from accedit_ledger.vocabulary import KINDS

_FOLDER = Path(__file__).parent
_SCRIPTS = ("hashes.js", "formats.js", "ed25519.js", "verify.js", "screen.js")


@cache
def build() -> bytes:
    """The page, the same bytes for the same version: `make_receipt` puts it in each receipt."""
    style = _read("verifier.css")
    script = _words() + "".join(map(_read, _SCRIPTS))
    policy = (
        f"default-src 'none'; script-src '{_source(script)}'; style-src '{_source(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _read("verifier.html")
    for name, text in (("policy", policy), ("style", style), ("script", script)):
        page = page.replace("{{" + name + "}}", text)
    return page.encode()


def _words() -> str:
    """The sentences of the Python side: page and command say the same thing."""
    words = {name: value for name, value in vars(sentences).items() if name.isupper()}
    kinds = {kind.name: kind.french for kind in KINDS.values() if kind.log == "acts"}
    texts = (json.dumps(table, ensure_ascii=False) for table in (words, kinds))
    return '"use strict";\nconst WORDS = {};\nconst KINDS = {};\n'.format(*texts)


def _read(name: str) -> str:
    return (_FOLDER / name).read_text("utf-8")


def _source(text: str) -> str:
    return f"sha256-{standard(sha256(text.encode()).digest())}"
