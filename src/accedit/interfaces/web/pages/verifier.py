"""What lets anybody check a receipt without trusting us: the page, and the keys of the log."""

import re

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_safe

from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.interfaces.web.middleware import open_to_everyone
from accedit_ledger.page import build

OWN_POLICY = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]+)"')


@open_to_everyone
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The page that each receipt carries, byte for byte: it reaches no address, ours included."""
    page = build()
    found = OWN_POLICY.search(page)
    assert found is not None  # the page is ours, and its tests say that it names its policy
    response = HttpResponse(page, content_type="text/html; charset=utf-8")
    response["Content-Security-Policy"] = (
        f"{found[1].decode()}; connect-src 'none'; frame-ancestors 'none'"
    )
    return response


@open_to_everyone
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """One verifier key a line (interfaces.md). A key is worth what the way it came is worth:
    the page and the mails say its fingerprint too."""
    return HttpResponse(f"{verifier_key()}\n", content_type="text/plain; charset=utf-8")


urls = [
    path("verifier", verifier, name="verifier"),
    path(".well-known/accedit-log-keys", keys, name="log_keys"),
]
