"""The token of a call, for Django's half of REST."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from accedit.domain.people.rights import Actor
from accedit.interfaces.api.tokens import asker_of


class Token(HttpBearer):
    """Its class name is the name of the scheme in the OpenAPI document."""

    def __call__(self, request: HttpRequest) -> Actor:
        return _asker(request, request.headers.get("Authorization", ""))

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return _asker(request, f"Bearer {token}")


def _asker(request: HttpRequest, authorization: str) -> Actor:
    return asker_of(authorization, address=request.META.get("REMOTE_ADDR", ""))


def asker(request: HttpRequest) -> Actor:
    """Who is asking, once `Token` has said so."""
    found: Actor = request.auth  # type: ignore[attr-defined]
    return found
