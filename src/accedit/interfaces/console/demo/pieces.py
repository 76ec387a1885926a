"""The documents of the demo, made from the texts of `pieces/`: each page says it is made up.

A text is in the guides' subset of Markdown below a head in TOML. Three lines more exist:
`@figure 1 | caption` draws a floor, `@signature who` signs, `day = -30` dates the
document so many days before the Monday of the week in which the demo is loaded.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from random import Random
from typing import Any

from accedit.domain.documents.operations import guides, markup
from accedit.domain.documents.operations.typesetting import compiled
from accedit.interfaces.console.demo import drawing
from accedit.shared.refusals import PARIS

FOLDER = Path(__file__).parent
TEXTS = FOLDER / "pieces"
FENCE = "+++\n"
DOTS_PER_INCH = 72.0
THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}(?:\D|$))")
UNITS = re.compile(r"(?<=\d) (?=(?:€|%|°C|m²|mm|cm|Pa|dB)(?:\W|$))")


@dataclass(frozen=True, slots=True)
class Piece:
    """A file as somebody has it on their computer, before they deposit it."""

    name: str
    title: str
    content: bytes


def monday(now: datetime) -> date:
    """The day from which the demo counts its days back: work falls on days of work."""
    today = now.astimezone(PARIS).date()
    return today - timedelta(days=today.weekday())


def document(word: str, *, now: datetime) -> Piece:
    """The PDF made from `pieces/WORD.md`."""
    _, head, text = (TEXTS / f"{word}.md").read_text(encoding="utf-8").split(FENCE, 2)
    said = tomllib.loads(head)
    data = {
        "title": f"{said['title']} (reconstitution)",
        "firm": _firms()[said["firm"]],
        "to": said.get("to", []),
        "day": _day(said["day"], now=now),
        "heading": said["heading"],
        "subject": said["subject"],
        "blocks": _blocks(unbroken(text)),
    }
    content = compiled(FOLDER / "piece.typ", root=FOLDER, data=data, at=now)
    return Piece(said["file"], said["title"], content)


def photograph(number: int, *, name: str, title: str, mark: str, now: datetime) -> Piece:
    """A picture of the floor as a PNG."""
    data = {"svg": drawing.floor(number), "mark": mark}
    return Piece(name, title, _picture("photo.typ", data=data, now=now))


def plan(*, name: str, title: str, now: datetime) -> Piece:
    return Piece(name, title, _picture("plan.typ", data={}, now=now))


def unbroken(text: str) -> str:
    """A sum, and a measure with its unit, stay on one line."""
    return UNITS.sub("\u202f", THOUSANDS.sub("\u202f", text))


def _picture(template: str, *, data: Mapping[str, Any], now: datetime) -> bytes:
    return compiled(
        FOLDER / template,
        root=FOLDER,
        data=data,
        at=now,
        form="png",
        dots_per_inch=DOTS_PER_INCH,
    )


def _blocks(text: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for block in guides.as_data(markup.blocks(text)):
        words = markup.plain([markup.Run(**run) for run in block["runs"]])
        if block["kind"] == "text" and words.startswith("@"):
            found += [_drawn(line) for line in words.replace(" @", "\n@").split("\n")]
        else:
            found.append(block)
    return found


def _drawn(line: str) -> dict[str, Any]:
    order, _, rest = line.partition(" ")
    if order == "@figure":
        number, _, caption = rest.partition(" | ")
        return {"kind": "figure", "svg": drawing.floor(int(number)), "caption": caption}
    return {"kind": "signature", "name": rest, "strokes": _strokes(rest)}


def _strokes(name: str) -> list[list[float]]:
    """A scribble that is always the same for the same name."""
    random, x = Random(name), 4.0  # noqa: S311  (a drawing)
    strokes = []
    for _ in range(6):
        end = x + random.uniform(4, 8)
        heights = [random.uniform(0, 12) for _ in range(2)]
        strokes.append([x + 1, heights[0], end - 3, heights[1], end, random.uniform(5, 9)])
        x = end
    return strokes


def _day(said: date | int, *, now: datetime) -> str:
    day = said if isinstance(said, date) else monday(now) + timedelta(days=said)
    return f"{day:%d/%m/%Y}"


@lru_cache(maxsize=1)
def _firms() -> Mapping[str, Any]:
    return tomllib.loads((FOLDER / "firms.toml").read_text(encoding="utf-8"))
