"""What happens to a deposit when the line breaks, or when twenty come at once (B5, B6)."""

from collections.abc import Iterator
from concurrent.futures import wait
from itertools import pairwise

import pytest
from django.utils.timezone import now

from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import rooms
from accedit.domain.people.enums import Scope
from tests import cast
from tests.api.told import deposits_to, entries, facts
from tests.cast import Gymnase
from tests.front import GONE, Answer, ask, started

MIB = 1024 * 1024
SIZE = 3 * MIB + 17


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def key(people: Gymnase) -> str:
    return cast.token_for(people.owner_counsel, scope=Scope.DEPOSIT)


def headers(key: str, **more: str) -> list[tuple[bytes, bytes]]:
    given = {"authorization": f"Bearer {key}", **more}
    return [(name.replace("_", "-").encode(), value.encode()) for name, value in given.items()]


def offsets() -> list[int]:
    """Fifty places to break a file of 3 MiB: its edges, the edges of blocks, all along it."""
    edges = {0, 1, MIB - 1, MIB, MIB + 1, 2 * MIB, 3 * MIB, SIZE - 1}
    along = {(rank * 1_000_003) % SIZE for rank in range(1, 60)}
    return sorted(edges | set(sorted(along - edges)[: 50 - len(edges)]))


def cut(at: int) -> list[bytes | None]:
    """The first `at` bytes, as a network delivers them, then nothing."""
    marks = [*range(0, at, 300_000), at]
    return [b"x" * (end - begin) for begin, end in pairwise(marks)] + [GONE]


def test_the_places_are_fifty_and_cover_the_file() -> None:
    assert len(offsets()) == 50
    assert offsets()[0] == 0
    assert offsets()[-1] == SIZE - 1


@pytest.mark.parametrize("declared", [True, False], ids=["declared", "chunked"])
def test_a_file_that_breaks_off_leaves_nothing(
    people: Gymnase,
    key: str,
    declared: bool,
) -> None:
    before = facts(people)
    length = {"content_length": str(SIZE)} if declared else {}

    answers = [
        ask(
            "POST",
            deposits_to(people) + "?name=coupe.pdf",
            headers=headers(key, idempotency_key="coupe", **length),
            body=cut(at),
        )
        for at in offsets()
    ]

    assert answers == [Answer()] * 50
    assert facts(people) == before


def test_fewer_bytes_than_announced_are_refused_in_words(people: Gymnase, key: str) -> None:
    before = facts(people)

    answer = ask(
        "POST",
        deposits_to(people) + "?name=court.pdf",
        headers=headers(key, content_length="10"),
        body=[b"123456789"],
    )

    assert answer.status == 400
    assert b'"code": "length_mismatch"' in answer.body
    assert facts(people) == before


def test_the_same_file_sent_again_after_a_break_is_deposited_once(
    people: Gymnase, key: str
) -> None:
    target, given = deposits_to(people) + "?name=repris.pdf", headers(key, idempotency_key="repris")
    ask("POST", target, headers=given, body=[b"debut", GONE])

    answer = ask("POST", target, headers=given, body=[b"debut", b" et fin"])

    assert answer.status == 201
    assert Deposit.objects.filter(upload="repris").count() == 1


def test_twenty_identical_requests_at_once_make_one_piece(people: Gymnase, key: str) -> None:
    before = facts(people)
    under_way = [
        started(
            "POST",
            deposits_to(people) + "?name=vingt.pdf",
            headers=headers(key, idempotency_key="vingt"),
            body=[b"v" * MIB, b"ingt"],
        )
        for _ in range(20)
    ]

    wait(under_way, timeout=60)

    answers = [one.result() for one in under_way]
    piece = Deposit.objects.get(upload="vingt")
    assert sorted(answer.status or 0 for answer in answers) == [200] * 19 + [201]
    assert len({answer.body for answer in answers}) == 1
    assert [one["piece_id"] for one in entries(people, "acts", "deposit.accepted")].count(
        str(piece.node_id)
    ) == 1
    assert facts(people) == before | {
        "nodes": before["nodes"] + 1,
        "deposits": before["deposits"] + 1,
        "entries": before["entries"] + 1 + len(entries_of_alert(people, piece)),
        "blobs": before["blobs"] + 1,
        "files": before["files"] + 1,
    }


def entries_of_alert(people: Gymnase, piece: Deposit) -> list[object]:
    """What was entered about telling people of this piece, in the same transaction."""
    return [
        one
        for one in entries(people, "acts")
        if one["kind"] != "deposit.accepted" and str(piece.node_id) in str(one.get("piece_ids"))
    ]


def test_twenty_different_files_at_once_have_twenty_numbers(people: Gymnase, key: str) -> None:
    under_way = [
        started(
            "POST",
            deposits_to(people) + f"?name=f{rank}.pdf&title=serie",
            headers=headers(key),
            body=[f"fichier {rank}".encode()],
        )
        for rank in range(20)
    ]

    wait(under_way, timeout=60)

    numbers = Deposit.objects.filter(title="serie").values_list("number", flat=True)
    assert [one.result().status for one in under_way] == [201] * 20
    assert len(set(numbers)) == 20


def test_a_refused_file_is_read_a_little_and_no_more(people: Gymnase, key: str) -> None:
    """Whoever sends sees the answer; 64 MiB do not come in for nothing."""
    other = cast.gymnase()
    rooms.close_room(other.case.pk, actor=other.expert, at=now())
    given = cast.token_for(other.owner_counsel)
    read = 0

    def much() -> Iterator[bytes]:
        nonlocal read
        for _ in range(64):
            read += MIB
            yield b"x" * MIB

    answer = ask("POST", deposits_to(other) + "?name=a.pdf", headers=headers(given), body=much())

    assert answer.status == 409
    assert read <= 18 * MIB
    assert (b"Connection", b"close") in answer.headers


def test_whoever_asks_first_is_refused_before_sending(people: Gymnase, key: str) -> None:
    given = headers(key, expect="100-continue")

    def never() -> Iterator[bytes]:
        raise AssertionError("the body was asked for")
        yield b""

    answer = ask("POST", deposits_to(people) + "?name=", headers=given, body=never())

    assert answer.status == 422
