from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.models import Case, Task
from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations.scrubbing import damaged


@transaction.atomic
def open_task(case: Case, *, kind: TaskKind, subject: str, reference: UUID, at: datetime) -> Task:
    """A task about one thing, once."""
    task, _ = Task.objects.get_or_create(
        case=case,
        kind=kind,
        reference=reference,
        defaults={"subject": subject[:300], "created_at": at},
    )
    return task


@transaction.atomic
def finish_task(task: Task, *, at: datetime) -> None:
    Task.objects.filter(pk=task.pk, done_at__isnull=True).update(done_at=at)


@transaction.atomic
def tell_of_damage(*, at: datetime) -> None:
    """A task for each piece whose bytes were found changed, in each case that has it (K4).

    Once the bytes were put back the task goes away, done or not: a second damage is told anew.
    """
    found = Deposit.objects.filter(blob__in=damaged()).select_related("node")
    pieces = {piece.node_id: piece for piece in found}
    known = Task.objects.filter(kind=TaskKind.PIECE_DAMAGED)
    known.exclude(reference__in=pieces).delete()
    told = set(known.values_list("reference", flat=True))
    cases = Case.objects.in_bulk({piece.node.room_id for piece in pieces.values()})
    for node_id, piece in pieces.items():
        case = cases.get(piece.node.room_id)
        if case is not None and node_id not in told:
            name = f"n° {piece.number}" if piece.number else piece.node.name
            open_task(case, kind=TaskKind.PIECE_DAMAGED, subject=name, reference=node_id, at=at)
