"""Pieces once deposited: closed rooms, withdrawal, readings; and that evidence is for ever."""

from collections.abc import Callable

import pytest
from django.db import transaction

from accedit.domain.evidence import queries as evidence
from accedit.domain.filing import access, blobs, queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Blob, Deposit, Node
from accedit.domain.filing.operations import baskets, places, readings, rooms
from accedit.domain.filing.operations.rooms import AlreadySo, RoomClosed
from accedit.domain.filing.operations.withdrawals import restore, withdraw
from accedit.domain.filing.queries import checks
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import basket_with, box_of, traces

# Closed rooms


def test_a_closed_room_takes_nothing_and_says_why(g: Gymnase) -> None:
    basket, _ = basket_with("a", box=box_of(g), by=g.owner_counsel)
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)
    fresh = access.basket(basket.pk, asker=g.owner_counsel)
    root = Node.objects.get(room=g.case.pk, kind="root")
    before = traces()

    acts: list[Callable[[], object]] = [
        lambda: baskets.deposit_basket(fresh, actor=g.owner_counsel, at=NOON),
        lambda: baskets.can_still_add(fresh, actor=g.owner_counsel),
        lambda: baskets.open_basket(box=fresh.box, actor=g.owner_counsel, at=NOON),
    ]
    sentences = set()
    for act in acts:
        with pytest.raises(RoomClosed) as refusal, transaction.atomic():
            act()
        sentences.add(refusal.value.for_people())
    with pytest.raises(Forbidden):
        places.create_folder(root.pk, name="n", actor=g.expert, at=NOON)

    assert sentences == {
        "Le dossier « Gymnase municipal, parquet déformé » est clos depuis le 16/11/2026 : plus rien "
        "n'y est déposé ni changé. Adressez-vous à l'expert."
    }
    assert traces() == before


def test_a_closed_room_is_still_read_and_can_be_opened_again(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    with pytest.raises(RoomClosed), transaction.atomic():
        withdraw(piece.node_id, reason="Trop tard", actor=g.expert, at=NOON)
    assert access.node(piece.node_id, asker=g.contractor, need=Right.DOWNLOAD).node == piece.node
    with pytest.raises(AlreadySo):
        rooms.close_room(g.case.pk, actor=g.expert, at=NOON)
    rooms.reopen_room(g.case.pk, actor=g.expert, at=NOON)
    with pytest.raises(AlreadySo):
        rooms.reopen_room(g.case.pk, actor=g.expert, at=NOON)
    assert cast.deposited("b", box=box_of(g), by=g.owner_counsel)[0].number == "2"


def test_only_the_expert_closes(g: Gymnase) -> None:
    for who in (g.assistant, g.owner_counsel, g.contractor):
        with pytest.raises(Forbidden):
            rooms.close_room(g.case.pk, actor=who, at=NOON)
    with pytest.raises(NotFound):
        rooms.close_room(g.case.pk, actor=g.stranger, at=NOON)


# Withdrawal


def test_a_withdrawn_piece_shows_its_name_and_opens_to_nobody_but_the_expert(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)

    withdraw(piece.node_id, reason="Pièce couverte par le secret", actor=g.expert, at=NOON)

    for who in (g.owner_counsel, g.contractor, g.assistant):
        assert access.node(piece.node_id, asker=who).rights == {Right.BROWSE}
        with pytest.raises(access.Withdrawn):
            access.node(piece.node_id, asker=who, need=Right.READ)
        with pytest.raises(access.Withdrawn):
            readings.open_content(piece.node_id, asker=who, at=NOON, preview=True)
    assert Right.DOWNLOAD in access.node(piece.node_id, asker=g.expert).rights
    assert blobs.path_of(piece.blob_id).is_file()


def test_a_withdrawal_is_logged_with_those_who_could_read_and_can_be_undone(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)
    readers = queries.readers(Node.objects.select_related("room").get(pk=piece.node_id))

    withdraw(piece.node_id, reason="Erreur", actor=g.expert, at=NOON)
    during = queries.readers(Node.objects.select_related("room").get(pk=piece.node_id))
    restore(piece.node_id, reason="", actor=g.expert, at=NOON)

    kinds = evidence.entries(
        piece.log_origin, asker=g.expert.user_id, seen_nodes=None, node=piece.node_id
    )
    restored, withdrawn, _accepted = kinds.items
    assert len(readers) == 7
    assert during == {g.expert.user_id}
    assert (withdrawn.kind, withdrawn.claims["reason"]) == ("piece.withdrawn", "Erreur")
    assert withdrawn.claims["readers_before"]["size"] == 7
    assert (restored.kind, restored.claims["readers_after"]["size"]) == ("piece.restored", 7)
    assert Right.READ in access.node(piece.node_id, asker=g.contractor).rights


def test_withdrawing_needs_the_expert_a_reason_and_a_piece(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)

    for who in (g.owner_counsel, g.assistant):
        with pytest.raises(Forbidden):
            withdraw(piece.node_id, reason="x", actor=who, at=NOON)
    with pytest.raises(NotFound):
        withdraw(piece.node_id, reason="x", actor=g.stranger, at=NOON)
    with pytest.raises(Invalid):
        withdraw(piece.node_id, reason="  ", actor=g.expert, at=NOON)
    with pytest.raises(Forbidden):
        withdraw(box_of(g).folder_id, reason="x", actor=g.expert, at=NOON)
    with pytest.raises(AlreadySo):
        restore(piece.node_id, reason="", actor=g.expert, at=NOON)


# Readings


def test_a_reading_is_entered_before_the_first_byte_and_completed_after(g: Gymnase) -> None:
    (piece,) = cast.deposited("abc", box=box_of(g), by=g.owner_counsel)
    reads = piece.log_origin.replace("/acts", "/reads")

    opened = readings.open_content(piece.node_id, asker=g.contractor, at=NOON, preview=False)
    size_before = evidence.size(reads)
    readings.close_content(opened, asker=g.contractor, sent=2, whole=14, at=NOON)

    delivered, downloaded = evidence.entries(reads, asker=g.expert.user_id, seen_nodes=None).items
    assert size_before == 1
    assert downloaded.kind == "piece.downloaded"
    assert downloaded.claims["piece_id"] == str(piece.node_id)
    assert downloaded.claims["actor"]["name"] == "Sols Dubreuil"
    assert delivered.claims["entry"] == downloaded.index
    assert (delivered.claims["sent"], delivered.claims["completed"]) == (2, False)


def test_a_preview_is_an_opening_and_asks_to_read_only(g: Gymnase) -> None:
    (piece,) = cast.deposited("abc", box=box_of(g), by=g.owner_counsel)
    group = g.case.group
    root = Node.objects.select_related("room").get(room=g.case.pk, kind="root")
    rooms.grant(root, to=group, rights=[Right.READ], by=g.expert.user_id, at=NOON)

    opened = readings.open_content(piece.node_id, asker=g.contractor, at=NOON, preview=True)

    with pytest.raises(Forbidden):
        readings.open_content(piece.node_id, asker=g.contractor, at=NOON, preview=False)
    told = evidence.entry(opened.origin, index=opened.index)
    assert told is not None
    assert told.kind == "piece.opened"


def test_whoever_may_not_read_leaves_no_reading(g: Gymnase) -> None:
    (piece,) = cast.deposited("abc", box=box_of(g), by=g.owner_counsel)

    with pytest.raises(NotFound):
        readings.open_content(piece.node_id, asker=g.stranger, at=NOON, preview=True)

    assert evidence.size(piece.log_origin.replace("/acts", "/reads")) == 0


# Evidence is for ever (I6, I7)


def test_a_deposit_and_its_bytes_cannot_be_changed_in_the_tables(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)
    acts: list[Callable[[], object]] = [
        lambda: Deposit.objects.filter(pk=piece.pk).update(number="9"),
        lambda: Deposit.objects.filter(pk=piece.pk).delete(),
        lambda: Blob.objects.filter(pk=piece.blob_id).update(size=1),
    ]

    for act in acts:
        with pytest.raises(Exception, match="never changes"), transaction.atomic():
            act()


def test_a_depositor_holds_nothing_on_what_they_deposited_but_reading(g: Gymnase) -> None:
    (piece,) = cast.deposited("a", box=box_of(g), by=g.owner_counsel)

    rights = access.node(piece.node_id, asker=g.owner_counsel).rights

    assert rights == {Right.BROWSE, Right.READ, Right.DOWNLOAD}


def test_the_whole_room_agrees_after_all_this(g: Gymnase) -> None:
    cast.deposited("a", "b", box=box_of(g), by=g.owner_counsel)
    (piece,) = cast.deposited("c", box=box_of(g, "architecte"), by=g.architect_counsel)
    withdraw(piece.node_id, reason="Erreur", actor=g.expert, at=NOON)
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    assert list(checks.damages(room=g.case.pk)) == []
