"""The journal of a case: what happened, by whom, when; each line opens its proof."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from accedit.domain.cases import queries as cases
from accedit.domain.cases.queries import OF_CONTENT
from accedit.domain.evidence.operations import receipts
from accedit.domain.evidence.queries import Told
from accedit.domain.filing.queries import Standings
from accedit.domain.filing.queries.names import pieces_named, places_named
from accedit.interfaces.web.files import zip_answer
from accedit.interfaces.web.pages.claim_words import ClaimSeen, in_words
from accedit.interfaces.web.pages.entering import asker, case_page, enter
from accedit.interfaces.web.pages.journal_words import Names, sentence
from accedit.shared.refusals import NotFound
from accedit_ledger.vocabulary import KINDS


@dataclass(frozen=True, slots=True)
class Line:
    told: Told
    sentence: str


# Filters as plain words; the vocabulary's own nouns say which kinds belong to which.
FILTERS = {
    "pieces": ("Pièces", ("deposit.", "piece.", "due.", "folder.")),
    "personnes": (
        "Personnes",
        ("party.", "member.", "consent.", "invitation.", "counsel.", "delegation.", "rights."),
    ),
    "envois": ("Avis et lettres", ("alert.", "letter.")),
    "dossier": ("Vie du dossier", ("case.", "mission.", "expert.", "space.")),
}


def kinds_of(chosen: str) -> list[str] | None:
    if chosen not in FILTERS:
        return None
    return [kind for kind in KINDS if kind.startswith(FILTERS[chosen][1])]


@require_GET
def list_page(request: HttpRequest, case_id: UUID) -> HttpResponse:
    entered = enter(request, case_id)
    chosen, space = request.GET.get("voir", ""), read_space(request)
    page = cases.journal(
        case_id,
        within=entered.standings,
        asker=asker(request),
        cursor=request.GET.get("suite"),
        kinds=kinds_of(chosen),
        space=space,
    )
    kept = {"voir": chosen} if chosen in FILTERS else {}
    if space:
        kept["espace"] = str(space)
    context = case_page(
        entered,
        here="journal",
        filters=[("", "Tout"), *((name, words) for name, (words, _) in FILTERS.items())],
        chosen=chosen if chosen in FILTERS else "",
        query_kept=urlencode(kept),
        space=space,
        spaces=cases.spaces(within=entered.standings),
        groups=cases.groups_told(within=entered.standings),
        lines=lines_of(page.items, within=entered.standings),
        next_cursor=page.next_cursor,
    )
    return render(request, "journal/liste.html", context)


def read_space(request: HttpRequest) -> UUID | None:
    """The sealed space, or the group, whose own journal is asked for; none is the case's."""
    typed = request.GET.get("espace", "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        raise NotFound from None


def lines_of(told: Sequence[Told], *, within: Standings) -> list[Line]:
    names = names_for(told, within=within)
    return [Line(one, sentence(one, names=names)) for one in told]


def names_for(told: Sequence[Told], *, within: Standings) -> Names:
    """Of what these entries speak of, the names that the asker may see: two queries."""
    places = _ids(told, "node_id")
    pieces = _ids(told, "piece_id")
    return Names(places_named(places, within=within), pieces_named(pieces, within=within))


def _ids(told: Sequence[Told], claim: str) -> set[UUID]:
    found: set[UUID] = set()
    for one in told:
        try:
            found.add(UUID(str(one.claims.get(claim))))
        except ValueError:
            continue
    return found


def line_of(request: HttpRequest, case_id: UUID, index: int) -> tuple[Any, Told]:
    """One line, if the journal of the asker has it; else the answer for what does not exist."""
    entered = enter(request, case_id)
    told = cases.journal_entry(
        case_id,
        index=index,
        within=entered.standings,
        asker=asker(request),
        space=read_space(request),
    )
    if told is None:
        raise NotFound
    return entered, told


@require_GET
def line_page(request: HttpRequest, case_id: UUID, index: int) -> HttpResponse:
    entered, told = line_of(request, case_id, index)
    names = names_for([told], within=entered.standings)
    claims: list[ClaimSeen] = in_words(told)
    context = case_page(
        entered,
        here="journal",
        told=told,
        sentence=sentence(told, names=names),
        claims=claims,
        space=read_space(request),
    )
    return render(request, "journal/ligne.html", context)


@require_GET
def proof(request: HttpRequest, case_id: UUID, index: int) -> HttpResponse:
    """The receipt of this entry: the same kind of file as a deposit's."""
    _, told = line_of(request, case_id, index)
    closed = () if OF_CONTENT & set(told.claims) else OF_CONTENT
    content = receipts.receipt(origin=told.origin, index=told.leaf, without=closed)
    return zip_answer(content, name=f"preuve-ligne-{told.index}.zip")


urls = [
    path("dossiers/<uuid:case_id>/journal", list_page),
    path("dossiers/<uuid:case_id>/journal/<int:index>", line_page),
    path("dossiers/<uuid:case_id>/journal/<int:index>/preuve", proof),
]
