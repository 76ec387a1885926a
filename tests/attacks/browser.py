"""A browser without a screen: signed in, cookies kept, the anti-forgery token sent."""

from importlib import import_module
from typing import Any

import httpx
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.middleware.csrf import _get_new_csrf_string

from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.interfaces.web.signed_in import FACTOR
from tests.front import client


def browser(who: Actor | None = None, *, factor: bool = True, **options: Any) -> httpx.Client:
    """Signed in as `who` (with the second factor shown), or nobody."""
    secret = _get_new_csrf_string()
    cookies = {settings.CSRF_COOKIE_NAME: secret}
    if who is not None:
        cookies[settings.SESSION_COOKIE_NAME] = session_of(who, factor=factor)
    headers = {
        "X-CSRFToken": secret,
        "Origin": settings.BASE_URL,
        "Referer": f"{settings.BASE_URL}/",
        "Sec-Fetch-Site": "same-origin",
    }
    return client(cookies=cookies, headers=headers | options.pop("headers", {}), **options)


def session_of(who: Actor, *, factor: bool = True) -> str:
    user = User.objects.get(pk=who.user_id)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store[SESSION_KEY] = str(user.pk)
    store[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    store[HASH_SESSION_KEY] = user.get_session_auth_hash()
    if factor:
        store[FACTOR] = user.epoch
    store.save()
    return str(store.session_key)
