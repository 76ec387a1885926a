"""Requests made from our own OpenAPI document, good and bad: no bug, and no answer that it
does not describe. The same fifty for each call at every run; most meet real ids.
"""

import io
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
import requests
import schemathesis
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from urllib3 import HTTPResponse

from accedit.domain.cases.enums import Template
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.stages import EXPERT_SPACE
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import rooms, withdrawals
from accedit.shared.refusals import Refusal
from tests import cast
from tests.cast import Gymnase
from tests.front import ask, client

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
EXAMPLES = 50


def described() -> Any:
    """Our document, asked with the key of the tests rather than with keys made up."""
    found = schemathesis.openapi.from_dict(document())
    found.config.generation.update(with_security_parameters=False)
    return found


def document() -> dict[str, Any]:
    from accedit.interfaces.api.calls import api  # noqa: PLC0415 - once the addresses are known

    found: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return found


OPERATIONS: dict[str, Any] = {
    result.ok().label: result.ok() for result in described().get_all_operations()
}


class FrontAdapter(BaseAdapter):
    """`requests`, asking the front of this process."""

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        place = urlsplit(str(request.url))
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        answer = ask(
            str(request.method),
            f"{place.path}?{place.query}",
            headers=[
                (name.lower().encode("latin-1"), _bytes(value))
                for name, value in request.headers.items()
            ],
            body=[body],
        )
        assert answer.status is not None
        response = requests.Response()
        response.status_code = answer.status
        given = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
        response.headers = CaseInsensitiveDict(given)
        response.raw = HTTPResponse(
            io.BytesIO(answer.body), headers=given, status=answer.status, preload_content=False
        )
        response.url, response.request = str(request.url), request
        return response

    def close(self) -> None:
        pass


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("latin-1", "replace")


@pytest.fixture(scope="module")
def program(committed: None) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.mount("http://", FrontAdapter())
        yield session


@dataclass(frozen=True)
class Ground:
    """A case that is open with a piece that is read, one that is closed, one of others."""

    people: Gymnase
    closed: UUID
    piece: Deposit
    folders: tuple[UUID, ...]  # one that is open, one that is sealed
    numbered: dict[str, UUID]  # the folders of the template, by their first sign; names change

    def id_of(self, kind: str, turn: int) -> str:
        real: dict[str, list[UUID]] = {
            "case_id": [self.people.case.pk, self.closed, self.people.stranger_case.pk],
            "node_id": [
                self.numbered["6"],
                *(box.folder_id for box in self.people.boxes.values()),
                self.people.boxes["demandeur"].archive_id,
                Node.objects.get(room=self.people.case.room, kind="root").pk,
                self.piece.node_id,
                self.people.stranger_case.pk,
                *self.folders,
                self.piece.node_id,
            ],
            "parent_id": [self.numbered[str(1 + turn % 3)]],
            "deposit_id": [self.piece.pk, self.piece.node_id],
        }
        return str(real[kind][turn % len(real[kind])])

    def settle(self) -> None:
        """As it was, whatever other tests did."""
        expert = self.people.expert
        with suppress(Refusal):
            rooms.reopen_room(self.people.case.pk, actor=expert, at=now())
        with suppress(Refusal):
            rooms.close_room(self.closed, actor=expert, at=now())
        with suppress(Refusal):
            withdrawals.restore(self.piece.node_id, reason="", actor=expert, at=now())


@pytest.fixture(scope="module")
def ground(people: Gymnase) -> Ground:
    piece = cast.deposited("a.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)[0]
    closed = open_case(
        CaseDraft(Template.AMICABLE_AGREED, "Clos", "2025-3"), actor=people.expert, at=now()
    )
    rows = Node.objects.filter(room=people.case.room, kind="folder", depth=1)
    folders = [rows.get(name=name).pk for name in ("2. Convocations", EXPERT_SPACE)]
    numbered = {name[0]: pk for name, pk in rows.values_list("name", "pk")}
    return Ground(people, closed.pk, piece, tuple(folders), numbered)


@pytest.mark.parametrize("label", OPERATIONS)
def test_every_answer_is_one_that_the_document_describes(
    label: str,
    program: requests.Session,
    ground: Ground,
    key: str,
) -> None:
    ground.settle()
    operation, turns, met = OPERATIONS[label], count(), Counter[int]()
    good = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    bad = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(good, good, bad))
    def asked(case: Case) -> None:
        real(case, ground=ground, turn=next(turns))
        response = case.call(
            session=program,
            base_url="http://localhost:8000",
            headers={"Authorization": f"Bearer {key}", "Idempotency-Key": uuid4().hex},
        )
        met[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    asked()
    assert sum(met.values()) >= EXAMPLES
    assert [status for status in met if status < 300], met


def real(case: Case, *, ground: Ground, turn: int) -> None:
    """Real ids four times out of five, and lists of a length that people have."""
    if turn % 5:
        case.path_parameters = {
            name: ground.id_of(name, turn)
            if name.endswith("_id")
            else f"user:{ground.people.contractor.user_id}"
            if name == "subject"
            else value
            for name, value in (case.path_parameters or {}).items()
        }
    if turn % 3 == 1 and case.operation.path.endswith("/deposits"):  # the key is the expert's
        box = ground.people.boxes["demandeur"]
        case.path_parameters = {"node_id": str(box.folder_id)}
        parties = ground.people.parties.values()
        party = next(party for party in parties if party.side_id == box.side)
        case.query = {"name": "a.pdf", "on_behalf": str(party.pk), "means": "post"}
    body: Any = case.body
    if isinstance(body, dict):
        if turn % 2 and "parent_id" in body:
            body["parent_id"] = ground.id_of("parent_id", turn)
        for party in [body, *_list(body, "parties", most=4)]:
            _list(party, "counsels", most=2)
            if turn % 2 and isinstance(party, dict) and "side" in party:
                party.setdefault("by_post", True)  # a party that can be reached


def _list(holder: Any, name: str, *, most: int) -> list[Any]:
    found = holder.get(name) if isinstance(holder, dict) else None
    if not isinstance(found, list):
        return []
    del found[most:]
    return found


@pytest.fixture(scope="module")
def key(people: Gymnase) -> str:
    return cast.token_for(people.expert)


def test_the_document_is_public_and_says_it_is_openapi_3_1(committed: None) -> None:
    answer = client().get("/api/v1/openapi.json")

    said = answer.json()
    assert answer.status_code == 200
    assert said["openapi"].startswith("3.1.")
    assert said["components"]["securitySchemes"] == {"Token": {"type": "http", "scheme": "bearer"}}
    assert {place: sorted(methods) for place, methods in said["paths"].items()} == {
        "/api/v1/cases": ["get", "post"],
        "/api/v1/cases/{case_id}": ["get"],
        "/api/v1/cases/{case_id}/journal": ["get"],
        "/api/v1/cases/{case_id}/parties": ["post"],
        "/api/v1/cases/{case_id}/close": ["post"],
        "/api/v1/cases/{case_id}/reopen": ["post"],
        "/api/v1/nodes/{node_id}": ["get"],
        "/api/v1/nodes/{node_id}/children": ["get"],
        "/api/v1/nodes/{node_id}/folders": ["post"],
        "/api/v1/nodes/{node_id}/due": ["put"],
        "/api/v1/nodes/{node_id}/grants/{subject}": ["delete", "put"],
        "/api/v1/nodes/{node_id}/name": ["put"],
        "/api/v1/nodes/{node_id}/rights": ["get"],
        "/api/v1/nodes/{node_id}/seal": ["delete", "post"],
        "/api/v1/nodes/{node_id}/archive": ["post"],
        "/api/v1/nodes/{node_id}/move": ["post"],
        "/api/v1/nodes/{node_id}/withdraw": ["post"],
        "/api/v1/nodes/{node_id}/deposits": ["post"],
        "/api/v1/nodes/{node_id}/content": ["get"],
        "/api/v1/nodes/{node_id}/zip": ["get"],
        "/api/v1/deposits/{deposit_id}/receipt": ["get"],
    }


def test_every_call_asks_for_a_key_and_describes_its_refusals(committed: None) -> None:
    for place, methods in document()["paths"].items():
        for method, call in methods.items():
            assert call["security"] == [{"Token": []}], place
            assert {"401", "403", "404", "405", "422", "503"} <= set(call["responses"]), place
            assert (method == "get") or {"409", "413"} <= set(call["responses"]), place
            for status, answer in call["responses"].items():
                described = list(answer.get("content", {}))
                assert described == ["application/problem+json"] or status < "400", (place, status)
