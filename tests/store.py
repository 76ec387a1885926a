"""A store of one's own: the same tables, empty, with folders of their own.

What is checked whole (`fsck`, a restoration, a sweep) must not meet what other tests have
left. The tables are copied without their triggers and foreign keys, as a database looks to
whoever has all its rights: any damage can be planted in them. All is rolled back.
"""

from pathlib import Path

import pytest
from django.db import connection
from pytest_django import Settings


@pytest.fixture
def own_store(db: None, settings: Settings, tmp_path: Path) -> Path:
    """The folder of the store's bytes."""
    settings.SIGNER_FOLDER, settings.BLOB_FOLDER = tmp_path / "signer", tmp_path / "blobs"
    with connection.cursor() as cursor:
        cursor.execute("create schema own")
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'create table own."{table}" (like public."{table}" including all)')
        cursor.execute("set local search_path = own, public")
    settings.BLOB_FOLDER.mkdir()
    return Path(settings.BLOB_FOLDER)
