"""The bytes of a piece, to a program and to a page: decided, entered, sent, entered."""

import hashlib
from collections.abc import Iterator

import httpx
import pytest
from django.utils.timezone import now

from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import withdrawals
from accedit.domain.people.enums import Scope
from tests import cast
from tests.api.told import UNKNOWN, entries, problem
from tests.cast import Gymnase
from tests.front import ask, client

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * 4096 * 3 + b"la fin"  # 3 MiB and a little


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    return cast.deposited(
        "plan n° 1.pdf",
        box=people.boxes["demandeur"],
        by=people.owner_counsel,
        content=lambda name: CONTENT,
    )[0]


@pytest.fixture
def reader(people: Gymnase) -> Iterator[httpx.Client]:
    """The other side's lawyer: whoever is of the room reads."""
    with client(token=cast.token_for(people.architect_counsel, scope=Scope.READ)) as api:
        yield api


def content_of(piece: Deposit) -> str:
    return f"/api/v1/nodes/{piece.node_id}/content"


def test_a_piece_is_given_whole_and_inert(reader: httpx.Client, piece: Deposit) -> None:
    answer = reader.get(content_of(piece))

    sha256 = hashlib.sha256(CONTENT).hexdigest()
    headers = dict(answer.headers)
    headers.pop("x-request-id")
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert headers == {
        "content-type": "application/octet-stream",
        "content-length": str(len(CONTENT)),
        "content-disposition": (
            "attachment; filename=\"plan n_ 1.pdf\"; filename*=UTF-8''plan%20n%C2%B0%201.pdf"
        ),
        "x-content-type-options": "nosniff",
        "content-security-policy": "sandbox; default-src 'none'",
        "cache-control": "private, no-store",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "vary": "Cookie, Authorization",
        "accept-ranges": "bytes",
        "etag": f'"{sha256}"',
    }


def test_the_opening_is_entered_then_how_much_left(
    people: Gymnase, reader: httpx.Client, piece: Deposit
) -> None:
    before = len(entries(people, "reads"))

    reader.get(content_of(piece), headers={"Range": "bytes=10-19"})

    opening, delivery = entries(people, "reads")[before:]
    assert (opening["kind"], opening["range"], opening["channel"], opening["size"]) == (
        "piece.downloaded",
        f"bytes 10-19/{len(CONTENT)}",
        "api",
        len(CONTENT),
    )
    assert opening["actor"]["name"] == "Me Hugo Blin"
    assert (delivery["kind"], delivery["sent"], delivery["size"], delivery["completed"]) == (
        "piece.delivered",
        10,
        10,
        True,
    )


def test_the_entry_is_committed_before_the_first_byte(people: Gymnase, piece: Deposit) -> None:
    """I19: the reader leaves at once, and is known to have opened."""
    before = len(entries(people, "reads"))
    given = f"Bearer {cast.token_for(people.architect_counsel)}".encode()

    answer = ask("GET", content_of(piece), headers=[(b"authorization", given)], leave_after=1)

    opening, delivery = entries(people, "reads")[before:]
    assert not answer.whole
    assert opening["kind"] == "piece.downloaded"
    assert (delivery["completed"], delivery["size"]) == (False, len(CONTENT))
    assert delivery["sent"] < len(CONTENT)


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-9", 206, CONTENT[:10]),
        ("bytes=-6", 206, b"la fin"),
        (f"bytes={MIB - 5}-{2 * MIB + 5}", 206, CONTENT[MIB - 5 : 2 * MIB + 6]),
        ("bytes=5-", 206, CONTENT[5:]),
        ("bytes=0-1,4-5", 200, CONTENT),
        ("lines=1-2", 200, CONTENT),
    ],
)
def test_a_part_is_given(
    reader: httpx.Client, piece: Deposit, asked: str, status: int, content: bytes
) -> None:
    answer = reader.get(content_of(piece), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (status, content)
    assert ("content-range" in answer.headers) == (status == 206)


def test_a_part_that_is_not_there_is_refused_and_not_entered(
    people: Gymnase, reader: httpx.Client, piece: Deposit
) -> None:
    before = len(entries(people, "reads"))

    answer = reader.get(content_of(piece), headers={"Range": f"bytes={len(CONTENT)}-"})

    assert problem(answer) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{len(CONTENT)}"
    assert len(entries(people, "reads")) == before


@pytest.mark.parametrize(("tag", "status"), [("SAME", 206), ('"other"', 200)])
def test_a_part_is_of_the_same_piece_or_the_whole_is_given(
    reader: httpx.Client, piece: Deposit, tag: str, status: int
) -> None:
    same = f'"{piece.blob.sha256}"'

    answer = reader.get(
        content_of(piece), headers={"Range": "bytes=0-9", "If-Range": tag.replace("SAME", same)}
    )

    assert answer.status_code == status


def test_head_and_what_one_has_already_are_no_readings(
    people: Gymnase, reader: httpx.Client, piece: Deposit
) -> None:
    before = len(entries(people, "reads"))

    head = reader.head(content_of(piece))
    known = reader.get(content_of(piece), headers={"If-None-Match": head.headers["etag"]})

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(CONTENT))
    assert (known.status_code, known.content) == (304, b"")
    assert len(entries(people, "reads")) == before


def test_an_empty_piece_is_given(people: Gymnase, reader: httpx.Client) -> None:
    empty = cast.deposited(
        "vide.txt", box=people.boxes["demandeur"], by=people.owner_counsel, content=lambda _: b""
    )[0]

    answer = reader.get(content_of(empty))

    assert (answer.status_code, answer.content) == (200, b"")
    assert entries(people, "reads")[-1]["completed"] is True


def test_whoever_may_not_is_told_nothing(people: Gymnase, piece: Deposit) -> None:
    folder = people.boxes["demandeur"].folder_id
    before = len(entries(people, "reads"))
    asked = {
        "unknown": (people.stranger, f"/api/v1/nodes/{UNKNOWN}/content"),
        "stranger": (people.stranger, content_of(piece)),
        "no id": (people.stranger, "/api/v1/nodes/-1/content"),
        "a place": (people.expert, f"/api/v1/nodes/{folder}/content"),
    }
    answers = {}
    for why, (who, place) in asked.items():
        with client(token=cast.token_for(who)) as api:
            answers[why] = api.get(place)

    assert {why: problem(answer) for why, answer in answers.items()} == dict.fromkeys(
        asked, (404, "not_found")
    )
    assert len({answer.content for answer in answers.values()}) == 1
    assert len(entries(people, "reads")) == before


def test_a_withdrawn_piece_is_given_to_the_expert_alone(people: Gymnase) -> None:
    piece = cast.deposited(
        "secret.pdf", box=people.boxes["architecte"], by=people.architect_counsel
    )[0]
    withdrawals.withdraw(
        piece.node_id, reason="couvert par le secret", actor=people.expert, at=now()
    )

    with client(token=cast.token_for(people.owner_counsel)) as api:
        lawyer = api.get(content_of(piece))
    with client(token=cast.token_for(people.expert)) as api:
        expert = api.get(content_of(piece))

    assert problem(lawyer) == (403, "forbidden")
    assert "retirée de la diffusion" in lawyer.json()["detail"]
    assert expert.status_code == 200
