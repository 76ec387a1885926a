"""Take away bytes that became nothing: uploads that broke off, files that no row names.

A file is left alone for `QUIET` after its last byte: whoever is depositing it has long
finished, or has failed (evidence.md 4.7). One sweeper at a time, by a lock of the
database; each file is looked up once more, alone, before it goes.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from accedit.domain.filing import blobs
from accedit.domain.filing.models import BasketItem, Blob
from accedit.domain.filing.queries import checks
from accedit.shared.kill_points import reach

QUIET = timedelta(hours=24)
LOCK = 0x6163_6365_6469  # any number that nobody else locks


@dataclass(frozen=True, slots=True)
class Swept:
    files: int
    octets: int


@transaction.atomic
def sweep(*, at: datetime) -> Swept:
    """How much was taken away; nothing while another sweeper is at work."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return Swept(0, 0)
    files = octets = 0
    for arrival in list(blobs.stale_arrivals(before=at - QUIET)):
        files, octets = files + 1, octets + arrival.stat().st_size
        arrival.unlink()
    orphans = list(checks.orphans(before=at - QUIET))
    reach("sweep.listed")
    for orphan in orphans:
        if orphan.key is not None and not _named(orphan.key):
            reach("sweep.checked")
            files, octets = files + 1, octets + orphan.size
            blobs.discard(orphan.key)
            reach("sweep.unlinked")
    return Swept(files, octets)


def _named(key: UUID) -> bool:
    return Blob.objects.filter(pk=key).exists() or BasketItem.objects.filter(blob_id=key).exists()
