"""Logs of invented rooms, the same at each run: salts come from a seeded generator."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from accedit_ledger.canonical import JSON
from accedit_ledger.checkpoint import Checkpoint, sign
from accedit_ledger.leaf import Opening, leaf_data, new_openings
from accedit_ledger.note import SigningKey
from accedit_ledger.proofs import inclusion_proof
from accedit_ledger.receipt import make_receipt
from accedit_ledger.tree import Frontier, leaf_hash
from accedit_ledger.vocabulary import KINDS, check

ROOM = "accedit.example/e/6f1c2c1e-4a57-4f0c-8a39-2f5f5f1f9d11"
ACTS = f"{ROOM}/acts"
READS = f"{ROOM}/reads"

KEY = SigningKey("accedit.example/journal", bytes(range(32)))
FORGER = SigningKey("accedit.example/journal", bytes(range(32, 64)))
TEST_MACHINE = SigningKey("essai.example/journal", bytes(range(64, 96)))

FILE = "Constat du sol sportif, 12 décembre 2011\n".encode()
NOON = datetime(2026, 11, 22, 12, 15, 31, 482000, tzinfo=UTC)
PAGE = b"<!doctype html><title>page</title>"


def deposit_claims(*, file: bytes = FILE, **changed: JSON) -> dict[str, JSON]:
    actor: JSON = {"id": "u-7", "name": "Me Martin", "role": "counsel", "side": "maître d’ouvrage"}
    claims: dict[str, JSON] = dict.fromkeys(KINDS["deposit.accepted"].claims)
    claims |= {
        "kind": "deposit.accepted",
        "actor": actor,
        "depositor": actor,
        "piece_number": "12 bis",
        "name": "constat.pdf",
        "title": "Constat du sol",
        "size": len(file),
        "sha256": sha256(file).hexdigest(),
        "received_from": "2026-11-22T12:15:29.001Z",
        "received_at": {"first": "2026-11-22T12:15:29.001Z", "last": "2026-11-22T12:15:31.482Z"},
        "late": False,
        "door": "page",
        "roster": {"root": "00" * 32, "size": 3},
    }
    claims |= changed
    check("deposit.accepted", claims)
    return claims


@dataclass
class SampleLog:
    """A log in memory, with what a database would keep of it."""

    origin: str = ACTS
    key: SigningKey = KEY
    seed: int = 1
    frontier: Frontier = field(default_factory=Frontier)
    leaves: list[bytes] = field(default_factory=list)
    openings: list[list[Opening]] = field(default_factory=list)
    nodes: dict[tuple[int, int], bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def append(self, claims: Mapping[str, JSON]) -> int:
        index = self.frontier.size
        openings = new_openings(claims, random=self.random.randbytes)
        data = leaf_data(
            log=self.origin,
            index=index,
            at=NOON + timedelta(seconds=index),
            anchor=None,
            openings=openings,
            decoy=lambda: self.random.randbytes(32),
        )
        return self.append_raw(data, openings)

    def append_raw(self, data: bytes, openings: Sequence[Opening]) -> int:
        self.frontier, completed = self.frontier.append(leaf_hash(data))
        self.nodes |= {(level, position): hash_ for level, position, hash_ in completed}
        self.leaves.append(data)
        self.openings.append(list(openings))
        return self.frontier.size - 1

    def node(self, level: int, position: int) -> bytes:
        return self.nodes[level, position]

    def head(self) -> Checkpoint:
        return Checkpoint(self.origin, self.frontier.size, self.frontier.root())

    def note(self) -> str:
        return sign(self.head(), self.key)

    def path(self, index: int) -> list[bytes]:
        return inclusion_proof(index=index, size=self.frontier.size, node=self.node)

    def receipt(self, index: int, *, page: bytes = PAGE) -> bytes:
        return make_receipt(
            leaf=self.leaves[index],
            index=index,
            openings=self.openings[index],
            path=self.path(index),
            note=self.note(),
            vkeys=[self.key.vkey],
            page=page,
        )


def log_of(
    size: int, *, origin: str = ACTS, key: SigningKey = KEY, seed: int = 1, file: bytes = FILE
) -> SampleLog:
    log = SampleLog(origin=origin, key=key, seed=seed)
    for number in range(size):
        log.append(deposit_claims(file=file, piece_number=str(number + 1)))
    return log
