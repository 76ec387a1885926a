"""A small subset of Markdown: what a guide needs, and nothing that can do anything.

    # Title          ## Section         ### Smaller
    a paragraph      **strong words**
    - item           1. numbered item   (two spaces in: the item goes on)
    | a | b |        a table: a head, a line of dashes (`--:` sets a column to the right), rows

No link, no image, no HTML: a `<` is a `<`. The same blocks make the printed guide here and
the page of the web door, so that both say the same words.
"""

import re
from dataclasses import dataclass, field

STRONG = re.compile(r"\*\*(.+?)\*\*")
HEADING = re.compile(r"(#{1,3}) (.+)")
ITEM = re.compile(r"(-|\d+\.) (.+)")


@dataclass(frozen=True, slots=True)
class Run:
    text: str
    strong: bool = False


@dataclass(slots=True)
class Block:
    """`kind`: heading, text, list, numbers, table."""

    kind: str
    runs: list[Run] = field(default_factory=list)
    level: int = 0
    items: list[list[Run]] = field(default_factory=list)
    head: list[list[Run]] = field(default_factory=list)
    rows: list[list[list[Run]]] = field(default_factory=list)
    right: list[int] = field(default_factory=list)


def blocks(text: str) -> list[Block]:
    found: list[Block] = []
    for part in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n").strip("\n")):
        lines = [line.rstrip() for line in part.split("\n") if line.strip()]
        while lines and (heading := HEADING.fullmatch(lines[0])):
            found.append(Block("heading", runs=runs(heading[2]), level=len(heading[1])))
            lines = lines[1:]
        if lines:
            found.append(_block(lines))
    return found


def runs(text: str) -> list[Run]:
    """Plain and strong words; an asterisk without its twin is an asterisk."""
    pieces = STRONG.split(text)
    return [Run(piece, rank % 2 == 1) for rank, piece in enumerate(pieces) if piece]


def plain(text: list[Run]) -> str:
    return "".join(run.text for run in text)


def _block(lines: list[str]) -> Block:
    if lines[0].startswith("|") and len(lines) > 1:
        return _table(lines)
    if first := ITEM.match(lines[0]):
        kind = "list" if first[1] == "-" else "numbers"
        return Block(kind, items=[runs(item) for item in _items(lines)])
    return Block("text", runs=runs(" ".join(line.strip() for line in lines)))


def _items(lines: list[str]) -> list[str]:
    items: list[str] = []
    for line in lines:
        if new := ITEM.fullmatch(line):
            items.append(new[2])
        else:
            items[-1] += f" {line.strip()}"
    return items


def _table(lines: list[str]) -> Block:
    head, sides, *rows = (_cells(line) for line in lines)
    return Block(
        "table",
        head=[runs(cell) for cell in head],
        rows=[[runs(cell) for cell in (row + [""] * len(head))[: len(head)]] for row in rows],
        right=[rank for rank, side in enumerate(sides) if side.endswith(":")],
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip("| ").split("|")]
