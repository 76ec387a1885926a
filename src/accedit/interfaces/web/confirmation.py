"""Before what touches the safety of an account: the password or the code, within five minutes."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse


def confirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Ask who is there first. What a form carried is not kept meanwhile: it may be a password."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if did_recently_reauthenticate(request):
            return view(request, *args, **kwargs)
        place = reverse("account_reauthenticate")
        return HttpResponseRedirect(f"{place}?next={quote(request.path)}")

    return asked
