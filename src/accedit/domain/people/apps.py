from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "accedit.domain.people"
    label = "people"
