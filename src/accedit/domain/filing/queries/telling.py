"""Who is going to be told of a deposit, and how: what the last screen before it says.

The same two sources as the deposit itself reads, in the same words: the liste de
diffusion of the room, and those whom the decision lets read the box (I18).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accedit.domain.alerts import queries as alerts
from accedit.domain.alerts.enums import How
from accedit.domain.filing import queries
from accedit.domain.filing.enums import NodeKind
from accedit.domain.filing.models import Box, Node
from accedit.domain.people.models import User


@dataclass(frozen=True, slots=True)
class Told:
    """One person: may they read the piece here, and how they hear of it."""

    name: str
    user_id: UUID | None
    reads: bool
    how: How

    @property
    def by_mail(self) -> bool:
        return self.reads and self.how in (How.MAIL, How.BOTH)

    @property
    def by_post(self) -> bool:
        return self.how in (How.POST, How.BOTH)

    @property
    def is_told(self) -> bool:
        return self.by_mail or self.by_post


def told_of_a_deposit(box: Box) -> Sequence[Told]:
    """In the order of the liste de diffusion; then those who read without being told, such
    as the expert's assistants. `box.folder.room` is fetched by the caller."""
    readers = queries.readers(box.folder, at_kind=NodeKind.FILE)
    roster = alerts.roster(box.folder.room_id)
    lines = [
        Told(one.name, one.user_id, one.user_id in readers, How(one.how))
        for one in roster
        if one.user_id is None or one.user_id in readers or one.how in (How.POST, How.BOTH)
    ]
    listed = {one.user_id for one in roster}
    others = User.objects.filter(pk__in=readers - listed).order_by("name", "pk")
    return lines + [Told(user.name, user.pk, True, How.NONE) for user in others]


def readers_named(node: Node) -> Sequence[User]:
    """Who may read a piece, or may again once it is no longer withdrawn; the owner first."""
    readers = queries.readers(node, at_kind=NodeKind.FILE)
    owner = node.room.owner_id
    found = User.objects.filter(pk__in=readers).select_related("firm").order_by("name", "pk")
    return sorted(found, key=lambda user: user.pk != owner)
