"""Nothing is left behind: each process's data folder goes with it."""

import shutil
from pathlib import Path

import pytest
from django.conf import settings


def pytest_unconfigure(config: pytest.Config) -> None:
    data = Path(settings.DATA)
    if data.name.startswith("accedit-tests-"):
        shutil.rmtree(data, ignore_errors=True)
