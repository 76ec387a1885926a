"""Django's cache in a table, with values written as JSON: nothing read from it becomes an object.

Django's own writes pickles, which whoever can change a row turns into code (attacks.md J9); and
past a few hundred rows it throws live ones away, where a code already used must not be forgotten.
Here only what has expired goes. What is kept: used codes, counts of tries.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connection

READ = "SELECT value FROM shared_cache WHERE cache_key = %s AND expires > %s"
WRITE = """
INSERT INTO shared_cache (cache_key, value, expires) VALUES (%s, %s, %s)
ON CONFLICT (cache_key) DO UPDATE SET value = excluded.value, expires = excluded.expires
WHERE shared_cache.expires <= %s
"""
TOUCH = "UPDATE shared_cache SET expires = %s WHERE cache_key = %s AND expires > %s"
FORGET = "DELETE FROM shared_cache WHERE cache_key = %s"
TIDY = "DELETE FROM shared_cache WHERE expires <= %s"
EMPTY = "DELETE FROM shared_cache"
NEVER = datetime.max.replace(tzinfo=UTC)


class JsonCache(BaseDatabaseCache):
    """For PostgreSQL, in the table `shared_cache` that `createcachetable` makes."""

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(READ, [self.make_and_validate_key(key, version=version), _now()])
            row = cursor.fetchone()
        return json.loads(row[0]) if row else default

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._write(key, value, timeout, version, over=NEVER)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Whether the key was free; of several at once, one hears yes."""
        return self._write(key, value, timeout, version, over=_now())

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        kept = self.make_and_validate_key(key, version=version)
        return _done(TOUCH, self._until(timeout), kept, _now())

    def delete(self, key: str, version: int | None = None) -> bool:
        return _done(FORGET, self.make_and_validate_key(key, version=version))

    def clear(self) -> None:
        _done(EMPTY)

    def _write(
        self, key: str, value: Any, timeout: Any, version: int | None, *, over: datetime
    ) -> bool:
        kept = self.make_and_validate_key(key, version=version)
        _done(TIDY, _now())
        return _done(WRITE, kept, json.dumps(value), self._until(timeout), over)

    def _until(self, timeout: Any) -> datetime:
        at = self.get_backend_timeout(timeout)
        return NEVER if at is None else datetime.fromtimestamp(at, UTC)


def _done(statement: str, *values: str | datetime) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return bool(cursor.rowcount > 0)


def _now() -> datetime:
    return datetime.now(UTC)
