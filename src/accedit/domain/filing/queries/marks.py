"""What changes whenever what is seen of a room, or may be done in it, may have changed."""

from collections.abc import Collection, Hashable
from uuid import UUID

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.filing.models import Room


def marks_of_rooms(room_ids: Collection[UUID]) -> dict[UUID, Hashable]:
    """The turn of its rights, and where each of its acts logs stands: two queries for all.

    The number of entries counts what some may not see: it never leaves the server.
    """
    stems = {log.acts_of(room).removesuffix("acts"): room for room in room_ids}
    acts: dict[UUID, set[tuple[str, int]]] = {}
    for origin, size in evidence.sizes(stems).items():
        if origin.endswith("/acts"):
            stem = next(stem for stem in stems if origin.startswith(stem))
            acts.setdefault(stems[stem], set()).add((origin, size))
    rows = Room.objects.filter(pk__in=room_ids).values_list("pk", "epoch", "closed_at")
    return {row[0]: (*row, frozenset(acts.get(row[0], ()))) for row in rows}
