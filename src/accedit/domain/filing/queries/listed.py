"""What the list of a place reads of its rows: a thousand lines have no column built for nothing."""

from django.db.models import QuerySet

from accedit.domain.filing.models import Node

NOT_SHOWN = (
    "folded_name",
    "created_at",
    "withdrawn_reason",
    "deposit__name",
    "deposit__upload",
    "deposit__request_digest",
    "deposit__depositor_name",
    "deposit__firm",
    "deposit__received_from",
    "deposit__log_origin",
    "deposit__blob__stored_at",
)


def listed(rows: QuerySet[Node]) -> QuerySet[Node]:
    """The rows with their deposit and its bytes' size; whoever reads another column asks again."""
    return rows.select_related("deposit__blob").defer(*NOT_SHOWN)
