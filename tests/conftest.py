"""Nothing is left behind: each process's data folder goes with it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from tests import databases


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_modify_db_settings: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """The test database, always. pytest-django makes it only for tests that ask for `db`, and
    lets those that commit by themselves write into the database beside it."""
    with django_db_blocker.unblock():
        made = setup_databases(
            verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set()
        )
        databases.keep_copy()
    yield
    with django_db_blocker.unblock():
        databases.drop_copy()
        teardown_databases(made, verbosity=0)


def pytest_unconfigure(config: pytest.Config) -> None:
    data = Path(settings.DATA)
    if data.name.startswith("accedit-tests-"):
        shutil.rmtree(data, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What the crash tests counted, whoever ran them."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            if name == "crash":
                terminalreporter.write_line(f"crash: {value}")
