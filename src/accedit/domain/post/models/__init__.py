from accedit.domain.post.models.letter import Letter
from accedit.domain.post.models.message import Message

__all__ = ["Letter", "Message"]
