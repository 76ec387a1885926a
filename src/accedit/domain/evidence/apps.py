from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "accedit.domain.evidence"
    label = "evidence"
