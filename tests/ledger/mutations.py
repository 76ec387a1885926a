"""Damaged, forged and merely odd receipts, the same for a seed: food for every verifier.

Four families, from shallow to deep: bytes of the archive; text of a member, in
an archive that is whole; the structure; and whole receipts, honestly hashed
and signed, of facts or logs that should not be. Some are valid: a verifier
that refuses everything must not pass.
"""

import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.ledger.sample import (
    ACTS,
    FILE,
    FORGER,
    KEY,
    PAGE,
    READS,
    TEST_MACHINE,
    SampleLog,
    deposit_claims,
    log_of,
)

from accedit_ledger.archive import pack, unpack
from accedit_ledger.base64s import url
from accedit_ledger.canonical import JSON, canonical, parse_canonical
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.leaf import Opening
from accedit_ledger.note import SigningKey, sign_text
from accedit_ledger.tlog_proof import TlogProof

SIZE, INDEX = 21, 13
KNOWN: list[list[str]] = [
    [],
    [KEY.vkey],
    [KEY.verifier.fingerprint],
    [FORGER.vkey],
    [FORGER.vkey, KEY.vkey],
    [TEST_MACHINE.vkey],
    [TEST_MACHINE.verifier.fingerprint.upper().replace(" ", "")],
    ["ni une clé, ni une empreinte", KEY.vkey],
    [KEY.vkey.swapcase()],
]
FILES = [None, FILE, FILE + b"x", b""]


@dataclass(frozen=True, slots=True)
class Mutation:
    name: str
    receipt: bytes
    known: list[str]
    file: bytes | None


def mutations(*, seed: int, count: int) -> Iterator[Mutation]:
    """The numbers of another spelling, each; then `count` by chance."""
    for old, new in NUMBERS:
        for name, data in MEMBERS.items():
            if old in data:
                receipt = pack({**MEMBERS, name: data.replace(old, new, 1)})
                yield Mutation(f"{name} {new!r}", receipt, [KEY.vkey], None)
    chance = random.Random(seed)
    families = [in_the_archive, in_a_member, in_the_structure, in_the_facts]
    for number in range(count):
        family = families[number % len(families)]
        name, receipt = family(chance)
        known = chance.choice(KNOWN)
        yield Mutation(f"{number} {name}", receipt, known, chance.choice(FILES))


def whole() -> bytes:
    return log_of(SIZE).receipt(INDEX)


WHOLE = whole()
MEMBERS = unpack(WHOLE)
LOG = log_of(SIZE)


def in_the_archive(chance: random.Random) -> tuple[str, bytes]:
    change = chance.choice(CHANGES)
    place = chance.choice(
        [chance.randrange(len(WHOLE)), chance.randrange(60), -chance.randrange(1, 400)]
    )
    return f"archive {change.__name__}", change(WHOLE, place % len(WHOLE), chance)


def in_a_member(chance: random.Random) -> tuple[str, bytes]:
    name = chance.choice(
        ["piece.json", "acts.tlog-proof", "acts.tlog-proof", "cles.txt", "LISEZMOI.txt"]
    )
    change = chance.choice(chance.choice([CHANGES, TEXT_CHANGES]))
    data = MEMBERS[name]
    changed = change(data, chance.randrange(len(data)), chance)
    return f"{name} {change.__name__}", pack({**MEMBERS, name: changed})


def flipped(data: bytes, place: int, chance: random.Random) -> bytes:
    return data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]


def replaced(data: bytes, place: int, chance: random.Random) -> bytes:
    return data[:place] + chance.randbytes(1) + data[place + 1 :]


def shortened(data: bytes, place: int, chance: random.Random) -> bytes:
    return data[:place] + data[place + chance.choice([1, 1, 2, 30]) :]


def inserted(data: bytes, place: int, chance: random.Random) -> bytes:
    piece = chance.choice(
        [b" ", b"\n", b"\r", b"=", b"+", b"0", b'"', b"\xe2\x80\x8b", b"\0", b"\xff"]
    )
    return data[:place] + piece + data[place:]


def cut(data: bytes, place: int, chance: random.Random) -> bytes:
    return chance.choice([data[:place], data[place:]])


def lengthened(data: bytes, place: int, chance: random.Random) -> bytes:
    tail = chance.choice([b"\n", b"\0", b"PK\x05\x06" + bytes(18), data[place:], data])
    return chance.choice([data + tail, tail + data])


def doubled(data: bytes, place: int, chance: random.Random) -> bytes:
    end = place + chance.randrange(1, 60)
    return data[:end] + data[place:]


def exchanged(data: bytes, place: int, chance: random.Random) -> bytes:
    other = chance.randrange(len(data))
    changed = bytearray(data)
    changed[place], changed[other] = changed[other], changed[place]
    return bytes(changed)


def other_line(data: bytes, place: int, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            lines[first], lines[second] = lines[second], lines[first]
        case 1:
            lines.insert(second, lines[first])
        case 2:
            del lines[first]
        case _:
            lines.reverse()
    return b"\n".join(lines)


def other_number(data: bytes, place: int, chance: random.Random) -> bytes:
    old, new = chance.choice([pair for pair in NUMBERS if pair[0] in data] or [(b"+", b"-")])
    return data.replace(old, new, 1)


NUMBERS = [
    *((b"index 13", new) for new in (b"index 12", b"index 013", b"index 21", b"index +13")),
    *((b"\n21\n", new) for new in (b"\n22\n", b"\n13\n", b"\n021\n", b"\n0\n", b"\n21 \n")),
    *((b"\n21\n", new) for new in (b"\n9007199254740991\n", b"\n9007199254740993\n")),
    *((b":3}", new) for new in (b":3.0}", b":3.5}", b":3e0}", b":-0}", b":03}", b":1e+21}")),
    *((b":3}", new) for new in (b":9007199254740992}", b":9007199254740991}", b":NaN}")),
    *((b'"v":"re1"', new) for new in (b'"v":"re2"', b'"v":1', b'"v":"re1","w":0')),
    *((b"false", b"0"), (b"false", b"true"), (b"false", b"null"), (b"@v1", b"@v2")),
]


def other_spelling(data: bytes, place: int, chance: random.Random) -> bytes:
    """The same content for a lenient reader."""
    match chance.randrange(6):
        case 0:
            return data.replace(b"\n", b"\r\n")
        case 1:
            return data.replace(b"=\n", b"\n", 1)
        case 5:  # stray bits at the end of a base64 text
            ends = [match.start() for match in re.finditer(b".=", data)]
            end = chance.choice(ends) if ends else 0
            return data[:end] + bytes([data[end] + 1]) + data[end + 1 :]
        case 2:
            return b"\xef\xbb\xbf" + data
        case 3:
            return data.replace("\u2014".encode(), chance.choice(["-", "\u2013"]).encode())
        case _:
            return json.dumps(json.loads(data)).encode() if data[:1] == b"{" else data.upper()


Change = Callable[[bytes, int, random.Random], bytes]
CHANGES: list[Change] = [
    flipped,
    replaced,
    shortened,
    inserted,
    cut,
    lengthened,
    doubled,
    exchanged,
]
TEXT_CHANGES: list[Change] = [other_line, other_number, other_spelling]


def in_the_structure(chance: random.Random) -> tuple[str, bytes]:
    return chance.choice(STRUCTURES)(chance)


def members_rearranged(chance: random.Random) -> tuple[str, bytes]:
    items = list(MEMBERS.items())
    match chance.randrange(5):
        case 0:
            chance.shuffle(items)
        case 1:
            del items[chance.randrange(len(items))]
        case 2:
            items.insert(chance.randrange(5), (chance.choice(["x.txt", "platform.tsr"]), b"x"))
        case 3:
            name, data = items.pop(chance.randrange(5))
            items.append((name.upper(), data))
        case _:
            first, second = chance.sample(range(5), 2)
            (one, a), (two, b) = items[first], items[second]
            items[first], items[second] = (one, b), (two, a)
    return "members rearranged", pack(dict(items))


def proof_rearranged(chance: random.Random) -> tuple[str, bytes]:
    proof = TlogProof.parse(MEMBERS["acts.tlog-proof"].decode())
    path, index, leaf, note = list(proof.path), proof.index, proof.leaf, proof.note
    match chance.randrange(8):
        case 0:
            chance.shuffle(path)
        case 1:
            path.pop(chance.randrange(len(path)))
        case 2:
            path.insert(chance.randrange(len(path)), chance.randbytes(32))
        case 3:
            index = chance.randrange(SIZE + 2)
        case 4:
            leaf = LOG.leaves[chance.randrange(SIZE)]
        case 5:
            other = chance.randrange(SIZE)
            index, leaf, path = other, LOG.leaves[other], LOG.path(other)
        case 6:
            note = log_of(chance.choice([20, 21, 22]), seed=chance.randrange(1, 3)).note()
        case _:
            path = [hash_[: chance.choice([31, 32])] for hash_ in path]
    text = TlogProof(leaf, index, tuple(path), note).text()
    return "proof rearranged", pack({**MEMBERS, "acts.tlog-proof": text.encode()})


def signatures_rearranged(chance: random.Random) -> tuple[str, bytes]:
    proof = MEMBERS["acts.tlog-proof"].decode()
    lines = LOG.head().lines()
    witness = SigningKey("temoin.example/w", chance.randbytes(32))
    extra = [
        witness.signature_line(lines),  # an unknown signature is no reason to refuse
        FORGER.signature_line(lines),
        FORGER.signature_line(lines + "x"),
        KEY.signature_line(lines),
        witness.signature_line("another text\n"),
        TEST_MACHINE.signature_line(lines),
        "\u2014 temoin.example/w AAAA\n",
        "\u2014 t\u00e9moin AAAAAAA=\n",
        "\u2014 deux mots AAAAAAA=\n",
    ]
    added = "".join(chance.sample(extra, chance.randrange(1, 4)))
    changed = chance.choice([proof + added, proof.replace("\u2014", added + "\u2014", 1)])
    vkeys = chance.choice([[KEY.vkey], [FORGER.vkey], [witness.vkey, KEY.vkey], [witness.vkey]])
    keys = "".join(f"{vkey}\n" for vkey in vkeys).encode()
    members = {**MEMBERS, "acts.tlog-proof": changed.encode(), "cles.txt": keys}
    return "signatures rearranged", pack(members)


def claims_rearranged(chance: random.Random) -> tuple[str, bytes]:
    piece = parse_canonical(MEMBERS["piece.json"])
    assert isinstance(piece, dict)
    rows = [list(row) for row in piece["claims"]]
    row = chance.randrange(len(rows))
    match chance.randrange(7):
        case 0:
            rows[row][2] = odd_value(chance)
        case 1:
            rows[row][0] = url(chance.randbytes(chance.choice([31, 32])))
        case 2:
            rows[row][1] = chance.choice(["kind", "Kind", "depositor", "__proto__"])
        case 3:
            del rows[row]  # less is told, and what is told is true
        case 4:
            rows.append(rows[row])
        case 5:
            chance.shuffle(rows)
        case _:
            rows[row] = rows[row][: chance.randrange(3)]
    members = {**MEMBERS, "piece.json": canonical({**piece, "claims": rows})}
    return "claims rearranged", pack(members)


STRUCTURES = [members_rearranged, proof_rearranged, signatures_rearranged, claims_rearranged]


def odd_value(chance: random.Random) -> JSON:
    nested: JSON = []
    for _ in range(chance.choice([3, 25, 26, 27])):
        nested = [nested]
    return chance.choice(
        [
            *(None, True, False, 0, -1, 2**53 - 1, "", "é\u0301", "\u202egnp.exe", "\x1b[31m"),
            *("\u2028", "\U0001f600", "</script>", {"last": 1}, {"last": "demain"}, [], {}, nested),
            *({"name": "Me\u0000Martin"}, {"__proto__": {"name": "x"}}, "A" * 64, "a" * 64),
            *({"\U0001f600": 1, "\ufb33": 2, "b": 3, "a": 4}, "2026-02-30T00:00:00.000Z"),
        ]
    )


def in_the_facts(chance: random.Random) -> tuple[str, bytes]:
    """A whole receipt, as its writer would make it, of something that may not be."""
    claims = deposit_claims()
    for _ in range(chance.randrange(3)):
        names = ["depositor", "received_at", "sha256", "kind", "late", "name", "piece_number", "x"]
        claims[chance.choice(names)] = odd_value(chance)
    signer = chance.choice([KEY, KEY, FORGER, TEST_MACHINE])
    origin = chance.choice(
        [
            *(ACTS, ACTS, ACTS, READS, "essai.example/e/1/acts", "accedit.example/platform"),
            *("accedit.example/e/acts", "accedit.example.evil/e/1/acts", "accedit.example/e//acts"),
        ]
    )
    log = SampleLog(origin=origin, key=signer, seed=chance.randrange(2**32))
    before, after = chance.choice([(0, 0), (1, 0), (4, 3), (7, 1)])
    for _ in range(before):
        log.append(deposit_claims())
    index = altered_leaf(log, claims, chance) if chance.random() < 0.3 else log.append(claims)
    for _ in range(after):
        log.append(deposit_claims())
    return f"facts by {signer.name}", bare_receipt(log, index, chance)


def altered_leaf(log: SampleLog, claims: dict[str, JSON], chance: random.Random) -> int:
    index = log.append(claims)
    leaf = parse_canonical(log.leaves[index])
    assert isinstance(leaf, dict)
    digests = list(leaf["sd"])
    changes: list[dict[str, JSON]] = [
        {"v": "ev2"},
        {"i": index + 1},
        {"i": True},
        {"log": READS},
        {"log": "a b"},
        {"a": "x"},
        {"a": url(bytes(32))},
        {"x": 1},
        {"t": "2026-02-30T00:00:00.000Z"},
        {"t": "0000-01-01T00:00:00.000Z"},
        {"t": "2026-11-22T12:15:31Z"},
        {"t": 0},
        {"sd": digests[1:]},
        {"sd": digests[::-1]},
        {"sd": [*digests[1:], digests[0]]},
        {"sd": "x"},
    ]
    change = chance.choice(changes)
    other = SampleLog(origin=log.origin, key=log.key, seed=log.seed)
    for data, openings in zip(log.leaves[:-1], log.openings[:-1], strict=True):
        other.append_raw(data, openings)
    other.append_raw(canonical({**leaf, **change}), log.openings[-1])
    log.__dict__.update(other.__dict__)
    return index


def bare_receipt(log: SampleLog, index: int, chance: random.Random) -> bytes:
    """What `make_receipt` writes, without its check."""
    head = log.head()
    if chance.random() < 0.1:
        head = Checkpoint(log.origin, head.size + chance.choice([1, 2**52]), head.root)
    note = sign_text(head.lines(), log.key)
    proof = TlogProof(log.leaves[index], index, tuple(log.path(index)), note).text()
    vkey = chance.choice([log.key.vkey, log.key.vkey, KEY.vkey])
    contents = (rows_of(log.openings[index]), proof.encode(), f"{vkey}\n".encode(), PAGE, b"lisez")
    return pack(dict(zip(MEMBERS, contents, strict=True)))


def rows_of(openings: list[Opening]) -> bytes:
    rows: list[JSON] = [[url(one.salt), one.claim, one.value] for one in openings]
    return canonical({"v": "re1", "claims": rows})
