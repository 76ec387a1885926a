"""Rows L4 to L6 and L8 on whole receipts, and what a forger can and cannot reach."""

import io
import zipfile
from dataclasses import replace
from hashlib import sha256

import pytest
from tests.ledger.sample import (
    ACTS,
    FILE,
    FORGER,
    KEY,
    PAGE,
    READS,
    TEST_MACHINE,
    deposit_claims,
    log_of,
)

from accedit_ledger import sentences
from accedit_ledger.archive import pack, unpack
from accedit_ledger.base64s import url
from accedit_ledger.canonical import canonical, parse_canonical
from accedit_ledger.note import SigningKey, VerifierKey, sign_text
from accedit_ledger.receipt import MEMBERS, make_receipt, verify_receipt
from accedit_ledger.tlog_proof import TlogProof
from accedit_ledger.tree import node_hash
from accedit_ledger.verdict import Verdict, french_hour, printable

SIZE, INDEX = 21, 13
LOG = log_of(SIZE)
RECEIPT = LOG.receipt(INDEX)
PROOF = TlogProof.parse(unpack(RECEIPT)["acts.tlog-proof"].decode())
TO_COMPARE = sentences.TO_COMPARE.format(name=KEY.name, fingerprint=KEY.verifier.fingerprint)
IMPOSTOR = sentences.IMPOSTOR.format(name=KEY.name)


def verdict(data: bytes, *, file: bytes | None = None, known: list[str] | None = None) -> Verdict:
    keys = [KEY.vkey] if known is None else known
    return verify_receipt(data, file=None if file is None else io.BytesIO(file), known=keys)


def with_proof(proof: TlogProof) -> bytes:
    return with_member("acts.tlog-proof", proof.text().encode())


def with_member(name: str, data: bytes) -> bytes:
    return pack({**unpack(RECEIPT), name: data})


def test_a_whole_receipt_with_a_known_key_and_its_file_is_a_success() -> None:
    found = verdict(RECEIPT, file=FILE)

    assert found.is_success
    assert found.as_json() == {
        "valid": True,
        "key_trusted": True,
        "file_matches": True,
        "origin": ACTS,
        "index": INDEX,
        "size": SIZE,
        "received_at": "2026-11-22T12:15:31.482Z",
        "depositor": "Me Martin",
        "sha256": sha256(FILE).hexdigest(),
        "key_id": KEY.verifier.id.hex(),
        "reasons": [],
    }


def test_a_whole_receipt_whose_key_is_not_known_proves_nothing_yet() -> None:
    found = verdict(RECEIPT, file=FILE, known=[])

    assert (found.valid, found.key_trusted, found.file_matches) == (True, False, True)
    assert not found.is_success
    assert found.reasons == (TO_COMPARE,)
    assert "intègre, mais la clé reste à comparer : " in found.sentences()[0]


def test_a_key_known_by_its_fingerprint_alone_is_known() -> None:
    typed = KEY.verifier.fingerprint.upper().replace(" ", "  ")

    assert verdict(RECEIPT, known=[typed]).is_success
    assert not verdict(RECEIPT, known=[typed[:-1]]).is_success
    assert not verdict(RECEIPT, known=[FORGER.verifier.fingerprint]).is_success


def test_a_receipt_forged_end_to_end_with_another_key_is_whole_but_not_trusted() -> None:
    forged = log_of(SIZE, key=FORGER, file=b"a lie").receipt(INDEX)

    stranger, warned = verdict(forged, file=b"a lie", known=[]), verdict(forged, file=b"a lie")

    assert (stranger.valid, stranger.key_trusted) == (True, False)
    assert (warned.valid, warned.key_trusted, warned.is_success) == (True, False, False)
    assert warned.reasons[0] == IMPOSTOR


def test_a_forger_who_joins_the_true_key_to_a_false_signature_is_refused() -> None:
    forged = log_of(SIZE, key=FORGER, file=b"a lie").receipt(INDEX)
    joined = pack({**unpack(forged), "cles.txt": f"{KEY.vkey}\n".encode()})

    assert verdict(joined).reasons == (sentences.SIGNATURE,)
    assert verdict(joined, known=[]).reasons == (sentences.SIGNATURE,)


def test_a_forger_who_found_a_key_of_the_same_id_is_refused_where_the_key_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(VerifierKey, "id", KEY.verifier.id)  # as if 2^32 tries had found it
    twin = SigningKey(FORGER.name, FORGER.seed)
    forged = log_of(SIZE, key=twin, file=b"a lie").receipt(INDEX)

    assert twin.verifier.id == KEY.verifier.id
    assert verdict(forged).reasons == (sentences.SIGNATURE,)


def test_another_file_is_told_apart_by_a_single_bit() -> None:
    for other in (FILE[:-1], FILE + b"\0", b"", bytes([FILE[0] ^ 1]) + FILE[1:]):
        found = verdict(RECEIPT, file=other)
        assert (found.valid, found.file_matches, found.is_success) == (True, False, False)
        assert found.reasons == (sentences.OTHER_FILE,)


def test_an_entry_without_a_file_says_nothing_of_a_file() -> None:
    log = log_of(2)
    index = log.append({"kind": "case.closed", "actor": None, "received_at": None, "reason": ""})
    closed = log.receipt(index)

    assert verdict(closed).is_success
    assert verdict(closed, file=FILE).reasons == (sentences.NO_FILE,)
    assert not verdict(closed, file=FILE).is_success


def test_the_same_entry_gives_the_same_bytes_and_any_tool_opens_them() -> None:
    opened = zipfile.ZipFile(io.BytesIO(RECEIPT))

    assert log_of(SIZE).receipt(INDEX) == RECEIPT
    assert tuple(opened.namelist()) == MEMBERS
    assert opened.testzip() is None
    assert opened.read("acts.tlog-proof").decode() == PROOF.text()


def test_a_receipt_that_would_be_refused_is_never_made() -> None:
    with pytest.raises(ValueError, match="would be refused"):
        make_receipt(
            leaf=LOG.leaves[INDEX],
            index=INDEX,
            openings=LOG.openings[INDEX + 1],
            path=LOG.path(INDEX),
            note=LOG.note(),
            vkeys=[KEY.vkey],
            page=PAGE,
        )


def test_a_holder_may_be_given_a_part_of_the_claims() -> None:
    some_claims = [one for one in LOG.openings[INDEX] if one.claim in ("kind", "sha256")]
    partial = make_receipt(
        leaf=LOG.leaves[INDEX],
        index=INDEX,
        openings=some_claims,
        path=LOG.path(INDEX),
        note=LOG.note(),
        vkeys=[KEY.vkey],
        page=PAGE,
    )

    found = verdict(partial, file=FILE)

    assert found.is_success
    assert (found.depositor, found.received_at) == (None, None)


@pytest.mark.parametrize("name", ["piece.json", "acts.tlog-proof", "cles.txt"])
def test_l4_one_bit_changed_anywhere_in_what_proves_is_refused(name: str) -> None:
    """The archive is made whole again each time, so that its checksum is not what refuses."""
    data = unpack(RECEIPT)[name]

    for place in range(len(data)):
        changed = data[:place] + bytes([data[place] ^ 1 << place % 8]) + data[place + 1 :]
        assert not verdict(with_member(name, changed)).valid, (place, changed)


def test_l4_one_bit_changed_anywhere_in_the_archive_is_refused() -> None:
    for place in range(len(RECEIPT)):
        changed = RECEIPT[:place] + bytes([RECEIPT[place] ^ 1 << place % 8]) + RECEIPT[place + 1 :]
        assert verdict(changed).reasons == (sentences.ARCHIVE,)


def test_l5_an_index_exchanged_is_refused() -> None:
    for index in [*range(SIZE + 2), 2**40]:
        if index != INDEX:
            assert verdict(with_proof(replace(PROOF, index=index))).reasons == (sentences.PLACE,)


def test_l5_a_leaf_of_another_log_is_refused() -> None:
    other = log_of(SIZE, origin=ACTS.replace("6f1c", "7f1c"), seed=2)

    for log in (other, log_of(SIZE, origin=READS)):
        foreign = replace(PROOF, leaf=log.leaves[INDEX])
        assert verdict(with_proof(foreign)).reasons == (sentences.PLACE,)
        note_too = replace(foreign, note=log.note())
        assert not verdict(with_proof(note_too)).valid


def test_l5_a_leaf_of_a_log_that_was_rewritten_is_refused() -> None:
    other = log_of(SIZE, seed=2)

    assert verdict(with_proof(replace(PROOF, leaf=other.leaves[INDEX]))).reasons == (
        sentences.PATH,
    )
    rewritten = replace(PROOF, leaf=other.leaves[INDEX], path=tuple(other.path(INDEX)))
    assert verdict(with_proof(rewritten)).reasons == (sentences.PATH,)


@pytest.mark.parametrize("shown", ["removed", "doubled", "reordered"])
def test_l5_leaves_removed_doubled_or_reordered_change_the_root(shown: str) -> None:
    leaves = list(LOG.leaves)
    if shown == "removed":
        del leaves[3]
    elif shown == "doubled":
        leaves.insert(3, leaves[3])
    else:
        leaves[3], leaves[4] = leaves[4], leaves[3]
    other = log_of(0)
    for leaf in leaves:
        other.append_raw(leaf, [])

    place = other.leaves.index(LOG.leaves[INDEX])
    moved = TlogProof(other.leaves[place], place, tuple(other.path(place)), LOG.note())

    assert not verdict(with_proof(moved)).valid
    assert not verdict(with_proof(replace(moved, index=INDEX))).valid
    assert other.head().root != LOG.head().root


def test_l6_a_node_presented_as_a_leaf_is_refused() -> None:
    left, right = LOG.node(0, 12), LOG.node(0, 13)
    pretended = replace(PROOF, leaf=b"\x01" + left + right, path=PROOF.path[1:], index=6)

    assert node_hash(left, right) == LOG.node(1, 6)
    assert verdict(with_proof(pretended)).reasons == (sentences.LEAF,)


def test_l8_an_entry_of_the_reads_log_is_no_receipt() -> None:
    with pytest.raises(ValueError, match="would be refused"):
        log_of(3, origin=READS).receipt(1)


def test_l8_a_receipt_of_a_test_machine_is_not_one_of_the_real_platform() -> None:
    trial = log_of(3, origin="essai.example/e/1/acts", key=TEST_MACHINE).receipt(1)

    assert verdict(trial).key_trusted is False
    with pytest.raises(ValueError, match="does not speak"):
        log_of(3, key=TEST_MACHINE).receipt(1)


def test_a_claim_that_is_not_in_the_entry_is_refused() -> None:
    salt = url(bytes(32))
    added = canonical({"v": "re1", "claims": [[salt, "kind", "deposit.accepted"]]})

    assert verdict(with_member("piece.json", added)).reasons == (sentences.DISCLOSURE,)


def test_a_claim_that_stands_twice_is_refused() -> None:
    piece = parse_canonical(unpack(RECEIPT)["piece.json"])
    assert isinstance(piece, dict)
    twice = canonical({**piece, "claims": [*piece["claims"], piece["claims"][0]]})

    assert verdict(with_member("piece.json", twice)).reasons == (sentences.CLAIMS,)


def test_l8_a_key_that_signs_a_log_of_another_domain_is_not_heard() -> None:
    foreign = log_of(3, origin="essai.example/e/1/acts", key=TEST_MACHINE)
    members = unpack(foreign.receipt(1))
    proof = TlogProof.parse(members["acts.tlog-proof"].decode())
    note = sign_text(foreign.head().lines(), KEY)
    members["acts.tlog-proof"] = replace(proof, note=note).text().encode()
    members["cles.txt"] = f"{KEY.vkey}\n".encode()

    assert verdict(pack(members)).reasons == (sentences.SIGNATURE,)


def test_of_two_signatures_the_one_that_the_reader_knows_counts() -> None:
    both = sign_text(LOG.head().lines(), FORGER) + KEY.signature_line(LOG.head().lines())
    members = unpack(with_proof(replace(PROOF, note=both)))
    members["cles.txt"] = f"{FORGER.vkey}\n{KEY.vkey}\n".encode()

    for known in (KEY.vkey, KEY.verifier.fingerprint):
        found = verdict(pack(members), known=[known])
        assert found.is_success
        assert found.key == KEY.verifier


def test_a_receipt_that_does_not_say_what_happened_is_refused() -> None:
    assert verdict(with_member("piece.json", canonical({"v": "re1", "claims": []}))).reasons == (
        sentences.CLAIMS,
    )


def test_the_sentences_say_no_more_than_was_proved() -> None:
    known, unknown = verdict(RECEIPT, file=FILE).sentences(), verdict(RECEIPT, known=[]).sentences()

    assert known[:3] == [
        sentences.TRUSTED.format(key=KEY.name),
        sentences.MATCHES,
        sentences.THEREFORE,
    ]
    assert unknown[:2] == [TO_COMPARE, sentences.SAYS]
    assert known[3:] == unknown[2:]
    assert "Reçu le : 22 novembre 2026 à 13 h 15 min 31 s (heure de Paris)" in known
    assert verdict(b"").sentences() == [sentences.REFUSED, sentences.ARCHIVE]


def test_a_name_cannot_rewrite_the_screen() -> None:
    log = log_of(0)
    log.append(deposit_claims(name="a\x1b[2J\u202efdp.exe", late=True))

    lines = verdict(log.receipt(0)).sentences()

    assert "Nom du fichier : a\ufffd[2J\ufffdfdp.exe" in lines
    assert "Déposé hors délai : à l’expert d’apprécier." in lines
    assert printable("é « ok »") == "é « ok »"


def test_an_hour_that_is_none_is_shown_as_it_stands() -> None:
    assert french_hour("hier") == "hier"
    assert french_hour("2026-07-01T21:59:00.000Z").startswith("1er juillet 2026 à 23 h 59 min")
    assert french_hour("2026-07-01T22:00:00.000Z").startswith("2 juillet 2026 à 0 h 00 min 00 s")
