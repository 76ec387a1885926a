from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.models import Case, Task


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
