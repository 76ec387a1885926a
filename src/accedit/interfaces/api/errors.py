"""Every way to say no over REST, as one form: a problem with a code and a French sentence.

Ninja's own answers, Django's, a refusal of the domain and a bug all pass here: a program
never meets a page.
"""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from accedit.interfaces.api.problems import CHALLENGE, MEDIA_TYPE, problem, status_of
from accedit.shared.refusals import Invalid, NotFound, Refusal

logger = logging.getLogger(__name__)
View = Callable[..., HttpResponse]

SENTENCES = {
    "missing": "ce champ est obligatoire",
    "string_type": "écrivez un texte entre guillemets",
    "string_too_short": "{min_length} caractère au moins",
    "string_too_long": "{max_length} caractères au plus",
    "string_unicode": "ce texte n'est pas lisible",
    "too_long": "{max_length} éléments au plus",
    "bool_type": "écrivez true ou false",
    "list_type": "écrivez une liste entre crochets",
    "model_attributes_type": "écrivez un objet entre accolades",
    "literal_error": "les valeurs possibles sont {expected}",
    "value_error": "{error}",
}


def answer(*, status: int, code: str, sentence: str) -> HttpResponse:
    content = problem(status=status, code=code, sentence=sentence)
    response = HttpResponse(
        json.dumps(content, ensure_ascii=False), status=status, content_type=MEDIA_TYPE
    )
    if status == 401:
        response.headers[CHALLENGE[0]] = CHALLENGE[1]
    return response


def of_refusal(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return answer(status=status_of(refusal), code=refusal.code, sentence=refusal.for_people())


def of_shape(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """The first thing that is wrong, named by its field: a program mends one at a time."""
    return of_refusal(request, Invalid(what=_sentence(error.errors)))


def of_parsing(request: HttpRequest, error: HttpError) -> HttpResponse:
    """Ninja raises these only for a body that is not JSON."""
    return of_refusal(request, Invalid(what="Le corps de la demande n'est pas du JSON lisible."))


def of_excess(request: HttpRequest, error: SuspiciousOperation) -> HttpResponse:
    """What Django refuses to read: thousands of fields, a header that lies (attacks.md J3)."""
    return answer(
        status=400,
        code="invalid",
        sentence="Cette demande n'est pas lisible : elle est trop longue.",
    )


def of_absence(request: HttpRequest, error: Http404) -> HttpResponse:
    return nowhere(request)


def nowhere(request: HttpRequest, *_: Any, **__: Any) -> HttpResponse:
    """An address that is no call: the answer for an unknown id."""
    return of_refusal(request, NotFound())


def no_other_than(method: str) -> View:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponseNotAllowed([method])

    return view


def of_bug(request: HttpRequest, error: Exception) -> HttpResponse:
    number = request.headers.get("X-Request-Id", "")
    logger.exception("unexpected error", extra={"number": number}, exc_info=error)
    return answer(
        status=500,
        code="internal",
        sentence=(
            "Le serveur n’a pas pu répondre ; rien de ce qui était déjà enregistré n’est perdu. "
            f"Si cela se répète, signalez l’erreur n° {number}."
        ),
    )


def told_by_problems(api: NinjaAPI) -> None:
    handlers: dict[type[Exception], Any] = {
        Refusal: of_refusal,
        ValidationError: of_shape,
        HttpError: of_parsing,
        Http404: of_absence,
        SuspiciousOperation: of_excess,
        Exception: of_bug,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def plain(view: View) -> View:
    """HEAD is decided like GET, whose body the front leaves out; a method that an address
    does not know is a problem like any other."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            request.method = "GET"
        try:
            response = view(request, *args, **kwargs)
        except Http404:
            return nowhere(request)
        if not isinstance(response, HttpResponseNotAllowed):
            return response
        refused = answer(
            status=405, code="invalid", sentence="Cette adresse ne connaît pas cette action."
        )
        refused.headers["Allow"] = ", ".join(sorted(response.headers["Allow"].split(", ")))
        return refused

    wrapped.csrf_exempt = True  # type: ignore[attr-defined]  # no cookie is looked at
    return wrapped


def _sentence(errors: Sequence[Mapping[str, Any]]) -> str:
    first = errors[0]
    known = SENTENCES.get(first["type"], "cette valeur n'est pas lisible")
    words = known.format_map({"error": "", **first.get("ctx", {})}).replace(" or ", " ou ")
    return f"{_field(first['loc'])} : {words}."


def _field(loc: Sequence[str | int]) -> str:
    """`parties[0].name`, as the program wrote it; the body itself where no field is meant."""
    path = ""
    for step in loc[2:] if loc[0] == "body" else loc[1:]:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else str(step)
    return path or "Le corps de la demande"
