"""What REST says of a thing: plain dictionaries, in the words of docs/api.md.

Rows come in as they are: a door imports no table. What the asker may not read of a
piece is left out here, on the rights that came with it.
"""

from typing import Any

from django.conf import settings

from accedit.domain.evidence.operations.log import stamp

Json = dict[str, Any]


def deposited(deposit: Any) -> Json:
    """The answer to a deposit. The same deposit always gives the same bytes."""
    return {
        "deposit_id": str(deposit.pk),
        "node_id": str(deposit.node_id),
        "piece_number": deposit.number,
        "sha256": deposit.blob.sha256,
        "size": deposit.blob.size,
        "received_at": stamp(deposit.received_at),
        "late": deposit.late,
        "receipt_url": f"{settings.BASE_URL}/api/v1/deposits/{deposit.pk}/receipt",
    }
