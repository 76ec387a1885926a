"""Who sends, when it is a browser: its session, its origin, its anti-forgery token.

The same three questions as Django asks of a form, asked of a request that Django never
sees because it carries a file.
"""

from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from accedit.domain.people.access import NotSignedIn
from accedit.domain.people.rights import Actor
from accedit.interfaces.web.signed_in import actor_of_session
from accedit.serving.messages import RawRequest
from accedit.shared.refusals import Kind, Refusal


class FormTooOld(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Cette page est restée ouverte trop longtemps. Rechargez-la, puis envoyez de nouveau vos fichiers : ceux qui sont déjà dans le panier y restent."


class FromElsewhere(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = (
        "Cet envoi ne vient pas d'une page de la plate-forme : ouvrez votre panier et recommencez."
    )


class Browser:
    """What Django would know of this request. Made in a database thread."""

    def __init__(self, request: RawRequest) -> None:
        self.request = request
        self.http: Any = HttpRequest()
        self.http.method = request.method
        self.http.path = self.http.path_info = request.path
        self.http.COOKIES = request.cookies
        store = import_module(settings.SESSION_ENGINE).SessionStore
        self.http.session = store(request.cookies.get(settings.SESSION_COOKIE_NAME))

    def person(self) -> Actor:
        actor = actor_of_session(self.http)
        if actor is None:
            raise NotSignedIn
        return actor

    def refuse_foreign(self) -> None:
        """From one of our own pages. A page that hides where it comes from sends the origin
        « null »: then only the browser's own word on the matter counts."""
        site = self.request.headers.get("sec-fetch-site")
        origin = self.request.headers.get("origin")
        ours = f"{urlsplit(settings.BASE_URL).scheme}://{self.request.headers.get('host')}".lower()
        if site not in ("", "same-origin") or origin.lower() not in ("", "null", ours):
            raise FromElsewhere
        if origin == "null" and site != "same-origin":
            raise FromElsewhere

    def refuse_forged(self, token: str) -> None:
        """The token of the page, against the secret of the cookie, by Django's own rule."""
        self.http.META["HTTP_X_CSRFTOKEN"] = token
        check = _Forgery(_any_view)
        check.process_request(self.http)
        if check.process_view(self.http, _any_view, (), {}) is not None:
            raise FormTooOld

    def tell(self, sentences: list[str]) -> list[tuple[str, str]]:
        """Kept for the next page, as Django's messages are; the headers that keep them."""
        if not sentences:
            return []
        storage = default_storage(self.http)
        for sentence in sentences:
            storage.add(constants.ERROR, sentence)
        response = HttpResponse()
        storage.update(response)  # not a row
        if self.http.session.modified:
            self.http.session.save()  # not a row
        return [("Set-Cookie", cookie.OutputString()) for cookie in response.cookies.values()]


def _any_view(request: HttpRequest) -> HttpResponse:
    """What the question is asked for: nothing here is exempt."""
    return HttpResponse()


class _Forgery(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason
