"""From data to a PDF on paper, by typst: no network, no font of the machine, no clock.

What people typed reaches a template as JSON, as one value. A template shows it as text:
nothing of it is ever read as typst's own language (attacks.md D16). The same data and the
same hour give the same bytes.

A document of ours declares PDF/A-3a and PDF/UA-1: it can be kept for decades, and read
aloud. The engine checks what it can of both; no other program has validated them.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from accedit.shared.refusals import PARIS

TEMPLATES = Path(__file__).parent / "templates"
Standard = Literal["a-3a", "ua-1"]
KEPT_FOR_DECADES: tuple[Standard, ...] = ("a-3a", "ua-1")
BANDS = (  # the colours of cases, as on screen
    *("#123a7a", "#5a2a6e", "#0f4f4a", "#7a2f14"),
    *("#394a12", "#6e1f45", "#22435c", "#55401a"),
)
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def pdf(template: str, *, data: Mapping[str, Any], at: datetime) -> bytes:
    """A document of ours, from a file of `templates/`."""
    return compiled(
        TEMPLATES / template, root=TEMPLATES, data=data, at=at, standards=KEPT_FOR_DECADES
    )


def compiled(
    template: Path,
    *,
    root: Path,
    data: Mapping[str, Any],
    at: datetime,
    standards: tuple[Standard, ...] = (),
    form: Literal["pdf", "png"] = "pdf",
    dots_per_inch: float = 144,
) -> bytes:
    """One document, or the picture of a document of one page. A template reads nothing
    outside `root`, and finds no package anywhere."""
    made = typst.compile(
        template,
        root=root,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        pdf_standards=list(standards),
        format=form,
        ppi=dots_per_inch,
        timestamp=at.astimezone(UTC).replace(microsecond=0),
        package_path=root,
        package_cache_path=root,
    )
    if not isinstance(made, bytes):
        raise TypeError("a picture is made of one page only")
    return made


def in_full(at: datetime) -> str:
    """« 1er novembre 2026 », in Paris."""
    day = at.astimezone(PARIS)
    return f"{'1er' if day.day == 1 else day.day} {MONTHS[day.month - 1]} {day.year}"


def to_the_second(at: datetime) -> str:
    """« 16/11/2026 à 14 h 05 min 07 s »; the document says once that hours are those of Paris."""
    return f"{at.astimezone(PARIS):%d/%m/%Y à %H h %M min %S s}"


@lru_cache(maxsize=1)
def _fonts() -> typst.Fonts:
    """Those that come inside typst: the same on every machine."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
