"""A database as it was made: rows really committed by one file of tests are gone for the next.

The tables of the log refuse to be emptied, so the whole database is laid anew, from a copy
kept beside it since it was made.
"""

from django.db import connection, connections


def keep_copy() -> None:
    """Of the test database, empty and migrated. Nobody may be connected to it."""
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'drop database if exists "{_copy()}" with (force)')
        cursor.execute(f'create database "{_copy()}" template "{_name()}"')


def lay_anew() -> None:
    connections.close_all()
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'drop database "{_name()}" with (force)')
        cursor.execute(f'create database "{_name()}" template "{_copy()}"')


def drop_copy() -> None:
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'drop database if exists "{_copy()}" with (force)')


def _name() -> str:
    return str(connection.settings_dict["NAME"])


def _copy() -> str:
    return f"{_name()}_clean"
