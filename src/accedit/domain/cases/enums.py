"""Regimes (expertise.md 0.4), kinds of party, roster states (errata 6), kinds of task."""

from enum import StrEnum


class Template(StrEnum):
    JUDICIAL_CIVIL = "judicial_civil"
    JUDICIAL_ADMIN_SUMMARY = "judicial_admin_summary"
    JUDICIAL_ADMIN_MERITS = "judicial_admin_merits"
    AMICABLE_AGREED = "amicable_agreed"
    AMICABLE_CONVENED = "amicable_convened"
    UNOFFICIAL = "unofficial"

    @property
    def is_judicial(self) -> bool:
        return self.value.startswith("judicial")


class PartyKind(StrEnum):
    COMPANY = "company"
    PERSON = "person"
    PUBLIC_BODY = "public_body"


class RosterState(StrEnum):
    INVITED = "invited"
    CONSENTING = "consenting"
    BY_POST = "by_post"
    DEFAULTING = "defaulting"


class RosterRole(StrEnum):
    EXPERT = "expert"
    COUNSEL = "counsel"
    PARTY = "party"


class TaskKind(StrEnum):
    SERVE_BY_POST = "serve_by_post"  # a letter is to be printed and posted
    ASK_CONSENT_AGAIN = "ask_consent_again"
    MAIL_REFUSED = "mail_refused"
    READ_LATE_PIECE = "read_late_piece"
    PIECE_DAMAGED = "piece_damaged"  # its bytes are no longer those that were deposited
