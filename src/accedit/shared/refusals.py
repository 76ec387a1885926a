"""The one answer for "no".

A refusal is an answer that a person can act on, not an error. It says the fact
(`RoomClosed`), its `kind` says which family of "no" it is, its `code` is what a
program reads, its `sentence` what a person reads. Each door has one table from
kind or code to its own status. Everything else that is raised is a bug.
"""

from datetime import datetime
from enum import StrEnum
from string import Formatter
from typing import ClassVar
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Kind(StrEnum):
    ABSENT = "absent"
    FORBIDDEN = "forbidden"
    CLOSED = "closed"
    IN_THE_WAY = "in_the_way"
    UNREADABLE = "unreadable"
    FULL = "full"


class _Paris(Formatter):
    """Hours are shown in Paris time, whatever zone they were kept in."""

    def get_value(self, key: int | str, args: object, kwargs: object) -> object:
        value = super().get_value(key, args, kwargs)  # type: ignore[arg-type]
        return value.astimezone(PARIS) if isinstance(value, datetime) else value


class Refusal(Exception):
    kind: ClassVar[Kind]
    code: ClassVar[str]
    sentence: ClassVar[str]

    def __init__(self, **facts: object) -> None:
        self.facts = facts
        super().__init__()

    def __str__(self) -> str:
        return f"{type(self).__name__} {self.facts}"

    def for_people(self) -> str:
        return _Paris().vformat(self.sentence, (), self.facts)


class NotFound(Refusal):
    """The same words for what does not exist and for what the asker may not know of."""

    kind = Kind.ABSENT
    code = "not_found"
    sentence = "Cette page ou cette pièce n'existe pas, ou ne vous est pas ouverte."


class Forbidden(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Vous ne pouvez pas faire cela ici : {what}."


class Invalid(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "{what}"
