"""POST /api/v1/nodes/{box}/deposits: what a program may deposit, and what it is told."""

import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.conf import settings
from django.utils.timezone import now

from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import boxes, rooms
from accedit.serving import receiving
from accedit_ledger.receipt import verify_receipt
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import claims_of, deposits_to, facts, problem
from tests.cast import Gymnase

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
    side = people.boxes["demandeur"].side
    behalf = next(str(one.pk) for one in people.parties.values() if one.side_id == side)
    answers = [
        program(people.owner_counsel).post(
            deposits_to(people), params={"name": "x.pdf"}, content=b"1", headers=key
        ),
        program(people.architect_counsel).post(
            deposits_to(people, "architecte"), params={"name": "x.pdf"}, content=b"2", headers=key
        ),
        program(people.expert).post(
            deposits_to(people),
            params={"name": "x.pdf", "on_behalf": behalf, "means": "hand"},
            content=b"3",
            headers=key,
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
