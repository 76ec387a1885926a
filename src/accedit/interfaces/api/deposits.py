"""Deposits as facts: what they are proved by. Their bytes come and go by the raw routes."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from accedit.domain.evidence.operations import receipts
from accedit.domain.evidence.operations.signatures import acknowledge
from accedit.domain.filing import access
from accedit.interfaces.api.bearer import asker
from accedit.interfaces.api.schema import Id

router = Router(tags=["dépôts"])


@router.get("/deposits/{deposit_id}/receipt", summary="Le récépissé d'un dépôt")
def read_receipt(request: HttpRequest, deposit_id: Id) -> HttpResponse:
    """The ZIP that its holder can show to anyone, without us. Made anew from the log."""
    deposit = access.deposit(deposit_id, asker=asker(request))
    acknowledge(deposit.log_origin)
    content = receipts.receipt(origin=deposit.log_origin, index=deposit.log_index)
    response = HttpResponse(content, content_type="application/zip")
    name = f"recepisse-piece-{deposit.number.replace(' ', '-')}.zip"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
