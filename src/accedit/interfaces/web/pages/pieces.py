"""The pieces of a case, one piece, its receipt; the expert withdraws and restores."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accedit.domain.cases import queries as cases
from accedit.domain.documents.operations import previews
from accedit.domain.documents.operations.sheets import attestation_pdf
from accedit.domain.evidence.operations import receipts
from accedit.domain.filing import access
from accedit.domain.filing import queries as filing
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.operations import withdrawals
from accedit.domain.filing.queries import PieceFilter, archives
from accedit.domain.filing.queries.telling import readers_named
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.files import pdf_answer, zip_answer
from accedit.interfaces.web.pages.entering import asker, case_page, enter
from accedit.interfaces.web.tickets import download_url, preview_url
from accedit.shared.refusals import Forbidden, Kind, NotFound, Refusal

ACTIVE = {
    "programme": "un programme",
    "lancement": "l’ouverture d’un autre logiciel",
    "envoi": "un lien vers un autre fichier ou un envoi de données",
    "fichiers": "des fichiers enfermés",
    "xfa": "un formulaire dynamique",
}
OPENED = ("piece.opened", "piece.downloaded", "piece.copied")


@require_GET
def list_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = enter(request, case_id)
    wanted, kept = read_filter(request.GET)
    page, count = filing.pieces(
        within=entered.standings, wanted=wanted, cursor=request.GET.get("suite")
    )
    boxes = filing.boxes(within=entered.standings)
    context = case_page(
        entered,
        here="pieces",
        pieces=page.items,
        count=count,
        next_cursor=page.next_cursor,
        wanted=wanted,
        query_kept=urlencode(kept),
        boxes=boxes,
        sides={box.side: box.side_name for box in boxes},
        filtered=bool(wanted.side or wanted.words),
    )
    return render(request, "pieces/liste.html", context)


def read_filter(query: QueryDict) -> tuple[PieceFilter, dict[str, str]]:
    """What the list was asked for; a filter that is not readable is no filter."""
    kept: dict[str, str] = {}
    side: UUID | None = None
    try:
        side = UUID(query.get("partie", ""))
        kept["partie"] = str(side)
    except ValueError:
        side = None
    words = " ".join(query.get("mots", "").replace("\x00", " ").split())[:200]
    if words:
        kept["mots"] = words
    by_number = query.get("ordre") == "numero"
    if by_number:
        kept["ordre"] = "numero"
    return PieceFilter(side=side, words=words, by_number=by_number), kept


def piece_of(request: HttpRequest, node_id: UUID) -> tuple[Reached, Any]:
    reached = access.node(node_id, asker=asker(request), need=Right.BROWSE)
    deposit = getattr(reached.node, "deposit", None)
    if reached.node.kind != NodeKind.FILE or deposit is None:
        raise NotFound
    return reached, filing.as_seen(deposit, within=reached.standings)


@require_GET
def piece_page(request: HttpRequest, node_id: UUID) -> HttpResponse:
    who = asker(request)
    reached, deposit = piece_of(request, node_id)
    entered = enter(request, reached.node.room_id)
    readable = Right.READ in reached.rights
    pages, busy = pages_now(deposit) if readable else (None, False)
    number = page_number(request.GET.get("page", ""), most=pages)
    space = space_of(deposit.log_origin)
    readings = cases.readings(node_id, within=reached.standings, asker=who) if readable else []
    context = case_page(
        entered,
        here="pieces",
        node=reached.node,
        piece=deposit,
        readable=readable,
        may_download=Right.DOWNLOAD in reached.rights,
        has_receipt=readable or deposit.depositor_id == who.user_id,
        withdrawn=reached.node.withdrawn_at,
        space=space,
        line_seen=not space
        or space in {str(one.pk) for one in cases.spaces(within=reached.standings)},
        archived_in=archives.archived_in(reached.node),
        pages=pages,
        preview_busy=busy,
        active=[ACTIVE[word] for word in previews.active_content(deposit)] if pages else [],
        page=number,
        preview=preview_url(request, node_id, page=number) if pages else "",
        readings=[told for told in readings if told.kind in OPENED],
    )
    return render(request, "pieces/piece.html", context)


def pages_now(deposit: Any) -> tuple[int | None, bool]:
    """How many pages may be shown; True when too many are being drawn to know it now."""
    try:
        return previews.pages(deposit), False
    except previews.PreviewBusy:
        return None, True


def space_of(origin: str) -> str:
    """The sealed space whose journal tells of a deposit; nothing for the journal of the case."""
    return origin.partition("/s/")[2].partition("/")[0]


@require_GET
def download(request: HttpRequest, node_id: UUID) -> HttpResponse:
    """To the content origin, with a ticket made now; there it is decided again and entered."""
    access.node(node_id, asker=asker(request), need=Right.DOWNLOAD)
    return redirect(download_url(request, node_id))


def page_number(typed: str, *, most: int | None) -> int:
    wanted = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else 1
    return max(1, min(wanted, most or 1))


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, node_id: UUID) -> HttpResponse:
    """The expert cuts reading at once; the last screen names who could read so far."""
    return _retire(request, node_id, restoring=False)


@require_http_methods(["GET", "POST"])
def restore(request: HttpRequest, node_id: UUID) -> HttpResponse:
    return _retire(request, node_id, restoring=True)


def _retire(request: HttpRequest, node_id: UUID, *, restoring: bool) -> HttpResponse:
    reached, deposit = piece_of(request, node_id)
    if not reached.standings.is_owner:
        raise Forbidden(what="seul l'expert retire une pièce de la diffusion")
    reason, refused, status = request.POST.get("motif", ""), "", 200
    if request.method == "POST":
        act = withdrawals.restore if restoring else withdrawals.withdraw
        try:
            act(node_id, reason=reason, actor=asker(request), at=timezone.now())
        except Refusal as refusal:
            if refusal.kind is Kind.ABSENT:
                raise
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            return redirect(f"/pieces/{node_id}")
    context = case_page(
        enter(request, reached.node.room_id),
        here="pieces",
        node=reached.node,
        piece=deposit,
        readers=readers_named(reached.node),
        reason=reason,
        refused=refused,
        restoring=restoring,
    )
    return render(request, "pieces/retirer.html", context, status=status)


@require_GET
def receipt(request: HttpRequest, deposit_id: UUID) -> HttpResponse:
    """The receipt as a ZIP: for whoever deposited the piece, and whoever may read it."""
    deposit = access.deposit(deposit_id, asker=asker(request))
    content = receipts.receipt(origin=deposit.log_origin, index=deposit.log_index)
    number = "".join(c if c.isalnum() else "-" for c in deposit.number)
    return zip_answer(content, name=f"recepisse-piece-{number}-{deposit.pk.hex[:8]}.zip")


@require_GET
def attestation(request: HttpRequest, deposit_id: UUID) -> HttpResponse:
    """The same facts on one sheet of paper, for whoever wants to print them."""
    deposit = access.deposit(deposit_id, asker=asker(request))
    case = enter(request, deposit.node.room_id).case
    content = attestation_pdf(deposit, case=case, at=timezone.now())
    return pdf_answer(content, name=f"attestation-piece-{deposit.pk.hex[:8]}.pdf")


urls = [
    path("dossiers/<uuid:case_id>/pieces", list_page),
    path("pieces/<uuid:node_id>", piece_page),
    path("pieces/<uuid:node_id>/contenu", download),
    path("pieces/<uuid:node_id>/retirer", withdraw),
    path("pieces/<uuid:node_id>/remettre", restore),
    path("depots/<uuid:deposit_id>/recu", receipt),
    path("depots/<uuid:deposit_id>/attestation", attestation),
]
