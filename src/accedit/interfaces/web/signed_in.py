"""Who is signed in to the pages: a live session, an active person, a second factor shown.

One rule for Django's pages and for the raw routes that carry files. The second factor
is a property of the session, set when sign-in is complete and bound to the person's
epoch: a session without it opens nothing (attacks.md G4).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib.auth import get_user
from django.contrib.sessions.models import Session
from django.http import HttpRequest

from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Refusal

FACTOR = "second_factor_epoch"


def complete(request: HttpRequest, *, epoch: int) -> None:
    """Called once, when password and second factor have both been shown."""
    request.session[FACTOR] = epoch


def actor_of_session(request: HttpRequest) -> Actor | None:
    """The person of this request's session, or nobody."""
    user: Any = request.user if hasattr(request, "user") else get_user(request)
    if not user.is_authenticated or request.session.get(FACTOR) != user.epoch:
        return None
    try:
        return actor_of(user, door=Door.PAGE)
    except Refusal:
        return None


def asker(request: HttpRequest) -> Actor:
    """The person who asks for this page; the middleware let nobody else come so far."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def open_sessions(keys: Collection[str], *, at: datetime) -> set[str]:
    """Those of these sessions that have not ended."""
    live = Session.objects.filter(session_key__in=keys, expire_date__gt=at)
    return set(live.values_list("session_key", flat=True))
