"""A folder of a thousand pieces, in a small room and in a large one, against the bare minimum.

The minimum: one SQL statement without any right, and the same template rendered with its rows,
in this process: no HTTP, no session, no decision. Ours and the minimum alternate in each round.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

from bench.clients import Line
from bench.figures import Figure, median, percentile, ratio, say, shown
from bench.installation import Installation
from bench.rooms import Large

ROWS = """
select n.id, n.kind, n.name, n.sealed, n.withdrawn_at, d.number, d.received_at, b.size
from filing_node n
join filing_deposit d on d.node_id = n.id join filing_blob b on b.id = d.blob_id
where n.parent_id = %s order by n.sort_key, n.id limit %s
"""
ALL = "?lignes=1000"


@dataclass
class Times:
    minimum: list[float] = field(default_factory=list)
    small: list[float] = field(default_factory=list)
    large: list[float] = field(default_factory=list)


def measured(
    house: Installation, *, small: Large, large: Large, rounds: int, each: int, clients: int
) -> list[Figure]:
    figures = []
    for query, shown_rows in (("", 50), (ALL, 1000)):
        say(f"page d'un dossier, {shown_rows} lignes")
        figures += _folder(
            house, small=small, large=large, query=query, rows=shown_rows,
            rounds=rounds, each=each, clients=clients,
        )  # fmt: skip
    say("les autres pages")
    for what, path in _others(large):
        figures.append(_page(house, large, what=what, path=path, goal=0.3, count=each * 2))
    for what, path in _rest(large):
        figures.append(_call(house, large, what=what, path=path, count=each * 2))
    return [*figures, _rights_change(large, rounds=rounds)]


def _folder(
    house: Installation,
    *,
    small: Large,
    large: Large,
    query: str,
    rows: int,
    rounds: int,
    each: int,
    clients: int,
) -> list[Figure]:
    found: list[Times] = []
    bare = minimum(large, rows=rows)
    of_small, of_large = _asking(house, small, query), _asking(house, large, query)
    for turn in range(rounds + 1):
        times = Times()
        for _ in range(each):
            times.minimum.append(_spent(bare))
            times.small.append(of_small())
            times.large.append(of_large())
        if turn:  # the first round warms
            found.append(times)
    together = _together(house, large, query=query, clients=clients, each=each)
    one = [second for times in found for second in times.large]
    what = f"page d'un dossier de 1 000 pièces, {rows} lignes à la fois"
    scene = f"salle de {large.nodes} nœuds et {large.members} membres"
    return [
        ratio(
            f"{what}, {scene} ÷ (SQL nu + même gabarit)",
            [median(t.large) / median(t.minimum) for t in found],
            goal=3.0,
            least=False,
        ),
        _under(f"{what}, un visiteur", one),
        _under(f"{what}, {clients} visiteurs à la fois", together),
        ratio(
            f"{what} : {large.nodes} nœuds ÷ {small.nodes} nœuds",
            [median(t.large) / median(t.small) for t in found],
            goal=1.5,
            least=False,
        ),
    ]


def minimum(room: Large, *, rows: int) -> Callable[[], str]:
    """The rows by SQL and the page's own template, nothing else."""
    from django.db import connection  # noqa: PLC0415 - once Django is ready
    from django.template.loader import get_template  # noqa: PLC0415
    from django.test import RequestFactory  # noqa: PLC0415

    from accedit.domain.cases.models import Case  # noqa: PLC0415
    from accedit.domain.cases.stages import KINDS  # noqa: PLC0415
    from accedit.domain.filing.models import Node  # noqa: PLC0415

    case = Case.objects.select_related("room__owner", "room__space").get(pk=room.case)
    place = Node.objects.select_related("parent").get(pk=room.place)
    template = get_template("dossiers/rangement.html")
    request: Any = RequestFactory().get(f"/dossiers/{room.case}/dossier/{room.place}")
    actor = SimpleNamespace(name="Me Avocat 01", kind="professional")
    request.user, request.actor, request.session = None, None, {}

    def once() -> str:
        with connection.cursor() as cursor:
            cursor.execute(ROWS, [room.place, rows])
            children = [_row(*values) for values in cursor.fetchall()]
        context = {
            "case": case, "room": case.room, "kind": next(iter(KINDS.values())), "here": "dossier",
            "is_expert": False, "acts_for_expert": False, "closed": False, "may_deposit": True,
            "node": place, "children": children, "next_cursor": None, "may_add": False,
            "actor": actor, "guide": "avocat", "demo": False,
        }  # fmt: skip
        return str(template.render(context, request))

    return once


def _row(
    pk: Any, kind: str, name: str, sealed: bool, withdrawn: Any, number: str, at: Any, size: int
) -> SimpleNamespace:
    deposit = SimpleNamespace(number=number, received_at=at, blob=SimpleNamespace(size=size))
    return SimpleNamespace(
        pk=pk, kind=kind, name=name, sealed=sealed, withdrawn_at=withdrawn, deposit=deposit
    )


def _spent(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _asking(house: Installation, room: Large, query: str) -> Callable[[], float]:
    line = Line(house.port, host=house.host, headers={"Cookie": room.cookie})
    path = f"/dossiers/{room.case}/dossier/{room.place}{query}"
    return lambda: _asked(line, path)


def _asked(line: Line, path: str) -> float:
    answer = line.ask("GET", path)
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status} {answer.body[:300]!r}")
    return answer.seconds


def _together(
    house: Installation, room: Large, *, query: str, clients: int, each: int
) -> list[float]:
    found: list[float] = []

    def work() -> None:
        ask = _asking(house, room, query)
        found.extend(ask() for _ in range(each))

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return found


def _under(what: str, seconds: list[float], *, goal: float = 0.3) -> Figure:
    slow = percentile(seconds, 0.95)
    times = f"{shown(median(seconds) * 1000, 0)} ms, 95 % sous {shown(slow * 1000, 0)} ms"
    return Figure(what, times, f"95 % ≤ {shown(goal * 1000, 0)} ms", slow <= goal)


def _others(room: Large) -> list[tuple[str, str]]:
    case = f"/dossiers/{room.case}"
    return [
        (f"page du dossier ({room.nodes} nœuds, {room.members} membres)", case),
        ("liste des pièces, avec leur nombre", f"{case}/pieces"),
    ]


def _rest(room: Large) -> list[tuple[str, str]]:
    return [("REST : contenu d'un lieu", f"/api/v1/nodes/{room.place}/children")]


def _page(
    house: Installation, room: Large, *, what: str, path: str, goal: float, count: int
) -> Figure:
    line = Line(house.port, host=house.host, headers={"Cookie": room.cookie})
    _asked(line, path)
    return _under(what, [_asked(line, path) for _ in range(count)], goal=goal)


def _call(house: Installation, room: Large, *, what: str, path: str, count: int) -> Figure:
    line = Line(house.port, host=house.host, headers={"Authorization": f"Bearer {room.token}"})
    _asked(line, path)
    return _under(what, [_asked(line, path) for _ in range(count)])


def _rights_change(room: Large, *, rounds: int) -> Figure:
    """Reading is taken from the group at the root, and given again: both are counted."""
    from django.utils.timezone import now  # noqa: PLC0415 - once Django is ready

    from accedit.domain.filing.enums import Right  # noqa: PLC0415
    from accedit.domain.filing.operations.rooms import grant, revoke  # noqa: PLC0415

    reading = {Right.BROWSE, Right.READ, Right.DOWNLOAD}
    spent = []
    for _ in range(rounds):
        spent.append(_spent(lambda: revoke(room.root, of=room.group)))
        spent.append(
            _spent(
                lambda: grant(room.root, to=room.group, rights=reading, by=room.owner.pk, at=now())
            )
        )
    slow = max(spent)
    what = "droit changé à la racine de la grande salle"
    return Figure(what, f"{shown(slow * 1000, 0)} ms au plus", "< 2 s", slow < 2.0)
