"""What holds for every call of REST: its actions, its refusals, its key, its headers."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

from tests import cast
from tests.api.conftest import Programs
from tests.api.told import problem
from tests.cast import Gymnase
from tests.front import browser, client


def asked(**other: Any) -> dict[str, Any]:
    """A case as the interfaces describe it: two sides, three parties, one by post."""
    word = uuid4().hex[:8]
    return {
        "template": "judicial_civil",
        "title": "Toiture de l'école",
        "reference": f"2026-{word}",
        "parties": [
            {
                "name": "Commune de Valmont",
                "side": "demandeur",
                "kind": "public_body",
                "counsel": {
                    "name": "Me Rose Petit",
                    "email": f"petit.{word}@avocat.example",
                    "firm": "Cabinet Petit",
                },
            },
            {
                "name": "Assureur de la commune",
                "side": "demandeur",
                "kind": "company",
                "counsels": [
                    {"name": "Me Un", "email": f"un.{word}@avocat.example"},
                    {"name": "Me Deux", "email": f"deux.{word}@avocat.example"},
                ],
            },
            {"name": "Couvreurs réunis", "side": "couvreur", "kind": "company", "by_post": True},
        ],
    } | other


@pytest.mark.parametrize(
    ("method", "place", "allow"),
    [
        ("DELETE", "/api/v1/cases", "GET, POST"),
        ("PUT", "/api/v1/cases", "GET, POST"),
        ("DELETE", "/api/v1/cases/{}", "GET"),
        ("GET", "/api/v1/cases/{}/close", "POST"),
        ("POST", "/api/v1/cases/{}/journal", "GET"),
        ("POST", "/api/v1/nodes/{}", "GET"),
        ("GET", "/api/v1/nodes/{}/due", "PUT"),
        ("DELETE", "/api/v1/nodes/{}/content", "GET"),
        ("GET", "/api/v1/nodes/{}/deposits", "POST"),
    ],
)
def test_an_action_that_an_address_does_not_know(
    people: Gymnase, expert: httpx.Client, method: str, place: str, allow: str
) -> None:
    answer = expert.request(method, place.format(people.case.pk))

    assert problem(answer) == (405, "invalid")
    assert answer.headers["allow"] == allow


@pytest.mark.parametrize(
    "place",
    [
        "/api/v1/nodes/{}/copy",
        "/api/v1/cases/{}/members/{}",
        "/api/v1/calc/interest",
        "/api/v1/tokens",
        "/api/v1/",
        "/api/v1/docs",
        "/api/v2/cases",
        "/api/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_is_not_built_is_not_there(
    people: Gymnase, expert: httpx.Client, method: str, place: str
) -> None:
    answer = expert.request(method, place.format(people.case.pk, people.expert.user_id))

    assert problem(answer) == (404, "not_found")


def test_a_cookie_opens_nothing_here(people: Gymnase) -> None:
    """No page of another site can make a signed-in browser call REST (G8)."""
    with browser(people.expert) as signed:
        read = signed.get("/api/v1/cases")
        written = signed.post("/api/v1/cases", json=asked())

    assert [problem(read), problem(written)] == [(401, "unauthenticated")] * 2
    assert "access-control-allow-origin" not in read.headers


def test_head_is_decided_like_get(people: Gymnase, program: Programs) -> None:
    api, place = program(people.owner_counsel), f"/api/v1/cases/{people.case.pk}"

    got, head = api.get(place), api.head(place)
    hidden = program(people.stranger).head(place)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(got.content))
    assert hidden.status_code == 404


def test_nothing_is_kept_on_the_way(people: Gymnase, program: Programs) -> None:
    """A21, A22: no cache between us and the reader may keep an answer."""
    answers = [
        program(people.owner_counsel).get("/api/v1/cases"),
        program(people.stranger).get(f"/api/v1/cases/{people.case.pk}"),
        client().get("/api/v1/cases"),
        client().get("/api/v1/openapi.json"),
    ]

    assert {answer.headers["cache-control"] for answer in answers} == {"private, no-store"}
    assert {answer.headers["x-content-type-options"] for answer in answers} == {"nosniff"}


def test_the_demo_address_for_content_serves_rest_too_but_no_cookie(people: Gymnase) -> None:
    """Only the demo does: in real use the content origin knows no REST."""
    with client(token=cast.token_for(people.expert), base_url=settings.CONTENT_URL) as api:
        answer = api.get("/api/v1/cases")

    assert answer.status_code == 404
