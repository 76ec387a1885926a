"""The signer as a process: it alone opens the key and the memory of what was signed.

    accedit signer FOLDER ADDRESS DOMAIN [--group]

It needs neither Django nor a database. It holds its memory against any other signer, says
its public key beside its address, and answers until it is told to stop. Killed at any
moment it has signed nothing that it does not remember (`signer.Signer.sign`). With
`--group`, the accounts of the socket's group may ask too.
"""

import contextlib
import json
import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from hmac import compare_digest
from pathlib import Path
from typing import NoReturn

from accedit_ledger import signer_line
from accedit_ledger.base64s import from_standard
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.signer import Signer, SignerRefuses, StoreDamaged, StoreHeld, kept_in
from accedit_ledger.signer_line import Frame, LineBroken

AT_ONCE = 64  # lines; the next ones wait in the system's queue
PAGE = 100  # heads; a frame holds them whatever their origins
TAKES_OVER_WITHIN = 5.0  # seconds; a command that signs by itself is done long before
HELD = "Un autre signataire travaille déjà sur « {folder} » : arrêtez-le d’abord."
USAGE = "usage : accedit signer DOSSIER ADRESSE DOMAINE [--group]"


class _NeedsProof(Exception):
    """A proof from another size than the one given is needed."""

    def __init__(self, old: int) -> None:
        self.old = old


def main(words: Sequence[str]) -> int:
    group = "--group" in words
    given = [word for word in words if word != "--group"]
    if len(given) != 3:
        sys.stderr.write(f"{USAGE}\n")
        return 2
    folder, address, domain = Path(given[0]), Path(given[1]), given[2]
    signer = kept_in(folder, domain=domain)
    try:
        _hold(signer)
    except StoreHeld:
        sys.stderr.write(HELD.format(folder=folder) + "\n")
        return 1
    _publish(signer, address)
    line, secret = _listening(address, group=group)
    _stop_when_told(address)
    return serve(signer, line, secret=secret)


def _stop_when_told(address: Path) -> None:
    """At once: what is under way is on the disk, or was promised to nobody."""

    def stop(_number: int, _frame: object) -> NoReturn:
        address.unlink(missing_ok=True)
        os._exit(0)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _hold(signer: Signer) -> None:
    until = time.monotonic() + TAKES_OVER_WITHIN
    while True:
        try:
            return signer.store.hold()
        except StoreHeld:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def _publish(signer: Signer, address: Path) -> None:
    file = signer_line.keys_file(address)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(f"{signer.key.vkey}\n", encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(file)


def _listening(address: Path, *, group: bool) -> tuple[socket.socket, str | None]:
    """The line, and the secret that callers must say if it is not a Unix socket."""
    address.unlink(missing_ok=True)  # of a signer that was killed: we hold the memory
    before = os.umask(0o117 if group else 0o177)
    try:
        if signer_line.takes_socket(address):
            line, secret = socket.socket(socket.AF_UNIX), None
            line.bind(str(address))
        else:
            line, secret = socket.socket(socket.AF_INET), secrets.token_urlsafe(32)
            line.bind(("127.0.0.1", 0))
            fresh = address.with_suffix(f".{os.getpid()}")
            fresh.write_text(json.dumps({"port": line.getsockname()[1], "secret": secret}))
            fresh.replace(address)
    finally:
        os.umask(before)
    line.listen(128)
    return line, secret


def serve(signer: Signer, line: socket.socket, *, secret: str | None) -> NoReturn:
    """Answer each caller in a thread of its own, `AT_ONCE` at most."""
    free = threading.BoundedSemaphore(AT_ONCE)

    def answered(caller: socket.socket) -> None:
        try:
            with caller, contextlib.suppress(OSError):
                _answer_all(signer, caller, secret=secret)
        finally:
            free.release()

    while True:
        free.acquire()
        caller, _ = line.accept()
        threading.Thread(target=answered, args=[caller], daemon=True).start()


def _answer_all(signer: Signer, caller: socket.socket, *, secret: str | None) -> None:
    if secret is not None:
        hello = signer_line.receive(caller) or {}
        if not compare_digest(str(hello.get("secret", "")).encode(), secret.encode()):
            raise LineBroken("not one of ours")
    while question := signer_line.receive(caller):
        signer_line.send(caller, answer(signer, question))


def answer(signer: Signer, question: Frame) -> Frame:
    """Raises `LineBroken` for what is no question."""
    try:
        return _answered(signer, question)
    except SignerRefuses as refusal:
        return {"refused": str(refusal)}
    except StoreDamaged as damage:
        return {"damaged": str(damage)}
    except LineBroken:
        raise
    except OSError as fault:
        return {"fault": str(fault)}
    except (ValueError, TypeError) as error:
        raise LineBroken("not a question") from error


def _answered(signer: Signer, question: Frame) -> Frame:
    match question:
        case {"do": "sign", "head": str(head)}:
            return _signed(signer, Checkpoint.parse(head), question)
        case {"do": "last", "origin": str(origin)}:
            last = signer.last(origin)
            return {"head": last.lines() if last else None}
        case {"do": "heads", "from": int(start)} if start >= 0:
            heads = [head.lines() for head in signer.heads()]
            end = start + PAGE
            return {"heads": heads[start:end], "next": end if end < len(heads) else None}
    raise LineBroken("not a question")


def _signed(signer: Signer, head: Checkpoint, question: Frame) -> Frame:
    given = question.get("old")
    path = [from_standard(hash_) for hash_ in question.get("path", [])]

    def consistency(old: int) -> list[bytes]:
        if given != old:
            raise _NeedsProof(old)
        return path

    try:
        return {"note": signer.sign(head, consistency=consistency)}
    except _NeedsProof as need:
        return {"need": need.old}
