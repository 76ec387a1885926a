"""Reads the tables of docs/rights.md: each line is a case."""

import re
from dataclasses import dataclass
from pathlib import Path

from accedit.domain.filing.enums import Right
from accedit.domain.people.enums import Scope

PAGE = Path(__file__).parents[2] / "docs" / "rights.md"
HEAD = ["who", "given", "on", "state", "through", "rights"]
GIVEN = re.compile(r"(\w+) to ([ugvh]) at (\w+)")
PEOPLE = {"owner", "delegate", "member", "former", "stranger"}
STATES = {"open", "closed", "withdrawn"}


@dataclass(frozen=True, slots=True)
class Given:
    right: Right
    to: str
    at: str


@dataclass(frozen=True, slots=True)
class Line:
    who: str
    given: tuple[Given, ...]
    on: str
    state: str
    through: Scope | None
    rights: frozenset[Right]

    def __str__(self) -> str:
        given = ", ".join(f"{g.right} to {g.to} at {g.at}" for g in self.given)
        return f"{self.who} [{given}] on {self.on}, {self.state}, {self.through}"


def lines() -> list[Line]:
    found, reading = [], False
    for row in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")] if row[:1] == "|" else []
        if cells == HEAD:
            reading = True
        elif not cells:
            reading = False
        elif reading and not set(row) <= set("|-"):
            found.append(_line(cells))
    return found


def _line(cells: list[str]) -> Line:
    who, given, on, state, through, rights = cells
    assert who in PEOPLE, who
    assert state in STATES, state
    return Line(
        who=who,
        given=tuple(_given(part) for part in given.split(", ") if part != "–"),
        on=on,
        state=state,
        through=None if through == "–" else Scope(through),
        rights=frozenset(Right(word) for word in rights.split() if word != "nothing"),
    )


def _given(text: str) -> Given:
    match = GIVEN.fullmatch(text)
    assert match, text
    return Given(Right(match[1]), match[2], match[3])
