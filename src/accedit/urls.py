"""Every address that Django answers. Raw addresses (files in, files out) are in serving/routes.py."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "accedit.interfaces.web.errors.bad_request"
handler403 = "accedit.interfaces.web.errors.forbidden"
handler404 = "accedit.interfaces.web.errors.not_found"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("accedit.interfaces.api.urls")),
    path("", include("accedit.interfaces.web.urls")),
]
