"""The letter to print, for whoever is served by post: the avis de dépôt, the invitation.

Its words are those kept in the outbox, whose SHA-256 the log holds: the sheet adds who
writes, to whom, when, about which case, and a greeting; it changes none of them.
"""

import re
from dataclasses import dataclass
from typing import Any

from accedit.domain.cases.models import Case
from accedit.domain.documents.operations.typesetting import BANDS, in_full, pdf
from accedit.domain.post.models import Letter
from accedit.shared.fields import displayed

CODE = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}")
FINGERPRINT = "Empreinte du journal, à conserver :"
GREETING = "Veuillez agréer, Madame, Monsieur, mes salutations distinguées."
MOST_ADDRESS_LINES = 7  # with the name, what the window of the envelope shows in small print


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    lines: tuple[str, ...]


def letter_pdf(letter: Letter, *, case: Case) -> bytes:
    """The sheet of `letter`, which comes from `cases.access.letter`. The same at each printing."""
    room = case.room
    reference = f"{room.reference} — {room.title}"
    data = {
        "title": f"{letter.subject} — {letter.to_name}",
        "foot": f"Dossier {displayed(room.reference)} — {displayed(room.title)}",
        "band": BANDS[case.colour % len(BANDS)],
        "sender": _as_data(sender_of(case)),
        "to": {"name": letter.to_name, "lines": _address(letter.address)},
        "day": in_full(letter.created_at),
        "reference": displayed(reference),
        "subject": subject_of(letter, reference=room.reference),
        "blocks": blocks(letter.body),
        "closing": GREETING,
    }
    return pdf("letter.typ", data=data, at=letter.created_at)


def sender_of(case: Case) -> Sender:
    """The expert, as their letters say who writes."""
    space = case.room.space
    lines = [space.list_number or space.expert.title, *space.address.splitlines()]
    lines += [f"Téléphone : {space.phone}"] if space.phone else []
    return Sender(space.expert.name, tuple(displayed(line) for line in lines if line.strip()))


def subject_of(letter: Letter, *, reference: str) -> str:
    """A mail repeats its case in its subject; a letter has a line for it above."""
    return letter.subject.removeprefix(f"[Dossier {displayed(reference)}] ")


def blocks(body: str) -> list[dict[str, Any]]:
    """Paragraphs, lines set apart (written four spaces in), a code to type, the log's fingerprint."""
    found: list[dict[str, Any]] = []
    for part in re.split(r"\n\s*\n", body.strip("\n")):
        lines = part.splitlines()
        if lines[0].strip() == FINGERPRINT:
            found.append({"kind": "log", "head": FINGERPRINT, "lines": _shown(lines[1:])})
            continue
        for line in lines:
            _join(found, line)
        found.append({"kind": "end"})
    return [block for block in found if block["kind"] != "end"]


def _join(found: list[dict[str, Any]], line: str) -> None:
    """Put one line where it belongs: lines wrapped for a mail make one paragraph again."""
    text = displayed(line.strip())
    last: dict[str, Any] = found[-1] if found else {"kind": "end"}
    if line.startswith("    ") and CODE.fullmatch(text):
        found.append({"kind": "code", "text": text})
    elif line.startswith("    "):
        if last["kind"] == "set":
            last["lines"].append(text)
        else:
            found.append({"kind": "set", "lines": [text]})
    elif last["kind"] == "text":
        last["text"] += f" {text}"
    else:
        found.append({"kind": "text", "text": text})


def _address(address: str) -> list[str]:
    return _shown(address.splitlines())[:MOST_ADDRESS_LINES]


def _shown(lines: list[str]) -> list[str]:
    return [displayed(line.strip()) for line in lines if line.strip()]


def _as_data(sender: Sender) -> dict[str, Any]:
    return {"name": displayed(sender.name), "lines": list(sender.lines)}
