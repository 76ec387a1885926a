from enum import StrEnum


class Fate(StrEnum):
    WAITING = "waiting"
    SENT = "sent"  # handed to the mail server, which answered yes; nothing more is known
    REFUSED = "refused"  # the mail server answered no, for good
    FAILED = "failed"  # no answer after the last try
