"""Who an entry of a log is for."""

from enum import StrEnum


class Audience(StrEnum):
    MEMBERS = "members"  # every member of the room who may see the node it speaks of, if any
    CONCERNED = "concerned"  # the expert, who acted, and whom it is about
    EXPERT = "expert"
