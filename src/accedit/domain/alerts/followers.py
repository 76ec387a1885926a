"""After the post has tried: the fate of each avis goes into the log. Safe to repeat."""

from datetime import datetime

from accedit.domain.alerts.models import Notice
from accedit.domain.alerts.operations.notices import log_fate


def log_fates(*, at: datetime, most: int = 200) -> int:
    """How many fates were entered."""
    known = list(
        Notice.objects.filter(fate_logged_at__isnull=True, message__isnull=False)
        .exclude(message__fate="waiting")
        .order_by("created_at")[:most]
    )
    for notice in known:
        log_fate(notice, at=at)
    return len(known)
