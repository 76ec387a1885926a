"""Tests: the pinned PostgreSQL in a folder of its own, cheap password hashing, no mail."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("ACCEDIT_DATA", tempfile.mkdtemp(prefix="accedit-tests-"))
if worker := os.environ.get("PYTEST_XDIST_WORKER"):  # each has its own folder, as its own database
    os.environ["ACCEDIT_DATA"] = str(Path(os.environ["ACCEDIT_DATA"]) / worker)
os.environ.setdefault("ACCEDIT_BASE_URL", "http://localhost:8000")
if "DATABASE_URL" not in os.environ:
    from accedit.machine.postgres import Cluster

    folder = os.environ.get("ACCEDIT_TESTS_POSTGRES")
    default = Path(__file__).parents[3] / ".donnees" / "tests-postgres"
    cluster = Cluster(Path(folder) if folder else default, durable=False)
    os.environ["DATABASE_URL"] = cluster.ensure().owner_url

from accedit.settings.base import *  # noqa: F403
from accedit.settings.base import STORAGES

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGGING = {"version": 1, "disable_existing_loggers": False}
