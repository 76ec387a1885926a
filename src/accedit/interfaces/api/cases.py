"""Cases: opened in one act, listed, read, joined by a party, closed and reopened."""

from typing import Any

from django.http import HttpRequest
from django.utils.timezone import now
from ninja import Router

from accedit.domain.cases import access, queries
from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.operations import opening, parties
from accedit.domain.cases.operations.opening import CaseDraft
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.domain.filing.operations import rooms
from accedit.interfaces.api import schema, shapes
from accedit.interfaces.api.bearer import asker
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.schema import Id

router = Router(tags=["dossiers"])


@router.post("/cases", response={201: schema.Case}, exclude_unset=True, summary="Ouvrir un dossier")
def open_case(request: HttpRequest, payload: schema.CaseIn) -> Any:
    draft = CaseDraft(
        template=Template(payload.template),
        title=payload.title,
        reference=payload.reference,
        parties=[_party(one) for one in payload.parties],
        court=payload.court or "",
        register_number=payload.register_number or "",
    )
    case = opening.open_case(draft, actor=asker(request), at=now())
    return shapes.whole_case(access.case(case.pk, asker=asker(request)))


@router.get(
    "/cases", response=schema.CasePage, summary="Ses dossiers, du plus récent au plus ancien"
)
def list_cases(request: HttpRequest, cursor: str | None = None) -> Any:
    page = queries.cases(asker=asker(request), cursor=cursor)
    return {
        "items": [shapes.case_line(case) for case in page.items],
        "next_cursor": page.next_cursor,
    }


@router.get("/cases/{case_id}", response=schema.Case, exclude_unset=True, summary="Un dossier")
def read_case(request: HttpRequest, case_id: Id) -> Any:
    return shapes.whole_case(access.case(case_id, asker=asker(request)))


@router.get(
    "/cases/{case_id}/journal", response=schema.JournalPage, summary="Son journal, du plus récent"
)
def read_journal(
    request: HttpRequest, case_id: Id, cursor: str | None = None, space: str | None = None
) -> Any:
    """`space` est un espace réservé que l'on voit : son journal à part est donné."""
    entered = access.case(case_id, asker=asker(request))
    page = queries.journal(
        case_id,
        within=entered.standings,
        asker=asker(request),
        cursor=cursor,
        space=read_id(space) if space else None,
    )
    return {
        "items": shapes.journal(page.items, within=entered.standings),
        "next_cursor": page.next_cursor,
    }


@router.post(
    "/cases/{case_id}/parties",
    response={201: schema.PartyJoined},
    exclude_unset=True,
    summary="Ajouter une partie",
)
def join_party(request: HttpRequest, case_id: Id, payload: schema.PartyIn) -> Any:
    party = parties.join_party(case_id, draft=_party(payload), actor=asker(request), at=now())
    entered = access.case(case_id, asker=asker(request))
    box = shapes.boxes(within=entered.standings, words={party.side_id: party.side.word})[0]
    return {"id": party.pk, "name": party.name, "side": party.side.word, "box": box}


@router.post("/cases/{case_id}/close", response=schema.CaseState, summary="Clore le dossier")
def close_case(request: HttpRequest, case_id: Id, payload: schema.ReasonIn | None = None) -> Any:
    room = rooms.close_room(case_id, actor=asker(request), at=now(), reason=_reason(payload))
    return {"id": room.pk, "closed_at": shapes.hour(room.closed_at)}


@router.post("/cases/{case_id}/reopen", response=schema.CaseState, summary="Rouvrir le dossier")
def reopen_case(request: HttpRequest, case_id: Id, payload: schema.ReasonIn | None = None) -> Any:
    room = rooms.reopen_room(case_id, actor=asker(request), at=now(), reason=_reason(payload))
    return {"id": room.pk, "closed_at": shapes.hour(room.closed_at)}


def _reason(payload: schema.ReasonIn | None) -> str:
    return (payload.reason if payload else None) or ""


def _party(given: schema.PartyIn) -> PartyDraft:
    counsels = [given.counsel] if given.counsel else []
    return PartyDraft(
        name=given.name,
        side=given.side,
        kind=PartyKind(given.kind),
        email=given.email or "",
        by_post=bool(given.by_post),
        address=given.address or "",
        counsel=[
            CounselDraft(name=one.name, email=one.email, firm=one.firm or "")
            for one in counsels + (given.counsels or [])
        ],
    )
