"""Sign what has grown unsigned, and enter a restoration in each log.

Deposits are signed at once by whoever answers for them. Readings and fates of mails are
not waited for by anybody: the follower signs them a little later, so that the signer
remembers them too.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.operations.log import Fact, append, stamp
from accedit.domain.evidence.operations.signatures import sign_head
from accedit.domain.evidence.queries import checks
from accedit.shared.kill_points import reach
from accedit_ledger.signer import SignerRefuses

logger = logging.getLogger(__name__)

PLATFORM = {"id": "platform", "name": "La plate-forme", "role": "platform"}


def platform_log() -> str:
    return f"{settings.LOG_DOMAIN}/platform"


def sign_grown(*, most: int = 200) -> int:
    """How many heads were signed. One that the signer refuses is said, and stops nothing; a
    signer that does not answer is asked again next time."""
    signed = 0
    for origin in checks.unsigned()[:most]:
        reach("follow.signing")
        try:
            sign_head(origin)
            signed += 1
        except SignerRefuses:
            logger.exception("the signer refuses %s", origin)
        except OSError:
            logger.exception("the signer does not answer")
            break
    return signed


@transaction.atomic
def tell_restored(*, made_at: datetime, at: datetime) -> list[str]:
    """Each log, and the platform's, says that a backup made at `made_at` was restored.

    A room's log says its own size alone: it may be given whole to a party, who has
    nothing to learn of other rooms. Answers with the logs to sign after the commit.
    """
    heads = list(LogHead.objects.order_by("first", "number"))
    sizes = {head.origin: head.size for head in heads}
    present = {head.first: head for head in heads}  # the last of each name wins
    written = []
    for first, head in present.items():
        if first != platform_log():
            told = _restored(made_at, sizes={head.origin: head.size}, at=at)
            written += append(first, [told])
    written += append(platform_log(), [_restored(made_at, sizes=sizes, at=at)])
    return sorted(entry.log.origin for entry in written)


def _restored(made_at: datetime, *, sizes: dict[str, int], at: datetime) -> Fact:
    return Fact(
        kind="restore.done",
        claims={
            "actor": PLATFORM,
            "backup_made_at": stamp(made_at),
            "last_sizes": [{"log": origin, "size": size} for origin, size in sizes.items()],
        },
        received_at=at,
    )
