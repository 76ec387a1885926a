from enum import StrEnum


class How(StrEnum):
    """How a member of the liste de diffusion is told."""

    MAIL = "mail"
    POST = "post"
    BOTH = "mail_and_post"  # asked for their agreement to electronic exchange, no answer yet
    NONE = "none"
