"""The crashing house: the demo's settings with mails that leave, and cheap passwords."""

from accedit.settings.dev import *  # noqa: F403
from accedit.settings.dev import STORAGES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
