"""The recovery sheet: ten codes to print and put away, shown when they are made."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accedit.domain.documents.operations.sheets import recovery_sheet
from accedit.domain.people import access, queries
from accedit.domain.people.operations import factors
from accedit.interfaces.web import accounts
from accedit.interfaces.web.confirmation import confirmed
from accedit.interfaces.web.signed_in import asker
from accedit.shared.refusals import NotFound

NEXT = "sheet_then"


def show_sheet_next(request: HttpRequest, *, then: str) -> HttpResponse:
    """Lead to the sheet that was just made; from it, to `then`."""
    request.session[NEXT] = then
    return HttpResponseRedirect("/compte/feuille-de-secours")


@require_safe
def sheet(request: HttpRequest) -> HttpResponse:
    """The codes, from the moment they are made until they are said to be put away."""
    user = access.own_user(asker(request))
    if NEXT not in request.session:
        return render(
            request, "compte/feuille_rangee.html", {"left": len(queries.recovery_codes(user))}
        )
    context = {
        "codes": queries.recovery_codes(user),
        "user": user,
        "on": timezone.now(),
        "site": accounts.site(),
    }
    return render(request, "compte/feuille.html", context)


@require_safe
def printed(request: HttpRequest) -> HttpResponse:
    """The same sheet on paper, as long as it is shown."""
    user = access.own_user(asker(request))
    if NEXT not in request.session:
        raise NotFound
    content = recovery_sheet(user.name, codes=queries.recovery_codes(user), at=timezone.now())
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="feuille-de-secours.pdf"'
    return response


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(request.session.pop(NEXT, "/compte"))


@require_http_methods(["GET", "HEAD", "POST"])
@confirmed
def renew(request: HttpRequest) -> HttpResponse:
    """A new sheet: the codes of the old one open nothing any more."""
    if request.method != "POST":
        return render(request, "compte/feuille_nouvelle.html")
    factors.new_sheet(access.own_user(request.actor))  # type: ignore[attr-defined]
    return show_sheet_next(request, then="/compte")


urls = [
    path("compte/feuille-de-secours", sheet, name="recovery_sheet"),
    path("compte/feuille-de-secours.pdf", printed, name="recovery_sheet_pdf"),
    path("compte/feuille-de-secours/rangee", put_away, name="recovery_sheet_put_away"),
    path("compte/feuille-de-secours/nouvelle", renew, name="recovery_sheet_new"),
]
