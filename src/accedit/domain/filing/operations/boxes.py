"""The date limite of a box: announced, and moved only here."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact, stamp
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Box, Room
from accedit.domain.filing.operations.rooms import refuse_if_closed
from accedit.domain.people.rights import Actor


@transaction.atomic
def set_due(folder_id: UUID, *, due_at: datetime | None, actor: Actor, at: datetime) -> Box:
    """`due_at` is the first instant that is late; None takes the limit away."""
    box, reached = access.box(folder_id, asker=actor, need=Right.MANAGE)
    room = Room.objects.select_for_update().get(pk=reached.node.room_id)
    refuse_if_closed(room)
    access.require(Right.MANAGE, on=reached.node, by=actor)
    before, box.due_at = box.due_at, due_at
    box.save(update_fields=["due_at"])
    log.append(
        log.acts_of(room.pk, sealed=queries.sealed_above(reached.node)),
        [
            Fact(
                kind="due.set",
                claims={
                    "actor": actor.claim(),
                    "box": {"id": str(folder_id), "name": reached.node.name},
                    "before": stamp(before) if before else None,
                    "after": stamp(due_at) if due_at else None,
                },
                received_at=at,
                actor_id=actor.user_id,
                node=folder_id,
            )
        ],
    )
    return box
