from django.apps import AppConfig


class ValuationConfig(AppConfig):
    name = "accedit.domain.valuation"
    label = "valuation"
