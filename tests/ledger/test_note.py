"""Rows L7 and L8: notes, checkpoints and keys, read strictly."""

import base64

import pytest
from tests.ledger.sample import ACTS, FORGER, KEY, READS, TEST_MACHINE, log_of

from accedit_ledger.base64s import standard
from accedit_ledger.checkpoint import Checkpoint, open_note, sign
from accedit_ledger.note import NoteRefused, SigningKey, VerifierKey, parse_note, sign_text
from accedit_ledger.tlog_proof import TlogProof

HEAD = Checkpoint(ACTS, 20852163, bytes(range(32)))
NOTE = sign(HEAD, KEY)
KEYS = [KEY.verifier]
LINE = KEY.signature_line(HEAD.lines())


def refused(note: str, keys: list[VerifierKey] = KEYS) -> bool:
    try:
        open_note(note, keys)
    except NoteRefused:
        return True
    return False


def witness(number: int) -> SigningKey:
    return SigningKey(f"temoin{number}.example/w", bytes([number]) * 32)


def test_a_note_is_opened_by_the_key_that_signed_it() -> None:
    assert open_note(NOTE, [FORGER.verifier, KEY.verifier]) == (HEAD, [KEY.verifier])
    assert Checkpoint.parse(HEAD.lines()) == HEAD


def test_the_key_id_and_signature_of_a_published_note_are_found_again() -> None:
    # The example of C2SP signed-note's own text and of golang.org/x/mod/sumdb/note.
    key = VerifierKey.parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = (
        "If you think cryptography is the answer to your problem,\n"
        "then you don't know what your problem is.\n"
    )
    line = (
        "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfq"
        "dngotpRZb6KE6RyyBwJnAM=\n"
    )

    assert parse_note(f"{text}\n{line}").signers([key]) == [key]
    assert parse_note(f"{text.upper()}\n{line}").signatures[0].name == "PeterNeumann"
    with pytest.raises(NoteRefused, match="false"):
        parse_note(f"{text.upper()}\n{line}").signers([key])


@pytest.mark.parametrize(
    "note",
    [
        NOTE.replace("\n", "\r\n"),
        NOTE.replace("\n\n", "\n\n\n"),
        NOTE + "\n",
        NOTE + "\n\n",
        "\n" + NOTE,
        NOTE[:-1],
        NOTE[:-1] + " \n",
        NOTE + LINE,
        NOTE + "".join(witness(n).signature_line(HEAD.lines()) for n in range(16)),
        NOTE.replace(ACTS, ACTS + "\x07"),
        NOTE.replace(ACTS, ACTS + "\t"),
        NOTE.replace(ACTS, ACTS + "\x7f"),
        NOTE.replace(ACTS, ACTS + "\x00"),
        *(NOTE.replace("\u2014", dash) for dash in "\u2013\u2015\u2212\u2e3a-\uff0d\u2500"),
        NOTE.replace("\u2014 ", "\u2014"),
        NOTE.replace("\u2014 ", "\u2014\u00a0"),
        NOTE.replace("\u2014 ", "\u2014  "),
        NOTE.replace("\u2014 accedit", " \u2014 accedit"),
        NOTE.replace("20852163", "020852163"),
        NOTE.replace("20852163", "+20852163"),
        NOTE.replace("20852163", "20_852_163"),
        NOTE.replace("20852163", "٢"),
        NOTE.replace("20852163", "-1"),
        NOTE.replace("20852163", "9" * 5000),
        NOTE.replace("Hh8=", "Hh9="),  # stray final bits: another spelling of the same root
        NOTE.replace("Hh8=", "Hh8"),
        NOTE.replace("Hh8=", "Hh8=="),
        NOTE.replace("Hh8=", "Hh8=\n"),
        "",
        "\n",
        "\n\n",
        "\n\n" + LINE,
        LINE,
        HEAD.lines(),
        HEAD.lines() + LINE,
        HEAD.lines() + "\n",
        NOTE + f"\u2014 a\x07b {standard(bytes(68))}\n",
        NOTE + f"\u2014 temoin.example/w {standard(bytes(4))}\n",
        NOTE + f"\u2014 temoin.example/w {standard(bytes(130_000))}\n",
        NOTE + "x" * 10_000_000,
        NOTE.replace(ACTS, ACTS + "x" * 10_000_000),
        NOTE.replace(ACTS, ACTS + "\ud800"),
    ],
)
def test_l7_a_note_of_another_spelling_is_refused(note: str) -> None:
    assert refused(note)


def test_l7_sixteen_signatures_are_read_and_two_of_one_key_never() -> None:
    lines = "".join(witness(n).signature_line(HEAD.lines()) for n in range(15))

    assert open_note(NOTE + lines, KEYS) == (HEAD, KEYS)
    assert open_note(f"{NOTE}\u2014 temoin.example/w {standard(bytes(5))}\n", KEYS) == (HEAD, KEYS)
    assert refused(NOTE + lines + witness(3).signature_line(HEAD.lines()))


@pytest.mark.parametrize("cut", range(4))
def test_l7_base64_of_another_spelling_in_a_signature_is_refused(cut: int) -> None:
    name, encoded = LINE.rstrip("\n").split(" ")[1:]
    spellings = [encoded + "=", encoded.rstrip("="), encoded[:-2] + "h=", encoded + "A" * cut]

    for spelling in spellings:
        assert spelling == encoded or refused(f"{HEAD.lines()}\n\u2014 {name} {spelling}\n")


def test_l4_one_bit_changed_anywhere_in_a_note_is_refused() -> None:
    data = NOTE.encode()

    kept = []
    for place in range(len(data)):
        for bit in range(8):
            changed = data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
            try:
                text = changed.decode()
            except UnicodeDecodeError:
                continue
            if not refused(text):
                kept.append((place, bit))

    assert kept == []


def test_an_extension_line_and_the_empty_tree_are_refused() -> None:
    for text in (HEAD.lines() + "extension\n", HEAD.lines().replace("20852163", "0")):
        assert refused(sign_text(text, KEY))


def test_l8_a_key_speaks_only_for_the_logs_of_its_domain() -> None:
    others = [
        "essai.example/e/1/acts",
        "accedit.example.evil/e/1/acts",
        "evil.accedit.example/e/1/acts",
        "accedit.example",
        "accedit.example/",
        "accedit.example/platforme",
        "accedit.example/x/1/acts",
        "ACCEDIT.example/e/1/acts",
    ]

    for origin in others:
        head = Checkpoint(origin, 1, bytes(32))
        assert refused(sign_text(head.lines(), KEY))
        with pytest.raises(ValueError, match="does not speak"):
            sign(head, KEY)
    assert open_note(sign(Checkpoint("accedit.example/platform", 1, bytes(32)), KEY), KEYS)


def test_l8_a_test_machine_cannot_sign_for_the_real_one() -> None:
    forged = sign_text(HEAD.lines(), TEST_MACHINE)

    assert refused(forged, [TEST_MACHINE.verifier, *KEYS])


def test_l8_acts_and_reads_are_two_logs() -> None:
    acts, reads = log_of(3), log_of(3, origin=READS)

    assert acts.head().root != reads.head().root
    assert refused(acts.note().replace("/acts", "/reads"))


def test_a_key_of_the_same_name_and_id_cannot_pass_for_another() -> None:
    impostor = VerifierKey(KEY.name, FORGER.verifier.public)
    impostor.__dict__["id"] = KEY.verifier.id  # as if 2^32 tries had found it
    forged = sign_text(HEAD.lines(), FORGER).encode()
    forged_id = base64.b64encode(FORGER.verifier.id + b"xx")[:5]

    assert forged_id in forged
    assert refused(NOTE, [impostor])


def test_keys_are_read_back_from_their_text_and_from_no_other() -> None:
    text = KEY.vkey
    name, id_, encoded = text.split("+", 2)

    assert VerifierKey.parse(text) == KEY.verifier
    assert SigningKey.from_text(KEY.to_text()) == KEY
    assert SigningKey.from_text(KEY.to_text() + "\n") == KEY
    for other in (
        text + "\n",
        " " + text,
        text.replace(id_, id_.upper()),
        text.replace(id_, "00000000"),
        f"autre.example/journal+{id_}+{encoded}",
        f"{name}+{id_}+{encoded[:-4]}",
        f"{name}+{id_}+B{encoded[1:]}",
        f"{name}+{id_}",
        f"+{id_}+{encoded}",
        f"a b+{id_}+{encoded}",
        "",
        "++",
        "é+x+y",
        "\ud800+x+y",
    ):
        with pytest.raises(ValueError, match=r"."):
            VerifierKey.parse(other)
    for other in (text, KEY.to_text().replace("PRIVATE", "PUBLIC"), KEY.to_text()[:-4], ""):
        with pytest.raises(ValueError, match=r"."):
            SigningKey.from_text(other)


def test_a_signing_key_does_not_show_its_secret() -> None:
    assert repr(KEY) == "SigningKey('accedit.example/journal')"
    assert SigningKey.generate("a.example/j") != SigningKey.generate("a.example/j")


def test_a_fingerprint_has_128_bits_in_eight_groups() -> None:
    groups = KEY.verifier.fingerprint.split(" ")

    assert [len(group) for group in groups] == [4] * 8
    assert KEY.verifier.fingerprint != FORGER.verifier.fingerprint


PROOF = TlogProof(log_of(5).leaves[3], 3, tuple(log_of(5).path(3)), log_of(5).note())


def test_a_proof_is_read_back_from_its_text() -> None:
    assert TlogProof.parse(PROOF.text()) == PROOF
    assert PROOF.text().split("\n")[0] == "c2sp.org/tlog-proof@v1"
    assert PROOF.text().split("\n")[2] == "index 3"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("@v1", "@v2"),
        ("index 3", "index 03"),
        ("index 3", "index -3"),
        ("index 3", "index 3 "),
        ("index 3", "index ٣"),
        ("index 3", "index 9007199254740993"),
        ("index 3", "index " + "9" * 5000),
        ("extra ", "extra  "),
        ("extra ", "Extra "),
        ("=\n", "==\n"),
        ("=\n", "\n"),
        ("\n\n", "\n"),
        ("index 3\n", "index 3\n" + "A" * 40 + "\n"),
        ("index 3\n", "index 3\n" + ("A" * 43 + "=\n") * 64),
        ("extra ", "extra AAAA" + "AAAA" * 2000),
        ("c2sp", "\ufeffc2sp"),
        ("\n", "\r\n"),
    ],
)
def test_a_proof_of_another_spelling_is_refused(old: str, new: str) -> None:
    assert old in PROOF.text()
    with pytest.raises(ValueError, match=r"."):
        TlogProof.parse(PROOF.text().replace(old, new, 1))
