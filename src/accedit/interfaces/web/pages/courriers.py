"""What was sent: the fate of each avis de dépôt, the letters to print; the demo's mails."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accedit.domain.alerts import queries as alerts
from accedit.domain.cases import access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.cases.operations import roster
from accedit.domain.documents.operations.letters import letter_pdf
from accedit.domain.filing.queries.acts import acts
from accedit.domain.people.access import covered
from accedit.domain.people.enums import Covers
from accedit.domain.post import queries as post
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.files import pdf_answer
from accedit.interfaces.web.pages.entering import asker, case_page, enter, managed
from accedit.interfaces.web.pages.personnes import without_address
from accedit.shared.refusals import PARIS, Invalid, Kind, NotFound, Refusal


@dataclass(slots=True)
class Act:
    """One deposit, and what became of the avis that told of it."""

    basket: Any
    notices: list[Any] = field(default_factory=list)


@require_GET
def list_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = enter(request, case_id)
    return letters_page(request, entered)


def letters_page(
    request: HttpRequest, entered: Entered, *, refused: str = "", status: int = 200
) -> HttpResponse:
    """The expert sees all; a member only what was sent to them."""
    who, case_id = asker(request), entered.case.pk
    acts_for_owner = entered.standings.acts_for_owner
    own = None if acts_for_owner else who.user_id
    page, notices = acts_and_notices(entered, own=own, cursor=request.GET.get("suite"))
    may_post = covered(who, owner_id=entered.case.room.owner_id, act=Covers.LETTERS)
    letters = post.letters([case_id] if may_post else [])
    context = case_page(
        entered,
        here="courriers",
        acts=[Act(basket, notices.get(basket.pk, [])) for basket in page.items],
        next_cursor=page.next_cursor,
        may_post=may_post,
        without_address=[one for one in cases.roster(entered.case) if without_address(one)]
        if may_post
        else [],
        to_print=list(letters.filter(posted_on__isnull=True)),
        posted=list(letters.filter(posted_on__isnull=False)[:100]),
        today=timezone.localdate(timezone=PARIS),
        refused=refused,
    )
    return render(request, "courriers/liste.html", context, status=status)


def acts_and_notices(
    entered: Entered, *, own: UUID | None, cursor: str | None
) -> tuple[Any, dict[UUID, list[Any]]]:
    """A page of acts of deposit, newest first, with the avis of each."""
    page = acts(within=entered.standings, told_to=own, cursor=cursor)
    notices = alerts.notices_of([act.pk for act in page.items])
    if own is not None:
        notices = notices.filter(addressee__user=own)
    found: dict[UUID, list[Any]] = {}
    for notice in notices:
        found.setdefault(notice.basket_id, []).append(notice)
    return page, found


@require_GET
def letter(request: HttpRequest, case_id: UUID, letter_id: UUID) -> HttpResponse:
    """A letter as a sheet to print."""
    entered = enter(request, case_id)
    found = access.letter(case_id, letter_id, asker=asker(request))
    context = case_page(
        entered,
        here="courriers",
        letter=found,
        today=timezone.localdate(timezone=PARIS),
    )
    return render(request, "courriers/lettre.html", context)


@require_GET
def letter_sheet(request: HttpRequest, case_id: UUID, letter_id: UUID) -> HttpResponse:
    """The same letter as a PDF, typeset for a window envelope."""
    found = access.letter(case_id, letter_id, asker=asker(request))
    content = letter_pdf(found, case=enter(request, case_id).case)
    return pdf_answer(content, name=f"lettre-{found.pk.hex[:8]}.pdf")


@require_POST
def posted(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """« Postées le … », for the letters that are ticked: into the log, and their tasks are done."""
    entered, who = managed(request, case_id, covers=Covers.LETTERS), asker(request)
    try:
        found = [access.letter(case_id, one, asker=who) for one in ticked(request)]
        if not found:
            raise Invalid(what="Cochez les lettres qui ont été postées.")
        written = max(one.created_at.astimezone(PARIS).date() for one in found)
        day = read_posting_day(request.POST.get("jour", ""), written=written)
    except Refusal as refusal:
        if refusal.kind is Kind.ABSENT:
            raise
        said, status = refusal.for_people(), STATUS[refusal.kind]
        return letters_page(request, entered, refused=said, status=status)
    for one in found:
        if one.posted_on is None:
            roster.letter_posted(one, case=entered.case, on=day, actor=who, at=timezone.now())
    return redirect(f"/dossiers/{case_id}/courriers")


def ticked(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(one) for one in request.POST.getlist("lettre")[:200]]
    except ValueError:
        raise NotFound from None


def read_posting_day(typed: str, *, written: date) -> date:
    """A day that has come, not before the letter was written."""
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        raise Invalid(
            what="Le jour de la poste n'est pas lisible : choisissez-le dans le calendrier."
        ) from None
    if not written <= day <= timezone.localdate(timezone=PARIS):
        raise Invalid(
            what="Le jour de la poste ne peut être ni avant la lettre, ni après aujourd'hui."
        )
    return day


@require_GET
def demo_mails(request: HttpRequest) -> HttpResponse:
    """Every mail of the demo as text, newest first. Anywhere else this page does not exist."""
    if not settings.DEMO:
        raise NotFound
    wanted = request.GET.get("a", "").strip().lower()
    found = list(post.latest_messages(500))
    shown = [message for message in found if not wanted or message.to == wanted][:100]
    context = {
        "mails": shown,
        "addresses": sorted({message.to for message in found}),
        "wanted": wanted,
    }
    return render(request, "courriers/demonstration.html", context)


urls = [
    path("dossiers/<uuid:case_id>/courriers", list_page),
    path("dossiers/<uuid:case_id>/lettres/<uuid:letter_id>", letter),
    path("dossiers/<uuid:case_id>/lettres/<uuid:letter_id>/pdf", letter_sheet),
    path("dossiers/<uuid:case_id>/lettres/postees", posted),
    path("courriers", demo_mails),
]
