"""Whatever is given for a receipt, the answer is a verdict, quickly, and never an exception."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from tests.ledger.mutations import mutations
from tests.ledger.sample import FILE, KEY, log_of

from accedit_ledger import sentences
from accedit_ledger.archive import pack, unpack
from accedit_ledger.receipt import MEMBERS, verify_receipt
from accedit_ledger.verdict import Verdict

RECEIPT = log_of(21).receipt(13)


def verdict(data: bytes) -> Verdict:
    return verify_receipt(data, file=io.BytesIO(FILE), known=[KEY.vkey])


def with_member(name: str, data: bytes) -> bytes:
    return pack({**unpack(RECEIPT), name: data})


@pytest.mark.parametrize(
    "data",
    [
        *(b"", b"PK", b"PK\x03\x04", b"PK\x05\x06" + bytes(18), bytes(2_000_000), b"\xff" * 4096),
        RECEIPT + b"\0",
        b"\0" + RECEIPT,
        RECEIPT + RECEIPT,
        RECEIPT[:-1],
        b"PK\x03\x04" + b"\xff" * 26 + RECEIPT,
        pack({}),
        pack({"x": b""}),
        pack({**unpack(RECEIPT), "platform.tsr": b"later"}),
        pack(dict(reversed(unpack(RECEIPT).items()))),
        with_member("piece.json", b"[" * 900_000),
        with_member("piece.json", b'{"v":"re2","claims":[]}'),
        with_member("acts.tlog-proof", b"\xff"),
        with_member("cles.txt", b""),
        with_member("cles.txt", KEY.vkey.encode()),
        with_member("cles.txt", f"{KEY.vkey}\n".encode() * 17),
    ],
)
def test_whatever_the_bytes_are_the_answer_is_a_verdict(data: bytes) -> None:
    found = verdict(data)

    assert not found.valid
    assert len(found.reasons) == 1
    assert found.as_json()["origin"] is None


@settings(deadline=None, derandomize=True)
@given(some.binary(max_size=200))
def test_noise_is_a_refusal(data: bytes) -> None:
    assert verdict(data).reasons == (sentences.ARCHIVE,)


def zipped(method: int, *names: str, comment: bytes = b"") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        archive.comment = comment
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), unpack(RECEIPT).get(name, b""), method)
    return stream.getvalue()


def test_an_archive_made_again_by_another_tool_is_refused() -> None:
    again = [
        zipped(zipfile.ZIP_STORED, *MEMBERS),
        zipped(zipfile.ZIP_DEFLATED, *MEMBERS),
        zipped(zipfile.ZIP_STORED, *MEMBERS, comment=b"hello"),
        zipped(zipfile.ZIP_STORED, *MEMBERS, "../x"),
    ]

    assert [verdict(data).reasons for data in again] == [(sentences.ARCHIVE,)] * 4


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("piece.json", bytes(20_000_000))

    assert verdict(stream.getvalue()).reasons == (sentences.ARCHIVE,)


def test_mutated_receipts_never_raise_and_trust_only_what_the_key_signed() -> None:
    kinds = {True: 0, False: 0}
    reasons: set[str] = set()
    for mutation in mutations(seed=20261122, count=900):
        file = None if mutation.file is None else io.BytesIO(mutation.file)
        found = verify_receipt(mutation.receipt, file=file, known=mutation.known)
        kinds[found.valid] += 1
        reasons.update(found.reasons)
        if found.is_success:
            assert found.key is not None
            digits = found.key.fingerprint.replace(" ", "")
            given = {one.lower().replace(" ", "") for one in mutation.known}
            assert found.key.text in mutation.known or digits in given, mutation.name

    assert min(kinds.values()) > 100  # neither is empty
    assert {*REFUSALS, sentences.NO_FILE, sentences.UNREADABLE_KEY} <= reasons


REFUSALS = [
    sentences.ARCHIVE,
    sentences.MEMBER,
    sentences.PROOF,
    sentences.NOTE,
    sentences.LEAF,
    sentences.PLACE,
    sentences.PATH,
    sentences.CLAIMS,
    sentences.DISCLOSURE,
    sentences.KEYS,
    sentences.SIGNATURE,
]
