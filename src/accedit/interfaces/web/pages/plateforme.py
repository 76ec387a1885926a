"""For whoever runs the platform: use and states. No door leads from here to a content (A24)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from accedit.domain.filing.operations import scrubbing
from accedit.domain.filing.queries import use
from accedit.domain.people import access
from accedit.domain.post.queries import still_waiting
from accedit.interfaces.web.signed_in import asker


@require_safe
def platform(request: HttpRequest) -> HttpResponse:
    access.staff(asker(request))
    context = {
        "uses": use.of_each_space(),
        "waiting": still_waiting(),
        "damaged": len(scrubbing.damaged()),
    }
    return render(request, "plateforme.html", context)


urls = [path("plateforme", platform, name="platform")]
