"""The people of a case: sides, counsel, the liste de diffusion and its states."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accedit.domain.alerts.enums import How
from accedit.domain.cases import access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.cases.enums import RosterRole, RosterState
from accedit.domain.cases.operations import parties, roster
from accedit.domain.cases.stages import CONSENT, CONSENT_VERSION
from accedit.domain.people import queries as people
from accedit.domain.people.enums import Covers
from accedit.domain.people.rights import Actor
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.forms.opening import consequence
from accedit.interfaces.web.forms.parties import (
    CounselRow,
    PartyRow,
    apply_button,
    checked,
    read_parties,
)
from accedit.interfaces.web.pages.entering import asker, case_page, enter, managed, owned
from accedit.interfaces.web.pages.ouverture import choices, directory_of
from accedit.shared.refusals import Kind, NotFound, Refusal


@dataclass(frozen=True, slots=True)
class LineSeen:
    """A line of the liste de diffusion, its last answer, and what the asker may do about it."""

    line: Any
    consent: Any
    invitation: Any
    may_invite: bool
    may_default: bool
    no_address: bool  # letters are made for them, and nobody said where they go
    is_mine: bool


@require_GET
def page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered, who = enter(request, case_id), asker(request)
    lines = lines_seen(entered, who=who)
    sides = cases.sides(entered.case)
    context = case_page(
        entered,
        here="personnes",
        sides=sides,
        lines=lines,
        mine=next((one for one in lines if one.is_mine and one.consent), None),
        assistants=cases.assistants(entered.case),
        represented={
            mandate.party_id
            for side in sides
            for mandate in side.counsel
            if mandate.counsel_id == who.user_id
        },
        consent=CONSENT,
        consent_version=CONSENT_VERSION,
    )
    return render(request, "personnes/page.html", context)


def lines_seen(entered: Entered, *, who: Actor) -> list[LineSeen]:
    answers = cases.consents(entered.case)
    acts = entered.standings.acts_for_owner
    invitations = people.latest_invitations(room_id=entered.case.pk) if acts else {}
    return [
        LineSeen(
            line=line,
            consent=answers.get(line.pk),
            invitation=invitations.get(line.user_id) if line.user_id else None,
            may_invite=acts and line.user is not None and not line.user.has_usable_password(),
            may_default=entered.standings.is_owner
            and line.role == RosterRole.PARTY
            and line.state != RosterState.DEFAULTING,
            no_address=acts and without_address(line),
            is_mine=line.user_id == who.user_id,
        )
        for line in cases.roster(entered.case)
    ]


def without_address(line: Any) -> bool:
    return line.addressee.how in (How.POST, How.BOTH) and not line.addressee.address


def line_of(request: HttpRequest, case_id: UUID, line_id: UUID) -> Any:
    """A line of this case and no other, for whoever may invite."""
    line = access.line(line_id, asker=asker(request), covers=Covers.INVITE)
    if line.case_id != case_id:
        raise NotFound
    return line


@require_POST
def invite(request: HttpRequest, case_id: UUID, line_id: UUID) -> HttpResponse:
    """A new code in one click; the old one stops working."""
    line = line_of(request, case_id, line_id)
    roster.invite_again(line, actor=asker(request), at=timezone.now())
    return redirect(f"/dossiers/{case_id}/personnes#ligne-{line_id}")


@require_http_methods(["GET", "POST"])
def default(request: HttpRequest, case_id: UUID, line_id: UUID) -> HttpResponse:
    entered = owned(request, case_id)
    line = line_of(request, case_id, line_id)
    if line.role != RosterRole.PARTY:
        raise NotFound
    if request.method == "POST":
        roster.mark_defaulting(line, actor=asker(request), at=timezone.now())
        return redirect(f"/dossiers/{case_id}/personnes#ligne-{line_id}")
    return render(
        request, "personnes/defaillante.html", case_page(entered, here="personnes", line=line)
    )


@require_http_methods(["GET", "POST"])
def address(request: HttpRequest, case_id: UUID, line_id: UUID) -> HttpResponse:
    """Where letters to somebody go, said by whoever prints them."""
    who = asker(request)
    line = access.line(line_id, asker=who, covers=Covers.LETTERS)
    if line.case_id != case_id:
        raise NotFound
    typed, refused, status = request.POST.get("adresse", line.addressee.address), "", 200
    if request.method == "POST":
        try:
            roster.record_address(line, address=typed, actor=who, at=timezone.now())
        except Refusal as refusal:
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            return redirect(f"/dossiers/{case_id}/personnes#ligne-{line_id}")
    context = case_page(
        enter(request, case_id), here="personnes", line=line, typed=typed, refused=refused
    )
    return render(request, "personnes/adresse.html", context, status=status)


@require_http_methods(["GET", "POST"])
def open_to_party(request: HttpRequest, case_id: UUID, party_id: UUID) -> HttpResponse:
    """The counsel opens the case to the party it represents: its choice, told before it is done."""
    entered, who = enter(request, case_id), asker(request)
    party = access.represented_party(party_id, asker=who)
    if party.case_id != case_id:
        raise NotFound
    email, refused, status = request.POST.get("email", party.email), "", 200
    if request.method == "POST":
        try:
            parties.open_to_party(party, email=email, actor=who, at=timezone.now())
        except Refusal as refusal:
            if refusal.kind is Kind.ABSENT:
                raise
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            return redirect(f"/dossiers/{case_id}/personnes")
    context = case_page(entered, here="personnes", party=party, email=email, refused=refused)
    return render(request, "personnes/ouvrir.html", context, status=status)


@require_http_methods(["GET", "POST"])
def add_party(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """A late side joins: the same form as at the opening, and the same last screen."""
    entered, who = managed(request, case_id, covers=Covers.OPEN_CASES), asker(request)
    known = directory_of(who)
    act = request.POST.get("do", "") if request.method == "POST" else ""
    rows = read_parties(request.POST.dict())[:1] if act else []
    rows = rows or [PartyRow(counsel=[CounselRow()])]
    refused, status = "", 200
    if act in ("check", "open"):
        kept = checked(rows, known=known)
        sound = bool(kept) and all(row.sound for row in kept)
        if sound and act == "check":
            context = case_page(entered, here="personnes", rows=kept, told=consequence(kept))
            return render(request, "personnes/ajouter_confirmer.html", context)
        if sound:
            try:
                parties.join_party(case_id, draft=kept[0].draft(), actor=who, at=timezone.now())
            except Refusal as refusal:
                refused, status = refusal.for_people(), STATUS[refusal.kind]
            else:
                return redirect(f"/dossiers/{case_id}/personnes")
        else:
            status = 422
            refused = "" if kept else "Donnez le nom de la partie et son côté."
    elif act and act != "back":
        apply_button(rows, act)
    context = case_page(
        entered,
        here="personnes",
        rows=rows,
        refused=refused,
        known=sorted(known.items()),
        sides=[seen.side.word for seen in cases.sides(entered.case)],
        **choices(),
    )
    return render(request, "personnes/ajouter.html", context, status=status)


urls = [
    path("dossiers/<uuid:case_id>/personnes", page),
    path("dossiers/<uuid:case_id>/personnes/ajouter", add_party),
    path("dossiers/<uuid:case_id>/personnes/<uuid:line_id>/inviter", invite),
    path("dossiers/<uuid:case_id>/personnes/<uuid:line_id>/defaillante", default),
    path("dossiers/<uuid:case_id>/personnes/<uuid:line_id>/adresse", address),
    path("dossiers/<uuid:case_id>/parties/<uuid:party_id>/ouvrir", open_to_party),
]
