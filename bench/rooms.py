"""The rooms of a run: four cases of ten members, and one room as large as they come.

People and cases are made by the operations of real use. The pieces of the large room are
written in bulk, each in the scope of its place, without bytes: pages of lists never open them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

MEMBERS, CASES = 10, 4
LOT = 1000
SCOPES = 60


@dataclass(frozen=True)
class Depositor:
    token: str
    box: UUID


@dataclass(frozen=True)
class Large:
    """A room with `nodes` nodes: one place of a thousand pieces in it, and who looks at it."""

    case: UUID
    place: UUID
    nodes: int
    members: int
    cookie: str
    token: str
    owner: Any
    root: Any
    group: Any


def expert() -> Any:
    from accedit.domain.people.models import User  # noqa: PLC0415 - once Django is ready
    from bench.installation import EXPERT  # noqa: PLC0415

    return _actor(User.objects.select_related("firm").get(email=EXPERT))


def depositors() -> list[Depositor]:
    """Two of each case: eight clients, each with a key of its own and a box of its own."""
    found = []
    for which in range(CASES):
        case, people = _case(f"Charge {which + 1}", members=MEMBERS, sides=MEMBERS - 1)
        boxes = _boxes(case)
        for name in sorted(people)[:2]:
            side = f"côté {name.split()[-1]}"
            found.append(Depositor(_token(people[name]), boxes[side].folder_id))
    return found


def large(*, nodes: int, members: int) -> Large:
    """A room in which everybody sees through some sixty scopes."""
    sides = min(12, members - 1)
    case, people = _case(f"Salle de {nodes} nœuds", members=members, sides=sides)
    boxes = list(_boxes(case).values())
    first = boxes[0].folder
    places = [first]
    if nodes > LOT:
        places += [box.folder for box in boxes[1:]]
        places += list(_lots(boxes, count=nodes // LOT - len(places), group=case.group))
    for rank, place in enumerate(places):
        _fill(place, box=boxes[rank % len(boxes)], depositor=next(iter(people.values())), rank=rank)
    who = people[sorted(people)[0]]
    return Large(
        case=case.pk,
        place=first.pk,
        nodes=nodes,
        members=members,
        cookie=_session(who),
        token=_token(who),
        owner=case.room.owner,
        root=first.parent.parent,
        group=case.group,
    )


def analysed() -> None:
    """The planner learns what the autovacuum of a quiet hour would have told it."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        for table in ("filing_node", "filing_deposit", "filing_blob", "filing_basket"):
            cursor.execute(f"analyze {table}")


def _case(title: str, *, members: int, sides: int) -> tuple[Any, dict[str, Any]]:
    """A case of the expert with `members - 1` lawyers on `sides` sides, all signed up."""
    from accedit.domain.cases import queries  # noqa: PLC0415
    from accedit.domain.cases.enums import PartyKind, Template  # noqa: PLC0415
    from accedit.domain.cases.operations.opening import CaseDraft, open_case  # noqa: PLC0415
    from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft  # noqa: PLC0415
    from accedit.domain.cases.operations.roster import answer_consent  # noqa: PLC0415
    from accedit.domain.people.enums import IdentityLevel  # noqa: PLC0415
    from accedit.domain.people.operations.accounts import let_in  # noqa: PLC0415

    word, lawyers = uuid4().hex[:8], range(1, members)
    drafts = [
        PartyDraft(
            f"Société {side:02}",
            f"côté {side:02}",
            PartyKind.COMPANY,
            counsel=[
                CounselDraft(f"Me Avocat {one:02}", f"avocat{one}.{word}@avocat.example")
                for one in lawyers
                if (one - 1) % sides + 1 == side
            ],
        )
        for side in range(1, sides + 1)
    ]
    case = open_case(
        CaseDraft(Template.JUDICIAL_CIVIL, title, word, drafts), actor=expert(), at=_now()
    )
    people = {}
    for line in queries.roster(case):
        if line.user and line.user.email and line.user.pk != case.room.owner_id:
            password = f"trois-mots-simples-{word}"
            let_in(line.user, email=line.user.email, password=password, level=IdentityLevel.ADDRESS)
            people[line.name] = line.user
    for line in queries.roster(case):
        if line.name in people:
            answer_consent(line, given=True, actor=_actor(people[line.name]), at=_now())
    return case, people


def _actor(user: Any) -> Any:
    from accedit.domain.people.access import actor_of  # noqa: PLC0415
    from accedit.domain.people.enums import Door  # noqa: PLC0415

    return actor_of(user, door=Door.PAGE)


def _boxes(case: Any) -> dict[str, Any]:
    from accedit.domain.filing.models import Box  # noqa: PLC0415

    rows = Box.objects.filter(folder__room=case.pk).select_related(
        "folder__room", "folder__parent__parent", "archive"
    )
    return {box.side_name: box for box in rows.order_by("side_name")}


def _lots(boxes: Sequence[Any], *, count: int, group: Any) -> Iterator[Any]:
    """Places in the archives for a thousand pieces each; the first have a grant of their own."""
    from accedit.domain.filing.enums import NodeKind, Right  # noqa: PLC0415
    from accedit.domain.filing.models import Node  # noqa: PLC0415
    from accedit.domain.filing.operations.rooms import grant, name_fields  # noqa: PLC0415

    for rank in range(count):
        archive = boxes[rank % len(boxes)].archive
        place = Node.objects.create(
            room=boxes[0].folder.room,
            parent=archive,
            scope_id=archive.scope_id,
            kind=NodeKind.FOLDER,
            depth=archive.depth + 1,
            created_at=_now(),
            **name_fields(f"Lot {rank + 1}"),
        )
        if rank < SCOPES:
            reading = {Right.BROWSE, Right.READ, Right.DOWNLOAD}
            grant(place, to=group, rights=reading, by=boxes[0].folder.room.owner_id, at=_now())
            place.refresh_from_db()
        yield place


def _fill(place: Any, *, box: Any, depositor: Any, rank: int) -> None:
    """A thousand pieces in one place, in its scope."""
    from accedit.domain.filing.models import Basket, Blob, Deposit, Node  # noqa: PLC0415
    from accedit.domain.filing.operations.rooms import name_fields  # noqa: PLC0415

    at = _now()
    basket = Basket.objects.create(box=box, owner=depositor, created_at=at, deposited_at=at)
    numbers = range(rank * LOT + 1, (rank + 1) * LOT + 1)
    named = {number: f"Devis {number:06} reprise d'étanchéité.pdf" for number in numbers}
    nodes = [
        Node(
            room_id=place.room_id,
            parent=place,
            scope_id=place.scope_id,
            kind="file",
            depth=place.depth + 1,
            side=box.side,
            evidence=True,
            created_at=at,
            **name_fields(name),
        )
        for name in named.values()
    ]
    blobs = [Blob(sha256=uuid4().hex * 2, size=20_000, stored_at=at) for _ in numbers]
    Node.objects.bulk_create(nodes, batch_size=LOT)
    Blob.objects.bulk_create(blobs, batch_size=LOT)
    Deposit.objects.bulk_create(
        [
            Deposit(
                basket=basket,
                box=box,
                node=node,
                blob=blob,
                depositor=depositor,
                depositor_name=depositor.name,
                side=box.side,
                number=str(number),
                number_key=number * 100,
                name=node.name,
                upload=uuid4().hex,
                request_digest="",
                received_from=at,
                received_at=at,
                late=False,
                log_origin="bench",
                log_index=number,
            )
            for node, blob, number in zip(nodes, blobs, numbers, strict=True)
        ],
        batch_size=LOT,
    )


def _token(user: Any) -> str:
    from accedit.domain.people.enums import Scope  # noqa: PLC0415
    from accedit.domain.people.operations.tokens import create_token  # noqa: PLC0415

    user.refresh_from_db()
    return create_token(user, name="bench", scope=Scope.MANAGE, at=_now())[1]


def _session(user: Any) -> str:
    """The cookie of somebody who showed password and second factor."""
    from django.conf import settings  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415

    from accedit.interfaces.web.signed_in import FACTOR  # noqa: PLC0415

    user.refresh_from_db()
    client = Client()
    client.force_login(user)
    session = client.session
    session[FACTOR] = user.epoch
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _now() -> datetime:
    return datetime.now(UTC)
