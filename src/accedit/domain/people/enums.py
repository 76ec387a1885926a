"""Kinds of people, of proofs of identity, of tokens, of doors."""

from enum import StrEnum


class PersonKind(StrEnum):
    EXPERT = "expert"
    PROFESSIONAL = "professional"  # lawyers and others of the professionals' directory: every case
    ASSISTANT = "assistant"
    PRIVATE = "private"  # a party without counsel: one case only


class IdentityLevel(StrEnum):
    DECLARED = "declared"  # somebody gave this name
    ADDRESS = "address"  # the invitation sent there was used
    LETTER = "letter"  # the code of a letter sent there was used
    DIRECTORY = "directory"  # compared with a professional directory by the expert


class Scope(StrEnum):
    READ = "read"
    DEPOSIT = "deposit"
    MANAGE = "manage"


class Door(StrEnum):
    PAGE = "page"
    API = "api"
    DAV = "dav"
    SYNC = "sync"
    CONSOLE = "console"


class Covers(StrEnum):
    """What a delegation may name. It never covers: sign, archive, withdraw, seal, manage rights."""

    OPEN_CASES = "open_cases"
    DEPOSIT_ON_BEHALF = "deposit_on_behalf"
    INVITE = "invite"
    LETTERS = "letters"


class Channel(StrEnum):
    MAIL = "mail"
    LETTER = "letter"
