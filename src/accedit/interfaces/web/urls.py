"""Every address of the pages, place by place."""

from django.urls import URLPattern

from accedit.interfaces.web.pages import connexion

urlpatterns: list[URLPattern] = [
    *connexion.urls,
]
