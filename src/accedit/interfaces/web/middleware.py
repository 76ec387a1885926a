"""Every page asks who is there, unless it says that it does not; every answer is inert elsewhere."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_vary_headers

from accedit.interfaces.web import slowness
from accedit.interfaces.web.errors import refusal_page
from accedit.interfaces.web.signed_in import actor_of_session
from accedit.shared.refusals import Refusal

Answer = Callable[[HttpRequest], HttpResponse]
OPEN = "open_to_everyone"


def open_to_everyone(view: Callable[..., Any]) -> Callable[..., Any]:
    """This page may be seen without signing in. Said one by one; the tests list them."""
    setattr(view, OPEN, True)
    view.login_required = False  # type: ignore[attr-defined]
    return view


def is_open(view: Any) -> bool:
    return bool(getattr(view, OPEN, False) or getattr(view, "login_required", True) is False)


class SignedInMiddleware:
    """Sets `request.actor`; sends whoever is not signed in to /connexion, except on open pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = actor_of_session(request)  # type: ignore[attr-defined]
        response = self.get_response(request)
        slowness.remember(request, response)
        return slowness.told(request, response)

    def process_view(
        self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        if request.path.startswith("/api/") or is_open(view) or request.actor:  # type: ignore[attr-defined]
            return None
        back = quote(request.get_full_path()) if request.method == "GET" else ""
        return HttpResponseRedirect(f"/connexion?next={back}" if back else "/connexion")

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return refusal_page(request, error) if isinstance(error, Refusal) else None


class HeadersMiddleware:
    """No other site frames, reads, caches or scripts these pages (A21, A22, G8)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            [
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                "font-src 'self'",
                f"img-src 'self' data: {settings.CONTENT_URL}",
                "connect-src 'self'",
                "form-action 'self'",
                "frame-ancestors 'none'",
                "base-uri 'none'",
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Cache-Control", "private, no-store")
        response.headers.setdefault(
            "Permissions-Policy", "geolocation=(), microphone=(), camera=()"
        )
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        patch_vary_headers(response, ["Cookie", "Authorization"])
        return response
