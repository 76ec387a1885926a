from django.apps import AppConfig


class AnalysisConfig(AppConfig):
    name = "accedit.domain.analysis"
    label = "analysis"
