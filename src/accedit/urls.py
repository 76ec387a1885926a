"""Every address that Django answers. Raw addresses (files in, files out) are in serving/routes.py."""

from django.urls import URLPattern, URLResolver

urlpatterns: list[URLPattern | URLResolver] = []
