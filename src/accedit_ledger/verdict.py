"""What a verification found, for a program and for a person.

The sentences never say more than was proved: while the key is not known to
the reader, they tell what the receipt *says*, not what is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from accedit_ledger import sentences
from accedit_ledger.canonical import JSON
from accedit_ledger.leaf import utc_hour
from accedit_ledger.note import VerifierKey
from accedit_ledger.vocabulary import KINDS

_MONTHS = [
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
# Control characters, and those that turn the direction of what follows on the screen.
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]"
)
_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`valid`: the receipt is whole. Only with `key_trusted` does it prove anything."""

    valid: bool
    key_trusted: bool = False
    file_matches: bool | None = None
    origin: str | None = None
    index: int | None = None
    size: int | None = None
    key: VerifierKey | None = None
    claims: Mapping[str, JSON] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()

    @property
    def is_success(self) -> bool:
        return self.valid and self.key_trusted and self.file_matches is not False

    @property
    def received_at(self) -> str | None:
        """When the last byte had reached the platform, as the entry says."""
        return self._said("received_at", member="last")

    @property
    def depositor(self) -> str | None:
        return self._said("depositor", member="name")

    @property
    def sha256(self) -> str | None:
        claim = self.claims.get("sha256")
        return claim if isinstance(claim, str) and _DIGEST.fullmatch(claim) else None

    def as_json(self) -> dict[str, JSON]:
        return {
            "valid": self.valid,
            "key_trusted": self.key_trusted,
            "file_matches": self.file_matches,
            "origin": self.origin,
            "index": self.index,
            "size": self.size,
            "received_at": self.received_at,
            "depositor": self.depositor,
            "sha256": self.sha256,
            "key_id": self.key.id.hex() if self.key else None,
            "reasons": list(self.reasons),
        }

    def sentences(self) -> list[str]:
        """For the person who asked, in French, one sentence a line."""
        if not self.valid:
            return [sentences.REFUSED, *map(printable, self.reasons)]
        lines = (
            [sentences.TRUSTED.format(key=self.key.name)] if self.key_trusted and self.key else []
        )
        lines += map(printable, self.reasons)
        if self.file_matches:
            lines.append(sentences.MATCHES)
        return [*lines, sentences.THEREFORE if self.key_trusted else sentences.SAYS, *self._facts()]

    def _said(self, name: str, *, member: str) -> str | None:
        """A claim that is a text, or an object with the text in one member."""
        claim = self.claims.get(name)
        if isinstance(claim, Mapping) and member in claim:
            claim = claim[member]
        return claim if isinstance(claim, str) else None

    def _hour(self, name: str) -> str | None:
        claim = self.claims.get(name)
        return french_hour(claim) if isinstance(claim, str) else None

    def _kind(self) -> JSON:
        name = self.claims.get("kind")
        kind = KINDS.get(name) if isinstance(name, str) else None
        return kind.french if kind else name

    def _facts(self) -> list[str]:
        facts = [
            ("Nature", self._kind()),
            ("Nom du fichier", self.claims.get("name")),
            ("Intitulé", self.claims.get("title")),
            ("Partie", self._said("side", member="name")),
            ("Pièce n°", self._said("piece_number", member="label")),
            ("Déposé par", self.depositor),
            ("Pour", self._said("on_behalf_of", member="name")),
            ("Reçu le", self.received_at and french_hour(self.received_at)),
            ("Déposé le", self._hour("deposited_at")),
            ("Empreinte SHA-256", self.sha256),
            ("Journal", self.origin),
        ]
        lines = [f"{name} : {printable(value)}" for name, value in facts if isinstance(value, str)]
        if self.claims.get("late") is True:
            lines.append("Déposé hors délai : à l’expert d’apprécier.")
        return [*lines, f"Place : entrée {self.index}, la première étant 0, sur {self.size}."]


def printable(text: str) -> str:
    """A name may hold what would rewrite a terminal or a page; each such character becomes �."""
    return _UNPRINTABLE.sub("\ufffd", text)


def french_hour(text: str) -> str:
    """« 22 novembre 2026 à 13 h 15 min 31 s (heure de Paris) », or the text where it is no hour."""
    try:
        hour = utc_hour(text)
    except ValueError:
        return text
    zone, words = _paris()
    here: datetime = hour.astimezone(zone)
    day = "1er" if here.day == 1 else str(here.day)
    date = f"{day} {_MONTHS[here.month - 1]} {here.year}"
    return f"{date} à {here.hour} h {here:%M} min {here:%S} s ({words})"


def _paris() -> tuple[tzinfo, str]:
    try:
        return ZoneInfo("Europe/Paris"), "heure de Paris"
    except ZoneInfoNotFoundError:  # Windows without the zones' data
        return UTC, "temps universel"
