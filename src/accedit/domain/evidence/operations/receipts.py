"""Make the receipt of one entry: what its holder can show to anyone, without us."""

from collections.abc import Collection

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import Leaf, LogHead, Opening
from accedit.domain.evidence.operations.signatures import BeforeIncident, acknowledge, verifier_keys
from accedit_ledger.leaf import Opening as Disclosed
from accedit_ledger.page import build
from accedit_ledger.proofs import inclusion_nodes, inclusion_proof
from accedit_ledger.receipt import make_receipt


def receipt(*, origin: str, index: int, without: Collection[str] = ()) -> bytes:
    """The receipt of a committed entry. The head is signed here if it was not yet. Claims in
    `without` stay closed: the leaf commits to them, and the receipt verifies without them.

    Raises `NotSigned` where the signer does not answer, `BeforeIncident` for an entry that was
    never signed and never will be.
    """
    checkpoint = acknowledge(origin)
    if checkpoint.size <= index:
        raise BeforeIncident
    head = LogHead.objects.get(origin=origin)
    leaf = Leaf.objects.get(log=head, index=index)
    openings = [
        Disclosed(row.claim, bytes(row.salt), row.value)
        for row in Opening.objects.filter(log=head, index=index)
        .exclude(claim__in=list(without))
        .order_by("claim")
    ]
    node = queries.nodes(head.pk, inclusion_nodes(index, checkpoint.size))
    path = inclusion_proof(index=index, size=checkpoint.size, node=node)
    return make_receipt(
        leaf=bytes(leaf.data),
        index=index,
        openings=openings,
        path=path,
        note=checkpoint.note,
        vkeys=verifier_keys(),
        page=build(),
    )
