from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "accedit.domain.documents"
    label = "documents"
