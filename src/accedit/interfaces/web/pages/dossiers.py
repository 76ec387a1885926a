"""The list of one's cases, the page of a case, its folders."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accedit.domain.alerts import queries as alerts
from accedit.domain.cases import access as cases_access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.operations import roster
from accedit.domain.cases.operations.tasks import finish_task
from accedit.domain.cases.stages import ARCHIVES, BOXES, CONSENT, CONSENT_VERSION
from accedit.domain.evidence.operations.log import stamp
from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing import access as filing_access
from accedit.domain.filing import queries as filing
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.operations import places
from accedit.domain.filing.queries import across
from accedit.domain.filing.queries.news import newest
from accedit.domain.filing.queries.summary import BoxContent, box_contents
from accedit.domain.people.enums import Covers, PersonKind
from accedit.domain.people.rights import Actor
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.pages.entering import asker, case_page, enter, managed
from accedit.interfaces.web.pages.taches import grouped
from accedit.shared.paging import PAGE
from accedit.shared.refusals import Kind, NotFound, Refusal

MANY = 1000  # lines of a folder on one page, for whoever would rather search in it than turn pages


@dataclass(frozen=True, slots=True)
class CaseSeen:
    """One line of the list of cases."""

    case: Any
    pieces: int
    next_due: datetime | None
    tasks: int


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    who = asker(request)
    page = cases.cases(asker=who, cursor=request.GET.get("suite"))
    if who.kind is PersonKind.PRIVATE and len(page.items) == 1 and not page.next_cursor:
        return redirect(f"/dossiers/{page.items[0].pk}")
    held = across.standings_of([case.room for case in page.items], asker=who)
    counts = across.piece_counts(held.values())
    dues = across.next_dues(held.values(), at=timezone.now())
    waiting = grouped(cases.waiting_tasks(asker=who))
    tasks: dict[UUID, int] = {}
    for one in waiting:
        tasks[one.case.pk] = tasks.get(one.case.pk, 0) + one.count
    context = {
        "seen": [
            CaseSeen(case, counts.get(case.pk, 0), dues.get(case.pk), tasks.get(case.pk, 0))
            for case in page.items
        ],
        "next_cursor": page.next_cursor,
        "first_page": not request.GET.get("suite"),
        "waiting": waiting,
        "questions": cases.open_questions(asker=who),
        "baskets": across.open_baskets(asker=who, rooms=filing.rooms(asker=who)),
        "arrivals": across.arrivals(held.values()),
        "may_open": who.kind in (PersonKind.EXPERT, PersonKind.ASSISTANT),
    }
    return render(request, "dossiers/liste.html", context)


@dataclass(frozen=True, slots=True)
class BoxSeen:
    """A box with what it holds and who may deposit in it."""

    box: Any
    content: BoxContent
    depositors: list[Any]
    is_mine: bool
    is_open: bool  # with « déposer » alone, its name shows and nothing else


@require_GET
def case_view(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered, who = enter(request, case_id), asker(request)
    since = newest(within=entered.standings, asker=who, otherwise=entered.case.room.opened_at)
    seen = boxes_seen(entered, who=who)
    questions = cases.open_questions(asker=who, case=entered.case)
    acts = entered.standings.acts_for_owner
    context = case_page(
        entered,
        here="dossier",
        since=stamp(since),
        boxes=seen,
        mine=[] if acts else filing.own_deposits(asker=who, room=entered.case.room, limit=5),
        places=folders(entered),
        question=questions[0] if questions else None,
        consent=CONSENT,
        consent_version=CONSENT_VERSION,
        key=verifier_key(),
        waiting=grouped(cases.open_tasks(entered.case)) if acts else [],
        fates=alerts.fates(case_id) if acts else None,
    )
    return render(request, "dossiers/dossier.html", context)


def boxes_seen(entered: Entered, *, who: Actor) -> list[BoxSeen]:
    contents = box_contents(within=entered.standings)
    adding = filing.depositors(entered.case.pk)
    return [
        BoxSeen(
            box,
            contents.get(box.pk, BoxContent()),
            adding.get(box.folder_id, []),
            is_mine=who.user_id in [user.pk for user in adding.get(box.folder_id, [])],
            is_open=Right.BROWSE in entered.standings.on(box.folder),
        )
        for box in filing.boxes(within=entered.standings)
    ]


def folders(entered: Entered) -> list[Any]:
    """The tree without what the boxes above already show."""
    found = filing.places(within=entered.standings)
    hidden = {node.pk for node in found if node.depth == 1 and node.name in (BOXES, ARCHIVES)} | {
        node.pk for node in found if node.kind in (NodeKind.ROOT, NodeKind.BOX, NodeKind.ARCHIVE)
    }
    below: dict[UUID | None, list[Any]] = {}
    for node in found:
        if node.pk not in hidden:
            below.setdefault(node.parent_id, []).append(node)
    shown = {node.pk for nodes in below.values() for node in nodes}
    ordered: list[Any] = []

    def walk(parent: UUID | None, level: int) -> None:
        for node in below.get(parent, []):
            node.level = level
            ordered.append(node)
            walk(node.pk, level + 1)

    for top in sorted((key for key in below if key not in shown), key=str):
        walk(top, 0)
    return ordered


@require_POST
def tasks_done(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """« C'est fait », for what nothing else ends: a letter's task ends when it is posted."""
    entered = managed(request, case_id, covers=Covers.LETTERS)
    wanted = set(request.POST.getlist("tache"))
    for task in cases.open_tasks(entered.case).exclude(kind=TaskKind.SERVE_BY_POST):
        if str(task.pk) in wanted:
            finish_task(task, at=timezone.now())
    return redirect(f"/dossiers/{case_id}")


@require_POST
def answer(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """« J'accepte » or « Je préfère la poste »; it may be changed later on the page of the people."""
    line = cases_access.own_line(case_id, asker=asker(request))
    said = request.POST.get("reponse")
    if said in ("oui", "non"):
        roster.answer_consent(line, given=said == "oui", actor=asker(request), at=timezone.now())
    back = "personnes" if request.POST.get("retour") == "personnes" else ""
    return redirect(f"/dossiers/{case_id}/{back}".rstrip("/"))


@require_http_methods(["GET", "POST"])
def folder(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """A place and what lies in it; whoever may add creates a folder there."""
    entered, who = enter(request, case_id), asker(request)
    reached = filing_access.node(node_id, asker=who, need=Right.BROWSE, within=entered.standings)
    node = reached.node
    if node.room_id != case_id or node.kind == NodeKind.FILE or Right.BROWSE not in reached.rights:
        raise NotFound
    refused, name = "", ""
    status = 200
    if request.method == "POST":
        name = request.POST.get("nom", "")
        try:
            made = places.create_folder(node_id, name=name, actor=who, at=timezone.now())
        except Refusal as refusal:
            if refusal.kind is Kind.ABSENT:
                raise
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            return redirect(f"/dossiers/{case_id}/dossier/{made.pk}")
    many = request.GET.get("lignes") == str(MANY)
    page = filing.children(
        node,
        within=reached.standings,
        cursor=request.GET.get("suite"),
        size=MANY if many else PAGE,
    )
    context = case_page(
        entered,
        here="dossier",
        node=node,
        children=page.items,
        next_cursor=page.next_cursor,
        query_kept=f"lignes={MANY}" if many else "",
        may_show_many=bool(page.next_cursor) and not many,
        may_add=Right.ADD in reached.rights and node.kind in (NodeKind.ROOT, NodeKind.FOLDER),
        may_rename=Right.MODIFY in reached.rights and node.kind == NodeKind.FOLDER,
        refused=refused,
        typed=name,
    )
    return render(request, "dossiers/rangement.html", context, status=status)


urls = [
    path("dossiers", list_page),
    path("dossiers/<uuid:case_id>", case_view),
    path("dossiers/<uuid:case_id>/accord", answer),
    path("dossiers/<uuid:case_id>/taches", tasks_done),
    path("dossiers/<uuid:case_id>/dossier/<uuid:node_id>", folder),
]
