from enum import StrEnum


class How(StrEnum):
    """How a member of the liste de diffusion is told."""

    MAIL = "mail"
    POST = "post"
    NONE = "none"
