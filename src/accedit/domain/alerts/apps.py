from django.apps import AppConfig


class AlertsConfig(AppConfig):
    name = "accedit.domain.alerts"
    label = "alerts"
