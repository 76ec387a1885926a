"""What every page of a case begins with: who asks, which case, what they hold in it, its band."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest

from accedit.domain.cases import access
from accedit.domain.cases.access import Entered
from accedit.domain.cases.enums import Template
from accedit.domain.cases.stages import KINDS
from accedit.domain.filing import access as filing_access
from accedit.domain.filing.enums import Right
from accedit.domain.people.enums import Covers
from accedit.domain.people.rights import Actor


def asker(request: HttpRequest) -> Actor:
    """The person of this session; the middleware let nobody else come so far."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def enter(request: HttpRequest, case_id: UUID) -> Entered:
    return access.case(case_id, asker=asker(request))


def owned(request: HttpRequest, case_id: UUID) -> Entered:
    """The case, for its expert alone; a member is told so, a stranger learns nothing."""
    entered = enter(request, case_id)
    filing_access.owned_room(case_id, asker=asker(request))
    return entered


def managed(request: HttpRequest, case_id: UUID, *, covers: Covers) -> Entered:
    return access.managed_case(case_id, asker=asker(request), covers=covers)


def case_page(entered: Entered, *, here: str, **more: Any) -> dict[str, Any]:
    """The context of a page of this case; `here` is the place of the band that it belongs to."""
    case, standings = entered.case, entered.standings
    return {
        "case": case,
        "room": case.room,
        "kind": KINDS[Template(case.template)],
        "here": here,
        "is_expert": standings.is_owner,
        "acts_for_expert": standings.acts_for_owner,
        "closed": standings.facts.closed,
        "may_deposit": not standings.facts.closed
        and Right.ADD in standings.asking.ceiling
        and any(Right.ADD in rights for rights in standings.held.values()),
        **more,
    }
