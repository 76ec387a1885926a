"""Tickets: how a page lets a browser fetch one content from the origin without cookies.

A ticket is signed, lasts five minutes, and names the piece, the person, the session it was
made in and one way of looking: page n of the preview, or the file itself. It opens
nothing by itself: whoever serves it decides again, for that person, if that session
is still open. In the address it shows neither a name nor the key of the session.
"""

import base64
import binascii
import hashlib
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core import signing
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

from accedit.domain.people.rights import Actor
from accedit.interfaces.web.signed_in import actor_of_session
from accedit.shared.refusals import Kind, Refusal

SALT = "accedit.contenu"
LASTS = 5 * 60
WIDTH = 1200


class TicketRefused(Refusal):
    """Forged, too old, or its session has ended: one answer."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Ce lien ne sert que quelques minutes. Revenez à la page de la pièce et recommencez."


@dataclass(frozen=True, slots=True)
class Ticket:
    """`page` is None for the file itself."""

    node_id: UUID
    user_id: UUID
    session: str
    page: int | None = None
    width: int = WIDTH


def preview_url(request: HttpRequest, node_id: UUID, *, page: int = 1, width: int = WIDTH) -> str:
    """Where the image of a page is shown to the person of this request, for five minutes."""
    return _url(request, node_id, page=page, width=width)


def download_url(request: HttpRequest, node_id: UUID) -> str:
    """Where the file is given to the person of this request, for five minutes."""
    return _url(request, node_id)


def bundle_url(request: HttpRequest, node_id: UUID) -> str:
    """Where a folder is given whole to the person of this request, for five minutes."""
    return _url(request, node_id, at="lots")


def read(word: str) -> Ticket:
    """The ticket behind the word of an address."""
    try:
        signed = base64.urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode("ascii")
        said = signing.loads(signed, salt=SALT, max_age=LASTS)
    except (signing.BadSignature, binascii.Error, ValueError):
        raise TicketRefused from None
    return Ticket(**said | {"node_id": UUID(said["node_id"]), "user_id": UUID(said["user_id"])})


def holder(ticket: Ticket) -> Actor:
    """Whom the ticket was made for, if their session is still open."""
    return held(ticket)[0]


def held(ticket: Ticket) -> tuple[Actor, str]:
    """The same, with the key of that session."""
    for key in UserSession.objects.filter(user=ticket.user_id).values_list(
        "session_key", flat=True
    ):
        if constant_time_compare(_digest(key), ticket.session):
            request: Any = HttpRequest()
            request.session = SessionStore(key)
            actor = actor_of_session(request)
            if actor is not None and actor.user_id == ticket.user_id:
                return actor, key
    raise TicketRefused


def _url(request: HttpRequest, node_id: UUID, *, at: str = "contenu", **way: int) -> str:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    ticket = Ticket(node_id, actor.user_id, _digest(request.session.session_key or ""), **way)
    said = asdict(ticket) | {"node_id": str(node_id), "user_id": str(actor.user_id)}
    word = base64.urlsafe_b64encode(signing.dumps(said, salt=SALT).encode("ascii"))
    return f"{settings.CONTENT_URL}/{at}/{word.decode('ascii').rstrip('=')}"


def _digest(session_key: str) -> str:
    return hashlib.sha256(f"{SALT}:{session_key}".encode()).hexdigest()
