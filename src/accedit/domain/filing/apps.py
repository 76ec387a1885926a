from django.apps import AppConfig


class FilingConfig(AppConfig):
    name = "accedit.domain.filing"
    label = "filing"
