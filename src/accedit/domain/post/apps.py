from django.apps import AppConfig


class PostConfig(AppConfig):
    name = "accedit.domain.post"
    label = "post"
