"""Ask a signer that is a process of its own, with the call that `signer.Signer` has."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from accedit_ledger import signer_line
from accedit_ledger.base64s import standard
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.signer import SignerRefuses, StoreDamaged
from accedit_ledger.signer_line import Frame, LineBroken

TRIES = 20  # each one lost means that a longer head was signed meanwhile


class SignerAway(OSError):
    """No answer: not started, stopped, killed in mid-answer, or its disk failed.

    What was asked may have been stored or not; the same question may be asked again.
    """


@dataclass(frozen=True, slots=True)
class RemoteSigner:
    address: Path

    def sign(self, checkpoint: Checkpoint, *, consistency: Callable[[int], list[bytes]]) -> str:
        """As `signer.Signer.sign`. Raises `SignerAway` too."""
        question: Frame = {"do": "sign", "head": checkpoint.lines()}
        with self._line() as ask:
            for _ in range(TRIES):
                answer = ask(question)
                if "note" in answer:
                    return str(answer["note"])
                old = int(answer["need"])
                question |= {"old": old, "path": [standard(hash_) for hash_ in consistency(old)]}
        raise SignerAway("the signer was always ahead")

    def last(self, origin: str) -> Checkpoint | None:
        with self._line() as ask:
            head = ask({"do": "last", "origin": origin})["head"]
        return Checkpoint.parse(head) if head else None

    def heads(self) -> Iterator[Checkpoint]:
        start: int | None = 0
        while start is not None:
            with self._line() as ask:
                answer = ask({"do": "heads", "from": start})
            yield from map(Checkpoint.parse, answer["heads"])
            start = answer["next"]

    @contextlib.contextmanager
    def _line(self) -> Iterator[Callable[[Frame], Frame]]:
        try:
            with signer_line.reached(self.address) as line:

                def ask(question: Frame) -> Frame:
                    signer_line.send(line, question)
                    answer = signer_line.receive(line)
                    if answer is None:
                        raise LineBroken("hung up")
                    return _taken(answer)

                yield ask
        except SignerAway:
            raise
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise SignerAway(f"the signer at {self.address} does not answer: {fault}") from fault


def _taken(answer: Frame) -> Frame:
    if "refused" in answer:
        raise SignerRefuses(str(answer["refused"]))
    if "damaged" in answer:
        raise StoreDamaged(str(answer["damaged"]))
    if "fault" in answer:
        raise SignerAway(str(answer["fault"]))
    return answer


def published_keys(address: Path) -> list[str]:
    """The verifier keys of the signer at `address`, the present one first; it need not be up."""
    file = signer_line.keys_file(address)
    try:
        lines = file.read_text(encoding="utf-8").split()
    except OSError as fault:
        raise SignerAway(f"no signer has published its keys in {file}") from fault
    if not lines:
        raise SignerAway(f"{file} is empty")
    return lines
