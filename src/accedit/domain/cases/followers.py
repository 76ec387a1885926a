"""What the post and the alerts leave for the expert to do becomes a task. Safe to repeat."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from accedit.domain.alerts.models import Notice
from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.models import Case, Task
from accedit.domain.cases.operations.tasks import open_task


def make_tasks(*, at: datetime, most: int = 200) -> int:
    """Letters to post, and mails that came to nothing. How many tasks were opened."""
    made = 0
    for kind, field, found in (
        (TaskKind.SERVE_BY_POST, "letter", Notice.objects.filter(letter__isnull=False)),
        (
            TaskKind.MAIL_REFUSED,
            "message",
            Notice.objects.filter(message__fate__in=["refused", "failed"]),
        ),
    ):
        known = Task.objects.filter(kind=kind, reference=OuterRef(f"{field}_id"))
        waiting = (
            found.filter(~Exists(known))
            .select_related("addressee", field)
            .order_by(f"{field}_id")
            .distinct(f"{field}_id")[:most]  # one mail may tell of many deposits
        )
        for notice in waiting:
            case = Case.objects.filter(pk=notice.room_id).first()
            if case is not None:
                open_task(
                    case,
                    kind=kind,
                    subject=notice.addressee.name,
                    reference=getattr(notice, f"{field}_id"),
                    at=at,
                )
                made += 1
    return made
