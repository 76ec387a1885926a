"""Lists of cases, people, tasks; the journal, filtered to what the asker may see."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db.models import Q, QuerySet

from accedit.domain.cases.models import Case, Consent, Mandate, Party, RosterLine, Side, Task
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.models import Entry, LogHead
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import queries as filing
from accedit.domain.filing.models import Node
from accedit.domain.filing.queries import Standings, single
from accedit.domain.people.models import Group, Membership, User
from accedit.domain.people.rights import Actor
from accedit.shared.paging import PAGE, Page, decode, encode
from accedit.shared.refusals import NotFound

OF_CONTENT = frozenset({"sha256", "size", "title"})


def cases(*, asker: Actor, cursor: str | None = None, size: int = PAGE) -> Page[Case]:
    """One's cases, newest first."""
    rows = Case.objects.filter(room__in=filing.rooms(asker=asker).order_by()).select_related(
        "room__owner", "room__space"
    )
    after = decode(cursor, size=1)
    if after:
        last = rows.filter(pk=filing.as_uuid(after[0])).first()  # a case of others tells nothing
        if last:
            rows = rows.filter(room__opened_at__lte=last.room.opened_at).exclude(
                room__opened_at=last.room.opened_at, pk__gte=last.pk
            )
    page = list(rows.order_by("-room__opened_at", "-pk")[: size + 1])
    more, page = len(page) > size, page[:size]
    return Page(page, encode(str(page[-1].pk)) if more else None)


@dataclass(frozen=True, slots=True)
class SideSeen:
    side: Side
    parties: Sequence[Party]
    counsel: Sequence[Mandate]


def sides(case: Case) -> list[SideSeen]:
    """Each side with its parties and whoever acts for them today: three queries."""
    parties: dict[UUID, list[Party]] = {}
    for party in Party.objects.filter(case=case).select_related("side", "user").order_by("rank"):
        parties.setdefault(party.side_id, []).append(party)
    counsel: dict[UUID, list[Mandate]] = {}
    for mandate in (
        Mandate.objects.filter(party__case=case, until__isnull=True)
        .select_related("counsel__firm", "firm", "party")
        .order_by("since", "counsel__name")
    ):
        counsel.setdefault(mandate.party.side_id, []).append(mandate)
    return [
        SideSeen(side, parties.get(side.pk, []), counsel.get(side.pk, []))
        for side in Side.objects.filter(case=case).order_by("rank")
    ]


def roster(case: Case) -> list[RosterLine]:
    return list(
        RosterLine.objects.filter(case=case, left_at__isnull=True)
        .select_related("user__firm", "party__side", "addressee")
        .order_by("rank")
    )


def consents(case: Case) -> dict[UUID, Consent]:
    """The last answer, or the last question, of each line."""
    rows = Consent.objects.filter(line__case=case).order_by("asked_at", "pk")
    return {row.line_id: row for row in rows}


def open_tasks(case: Case) -> QuerySet[Task]:
    rows = Task.objects.filter(case=case, done_at__isnull=True).select_related("case__room")
    return rows.order_by("created_at", "pk")


def open_tasks_of(case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many tasks wait in each case."""
    found: dict[UUID, int] = {}
    for case_id in Task.objects.filter(case__in=case_ids, done_at__isnull=True).values_list(
        "case_id", flat=True
    ):
        found[case_id] = found.get(case_id, 0) + 1
    return found


def waiting_tasks(*, asker: Actor, limit: int = 100) -> list[Task]:
    """What waits for an expert, or for whoever acts for one, in all their cases."""
    rooms = filing.rooms(asker=asker).filter(Q(owner=asker.user_id) | _acted_for(asker)).order_by()
    return list(
        Task.objects.filter(case__room__in=rooms, done_at__isnull=True)
        .select_related("case__room")
        .order_by("created_at", "pk")[:limit]
    )


def _acted_for(asker: Actor) -> Q:
    return Q(space__delegations__delegate=asker.user_id, space__delegations__ended_at__isnull=True)


def open_questions(*, asker: Actor, case: Case | None = None) -> list[Consent]:
    """The questions about electronic exchange that one has not answered yet."""
    rows = Consent.objects.filter(
        line__user=asker.user_id, line__left_at__isnull=True, answered_at__isnull=True
    )
    if case is not None:
        rows = rows.filter(line__case=case)
    if asker.only_room:
        rows = rows.filter(line__case=asker.only_room)
    return list(rows.select_related("line__case__room").order_by("asked_at", "pk"))


def journal(
    case_id: UUID,
    *,
    within: Standings,
    asker: Actor,
    cursor: str | None = None,
    size: int = PAGE,
    kinds: Sequence[str] | None = None,
    space: UUID | None = None,
) -> Page[Told]:
    """What happened, newest first: the expert sees all; others what concerns them or is theirs to
    see. `space` is a sealed place, or a group, whose own log is asked for; `NotFound` if it is
    not the asker's to see."""
    seen = None
    if not within.acts_for_owner:
        seen = Node.objects.filter(within.visible(), room=within.room).values("pk")
    page = evidence.entries(
        log.acts_of(case_id, sealed=_told_apart(space, within=within)),
        asker=asker.user_id,
        seen_nodes=seen,
        cursor=cursor,
        size=size,
        kinds=kinds,
    )
    return Page(_as_seen(page.items, within=within), page.next_cursor)


def _as_seen(lines: Sequence[Told], *, within: Standings) -> list[Told]:
    """A hash names a known document, and a title tells what it says: for its readers only."""
    pieces = {line.node for line in lines if line.node and OF_CONTENT & set(line.claims)}
    readable = single.readable(pieces, within=within)
    return [
        replace(line, claims={k: v for k, v in line.claims.items() if k not in OF_CONTENT})
        if line.node in pieces - readable
        else line
        for line in lines
    ]


def journal_entry(
    case_id: UUID, *, index: int, within: Standings, asker: Actor, space: UUID | None = None
) -> Told | None:
    """One line of the journal, if the asker may see it."""
    page = journal(
        case_id, within=within, asker=asker, cursor=encode(index + 1), size=1, space=space
    )
    line = page.items[0] if page.items else None
    return line if line is not None and line.index == index else None


def spaces(*, within: Standings) -> list[Node]:
    """The places with a log of their own, sealed today or once, that the asker may see."""
    return list(
        Node.objects.filter(
            within.visible(), room=within.room, pk__in=_logs_apart(within)
        ).order_by("depth", "sort_key", "pk")
    )


def groups_told(*, within: Standings) -> list[Group]:
    """The groups of the case with a log of their own: for the expert alone."""
    if not within.is_owner:
        return []
    found = Group.objects.filter(room_id=within.room.pk, pk__in=_logs_apart(within))
    return list(found.order_by("name", "pk"))


def _logs_apart(within: Standings) -> list[UUID]:
    acts = log.acts_of(within.room.pk)
    prefix = f"{acts.removesuffix('/acts')}/s/"
    heads = LogHead.objects.filter(first__startswith=prefix, first__endswith="/acts")
    firsts = heads.order_by().values_list("first", flat=True).distinct()
    return [UUID(first.removeprefix(prefix).partition("/")[0]) for first in firsts]


def _told_apart(space: UUID | None, *, within: Standings) -> UUID | None:
    if space is None:
        return None
    seen = {node.pk for node in spaces(within=within)}
    if space not in seen and space not in {group.pk for group in groups_told(within=within)}:
        raise NotFound
    return space


@dataclass(frozen=True, slots=True)
class GroupSeen:
    """A group and its people. The one of the liste de diffusion changes with it alone."""

    group: Group
    people: Sequence[User]
    follows_roster: bool


def groups(case: Case) -> list[GroupSeen]:
    """For the page of the expert; the group of the liste de diffusion first. Two queries."""
    people: dict[UUID, list[User]] = {}
    for row in (
        Membership.objects.filter(group__room_id=case.pk)
        .select_related("user__firm")
        .order_by("user__name", "pk")
    ):
        people.setdefault(row.group_id, []).append(row.user)
    found = [
        GroupSeen(group, people.get(group.pk, []), group.pk == case.group_id)
        for group in Group.objects.filter(room_id=case.pk).order_by("name", "pk")
    ]
    return sorted(found, key=lambda one: not one.follows_roster)


def readings(node_id: UUID, *, within: Standings, asker: Actor) -> list[Told]:
    """Who opened a piece and when: the expert sees all, others their own (product default)."""
    logs = (
        Entry.objects.filter(node=node_id, log__first__endswith="/reads")
        .order_by()
        .values_list("log__first", flat=True)
        .distinct()
    )
    told: list[Told] = []
    for origin in logs:  # one, or two if what it lies in was sealed between two openings
        page = evidence.entries(
            origin,
            asker=asker.user_id,
            seen_nodes=None if within.is_owner else Node.objects.none().values("pk"),
            node=node_id,
        )
        told += page.items
    return sorted(told, key=lambda one: one.at, reverse=True)


def assistants(case: Case) -> list[User]:
    return list(
        User.objects.filter(
            delegations__space=case.room.space, delegations__ended_at__isnull=True
        ).order_by("name")
    )
