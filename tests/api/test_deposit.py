"""POST /api/v1/nodes/{box}/deposits: what a program may deposit, and what it is told."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest

from accedit.domain.people.enums import Scope
from tests import cast
from tests.cast import Gymnase
from tests.front import client


@pytest.fixture
def lawyer(people: Gymnase) -> Iterator[httpx.Client]:
    with client(token=cast.token_for(people.owner_counsel, scope=Scope.DEPOSIT)) as api:
        yield api


def box_of(people: Gymnase, side: str = "demandeur") -> str:
    return f"/api/v1/nodes/{people.boxes[side].folder_id}/deposits"


def test_a_piece_is_deposited(people: Gymnase, lawyer: httpx.Client) -> None:
    content = b"%PDF-1.7 constat"

    answer = lawyer.post(
        box_of(people), params={"name": "constat.pdf", "title": "Constat"}, content=content
    )

    said = answer.json()
    assert answer.status_code == 201, answer.text
    assert said == {
        "deposit_id": said["deposit_id"],
        "node_id": said["node_id"],
        "piece_number": "1",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "received_at": said["received_at"],
        "late": False,
        "receipt_url": f"http://localhost:8000/api/v1/deposits/{said['deposit_id']}/receipt",
    }
