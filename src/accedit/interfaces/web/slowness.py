"""Which wrong tries are counted together, and how one is told to wait (G2, G3).

A browser in which a person has signed in before carries a signed cookie that says so. It
opens nothing. It is counted by itself, so that whoever floods an address from elsewhere
makes its owner wait nowhere that they have been before.
"""

import secrets
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accedit.domain.people.operations import slowing
from accedit.domain.people.operations.slowing import Keys
from accedit.domain.people.reckoning import key_of, network

SALT = "accedit.known-device"
LASTS = 365 * 24 * 3600
MOST = 20  # accounts that one browser remembers
NEWLY_IN = "newly_in"
WAIT = "wait"


def network_of(request: HttpRequest) -> str:
    return network(get_adapter(request).get_client_ip(request) or "")


def password_keys(request: HttpRequest, *, address: str) -> Keys:
    """A password typed for this address."""
    address = address.strip().lower()
    device = _device(request, address=address)
    if device:
        return {key_of("device", device, address): slowing.FROM_THERE}
    there = network_of(request)
    return {
        key_of("there", there, address): slowing.FROM_THERE,
        key_of("network", there): slowing.NETWORK,
        key_of("account", address): slowing.ACCOUNT,
        key_of("everybody"): slowing.EVERYBODY,
    }


def code_keys(request: HttpRequest, *, user: Any) -> Keys:
    """A code typed by whoever knows the password of this person."""
    device = _device(request, address=user.email or "")
    if device:
        return {key_of("code", device, str(user.pk)): slowing.FROM_THERE}
    return {
        key_of("code", network_of(request), str(user.pk)): slowing.FROM_THERE,
        key_of("code", str(user.pk)): slowing.ACCOUNT_CODE,
    }


def asking_keys(request: HttpRequest, *, what: str) -> Keys:
    return {key_of(what, network_of(request)): slowing.ASKING}


def count(request: HttpRequest, keys: Keys, *, at: datetime) -> None:
    """Raises `TooManyTries`; the answer is then a 429 that says how long."""
    try:
        slowing.count(keys, at=at)
    except slowing.TooManyTries as refusal:
        setattr(request, WAIT, refusal.wait)
        raise


def told(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The status and the header of whoever must wait."""
    wait = getattr(request, WAIT, None)
    if wait:
        response.status_code = 429
        response.headers["Retry-After"] = str(wait)
    return response


def _known(request: HttpRequest) -> dict[str, Any]:
    kept = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        found: dict[str, Any] = signing.loads(kept, salt=SALT, max_age=LASTS)
    except signing.BadSignature:
        return {"device": "", "accounts": []}
    return found


def _device(request: HttpRequest, *, address: str) -> str:
    """The name of this browser, if somebody has signed in here with this address."""
    known = _known(request)
    return str(known["device"]) if key_of(address) in known["accounts"] else ""


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """After a complete sign-in: this browser is no stranger to that address any more."""
    address = getattr(request, NEWLY_IN, "")
    if not address:
        return
    known = _known(request)
    others = [one for one in known["accounts"] if one != key_of(address)]
    accounts = [key_of(address), *others][:MOST]
    device = known["device"] or secrets.token_urlsafe(16)
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps({"device": device, "accounts": accounts}, salt=SALT),
        max_age=LASTS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
