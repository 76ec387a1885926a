"""The door step: what this is, in three sentences; whoever is signed in goes to their cases."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accedit.interfaces.web.middleware import open_to_everyone


@open_to_everyone
@require_safe
def welcome(request: HttpRequest) -> HttpResponse:
    if request.actor:  # type: ignore[attr-defined]
        return HttpResponseRedirect("/dossiers")
    return render(request, "accueil.html")


urls = [path("", welcome, name="welcome")]
