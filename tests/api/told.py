"""What the tests of REST look at: the parts of a problem, the facts of a room, the store."""

from pathlib import Path
from typing import Any

import httpx
from django.conf import settings

from accedit.domain.evidence.models import Entry, Opening
from accedit.domain.filing.models import Blob, Deposit, Node
from tests.cast import Gymnase

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal that has the one form."""
    said = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert set(said) == {"type", "title", "status", "detail", "code"}
    assert said["status"] == answer.status_code
    assert said["detail"][0].isupper() or said["detail"][0].isascii()
    return answer.status_code, said["code"]


def deposits_to(people: Gymnase, side: str = "demandeur") -> str:
    return f"/api/v1/nodes/{people.boxes[side].folder_id}/deposits"


def facts(people: Gymnase) -> dict[str, int]:
    """Everything that a refusal must leave as it was."""
    room = people.case.room_id
    return {
        "nodes": Node.objects.filter(room=room).count(),
        "deposits": Deposit.objects.filter(node__room=room).count(),
        "entries": Entry.objects.filter(log__origin__contains=str(room)).count(),
        "blobs": Blob.objects.count(),
        "files": len(files()),
    }


def files() -> list[Path]:
    return [path for path in Path(settings.BLOB_FOLDER).rglob("*") if path.is_file()]


def claims_of(deposit_id: str) -> dict[str, Any]:
    """What the log says of a deposit."""
    deposit = Deposit.objects.get(pk=deposit_id)
    return opened(deposit.log_origin, deposit.log_index)


def opened(origin: str, index: int) -> dict[str, Any]:
    rows = Opening.objects.filter(log__origin=origin, index=index)
    return dict(rows.values_list("claim", "value"))


def entries(people: Gymnase, log: str, *kinds: str) -> list[dict[str, Any]]:
    """The entries of the room's acts or reads log, oldest first, with what they say."""
    rows = Entry.objects.filter(log__origin__endswith=f"/e/{people.case.room_id}/{log}")
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return [
        opened(row.log.origin, row.index) for row in rows.select_related("log").order_by("index")
    ]
