"""What is written beside the files of a basket: their order, their titles, their numbers."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http.request import QueryDict

from accedit.domain.filing.operations.baskets import Arrangement
from accedit.domain.filing.reckoning import next_number, read_number
from accedit.shared.fields import optional_line
from accedit.shared.refusals import Refusal


@dataclass(slots=True)
class ItemRow:
    """One file of the basket as the form shows it. `proposed` is the number it gets if none is typed."""

    item: Any
    title: str
    number: str
    proposed: str = ""
    errors: dict[str, str] = field(default_factory=dict)

    def check(self) -> None:
        try:
            optional_line(self.title, what="Intitulé de la pièce")
        except Refusal as refusal:
            self.errors["title"] = refusal.for_people()
        try:
            self.number = read_number(self.number) if self.number.strip() else ""
        except Refusal as refusal:
            self.errors["number"] = refusal.for_people()


def rows_of(items: Iterable[Any]) -> list[ItemRow]:
    return [ItemRow(item, item.title, item.number) for item in items]


def rows_sent(items: Sequence[Any], *, post: QueryDict) -> list[ItemRow]:
    """In the order in which the form lists them; a file that it does not know comes last."""
    place = {wanted: rank for rank, wanted in enumerate(post.getlist("item"))}
    ordered = sorted(items, key=lambda item: place.get(str(item.pk), len(place) + item.rank))
    rows = [
        ItemRow(
            item,
            post.get(f"title-{item.pk}", item.title),
            post.get(f"number-{item.pk}", item.number),
        )
        for item in ordered
    ]
    for row in rows:
        row.check()
    return rows


def moved(rows: list[ItemRow], *, item: str, by: int) -> list[ItemRow]:
    """One place up or down."""
    at = next((rank for rank, row in enumerate(rows) if str(row.item.pk) == item), None)
    if at is not None and 0 <= at + by < len(rows):
        rows[at], rows[at + by] = rows[at + by], rows[at]
    return rows


def arrangement(rows: Iterable[ItemRow]) -> Mapping[UUID, Arrangement]:
    return {
        row.item.pk: Arrangement(rank, row.title, row.number)
        for rank, row in enumerate(rows, start=1)
    }


def propose(rows: Iterable[ItemRow], *, taken: set[str]) -> None:
    """The numbers that the deposit would give now, and those that are taken, said early."""
    rows = list(rows)
    typed: list[str] = []
    for row in rows:
        if row.number.strip() and "number" not in row.errors:
            number = read_number(row.number)
            if number in taken:
                row.errors["number"] = f"La pièce n° {number} existe déjà pour cette partie."
            elif number in typed:
                row.errors["number"] = f"Le numéro {number} est donné deux fois dans ce panier."
            typed.append(number)
            row.proposed = number
    used = taken | set(typed)
    for row in rows:
        if not row.number.strip():
            row.proposed = next_number(used)
            used.add(row.proposed)
