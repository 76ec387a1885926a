"""Where blocking work is done, so that the event loop never waits for a database or a disk.

Three pools: a slow disk must not hold up those who only read a page, nor a page that is
slow to draw those who deposit. A thread keeps its database connection between requests,
as Django does in its own servers.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import close_old_connections

P = ParamSpec("P")
T = TypeVar("T")

database_pool = ThreadPoolExecutor(settings.SERVER_THREADS, thread_name_prefix="database")
disk_pool = ThreadPoolExecutor(settings.SERVER_THREADS, thread_name_prefix="disk")
drawing_pool = ThreadPoolExecutor(4, thread_name_prefix="drawing")


async def in_pool(pool: ThreadPoolExecutor, call: Callable[[], T]) -> T:
    """Run a call in a thread of the pool, with the context (request number) of its caller."""
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(pool, context.run, call)


async def in_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work on the database, outside any request of Django's: its connections are tended here."""
    return await in_pool(database_pool, partial(_tended, partial(work, *args, **kwargs)))


async def in_disk_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Work on files: hashing, writing, reading; no database."""
    return await in_pool(disk_pool, partial(work, *args, **kwargs))


async def in_drawing_thread(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Wait for a process that draws a page; no database."""
    return await in_pool(drawing_pool, partial(work, *args, **kwargs))


def _tended(call: Callable[[], T]) -> T:
    close_old_connections()
    try:
        return call()
    finally:
        close_old_connections()
