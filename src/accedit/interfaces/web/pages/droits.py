"""The rights of a case, for its expert: who has what where, and each change shown before it is made."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.filing import access
from accedit.domain.filing import queries as filing
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.operations import grants, places, seals
from accedit.domain.filing.queries import changes, explaining
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.pages.entering import asker, case_page, enter, owned
from accedit.shared.refusals import Kind, NotFound, Refusal


@dataclass(frozen=True, slots=True)
class Line:
    """One place of the tree, and what is given right there."""

    node: Any
    given: Sequence[Any]
    level: int


@require_GET
def page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = owned(request, case_id)
    tree = filing.places(within=entered.standings)
    seen = {one.node.pk: one for one in explaining.places_shared(tree, within=entered.standings)}
    context = case_page(
        entered,
        here="droits",
        lines=[Line(node, seen[node.pk].given, min(level, 3)) for node, level in walked(tree)],
        members=members_of(entered),
    )
    return render(request, "droits/page.html", context)


def walked(tree: Sequence[Any]) -> Iterator[tuple[Any, int]]:
    """Each place after the one it lies in, with its level."""
    below: dict[UUID | None, list[Any]] = {}
    for node in tree:
        below.setdefault(node.parent_id, []).append(node)

    def walk(parent: UUID | None, level: int) -> Iterator[tuple[Any, int]]:
        for node in below.get(parent, []):
            yield node, level
            yield from walk(node.pk, level + 1)

    return walk(None, 0)


def members_of(entered: Entered) -> list[Any]:
    """Without the expert, who has every right already."""
    owner = entered.case.room.owner_id
    return [row.user for row in filing.members(entered.case.room) if row.user_id != owner]


def place_of(request: HttpRequest, case_id: UUID, node_id: UUID) -> tuple[Entered, Reached]:
    """A place of this case and no other, for its expert alone."""
    entered = enter(request, case_id)
    reached = access.owned_place(node_id, asker=asker(request))
    if reached.node.room_id != case_id:
        raise NotFound
    return entered, reached


@require_GET
def place(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    entered, reached = place_of(request, case_id, node_id)
    node = reached.node
    context = case_page(
        entered,
        here="droits",
        node=node,
        shared=explaining.shared(node, within=reached.standings),
        may_seal=node.kind == NodeKind.FOLDER,
        may_act=not reached.standings.facts.closed,
    )
    return render(request, "droits/lieu.html", context)


@require_http_methods(["GET", "POST"])
def give(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """To whom; then which rights; then what it opens and closes; then it is done."""
    entered, reached = place_of(request, case_id, node_id)
    word = request.POST.get("a") or request.GET.get("a") or ""
    context = case_page(entered, here="droits", node=reached.node, word=word)
    if not word:
        context |= {
            "members": members_of(entered),
            "groups": [one.group for one in cases.groups(entered.case)],
        }
        return render(request, "droits/choisir.html", context)
    subject = access.subject(word, within=reached.standings)
    held = grants.held_at(reached.node, subject)
    act = request.POST.get("do", "")
    ticked = read_rights(request.POST.getlist("droit")) if act else held
    refused, status = "", 200
    if act == "confirm":
        try:
            grants.give(
                node_id,
                to=word,
                rights=ticked,
                actor=asker(request),
                at=timezone.now(),
                seen=request.POST.get("vu", ""),
            )
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/droits/{node_id}")
    context |= {
        "subject": subject,
        "held": held,
        "ticked": ticked,
        "rights": list(Right),
        "refused": refused,
    }
    if act not in ("check", "confirm"):
        return render(request, "droits/donner.html", context, status=status)
    within = reached.standings
    preview = changes.of_grant(node=node_id, subject=subject.pk, rights=ticked, within=within)
    context |= {"mark": preview.mark, "effect": changes.named(preview, within=within)}
    return render(request, "droits/donner_confirmer.html", context, status=status)


def read_rights(typed: Collection[str]) -> frozenset[Right]:
    """The boxes that are ticked; a word that is no right ticks nothing."""
    return frozenset(right for right in Right if right in typed)


@require_http_methods(["GET", "POST"])
def seal(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """Both ways: what is sealed is unsealed on the same page."""
    entered, reached = place_of(request, case_id, node_id)
    node, within = reached.node, reached.standings
    ticked = set(request.POST.getlist("perd"))
    refused, status = "", 200
    if request.method == "POST":
        common: dict[str, Any] = {"actor": asker(request), "at": timezone.now()}
        common["seen"] = request.POST.get("vu", "")
        try:
            if request.POST.get("do") == "unseal":
                seals.unseal(node_id, **common)
            else:
                seals.seal(node_id, losing=read_ids(ticked), **common)
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/droits/{node_id}")
    if node.kind != NodeKind.FOLDER:
        raise NotFound
    preview = changes.of_seal(node=node_id, sealed=not node.sealed, within=within)
    readers = changes.readers_of_evidence_lost(preview, within=within)
    context = case_page(
        entered,
        here="droits",
        node=node,
        mark=preview.mark,
        effect=changes.named(preview, within=within),
        readers=[(reader, str(reader.pk) in ticked) for reader in readers],
        refused=refused,
    )
    return render(request, "droits/reserver.html", context, status=status)


def read_ids(typed: Collection[str]) -> list[UUID]:
    found = []
    for text in typed:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found


@require_http_methods(["GET", "POST"])
def rename(request: HttpRequest, case_id: UUID, node_id: UUID) -> HttpResponse:
    """By whoever may modify there: the expert, an assistant, a member who was given it."""
    entered = enter(request, case_id)
    reached = access.node(node_id, asker=asker(request), need=Right.MODIFY)
    node = reached.node
    if node.room_id != case_id or node.kind == NodeKind.FILE:
        raise NotFound
    typed, refused, status = request.POST.get("nom", node.name), "", 200
    if request.method == "POST":
        try:
            places.rename_folder(node_id, name=typed, actor=asker(request), at=timezone.now())
        except Refusal as refusal:
            refused, status = said(refusal)
        else:
            return redirect(f"/dossiers/{case_id}/dossier/{node_id}")
    context = case_page(entered, here="dossier", node=node, typed=typed, refused=refused)
    return render(request, "droits/renommer.html", context, status=status)


def said(refusal: Refusal) -> tuple[str, int]:
    """What stands beside the form; what does not exist stays a page of its own."""
    if refusal.kind is Kind.ABSENT:
        raise refusal
    return refusal.for_people(), STATUS[refusal.kind]


urls = [
    path("dossiers/<uuid:case_id>/droits", page),
    path("dossiers/<uuid:case_id>/droits/<uuid:node_id>", place),
    path("dossiers/<uuid:case_id>/droits/<uuid:node_id>/donner", give),
    path("dossiers/<uuid:case_id>/droits/<uuid:node_id>/reserver", seal),
    path("dossiers/<uuid:case_id>/dossier/<uuid:node_id>/renommer", rename),
]
