"""The places where a person is signed in, in words; and how to end one from another.

Read straight from the session tables, in a number of queries that does not grow with
the number of sign-ins. When a place was last used is known to five minutes: to write it at
each page would cost every page a transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.usersessions.internal.flows import sessions as flows
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accedit.interfaces.web.signed_in import FACTOR

SEEN_AGAIN_AFTER = timedelta(minutes=5)
MOST_KEPT = 20_000  # sessions that one process remembers to have written down

BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
MACHINES = (
    ("iPhone", "un iPhone"),
    ("iPad", "un iPad"),
    ("Android", "un téléphone Android"),
    ("Windows", "Windows"),
    ("Macintosh", "un Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Device:
    id: int
    words: str
    since: datetime
    last_seen: datetime
    here: bool


class LastSeenMiddleware:
    """Enters when, whence and with what browser a session was last used: at once when the place
    is new or has changed, then every five minutes. What was entered is remembered in this
    process: a page in between asks the database nothing.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._entered: dict[tuple[str, str, str], datetime] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated:
            self._see(request, key=key, at=timezone.now())
        return self.get_response(request)

    def _see(self, request: HttpRequest, *, key: str, at: datetime) -> None:
        whence = get_adapter(request).get_client_ip(request) or ""
        place = (key, whence, request.headers.get("user-agent", ""))
        last = self._entered.get(place)
        if last is not None and at - last < SEEN_AGAIN_AFTER:
            return
        UserSession.objects.create_from_request(request)
        self._entered.pop(place, None)  # the last entered come last
        self._entered[place] = at
        if len(self._entered) > MOST_KEPT:
            for old in list(islice(self._entered, MOST_KEPT // 2)):
                self._entered.pop(old, None)


def in_words(user_agent: str) -> str:
    """« Firefox sur Windows », from what the browser says of itself."""
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    machine = next((name for sign, name in MACHINES if sign in user_agent), "")
    if browser and machine:
        return f"{browser} sur {machine}"
    return browser or machine or "Un navigateur inconnu"


def devices(request: HttpRequest, *, at: datetime) -> list[Device]:
    """Where this person is signed in now, this place first, then the last used."""
    user: Any = request.user
    rows = {row.session_key: row for row in UserSession.objects.filter(user=user)}
    live = Session.objects.filter(session_key__in=list(rows), expire_date__gt=at)
    found = [
        Device(
            id=row.pk,
            words=in_words(row.user_agent),
            since=row.created_at,
            last_seen=row.last_seen_at,
            here=session.session_key == request.session.session_key,
        )
        for session in live
        if _opens(session.get_decoded(), user=user) and (row := rows[session.session_key])
    ]
    return sorted(found, key=lambda one: (one.here, one.last_seen), reverse=True)


def _opens(session: dict[str, Any], *, user: Any) -> bool:
    """Whether a stored session would still be taken for this person's."""
    return bool(
        session.get(HASH_SESSION_KEY) == user.get_session_auth_hash()
        and session.get(FACTOR) == user.epoch
    )


def end_one(request: HttpRequest, *, device: int) -> None:
    """One of one's own; what is not one's own is not found and nothing happens."""
    flows.end_sessions(request, list(UserSession.objects.filter(pk=device, user=request.user)))


def end_the_others(request: HttpRequest) -> None:
    user: Any = request.user
    flows.end_other_sessions(request, user)
