from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "accedit.domain.cases"
    label = "cases"
