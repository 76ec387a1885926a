"""POST /api/v1/nodes/{box}/deposits: what a program may deposit, and what it is told."""

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings
from django.utils.timezone import now

from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing.models import Deposit, Room
from accedit.domain.filing.operations import boxes, rooms
from accedit.domain.people.enums import Scope
from accedit.serving import receiving
from accedit_ledger.receipt import verify_receipt
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import UNKNOWN, claims_of, deposits_to, entries, facts, problem
from tests.cast import Gymnase
from tests.front import client

MIB = 1024 * 1024


def test_a_piece_is_deposited(people: Gymnase, lawyer: httpx.Client) -> None:
    content = b"%PDF-1.7 constat"

    answer = lawyer.post(
        deposits_to(people), params={"name": "constat.pdf", "title": "Constat"}, content=content
    )

    said = answer.json()
    kept = Deposit.objects.get(pk=said["deposit_id"])
    assert answer.status_code == 201
    assert said == {
        "deposit_id": str(kept.pk),
        "node_id": str(kept.node_id),
        "piece_number": "1",
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
        "received_at": claims_of(said["deposit_id"])["received_at"],
        "late": False,
        "receipt_url": f"{settings.BASE_URL}/api/v1/deposits/{kept.pk}/receipt",
    }
    assert (kept.name, kept.title, kept.depositor_id) == (
        "constat.pdf",
        "Constat",
        people.owner_counsel.user_id,
    )


def test_its_receipt_is_verified_with_the_file(people: Gymnase, lawyer: httpx.Client) -> None:
    said = lawyer.post(deposits_to(people), params={"name": "a.pdf"}, content=b"abc").json()

    receipt = lawyer.get(said["receipt_url"])

    verdict = verify_receipt(receipt.content, file=io.BytesIO(b"abc"), known=[verifier_key()])
    assert receipt.headers["content-type"] == "application/zip"
    assert verdict.as_json() | {"reasons": []} == {
        "valid": True,
        "key_trusted": True,
        "file_matches": True,
        "origin": f"{settings.LOG_DOMAIN}/e/{people.case.pk}/acts",
        "index": Deposit.objects.get(pk=said["deposit_id"]).log_index,
        "size": verdict.as_json()["size"],
        "received_at": said["received_at"],
        "depositor": "Me Claire Aubry",
        "sha256": said["sha256"],
        "key_id": verdict.as_json()["key_id"],
        "reasons": [],
    }


@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 5 * MIB])
def test_any_size_arrives_whole(people: Gymnase, lawyer: httpx.Client, size: int) -> None:
    """D14: the empty file is a file; a block more or less changes nothing."""
    content = bytes(index % 251 for index in range(997)) * (size // 997 + 1)
    content = content[:size]

    said = lawyer.post(deposits_to(people), params={"name": "plan.dwg"}, content=content).json()

    fetched = lawyer.get(f"/api/v1/nodes/{said['node_id']}/content")
    assert (said["size"], said["sha256"]) == (size, hashlib.sha256(content).hexdigest())
    assert fetched.content == content


def test_a_body_of_unknown_length_is_taken_too(people: Gymnase, lawyer: httpx.Client) -> None:
    answer = lawyer.post(
        deposits_to(people), params={"name": "flux.bin"}, content=iter([b"ab", b"cd", b"e"])
    )

    assert answer.status_code == 201
    assert answer.json()["sha256"] == hashlib.sha256(b"abcde").hexdigest()


def test_the_same_request_again_has_the_same_answer(people: Gymnase, lawyer: httpx.Client) -> None:
    ask = {"params": {"name": "note.pdf"}, "headers": {"Idempotency-Key": "envoi-1"}}

    first = lawyer.post(deposits_to(people), content=b"note", **ask)
    before = facts(people)
    again = lawyer.post(deposits_to(people), content=b"note", **ask)

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert facts(people) == before


@pytest.mark.parametrize(
    ("params", "content"),
    [
        ({"name": "facture.pdf"}, b"autre"),
        ({"name": "autre.pdf"}, b"facture"),
        ({"name": "facture.pdf", "title": "Autre"}, b"facture"),
        ({"name": "facture.pdf", "number": "77"}, b"facture"),
    ],
)
def test_a_key_used_for_something_else_is_a_conflict(
    people: Gymnase, lawyer: httpx.Client, params: dict[str, str], content: bytes
) -> None:
    key = {"Idempotency-Key": "facture-du-lundi"}
    lawyer.post(
        deposits_to(people), params={"name": "facture.pdf"}, content=b"facture", headers=key
    )
    before = facts(people)

    answer = lawyer.post(deposits_to(people), params=params, content=content, headers=key)

    assert problem(answer) == (409, "idempotency_conflict")
    assert facts(people) == before


def test_a_key_belongs_to_one_person_and_one_box(people: Gymnase, program: Programs) -> None:
    key = {"Idempotency-Key": "la-meme"}
    answers = [
        program(people.owner_counsel).post(
            deposits_to(people), params={"name": "x.pdf"}, content=b"1", headers=key
        ),
        program(people.architect_counsel).post(
            deposits_to(people, "architecte"), params={"name": "x.pdf"}, content=b"2", headers=key
        ),
        program(people.expert).post(
            deposits_to(people), params={"name": "x.pdf"}, content=b"3", headers=key
        ),
    ]

    assert [answer.status_code for answer in answers] == [201, 201, 201]


def test_a_retry_is_answered_even_when_the_case_was_closed_since(
    people: Gymnase, program: Programs
) -> None:
    other = cast.gymnase()
    api = program(other.owner_counsel)
    ask = {"params": {"name": "a.pdf", "number": "9"}, "headers": {"Idempotency-Key": "k"}}
    first = api.post(deposits_to(other), content=b"a", **ask)
    rooms.close_room(other.case.pk, actor=other.expert, at=now())

    again = api.post(deposits_to(other), content=b"a", **ask)

    assert (again.status_code, again.content) == (200, first.content)


def test_nothing_that_the_sender_says_of_himself_counts(
    people: Gymnase, lawyer: httpx.Client
) -> None:
    """B8, B13: the depositor is the holder of the key, the hours are ours."""
    began = now()
    forged = {
        "depositor": str(people.expert.user_id),
        "depositor_name": "Anne Vasseur",
        "owner": str(people.expert.user_id),
        "received_at": "2016-01-01T00:00:00Z",
        "received_from": "2016-01-01T00:00:00Z",
        "mtime": "1451606400",
        "late": "false",
        "side": str(people.boxes["architecte"].side),
        "firm": "Cabinet Forgé",
    }
    headers = {
        "Date": "Fri, 01 Jan 2016 00:00:00 GMT",
        "Last-Modified": "Fri, 01 Jan 2036 00:00:00 GMT",
        "X-Forwarded-User": "expert",
    }

    said = lawyer.post(
        deposits_to(people), params={"name": "a.pdf", **forged}, content=b"a", headers=headers
    ).json()

    claims = claims_of(said["deposit_id"])
    assert claims["depositor"]["id"] == str(people.owner_counsel.user_id)
    assert claims["actor"] == claims["depositor"]
    assert claims["side"]["name"] == "demandeur"
    assert claims["door"] == "api"
    for hour in (claims["received_from"], claims["received_at"]):
        assert began - timedelta(seconds=1) <= datetime.fromisoformat(hour) <= now()


@pytest.mark.parametrize(
    ("seconds", "late"), [(-1, False), (0, True), (1, True)], ids=["before", "at", "after"]
)
def test_lateness_is_judged_on_the_first_byte(
    people: Gymnase,
    lawyer: httpx.Client,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    late: bool,
) -> None:
    """B9: accepted in every case, and marked by the rule that is shown."""
    due = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    boxes.set_due(people.boxes["demandeur"].folder_id, due_at=due, actor=people.expert, at=now())
    monkeypatch.setattr(receiving, "now", lambda: due + timedelta(seconds=seconds))

    answer = lawyer.post(deposits_to(people), params={"name": "dire.pdf"}, content=b"dire")

    claims = claims_of(answer.json()["deposit_id"])
    assert (answer.status_code, answer.json()["late"]) == (201, late)
    assert claims["late"] is late
    assert claims["due_at"] == "2026-11-30T23:00:00.000Z"
    boxes.set_due(people.boxes["demandeur"].folder_id, due_at=None, actor=people.expert, at=now())


def test_what_began_in_time_and_ended_late_is_in_time(
    people: Gymnase, lawyer: httpx.Client
) -> None:
    """Both hours are in the entry."""
    box = people.boxes["demandeur"].folder_id

    def slow() -> Iterator[bytes]:
        yield b"le premier octet"
        boxes.set_due(box, due_at=now(), actor=people.expert, at=now())
        yield b"et le dernier"

    said = lawyer.post(deposits_to(people), params={"name": "dire.pdf"}, content=slow()).json()

    claims = claims_of(said["deposit_id"])
    due = datetime.fromisoformat(claims["due_at"]) + timedelta(milliseconds=1)
    assert said["late"] is False
    assert datetime.fromisoformat(claims["received_from"]) < due
    assert datetime.fromisoformat(claims["received_at"]) >= due - timedelta(milliseconds=1)
    boxes.set_due(box, due_at=None, actor=people.expert, at=now())


def test_the_expert_enters_what_came_by_post(people: Gymnase, expert: httpx.Client) -> None:
    party = people.parties["Menuiserie Fauvel"]

    answer = expert.post(
        deposits_to(people, "menuisier"),
        params={
            "name": "courrier.pdf",
            "on_behalf": str(party.pk),
            "means": "post",
            "received_on": "2026-11-13",
        },
        content=b"courrier",
    )

    claims = claims_of(answer.json()["deposit_id"])
    assert answer.status_code == 201
    assert claims["depositor"]["name"] == "Anne Vasseur"
    assert claims["on_behalf_of"] == {"id": str(party.pk), "name": "Menuiserie Fauvel"}
    assert (claims["received_by_means"], claims["received_on"]) == ("post", "2026-11-13")


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
    "beyond the quota": ({"name": "a.pdf"}, {"Content-Length": str(10**10)}, 507, "quota_full"),
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
