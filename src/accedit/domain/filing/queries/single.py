"""One thing at a time, as a program asks for it."""

from collections.abc import Iterable
from uuid import UUID

from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Box, Deposit, Node
from accedit.domain.filing.queries import Standings
from accedit.domain.people.rights import Actor


def deposit_of_upload(upload: str, *, box: Box, asker: Actor) -> Deposit | None:
    """What this key of one's own already deposited into this box."""
    return Deposit.objects.filter(box=box, depositor=asker.user_id, upload=upload).first()


def root(*, within: Standings) -> Node | None:
    """The root of the room, for whoever may browse it."""
    found = Node.objects.get(room=within.room, kind=NodeKind.ROOT)
    return found if Right.BROWSE in within.on(found) else None


def readable(ids: Iterable[UUID], *, within: Standings) -> set[UUID]:
    """Those of these nodes that the asker may read today."""
    rows = Node.objects.filter(room=within.room, pk__in=list(ids))
    return {row.pk for row in rows if Right.READ in within.on(row)}
