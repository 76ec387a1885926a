"""Hours, sizes, names and plurals as French pages write them. Hours are those of Paris.

No-break spaces keep « 14 h 05 » and « 2,4 Mo » on one line.
"""

import re
from collections.abc import Sized
from datetime import date, datetime

from django import template

from accedit.shared import fields
from accedit.shared.refusals import PARIS

register = template.Library()
NBSP = "\u00a0"
BEFORE = re.compile(r" (?=[:;?!»%])")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MONTHS = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
UNITS = ("octet", "Ko", "Mo", "Go", "To")


def _in_paris(moment: date | None) -> date | None:
    return moment.astimezone(PARIS) if isinstance(moment, datetime) else moment


@register.filter
def date_pleine(moment: date | None) -> str:
    """« lundi 16 novembre 2026, 14 h 05 »; a day without an hour has none."""
    there = _in_paris(moment)
    if there is None:
        return ""
    number = "1er" if there.day == 1 else str(there.day)
    day = f"{DAYS[there.weekday()]} {number} {MONTHS[there.month - 1]} {there.year}"
    return f"{day}, {heure(there)}" if isinstance(there, datetime) else day


@register.filter
def date_courte(moment: date | None) -> str:
    """« 16/11/2026 »."""
    there = _in_paris(moment)
    return f"{there:%d/%m/%Y}" if there else ""


@register.filter
def heure(moment: datetime | None) -> str:
    """« 14 h 05 »."""
    there = _in_paris(moment)
    return f"{there.hour}{NBSP}h{NBSP}{there.minute:02}" if isinstance(there, datetime) else ""


@register.filter
def octets(size: int | None) -> str:
    """« 2,4 Mo »: powers of ten, as computers of today show them; one decimal under ten."""
    if size is None:
        return ""
    value, rank = float(size), 0
    while value >= 999.5 and rank < len(UNITS) - 1:
        value, rank = value / 1000, rank + 1
    if rank == 0:
        return f"{size}{NBSP}octet{pluriel(size)}"
    shown = f"{value:.1f}".replace(".", ",") if value < 9.95 else f"{value:.0f}"
    return f"{shown.removesuffix(',0')}{NBSP}{UNITS[rank]}"


@register.filter
def nom_affiche(name: str | None) -> str:
    """A name that somebody chose, made safe for the eye (attacks.md C10)."""
    return fields.displayed(name or "")


@register.filter
def insecables(text: str) -> str:
    """« demander : un code ? » with no-break spaces, so that no line begins with a colon."""
    kept = BEFORE.sub(NBSP, text)
    return kept.replace("« ", f"«{NBSP}")


@register.filter
def pluriel(count: int | Sized, endings: str = "s") -> str:
    """« {{ n }} pièce{{ n|pluriel }} »: the ending of a word. In French, 0 and 1 are singular.

    `endings` is the plural ("x"), or both with a comma ("al,aux").
    """
    number = count if isinstance(count, int) else len(count)
    singular, _, plural = endings.rpartition(",")
    return plural if number >= 2 else singular
