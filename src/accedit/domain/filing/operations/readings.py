"""A delivery of content is entered in the reads log, and committed, before its first byte (I19)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import NotFound


@dataclass(frozen=True, slots=True)
class Opened:
    """What may now be sent: which bytes, and the entry that says so."""

    node: Node
    deposit: Deposit
    origin: str
    index: int


@transaction.atomic
def open_content(
    node_id: UUID,
    *,
    asker: Actor,
    at: datetime,
    preview: bool,
    span: str | None = None,
    page: int | None = None,
) -> Opened:
    """Decide, then enter the opening. A preview asks for READ, the file itself for DOWNLOAD."""
    need = Right.READ if preview else Right.DOWNLOAD
    reached = access.node(node_id, asker=asker, need=need)
    deposit = getattr(reached.node, "deposit", None)
    if deposit is None:
        raise NotFound
    origin = log.reads_of(reached.node.room_id, sealed=queries.sealed_above(reached.node))
    claims = {
        "actor": asker.claim(),
        "piece_id": str(node_id),
        "channel": asker.door.value,
        "size": deposit.blob.size,
    }
    entry = log.append(
        origin,
        [
            Fact(
                kind="piece.opened" if preview else "piece.downloaded",
                claims=claims | ({"page": page} if preview else {"range": span}),
                received_at=at,
                actor_id=asker.user_id,
                node=node_id,
                audience=Audience.CONCERNED,
            )
        ],
    )[0]
    return Opened(reached.node, deposit, origin, entry.index)


@transaction.atomic
def close_content(opened: Opened, *, asker: Actor, sent: int, whole: int, at: datetime) -> None:
    """How much of it left, whether or not it was everything."""
    log.append(
        opened.origin,
        [
            Fact(
                kind="piece.delivered",
                claims={
                    "actor": asker.claim(),
                    "entry": opened.index,
                    "piece_id": str(opened.node.pk),
                    "sent": sent,
                    "size": whole,
                    "completed": sent == whole,
                },
                received_at=at,
                actor_id=asker.user_id,
                node=opened.node.pk,
                audience=Audience.CONCERNED,
            )
        ],
    )
