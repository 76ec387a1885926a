"""A folder is sealed: what was given above stops there, and its log tells of it from then on."""

from uuid import uuid4

import pytest

from accedit.domain.cases import queries as cases
from accedit.domain.filing import access
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places, readings, seals
from accedit.domain.filing.operations.boxes import set_due
from accedit.domain.filing.operations.rooms import AlreadySo
from accedit.domain.filing.operations.seals import ReadersWouldLose
from accedit.domain.filing.queries import checks
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.test_grants import LATER, entries, folder, give, held, word


def journal(g: Gymnase, who: Actor) -> list[str]:
    page = cases.journal(g.case.pk, within=access.room(g.case.pk, asker=who), asker=who, size=500)
    return [told.kind for told in page.items]


def test_a_seal_stops_what_comes_from_above_and_only_that(g: Gymnase) -> None:
    top = folder(g)
    inner = places.create_folder(top.pk, name="Dossier médical", actor=g.expert, at=NOON)
    give(g, inner, word(g.contractor), Right.READ)

    preview = seals.seal(top.pk, actor=g.expert, at=LATER)

    assert held(g.owner_counsel, top) == held(g.owner_counsel, inner) == frozenset()
    assert held(g.contractor, inner) == {Right.BROWSE, Right.READ}
    assert held(g.contractor, top) == frozenset()
    assert held(g.expert, inner) == frozenset(Right)
    lost = {(one.person, one.place) for one in preview.losing}
    assert (g.owner_counsel.user_id, top.pk) in lost
    assert preview.gaining == []
    assert list(checks.damages(room=g.case.pk, quick=True)) == []

    seals.unseal(top.pk, actor=g.expert, at=LATER)

    assert held(g.owner_counsel, inner) == {Right.BROWSE, Right.READ, Right.DOWNLOAD}
    assert list(checks.damages(room=g.case.pk, quick=True)) == []


def test_the_seal_is_told_to_those_who_still_see_the_folder(g: Gymnase) -> None:
    top = folder(g)
    give(g, top, word(g.contractor), Right.BROWSE)

    seals.seal(top.pk, actor=g.expert, at=LATER)

    told = entries(g.case.pk)[0]
    assert (told.kind, told.node) == ("space.sealed", top.pk)
    assert {line["id"] for line in told.claims["lost"]} >= {str(g.owner_counsel.user_id)}
    assert "space.sealed" in journal(g, g.contractor)
    assert "space.sealed" not in journal(g, g.owner_counsel)


def test_what_happens_inside_goes_into_a_log_of_its_own(g: Gymnase) -> None:
    top = folder(g)
    seals.seal(top.pk, actor=g.expert, at=LATER)
    before = len(entries(g.case.pk))

    inner = places.create_folder(top.pk, name="Secret", actor=g.expert, at=LATER)
    places.rename_folder(inner.pk, name="Secret médical", actor=g.expert, at=LATER)
    give(g, inner, word(g.contractor), Right.READ)

    assert len(entries(g.case.pk)) == before
    assert [told.kind for told in entries(g.case.pk, sealed=top.pk)] == [
        "rights.changed",
        "folder.renamed",
        "folder.created",
    ]


def test_a_seal_takes_no_piece_from_its_readers_unawares(g: Gymnase) -> None:
    piece = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)[0]
    boxes = folder(g, "Boîtes aux lettres")

    with pytest.raises(ReadersWouldLose) as refused:
        seals.seal(boxes.pk, actor=g.expert, at=LATER)

    named = refused.value.for_people()
    readers = [who for who in g.everyone if who not in (g.expert, g.assistant)]
    assert [who.name in named for who in readers] == [True] * len(readers)
    assert held(g.contractor, piece.node) == {Right.BROWSE, Right.READ, Right.DOWNLOAD}
    with pytest.raises(ReadersWouldLose):
        seals.seal(boxes.pk, actor=g.expert, at=LATER, losing=[who.user_id for who in readers[1:]])

    seals.seal(boxes.pk, actor=g.expert, at=LATER, losing=[who.user_id for who in readers])

    assert held(g.contractor, piece.node) == frozenset()
    assert Right.ADD in held(g.owner_counsel, piece.box.folder)
    assert len({line["id"] for line in entries(g.case.pk)[0].claims["lost"]}) == len(readers)


def test_a_deposit_in_a_sealed_space_is_told_in_its_log_alone(g: Gymnase) -> None:
    boxes = folder(g, "Boîtes aux lettres")
    seals.seal(boxes.pk, actor=g.expert, at=LATER)
    give(g, boxes, word(g.contractor), Right.READ)
    said = len(entries(g.case.pk))

    cast.deposited("secret.pdf", box=g.boxes["demandeur"], by=g.owner_counsel, at=LATER)
    set_due(g.boxes["demandeur"].folder_id, due_at=LATER, actor=g.expert, at=LATER)

    assert len(entries(g.case.pk)) == said
    kinds = [told.kind for told in entries(g.case.pk, sealed=boxes.pk)]
    assert kinds[0] == "due.set"
    assert {"deposit.accepted", "alert.queued"} <= set(kinds)


def test_only_a_folder_is_sealed_and_once(g: Gymnase) -> None:
    root = Node.objects.get(room=g.case.room, kind="root")
    box = g.boxes["demandeur"]

    for node in (root, box.folder, box.archive):
        with pytest.raises(Forbidden):
            seals.seal(node.pk, actor=g.expert, at=LATER)
    with pytest.raises(AlreadySo):
        seals.unseal(folder(g).pk, actor=g.expert, at=LATER)
    seals.seal(folder(g).pk, actor=g.expert, at=LATER)
    with pytest.raises(AlreadySo):
        seals.seal(folder(g).pk, actor=g.expert, at=LATER)


def test_the_openings_of_a_piece_are_all_shown_whatever_was_sealed_meanwhile(g: Gymnase) -> None:
    piece = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)[0]
    boxes = folder(g, "Boîtes aux lettres")
    readings.open_content(piece.node_id, asker=g.contractor, at=NOON, preview=True)
    losing = [who.user_id for who in g.everyone]
    seals.seal(boxes.pk, actor=g.expert, at=LATER, losing=losing)
    readings.open_content(piece.node_id, asker=g.expert, at=LATER, preview=True)

    within = access.room(g.case.pk, asker=g.expert)
    shown = cases.readings(piece.node_id, within=within, asker=g.expert)

    assert [told.claims["actor"]["name"] for told in shown] == ["Anne Vasseur", "Sols Dubreuil"]


def test_the_journal_of_a_sealed_space_is_for_those_who_may_see_it(g: Gymnase) -> None:
    top = folder(g)
    seals.seal(top.pk, actor=g.expert, at=LATER)
    places.create_folder(top.pk, name="Secret", actor=g.expert, at=LATER)
    give(g, top, word(g.contractor), Right.BROWSE)

    seen = {
        who.name: [space.pk for space in cases.spaces(within=access.room(g.case.pk, asker=who))]
        for who in (g.expert, g.assistant, g.contractor, g.owner_counsel)
    }

    assert seen == {
        "Anne Vasseur": [top.pk],
        "Lucie Morel": [top.pk],
        "Sols Dubreuil": [top.pk],
        "Me Claire Aubry": [],
    }
    within = access.room(g.case.pk, asker=g.contractor)
    page = cases.journal(g.case.pk, within=within, asker=g.contractor, space=top.pk)
    assert [told.kind for told in page.items] == ["rights.changed", "folder.created"]
    assert (
        cases.journal_entry(
            g.case.pk, index=page.items[0].index, within=within, asker=g.contractor, space=top.pk
        )
        == page.items[0]
    )
    assert uuid4() not in seen["Me Claire Aubry"]
