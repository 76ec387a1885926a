"""Two receipts of one log, against each other: did the platform show two histories?

Two heads of one size with two roots, both signed by one key, convict whoever holds the key
(attacks.md K3). Two heads of different sizes say nothing by themselves: the platform's own
log is then asked for the head of the smaller size (`accedit verify-log --against`).
"""

from collections.abc import Sequence

from accedit_ledger.archive import unpack
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.note import parse_note
from accedit_ledger.receipt import verify_receipt
from accedit_ledger.tlog_proof import TlogProof

FORKED = (
    "Ces deux récépissés se contredisent : pour {size} entrées du journal {origin}, la même clé a "
    "signé deux empreintes. La plate-forme a montré deux histoires."
)


class NotComparable(ValueError):
    """One of the two is no whole receipt, or they are of two logs."""


def head_of(receipt: bytes, *, known: Sequence[str]) -> Checkpoint:
    """The signed head in a receipt that verifies. Raises `NotComparable`."""
    verdict = verify_receipt(receipt, file=None, known=known)
    if not verdict.valid:
        raise NotComparable("; ".join(verdict.reasons))
    proof = TlogProof.parse(unpack(receipt)["acts.tlog-proof"].decode())
    return Checkpoint.parse(parse_note(proof.note).text)


def contradiction(one: bytes, other: bytes, *, known: Sequence[str]) -> str | None:
    """The sentence that says how two receipts convict the platform; None where they do not."""
    first, second = head_of(one, known=known), head_of(other, known=known)
    if first.origin != second.origin:
        raise NotComparable("two logs")
    if first.size != second.size or first.root == second.root:
        return None
    return FORKED.format(size=first.size, origin=first.origin)
