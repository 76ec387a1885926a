"""What is refused of a deposit by program: before the first byte, or after the last."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.utils.timezone import now

from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing.models import Room
from accedit.domain.filing.operations import rooms
from accedit.domain.people.enums import Scope
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import UNKNOWN, deposits_to, entries, facts, problem
from tests.cast import Gymnase
from tests.front import client

MIB = 1024 * 1024
REFUSED = {
    "no name": ({}, {}, 422, "bad_name"),
    "a path": ({"name": "../a.pdf"}, {}, 422, "bad_name"),
    "name given twice": ([("name", "a.pdf"), ("name", "b.pdf")], {}, 422, "invalid"),
    "a long title": ({"name": "a.pdf", "title": "t" * 201}, {}, 422, "invalid"),
    "a broken title": ({"name": "a.pdf", "title": "a\nb"}, {}, 422, "invalid"),
    "a strange number": ({"name": "a.pdf", "number": "douze"}, {}, 422, "invalid"),
    "a taken number": ({"name": "a.pdf", "number": "1"}, {}, 409, "conflict"),
    "means alone": ({"name": "a.pdf", "means": "post"}, {}, 422, "invalid"),
    "an empty key": ({"name": "a.pdf"}, {"Idempotency-Key": ""}, 422, "invalid"),
    "a long key": ({"name": "a.pdf"}, {"Idempotency-Key": "k" * 201}, 422, "invalid"),
    "compressed": ({"name": "a.pdf"}, {"Content-Encoding": "gzip"}, 422, "invalid"),
    "a part": ({"name": "a.pdf"}, {"Content-Range": "bytes 0-9/99"}, 422, "invalid"),
    "too large": (
        {"name": "a.pdf"},
        {"Content-Length": str(settings.MAX_UPLOAD_BYTES + 1)},
        413,
        "too_large",
    ),
    "beyond the quota": ({"name": "a.pdf"}, {"Content-Length": str(10**10 + 1)}, 507, "quota_full"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_a_refusal_costs_nothing_and_changes_nothing(
    people: Gymnase, lawyer: httpx.Client, why: str
) -> None:
    params, headers, status, code = REFUSED[why]
    if why == "a taken number":
        lawyer.post(deposits_to(people), params={"name": "b.pdf"}, content=b"b")
    before = facts(people)

    answer = lawyer.post(deposits_to(people), params=params, headers=headers, content=b"abc")

    assert problem(answer) == (status, code)
    assert facts(people) == before


@pytest.mark.parametrize(
    ("params", "status", "code"),
    [
        ({"on_behalf": UNKNOWN, "means": "post"}, 404, "not_found"),
        ({"on_behalf": "x", "means": "post"}, 404, "not_found"),
        ({"on_behalf": "PARTY", "means": "pigeon"}, 422, "invalid"),
        ({"on_behalf": "PARTY"}, 422, "invalid"),
        ({"on_behalf": "PARTY", "means": "post", "received_on": "hier"}, 422, "invalid"),
        ({"on_behalf": "OTHER SIDE", "means": "post"}, 404, "not_found"),
    ],
)
def test_on_behalf_of_whom_and_how_must_be_said(
    people: Gymnase, expert: httpx.Client, params: dict[str, str], status: int, code: str
) -> None:
    ids = {
        "PARTY": str(people.parties["Menuiserie Fauvel"].pk),
        "OTHER SIDE": str(people.parties["Sols Dubreuil"].pk),
    }
    params = {key: ids.get(value, value) for key, value in params.items()}

    answer = expert.post(
        deposits_to(people, "menuisier"), params={"name": "a.pdf", **params}, content=b"a"
    )

    assert problem(answer) == (status, code)


def test_the_expert_says_for_whom_they_deposit(
    people: Gymnase, expert: httpx.Client, program: Programs
) -> None:
    """A piece in a side's box is that side's: the expert's own go elsewhere."""
    before = facts(people)

    answers = [
        api.post(deposits_to(people), params={"name": "a.pdf"}, content=b"a")
        for api in (expert, program(people.assistant))
    ]

    assert [problem(answer) for answer in answers] == [(422, "invalid")] * 2
    assert {answer.json()["detail"] for answer in answers} == {
        "on_behalf : cette boîte aux lettres est celle d'une partie ; dites pour le compte de quelle partie vous déposez, et means : comment la pièce est arrivée."
    }
    assert facts(people) == before


def test_nobody_deposits_for_another_without_being_charged_to(
    people: Gymnase, lawyer: httpx.Client
) -> None:
    answer = lawyer.post(
        deposits_to(people),
        params={
            "name": "a.pdf",
            "on_behalf": str(people.parties["Commune de Valmont"].pk),
            "means": "hand",
        },
        content=b"a",
    )

    assert problem(answer) == (403, "forbidden")


def test_who_may_deposit_where(people: Gymnase, program: Programs) -> None:
    """B7: one's own box; another's is there to read, no more; another case is not there."""
    boxes_of_others = deposits_to(people, "architecte")
    lawyer = people.owner_counsel
    answers = {
        "another side's box": program(lawyer).post(boxes_of_others, params={"name": "a"}),
        "a key that reads": program(lawyer, scope=Scope.READ).post(
            deposits_to(people), params={"name": "a"}
        ),
        "a key of another case": program(lawyer, room_id=people.stranger_case.pk).post(
            deposits_to(people), params={"name": "a"}
        ),
        "a stranger": program(people.stranger).post(deposits_to(people), params={"name": "a"}),
        "no such box": program(lawyer).post(
            f"/api/v1/nodes/{UNKNOWN}/deposits", params={"name": "a"}
        ),
        "no id": program(lawyer).post("/api/v1/nodes/null/deposits", params={"name": "a"}),
        "a folder": program(people.expert).post(
            f"/api/v1/nodes/{people.boxes['architecte'].archive_id}/deposits", params={"name": "a"}
        ),
    }

    assert {why: problem(answer) for why, answer in answers.items()} == {
        "another side's box": (403, "forbidden"),
        "a key that reads": (403, "forbidden"),
        "a key of another case": (404, "not_found"),
        "a stranger": (404, "not_found"),
        "no such box": (404, "not_found"),
        "no id": (404, "not_found"),
        "a folder": (404, "not_found"),
    }
    assert answers["a stranger"].content == answers["no such box"].content
    assert answers["no id"].content == answers["no such box"].content


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer x", "Basic eDp5", "bearer acc_é"])
def test_without_a_key_nothing_is_said(people: Gymnase, authorization: str) -> None:
    with client(headers={"Authorization": authorization.encode()}) as api:
        answer = api.post(deposits_to(people), params={"name": "../a"}, content=b"a")

    assert problem(answer) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == 'Bearer realm="accedit"'


def test_a_closed_case_says_so(program: Programs, people: Gymnase) -> None:
    other = cast.gymnase()
    rooms.close_room(other.case.pk, actor=other.expert, at=now())
    before = facts(other)

    answers = [
        program(who).post(deposits_to(other), params={"name": "a.pdf"}, content=b"a")
        for who in (other.owner_counsel, other.expert)
    ]

    assert [problem(answer) for answer in answers] == [(409, "case_closed")] * 2
    assert "est clos depuis le" in answers[0].json()["detail"]
    assert facts(other) == before


def test_a_case_closed_while_the_file_came_refuses_and_remembers(program: Programs) -> None:
    """The file was whole and the person entitled: the log says what was refused."""
    other = cast.gymnase()

    def slow() -> Iterator[bytes]:
        yield b"a" * MIB
        rooms.close_room(other.case.pk, actor=other.expert, at=now())
        yield b"b"

    before = facts(other)

    answer = program(other.owner_counsel).post(
        deposits_to(other),
        params={"name": "gros.pdf"},
        content=slow(),
        headers={"Idempotency-Key": "gros"},
    )

    refused = entries(other, "acts", "deposit.rejected")
    assert problem(answer) == (409, "case_closed")
    assert facts(other) == before | {"entries": before["entries"] + 2}  # closed, rejected
    assert [(one["name"], one["size"], one["reason"], one["upload_id"]) for one in refused] == [
        ("gros.pdf", MIB + 1, "case_closed", "gros")
    ]


def test_a_space_that_fills_meanwhile_refuses_and_remembers(program: Programs) -> None:
    other = cast.gymnase()
    Room.objects.filter(pk=other.case.pk).update(used_bytes=10**10 - 3)
    before = facts(other)

    answer = program(other.owner_counsel).post(
        deposits_to(other), params={"name": "a.pdf"}, content=iter([b"ab", b"cd"])
    )

    assert problem(answer) == (507, "quota_full")
    assert facts(other) == before | {"entries": before["entries"] + 1}


def test_when_the_signature_fails_the_piece_is_kept_and_the_retry_answers(
    program: Programs,
) -> None:
    other = cast.gymnase()
    verifier_key()  # the key is known already: only its memory is taken away
    heads = Path(settings.SIGNER_FOLDER) / "heads"
    away = heads.with_name("heads-away")
    ask = {"params": {"name": "a.pdf"}, "headers": {"Idempotency-Key": "panne"}}
    api = program(other.owner_counsel)
    heads.rename(away)
    heads.touch()

    try:
        failed = api.post(deposits_to(other), content=b"a", **ask)
    finally:
        heads.unlink()
        away.rename(heads)
    again = api.post(deposits_to(other), content=b"a", **ask)

    assert problem(failed) == (503, "unavailable")
    assert again.status_code == 200
    assert facts(other)["deposits"] == 1
