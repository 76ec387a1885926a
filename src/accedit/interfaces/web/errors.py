"""How a page says no: what is wrong, what to do, and a number when the fault is ours."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accedit.shared.refusals import Kind, Refusal

STATUS = {
    Kind.ABSENT: 404,
    Kind.FORBIDDEN: 403,
    Kind.CLOSED: 409,
    Kind.IN_THE_WAY: 409,
    Kind.UNREADABLE: 422,
    Kind.FULL: 507,
}
WAIT = {"rate_limited": 429}
TITLE = {
    400: "Demande illisible",
    403: "Accès refusé",
    404: "Page introuvable",
    409: "Impossible dans l’état actuel",
    422: "À corriger",
    429: "Trop de demandes",
    500: "Erreur de notre part",
    507: "Trop volumineux",
}


def status_of(refusal: Refusal) -> int:
    return WAIT.get(refusal.code, STATUS[refusal.kind])


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    status = 503 if refusal.code == "unavailable" else status_of(refusal)
    return sentence_page(request, status=status, sentence=refusal.for_people())


def sentence_page(request: HttpRequest, *, status: int, sentence: str) -> HttpResponse:
    context = {"title": TITLE.get(status, "Refus"), "sentence": sentence}
    return render(request, "refus.html", context, status=status)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """The same page for an unknown address and for what one may not know of."""
    return sentence_page(
        request,
        status=404,
        sentence="Cette page ou cette pièce n'existe pas, ou ne vous est pas ouverte.",
    )


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return sentence_page(
        request,
        status=400,
        sentence="Cette demande n'est pas lisible. Revenez à la page précédente.",
    )


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return sentence_page(request, status=403, sentence="Vous ne pouvez pas faire cela ici.")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was left open too long, or that another site sent."""
    return sentence_page(
        request,
        status=403,
        sentence="Ce formulaire est resté ouvert trop longtemps. Revenez en arrière, rechargez la page, et recommencez : rien n'a été enregistré.",
    )
