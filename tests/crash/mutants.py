"""Deliberately broken servers: a crash test that cannot fail proves nothing."""

import contextlib
from typing import Any

from django.db import connection, transaction

from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.operations import signatures
from accedit.domain.filing import blobs
from accedit.domain.filing.operations import deposits


def become(mutant: str) -> None:
    """Break this process in the named way, for good. Nothing for an empty name."""
    if mutant:
        {"autocommit": _autocommit, "sign_first": _sign_first, "no_sync": _no_sync}[mutant]()


def _autocommit() -> None:
    """Each statement commits by itself: no transaction holds a deposit together."""
    transaction.Atomic.__enter__ = lambda _self: None  # type: ignore[method-assign]
    transaction.Atomic.__exit__ = lambda _self, *_error: None  # type: ignore[method-assign]
    type(connection.features).has_select_for_update = False  # each thread has its own instance


def _no_sync() -> None:
    """The blob store asks the disk for nothing."""
    blobs.Disk.sync = lambda _self, _handle: None  # type: ignore[method-assign]
    blobs.Disk.sync_folder = lambda _self, _folder: None  # type: ignore[method-assign]


def _sign_first() -> None:
    """The head is signed as soon as the leaf is written, before anything is committed."""
    append = deposits.log.append

    def appended(origin: str, facts: Any) -> Any:
        entries = append(origin, facts)
        with contextlib.suppress(Exception):
            signatures._signed(LogHead.objects.get(origin=origin))
        return entries

    deposits.log.append = appended
