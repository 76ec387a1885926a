"""The addresses of REST. Whatever else begins so is a problem, never a page."""

from django.urls import URLPattern, path, re_path

from accedit.interfaces.api.calls import api
from accedit.interfaces.api.errors import no_other_than, nowhere, plain

_patterns, _app, _namespace = api.urls
for _pattern in _patterns:
    assert isinstance(_pattern, URLPattern)
    _pattern.callback = plain(_pattern.callback)

urlpatterns = [
    path("api/v1/", (_patterns, _app, _namespace)),
    # What the front answers by itself: other actions on the same addresses come here.
    re_path(r"^api/v1/nodes/[\w-]+/deposits$", plain(no_other_than("POST"))),
    re_path(r"^api/v1/nodes/[\w-]+/content$", plain(no_other_than("GET"))),
    re_path(r"^api/v1/nodes/[\w-]+/zip$", plain(no_other_than("GET"))),
    re_path(r"^api/", plain(nowhere)),
]
