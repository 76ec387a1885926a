"""The guides of two pages, printed from the same text as the help pages."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pypdfium2

from accedit.domain.documents.operations import markup
from accedit.domain.documents.operations.typesetting import pdf

SIZES = (13.0, 12.5, 12.0, 11.5, 11.0, 10.5, 10.0)  # points
MOST_PAGES = 2
SAME_FOR_EVER = datetime(2026, 1, 1, tzinfo=UTC)  # a guide has no hour: the same text, the same PDF


def guide_pdf(text: str, *, title: str) -> bytes:
    """In the largest letters that keep it within two pages."""
    blocks = as_data(markup.blocks(text))
    for size in SIZES:
        data = {"title": title, "size": size, "blocks": blocks}
        made = pdf("guide.typ", data=data, at=SAME_FOR_EVER)
        if _pages(made) <= MOST_PAGES:
            break
    return made


def _pages(made: bytes) -> int:
    document = pypdfium2.PdfDocument(made)
    try:
        return len(document)
    finally:
        document.close()


def as_data(blocks: list[markup.Block]) -> list[dict[str, Any]]:
    """For a template: each cell of a row in a holder of its own, so that rows can be joined."""
    found = []
    for block in blocks:
        data = asdict(block)
        data["rows"] = [[{"runs": cell} for cell in row] for row in data["rows"]]
        data["widest"] = _widest(block)
        found.append(data)
    return found


def _widest(block: markup.Block) -> int:
    """The column that takes the room left on the sheet: the one with the longest cell."""
    lines = [block.head, *block.rows]
    longest = [
        max(len(markup.plain(line[rank])) for line in lines) for rank in range(len(block.head))
    ]
    return longest.index(max(longest)) if longest else 0
