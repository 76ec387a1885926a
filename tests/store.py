"""A store of one's own: the same tables, empty, with folders of their own.

What is checked whole (`fsck`, a restoration, a sweep) must not meet what other tests have
left. The tables are copied without their triggers and foreign keys, as a database looks to
whoever has all its rights: any damage can be planted in them. All is rolled back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker

from tests import cast
from tests.cast import Gymnase


@contextmanager
def own(folder: Path) -> Iterator[Path]:
    """Until the end of the block, everything happens in a store under `folder`."""
    bytes_of_pieces = folder / "blobs"
    bytes_of_pieces.mkdir()
    with (
        override_settings(SIGNER_FOLDER=folder / "signer", BLOB_FOLDER=bytes_of_pieces),
        undone(),
        connection.cursor() as cursor,
    ):
        cursor.execute("create schema own")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'create table own."{table}" (like public."{table}" including all)')
        cursor.execute("set local search_path = own, public")
        yield bytes_of_pieces


@contextmanager
def undone() -> Iterator[None]:
    """What is written to the tables in the block is taken back at its end."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # as those of Django's own test cases
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def own_store(db: None, tmp_path: Path) -> Iterator[Path]:
    """The folder of the store's bytes."""
    with own(tmp_path) as folder:
        yield folder


@pytest.fixture(scope="module")
def cast_once(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Gymnase]:
    """The cast, made once for a module. Ask for `g`."""
    with django_db_blocker.unblock(), undone():
        yield cast.gymnase()


@pytest.fixture
def g(cast_once: Gymnase, tmp_path: Path) -> Iterator[Gymnase]:
    """The cast as it was made; what a test does to it is taken back, and what was signed of
    it is remembered by a signer of the test's own."""
    with undone(), override_settings(SIGNER_FOLDER=tmp_path / "signer"):
        yield deepcopy(cast_once)
