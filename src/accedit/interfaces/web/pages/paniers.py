"""To deposit: the basket, the last screen before it is final, the screen that says it is done."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from accedit.domain.alerts import queries as alerts
from accedit.domain.cases import access as cases_access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.evidence.operations.signatures import acknowledge
from accedit.domain.filing import access
from accedit.domain.filing import queries as filing
from accedit.domain.filing.enums import Means
from accedit.domain.filing.operations import baskets
from accedit.domain.filing.operations.rooms import refuse_if_closed
from accedit.domain.filing.queries.telling import told_of_a_deposit
from accedit.domain.filing.reckoning import is_late
from accedit.domain.post.enums import Fate
from accedit.interfaces.web.errors import STATUS
from accedit.interfaces.web.forms.arrangement import (
    ItemRow,
    arrangement,
    moved,
    propose,
    rows_of,
    rows_sent,
)
from accedit.interfaces.web.pages.entering import asker, case_page, enter
from accedit.interfaces.web.templatetags.mots import MEANS
from accedit.shared.refusals import PARIS, Invalid, Kind, NotFound, Refusal


@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """To the basket: at once for whoever has one box, by a choice for the others."""
    entered, who = enter(request, case_id), asker(request)
    refuse_if_closed(entered.case.room)
    if entered.standings.acts_for_owner:
        return start_on_behalf(request, entered)
    boxes = filing.boxes_open_to(within=entered.standings)
    wanted = request.POST.get("boite", "") if request.method == "POST" else ""
    chosen = [box for box in boxes if str(box.folder_id) == wanted] if wanted else boxes
    if len(chosen) != 1:
        if wanted:
            raise NotFound
        context = case_page(entered, here="deposer", boxes=boxes)
        return render(request, "paniers/choisir.html", context)
    box, _ = access.box(chosen[0].folder_id, asker=who)
    basket = baskets.open_basket(box=box, actor=who, at=timezone.now())
    return redirect(f"/paniers/{basket.pk}")


def start_on_behalf(request: HttpRequest, entered: Entered) -> HttpResponse:
    """The expert or the assistant enters what came by post, by mail or by hand."""
    sides = cases.sides(entered.case)
    typed = {name: request.POST.get(name, "") for name in ("partie", "moyen", "recu_le")}
    errors: dict[str, str] = {}
    status = 200
    if request.method == "POST":
        by_id = {str(party.pk): party for seen in sides for party in seen.parties}
        party = by_id.get(typed["partie"])
        if party is None:
            errors["partie"] = "Choisissez la partie pour le compte de qui vous déposez."
        if typed["moyen"] not in {means.value for means in Means}:
            errors["moyen"] = "Dites comment les pièces vous sont parvenues."
        received_on = read_day(typed["recu_le"], errors=errors)
        if not errors and party is not None:
            return redirect(f"/paniers/{_behalf_basket(request, entered, party, received_on)}")
        status = 422
    context = case_page(
        entered,
        here="deposer",
        sides=sides,
        means=[(means.value, words) for means, words in MEANS.items()],
        typed=typed,
        errors=errors,
        today=timezone.localdate(timezone=PARIS),
    )
    return render(request, "paniers/pour_le_compte.html", context, status=status)


def _behalf_basket(
    request: HttpRequest, entered: Entered, party: Any, received_on: date | None
) -> UUID:
    who = asker(request)
    found = [b for b in filing.boxes_open_to(within=entered.standings) if b.side == party.side_id]
    if not found:
        raise NotFound
    box, _ = access.box(found[0].folder_id, asker=who)
    means = Means(request.POST["moyen"])
    behalf = cases_access.behalf(party.pk, box=box, means=means, received_on=received_on)
    basket = baskets.open_basket(box=box, actor=who, at=timezone.now(), behalf=behalf)
    return UUID(str(basket.pk))


def read_day(typed: str, *, errors: dict[str, str]) -> date | None:
    try:
        day = date.fromisoformat(typed.strip())
    except ValueError:
        errors["recu_le"] = "Donnez le jour où vous les avez reçues."
        return None
    if day > timezone.localdate(timezone=PARIS):
        errors["recu_le"] = "Ce jour n'est pas encore venu."
    return day


def basket_page(entered: Entered, basket: Any, **more: Any) -> dict[str, Any]:
    return case_page(entered, here="deposer", basket=basket, box=basket.box, **more)


def reach(request: HttpRequest, basket_id: UUID) -> tuple[Any, Entered]:
    basket = access.basket(basket_id, asker=asker(request))
    return basket, enter(request, basket.box.folder.room_id)


@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, basket_id: UUID) -> HttpResponse:
    basket, entered = reach(request, basket_id)
    if basket.deposited_at:
        return redirect(f"/paniers/{basket_id}/recu")
    items = filing.basket_items(basket)
    if request.method == "GET":
        return list_of_files(request, entered, basket, rows_of(items))
    act, _, which = request.POST.get("do", "save").partition(":")
    rows = rearranged(rows_sent(items, post=request.POST), act=act, which=which)
    if any(row.errors for row in rows):
        return list_of_files(request, entered, basket, rows, status=422)
    try:
        baskets.arrange(basket, wanted=arrangement(rows))
        if act == "remove" and which in {str(item.pk) for item in items}:
            baskets.remove_item(basket, item_id=UUID(which))
        refuse_unready(rows, basket=basket, act=act)
    except Refusal as refusal:
        if refusal.kind is Kind.ABSENT:
            raise
        said, status = refusal.for_people(), STATUS[refusal.kind]
        return list_of_files(request, entered, basket, rows, refused=said, status=status)
    return redirect(
        f"/paniers/{basket_id}{'/confirmer' if act == 'continue' else '#fichiers-titre'}"
    )


def rearranged(rows: list[ItemRow], *, act: str, which: str) -> list[ItemRow]:
    if act in ("up", "down"):
        return moved(rows, item=which, by=-1 if act == "up" else 1)
    if act == "remove":
        return [row for row in rows if str(row.item.pk) != which]
    return rows


def refuse_unready(rows: list[ItemRow], *, basket: Any, act: str) -> None:
    """Said beside the files, before the last screen."""
    if act != "continue":
        return
    if not rows:
        raise Invalid(what="Le panier est vide : ajoutez au moins un fichier.")
    propose(rows, taken=filing.numbers_of(basket.box.side))
    if any(row.errors for row in rows):
        raise Invalid(what="Un numéro ne convient pas : corrigez-le ci-dessous.")


def list_of_files(
    request: HttpRequest,
    entered: Entered,
    basket: Any,
    rows: list[ItemRow],
    *,
    refused: str = "",
    status: int = 200,
) -> HttpResponse:
    propose(rows, taken=filing.numbers_of(basket.box.side))
    context = basket_page(
        entered,
        basket,
        rows=rows,
        refused=refused,
        total=sum(row.item.size for row in rows),
    )
    return render(request, "paniers/panier.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Last:
    """What the last screen says of those who are about to be told."""

    told: list[Any]
    silent: list[Any]

    @property
    def count(self) -> int:
        return len(self.told)


@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, basket_id: UUID) -> HttpResponse:
    """The one screen before it is final; pressed twice, it answers the same."""
    basket, entered = reach(request, basket_id)
    if basket.deposited_at:
        return redirect(f"/paniers/{basket_id}/recu")
    refused, status = "", 200
    if request.method == "POST":
        try:
            deposits = baskets.deposit_basket(
                basket, actor=asker(request), at=timezone.now(), shown=request.POST.get("vu")
            )
        except Refusal as refusal:
            if refusal.kind is Kind.ABSENT:
                raise
            refused, status = refusal.for_people(), STATUS[refusal.kind]
        else:
            acknowledge(deposits[0].log_origin)
            return redirect(f"/paniers/{basket_id}/recu")
    items = filing.basket_items(basket)
    rows, now = rows_of(items), timezone.now()
    if not rows:
        return redirect(f"/paniers/{basket_id}")
    propose(rows, taken=filing.numbers_of(basket.box.side))
    people = told_of_a_deposit(basket.box)
    context = basket_page(
        entered,
        basket,
        rows=rows,
        last=Last([one for one in people if one.is_told], [p for p in people if not p.is_told]),
        late=[
            row
            for row in rows
            if is_late(
                received_from=row.item.received_from,
                received_at=row.item.received_at,
                confirmed_at=now,
                due_at=basket.box.due_at,
            )
        ],
        seen=baskets.as_shown(items),
        refused=refused,
    )
    return render(request, "paniers/confirmer.html", context, status=status)


@require_GET
def done(request: HttpRequest, basket_id: UUID) -> HttpResponse:
    """It is done: at what time, the numbers given, the receipts, who is told and what is known of it."""
    basket, entered = reach(request, basket_id)
    if not basket.deposited_at:
        return redirect(f"/paniers/{basket_id}")
    deposits = filing.basket_deposits(basket)
    acknowledge(deposits[0].log_origin)  # a deposit is never said to be done before it is signed
    notices = list(alerts.notices_of([basket.pk]))
    fates = [Fate(notice.message.fate) for notice in notices if notice.message]
    context = basket_page(
        entered,
        basket,
        deposits=deposits,
        told=len(notices),
        sent=fates.count(Fate.SENT),
        waiting=fates.count(Fate.WAITING),
        lost=fates.count(Fate.REFUSED) + fates.count(Fate.FAILED),
        letters=sum(1 for notice in notices if notice.letter),
    )
    return render(request, "paniers/recu.html", context)


urls = [
    path("dossiers/<uuid:case_id>/deposer", start),
    path("paniers/<uuid:basket_id>", page),
    path("paniers/<uuid:basket_id>/confirmer", confirm),
    path("paniers/<uuid:basket_id>/recu", done),
]
