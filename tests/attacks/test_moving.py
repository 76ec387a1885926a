"""Rows A4, A7, A10, A15, B1, B2, B11: what is read by a side way, moved, overwritten, renamed; what
somebody who left still holds. Each family has its control: the same act, by who may."""

import csv
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4
from zipfile import ZipFile

import httpx
import pytest
from django.conf import settings
from django.db import connection

from accedit.domain.cases.models import RosterLine
from accedit.domain.cases.operations import leaving
from accedit.domain.filing import access
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import archiving, places, rooms, withdrawals
from accedit.domain.filing.queries import checks
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Refusal
from tests import cast
from tests.attacks.acts import BOTH, Acts, Rest
from tests.attacks.test_reach import answer, as_person, asked, room_routes, target, unknown
from tests.cast import NOON, Gymnase
from tests.front import browser, client

__all__ = ["target"]
DOORS = pytest.mark.parametrize("door", ["pages", "rest"])


def top(people: Gymnase, name: str) -> Node:
    return Node.objects.select_related("room").get(
        room=people.case.pk, parent__kind="root", name__startswith=name
    )


def root(people: Gymnase) -> Node:
    return Node.objects.select_related("room").get(room=people.case.pk, kind="root")


def deposited(people: Gymnase, name: str = "a.pdf", side: str = "demandeur") -> Deposit:
    return cast.deposited(name, box=people.boxes[side], by=people.owner_counsel)[0]


# A4


def derived(door: str, piece: Deposit) -> list[str]:
    """Every address that gives something drawn, printed or packed from a piece."""
    if door == "pages":
        node = f"/dossiers/{piece.box.folder.room_id}/dossier/{piece.box.folder_id}"
        return [
            f"/pieces/{piece.node_id}",
            f"/pieces/{piece.node_id}/contenu",
            f"/depots/{piece.pk}/recu",
            f"/depots/{piece.pk}/attestation",
            node,
            f"{node}/telecharger",
        ]
    return [
        f"/api/v1/nodes/{piece.node_id}",
        f"/api/v1/nodes/{piece.node_id}/content",
        f"/api/v1/deposits/{piece.pk}/receipt",
        f"/api/v1/nodes/{piece.box.folder_id}/zip",
    ]


@DOORS
@pytest.mark.attack("A4", "pages", "rest")
def test_a4_what_is_made_from_a_piece_is_for_its_readers(door: str, people: Gymnase) -> None:
    """Somebody who may add to the box, and read nothing, against a reader."""
    piece = deposited(people)
    who = cast.assistant_of(people.stranger, name="Jean Muet", email=f"{uuid4().hex}@x.example")
    user = User.objects.get(pk=who.user_id)
    rooms.let_in(user, room=people.case.room, at=NOON)
    rooms.grant(piece.box.folder, to=user, rights=[Right.ADD], by=people.expert.user_id, at=NOON)
    with as_person(door, who)() as blind, as_person(door, people.contractor)() as reader:
        refused = {where: blind.get(where).status_code for where in derived(door, piece)}
        given = {where: reader.get(where).status_code for where in derived(door, piece)}

    assert set(refused.values()) == {404}
    assert set(given.values()) <= {200, 302}


# A7


def in_the_zip(who: Actor, people: Gymnase, *, door: str) -> set[str]:
    """The hashes that the list of the ZIP of the whole room names."""
    node = root(people).pk
    if door == "rest":
        with client(token=cast.token_for(who)) as api:
            content = api.get(f"/api/v1/nodes/{node}/zip").content
    else:
        with browser(who) as pages, client(base_url=settings.CONTENT_URL) as outside:
            sent = pages.get(f"/dossiers/{people.case.pk}/dossier/{node}/telecharger")
            content = outside.get(sent.headers["location"]).content
    with ZipFile(io.BytesIO(content)) as archive:
        text = archive.read("MANIFESTE.csv").decode("utf-8-sig")
        assert len(archive.namelist()) == len(text.splitlines())
    return {row[7] for row in list(csv.reader(io.StringIO(text), delimiter=";"))[1:]}


def downloadable(who: Actor, people: Gymnase) -> set[str]:
    """The same, piece by piece, as a single access decides."""
    found = set()
    for piece in Deposit.objects.filter(node__room=people.case.pk).select_related("blob"):
        try:
            access.node(piece.node_id, asker=who, need=Right.DOWNLOAD)
        except Refusal:
            continue
        found.add(piece.blob.sha256)
    return found


@DOORS
@pytest.mark.attack("A7", "pages", "rest")
def test_a7_a_zip_holds_what_the_asker_may_download_and_nothing_else(
    door: str, people: Gymnase
) -> None:
    word = uuid4().hex
    withdrawn, hidden, plain = (
        deposited(people, f"{word}-{n}.pdf", side)
        if side == "demandeur"
        else cast.deposited(f"{word}-{n}.pdf", box=people.boxes[side], by=people.architect_counsel)[
            0
        ]
        for n, side in enumerate(("demandeur", "architecte", "demandeur"))
    )
    withdrawals.withdraw(withdrawn.node_id, reason="x", actor=people.expert, at=NOON)
    box = people.boxes["architecte"].folder_id
    Node.objects.filter(pk=box).update(sealed=True)
    everyone = [people.expert, people.assistant, people.owner_counsel, people.contractor]

    found = {who.name: in_the_zip(who, people, door=door) for who in everyone}
    decided = {who.name: downloadable(who, people) for who in everyone}
    Node.objects.filter(pk=box).update(sealed=False)
    control = in_the_zip(people.contractor, people, door=door)

    assert found == decided
    assert {withdrawn.blob.sha256, hidden.blob.sha256} & found["Sols Dubreuil"] == set()
    assert plain.blob.sha256 in found["Sols Dubreuil"]
    assert hidden.blob.sha256 in control


# A10


@DOORS
@pytest.mark.attack("A10", "pages", "rest")
def test_a10_of_two_opposite_moves_at_once_one_wins(door: str, people: Gymnase) -> None:
    """The control is in `tests/filing/test_moving.py`: a cycle made by hand is seen."""
    word = uuid4().hex[:6]
    pairs = [
        tuple(
            places.plant(top(people, above), name=f"{word}-{letter}{n}", at=NOON).pk
            for letter, above in (("a", "4."), ("b", "5."))
        )
        for n in range(3)
    ]
    person = as_person(door, people.expert)

    def tried(way: tuple[UUID, ...]) -> bool:
        with person() as asking:
            said = moved(asking, people, *way, door=door)
        connection.close()
        return said.status_code < 400

    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(tried, [way for a, b in pairs for way in ((a, b), (b, a))]))

    assert [done[2 * n] + done[2 * n + 1] for n in range(len(pairs))] == [1] * len(pairs)
    assert list(checks.damages(room=people.case.pk, quick=True)) == []


def moved(
    asking: httpx.Client, people: Gymnase, node: UUID, parent: UUID, *, door: str
) -> httpx.Response:
    if door == "rest":
        return asking.post(f"/api/v1/nodes/{node}/move", json={"parent_id": str(parent)})
    here = f"/dossiers/{people.case.pk}/dossier/{node}/deplacer"
    shown = asking.post(here, data={"do": "check", "vers": str(parent)}).text
    mark = shown.partition('name="vu" value="')[2].partition('"')[0]
    done = {"do": "move", "vers": str(parent), "vu": mark}
    said = asking.post(here, data=done)
    if "relisez" not in said.text:
        return said
    return moved(asking, people, node, parent, door=door)  # another move came between: look again


# A15


@DOORS
@pytest.mark.attack("A15", "pages", "rest")
def test_a15_whoever_was_let_out_holds_nothing_of_what_they_had(
    door: str, people: Gymnase, target: object
) -> None:
    """The same session and the same key, before and after: each address, as an id never given."""
    ids = {"case": str(people.case.pk)} | dict(target.ids)  # type: ignore[attr-defined]
    who = people.engineer_counsels[1] if door == "pages" else people.engineer_counsels[0]
    line = RosterLine.objects.get(case=people.case, user=who.user_id)
    with as_person(door, who)() as asking:
        routes = room_routes(door)
        before = {
            route.pattern: asked(asking, "GET", route.filled(ids), door=door).status_code
            for route in routes
            if "evenements" not in route.pattern  # a stream, which does not end while one may
        }

        leaving.let_out(people.case.pk, line.pk, reason="Fin", actor=people.expert, at=NOON)

        for route in routes:
            for verb in ("GET", "POST"):
                real = asked(asking, verb, route.filled(ids), door=door)
                never = asked(asking, verb, route.filled(unknown(ids)), door=door)
                assert answer(real) == answer(never), (verb, route.pattern)
                assert real.status_code >= 400, (verb, route.pattern)
    assert 200 in before.values()


# B1, B2


def kept(piece: Deposit) -> tuple[object, ...]:
    fresh = Deposit.objects.select_related("node", "blob").get(pk=piece.pk)
    with client(token=cast.token_for(EXPERT[0])) as api:
        content = api.get(f"/api/v1/nodes/{piece.node_id}/content").content
    return content, fresh.blob.sha256, fresh.node.name, fresh.node.parent_id, fresh.received_at


EXPERT: list[Actor] = []


def overwriting(acts: Acts, people: Gymnase, piece: Deposit) -> list[Callable[[], int]]:
    """The ways to put something else in the place of a piece, by its depositor and the expert."""
    who, box, other = people.owner_counsel, people.boxes["demandeur"], b"autre chose"
    ways: list[Callable[[], int]] = [
        lambda: acts.deposit(who, box, name=piece.name, content=other).status,
        lambda: acts.deposit(who, box, name=piece.name.upper(), content=other).status,
    ]
    addresses = {
        "rest": [
            f"/api/v1/nodes/{piece.node_id}",
            f"/api/v1/nodes/{piece.node_id}/content",
            f"/api/v1/deposits/{piece.pk}",
        ],
        "pages": [f"/pieces/{piece.node_id}", f"/pieces/{piece.node_id}/contenu"],
    }[acts.name]

    def sent(by: Actor, verb: str, where: str) -> int:
        with as_person(acts.name, by)() as asking:
            given = {"Destination": f"/api/v1/nodes/{box.folder_id}", "Overwrite": "T"}
            return asking.request(verb, where, content=other, headers=given).status_code

    for by in (who, people.expert):
        for where in addresses:
            for verb in ("PUT", "PATCH", "DELETE", "MOVE", "COPY"):
                ways.append(lambda by=by, verb=verb, where=where: sent(by, verb, where))  # type: ignore[misc]
    return ways


@pytest.mark.parametrize("acts", BOTH, ids=lambda acts: str(acts.name))
@pytest.mark.attack("B1", "pages", "rest")
def test_b1_nothing_takes_the_place_of_a_piece(acts: Acts, people: Gymnase) -> None:
    """The same name makes another piece, with a suffix: that is the control, it is accepted."""
    EXPERT[:] = [people.expert]
    piece = deposited(people, f"{uuid4().hex}.pdf")
    before = kept(piece)

    statuses = [way() for way in overwriting(acts, people, piece)]

    assert kept(piece) == before
    assert all(status < 400 for status in statuses[:2])
    assert all(status >= 400 for status in statuses[2:])
    shown = Node.objects.filter(parent=piece.box.folder_id, evidence=True)
    assert shown.filter(name=piece.name.replace(".pdf", " (2).pdf")).count() == 1


@DOORS
@pytest.mark.attack("B2", "pages", "rest")
def test_b2_adding_renames_and_moves_nothing(door: str, people: Gymnase) -> None:
    """Neither the piece nor the box, by the depositor; nor the piece, by the expert."""
    piece = deposited(people, f"{uuid4().hex}.pdf")
    plain = places.plant(top(people, "4."), name=uuid4().hex, at=NOON)
    before = list(Node.objects.filter(room=people.case.pk).order_by("pk").values_list())

    def renamed(asking: httpx.Client, node: UUID) -> int:
        if door == "rest":
            return asking.put(f"/api/v1/nodes/{node}/name", json={"name": "x"}).status_code
        where = f"/dossiers/{people.case.pk}/dossier/{node}/renommer"
        return asking.post(where, data={"nom": "x"}).status_code

    with as_person(door, people.owner_counsel)() as lawyer, as_person(door, people.expert)() as own:
        refused = [
            renamed(lawyer, piece.node_id),
            renamed(lawyer, piece.box.folder_id),
            moved(lawyer, people, piece.node_id, plain.pk, door=door).status_code,
            renamed(own, piece.node_id),
            moved(own, people, piece.node_id, plain.pk, door=door).status_code,
        ]
        after = list(Node.objects.filter(room=people.case.pk).order_by("pk").values_list())
        control = renamed(own, plain.pk)

    assert all(status in (403, 404) for status in refused), refused
    assert after == before
    assert control < 400
    assert Node.objects.get(pk=plain.pk).name == "x"
    Node.objects.filter(pk=plain.pk).update(name=plain.name, folded_name=plain.folded_name)


# B11


@DOORS
@pytest.mark.attack("B11", "pages", "rest")
def test_b11_nobody_loses_sight_of_a_piece_by_its_archive(door: str, people: Gymnase) -> None:
    piece = deposited(people, f"{uuid4().hex}.pdf")
    archive = people.boxes["demandeur"].archive_id

    def put_away(who: Actor) -> httpx.Response:
        with as_person(door, who)() as asking:
            if door == "rest":
                return asking.post(f"/api/v1/nodes/{piece.node_id}/archive")
            page = f"/pieces/{piece.node_id}/archiver"
            mark = asking.get(page).text.partition('name="vu" value="')[2].partition('"')[0]
            return asking.post(page, data={"do": "archive", "vu": mark})

    Node.objects.filter(pk=archive).update(sealed=True)
    hidden = put_away(people.expert)
    by_others = [put_away(who).status_code for who in (people.owner_counsel, people.assistant)]
    where = Node.objects.get(pk=piece.node_id).parent_id
    Node.objects.filter(pk=archive).update(sealed=False)
    control = put_away(people.expert)

    assert (hidden.status_code, by_others, where) == (409, [403, 403], piece.box.folder_id)
    assert "Sols Dubreuil" in hidden.text
    assert control.status_code < 400
    assert Node.objects.get(pk=piece.node_id).parent_id == archive
    with Rest().client(people.contractor) as api:
        assert api.get(f"/api/v1/nodes/{piece.node_id}/content").status_code == 200
    with pytest.raises(Refusal):
        archiving.archive(piece.node_id, actor=people.expert, at=NOON)
