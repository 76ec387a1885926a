"""A piece is put away in the archive of its side: by the expert, and nobody loses it (I9, B11)."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import transaction

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import rooms, seals
from accedit.domain.filing.operations.archiving import (
    ReadersWouldGain,
    SomebodyWouldLose,
    archive,
    archive_together,
)
from accedit.domain.filing.operations.grants import ChangedMeanwhile
from accedit.domain.filing.operations.rooms import AlreadySo, RoomClosed
from accedit.domain.filing.operations.withdrawals import withdraw
from accedit.domain.filing.queries import archives, checks
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import box_of


def with_scope(who: Actor, scope: Scope) -> Actor:
    return Actor(who.user_id, who.name, who.kind, who.door, who.firm, scope)


@pytest.fixture
def piece(g: Gymnase) -> Deposit:
    return cast.deposited("devis.pdf", box=box_of(g), by=g.owner_counsel)[0]


def place(piece: Deposit) -> Node:
    return Node.objects.select_related("room", "parent").get(pk=piece.node_id)


def facts(piece: Deposit) -> tuple[object, ...]:
    """What never changes of evidence, wherever it lies (I6)."""
    fresh = Deposit.objects.select_related("node", "blob").get(pk=piece.pk)
    return (
        fresh.node.name,
        fresh.node.side,
        fresh.node.created_at,
        fresh.name,
        fresh.number,
        fresh.depositor_id,
        fresh.received_at,
        fresh.blob.sha256,
        fresh.blob_id,
    )


def test_a_piece_goes_from_its_box_to_the_archive_of_its_side_and_is_read_as_before(
    g: Gymnase, piece: Deposit
) -> None:
    readers, before = queries.readers(place(piece)), facts(piece)

    archive(piece.node_id, actor=g.expert, at=NOON)

    there = place(piece)
    assert there.parent == box_of(g).archive
    assert (there.depth, there.scope_id) == (3, box_of(g).archive_id)
    assert queries.readers(there) == readers
    assert len(readers) == 7
    assert facts(piece) == before
    assert list(checks.damages(room=g.case.pk)) == []


def test_the_move_is_entered_with_from_to_and_who_gained(g: Gymnase, piece: Deposit) -> None:
    newcomer = User.objects.get(pk=g.stranger.user_id)
    rooms.let_in(newcomer, room=g.case.room, at=NOON)
    rooms.grant(box_of(g).archive, to=newcomer, rights=[Right.READ], by=g.expert.user_id, at=NOON)

    archive(piece.node_id, actor=g.expert, at=NOON, gaining=[newcomer.pk])

    told = evidence.entries(
        piece.log_origin, asker=g.expert.user_id, seen_nodes=None, node=piece.node_id
    ).items[0]
    claims = {name: told.claims[name] for name in told.claims if name != "received_at"}
    assert claims == {
        "kind": "piece.archived",
        "actor": g.expert.claim(),
        "piece_id": str(piece.node_id),
        "from": {"id": str(box_of(g).folder_id), "name": box_of(g).folder.name},
        "to": {"id": str(box_of(g).archive_id), "name": box_of(g).archive.name},
        "readers_gained": [str(newcomer.pk)],
        "readers_lost": [],
    }
    assert Right.READ in access.node(piece.node_id, asker=g.stranger).rights


def test_who_gains_is_shown_before(g: Gymnase) -> None:
    newcomer = User.objects.get(pk=g.stranger.user_id)
    rooms.let_in(newcomer, room=g.case.room, at=NOON)
    rooms.grant(
        box_of(g).archive, to=newcomer, rights=[Right.DOWNLOAD], by=g.expert.user_id, at=NOON
    )

    shown = archives.named(archives.change(box=box_of(g)))

    assert ([user.name for user in shown.gained], shown.lost) == (["Bruno Lambert"], [])


def newcomer_at_the_archive(g: Gymnase) -> User:
    newcomer = User.objects.get(pk=g.stranger.user_id)
    rooms.let_in(newcomer, room=g.case.room, at=NOON)
    rooms.grant(box_of(g).archive, to=newcomer, rights=[Right.READ], by=g.expert.user_id, at=NOON)
    return newcomer


def test_whoever_would_gain_is_confirmed_by_name_or_nothing_moves(
    g: Gymnase, piece: Deposit
) -> None:
    newcomer = newcomer_at_the_archive(g)

    for others in ([], [g.contractor.user_id]):
        with pytest.raises(ReadersWouldGain) as refusal, transaction.atomic():
            archive(piece.node_id, actor=g.expert, at=NOON, gaining=others)
        assert "l'ouvrirait à : Bruno Lambert. " in refusal.value.for_people()
    stayed = place(piece).parent
    done = archive(piece.node_id, actor=g.expert, at=NOON, gaining=[newcomer.pk])

    assert stayed == box_of(g).folder
    assert done == archives.Change(frozenset({newcomer.pk}), frozenset())
    assert place(piece).parent == box_of(g).archive


def test_what_changed_since_it_was_shown_is_not_done(g: Gymnase, piece: Deposit) -> None:
    (other,) = cast.deposited("b.pdf", box=box_of(g), by=g.owner_counsel)

    def mark(*pieces: Deposit) -> str:
        found = archives.change(box=box_of(g))
        return archives.mark(found, box=box_of(g), pieces=[one.node_id for one in pieces])

    both, before = mark(piece, other), mark(piece)
    newcomer_at_the_archive(g)
    for seen in (both, before, ""):
        with pytest.raises(ChangedMeanwhile), transaction.atomic():
            archive(piece.node_id, actor=g.expert, at=NOON, seen=seen)
    stayed = place(piece).parent
    archive(piece.node_id, actor=g.expert, at=NOON, seen=mark(piece))

    assert stayed == box_of(g).folder
    assert place(piece).parent == box_of(g).archive


def test_out_of_a_reserved_space_it_is_told_in_both_journals(g: Gymnase) -> None:
    """The one of the room names the archive alone: nothing of what is reserved."""
    boxes = Node.objects.get(room=g.case.room, name="Boîtes aux lettres")
    seals.seal(boxes.pk, actor=g.expert, at=NOON)
    (piece,) = cast.deposited("secret.pdf", box=box_of(g), by=g.owner_counsel)
    gaining = archives.change(box=box_of(g)).gained

    archive(piece.node_id, actor=g.expert, at=NOON, gaining=gaining)

    box = {"id": str(box_of(g).folder_id), "name": box_of(g).folder.name}
    there = {"id": str(box_of(g).archive_id), "name": box_of(g).archive.name}
    people = sorted(str(user) for user in gaining)
    assert g.contractor.user_id in gaining
    for space, left in ((None, None), (boxes.pk, box)):
        (told,) = evidence.entries(
            log.acts_of(g.case.pk, sealed=space),
            asker=g.expert.user_id,
            seen_nodes=None,
            node=piece.node_id,
            kinds=["piece.archived"],
        ).items
        assert (told.claims["from"], told.claims["to"]) == (left, there)
        assert told.claims["readers_gained"] == people


def sealed(g: Gymnase, rights: list[Right]) -> None:
    """The archive takes nothing from above any more; Sols Dubreuil holds `rights` there."""
    Node.objects.filter(pk=box_of(g).archive_id).update(sealed=True)
    for who in (g.owner_counsel, g.architect_counsel, *g.engineer_counsels):
        rooms.grant(
            box_of(g).archive,
            to=User.objects.get(pk=who.user_id),
            rights=[Right.DOWNLOAD],
            by=g.expert.user_id,
            at=NOON,
        )
    if rights:
        rooms.grant(
            box_of(g).archive,
            to=User.objects.get(pk=g.contractor.user_id),
            rights=rights,
            by=g.expert.user_id,
            at=NOON,
        )


@pytest.mark.parametrize("rights", [[], [Right.BROWSE], [Right.READ]])
def test_nobody_loses_reading_by_it(g: Gymnase, piece: Deposit, rights: list[Right]) -> None:
    """I9. To lose the download alone is to lose too: the move is refused, with the name."""
    sealed(g, rights)

    with pytest.raises(SomebodyWouldLose) as refusal, transaction.atomic():
        archive(piece.node_id, actor=g.expert, at=NOON)

    assert "la fermerait à : Sols Dubreuil. " in refusal.value.for_people()
    assert place(piece).parent == box_of(g).folder
    assert Right.READ in access.node(piece.node_id, asker=g.contractor).rights


def test_a_reserved_archive_that_everybody_was_given_takes_it(g: Gymnase, piece: Deposit) -> None:
    """The negative control of the refusal above: it is the loss that stands in the way."""
    sealed(g, [Right.DOWNLOAD])
    readers = queries.readers(place(piece))

    archive(piece.node_id, actor=g.expert, at=NOON)

    assert queries.readers(place(piece)) == readers


def test_a_withdrawn_piece_is_judged_by_those_who_read_it_once_restored(
    g: Gymnase, piece: Deposit
) -> None:
    withdraw(piece.node_id, reason="Erreur", actor=g.expert, at=NOON)
    sealed(g, [])

    with pytest.raises(SomebodyWouldLose):
        archive(piece.node_id, actor=g.expert, at=NOON)


def test_several_pieces_of_one_box_go_together_or_not_at_all(g: Gymnase) -> None:
    pieces = cast.deposited("a.pdf", "b.pdf", "c.pdf", box=box_of(g), by=g.owner_counsel)
    (other,) = cast.deposited("d.pdf", box=box_of(g, "architecte"), by=g.architect_counsel)
    ids = [piece.node_id for piece in pieces]

    with pytest.raises(Invalid), transaction.atomic():
        archive_together([*ids, other.node_id], actor=g.expert, at=NOON)
    with pytest.raises(NotFound), transaction.atomic():
        archive_together([*ids, uuid4()], actor=g.expert, at=NOON)
    untouched = {place(piece).parent_id for piece in pieces}
    archive_together(ids + ids[:1], actor=g.expert, at=NOON)

    entries = evidence.entries(
        pieces[0].log_origin, asker=g.expert.user_id, seen_nodes=None, kinds=["piece.archived"]
    ).items
    assert untouched == {box_of(g).folder_id}
    assert {place(piece).parent_id for piece in pieces} == {box_of(g).archive_id}
    assert [told.node for told in entries][::-1] == ids


def test_only_the_expert_archives_and_only_a_piece_and_only_once(
    g: Gymnase, piece: Deposit
) -> None:
    refused: list[tuple[type[Exception], Callable[[], object]]] = [
        (Forbidden, lambda: archive(piece.node_id, actor=g.assistant, at=NOON)),
        (Forbidden, lambda: archive(piece.node_id, actor=g.owner_counsel, at=NOON)),
        (NotFound, lambda: archive(piece.node_id, actor=g.stranger, at=NOON)),
        (
            Forbidden,
            lambda: archive(piece.node_id, actor=with_scope(g.expert, Scope.DEPOSIT), at=NOON),
        ),
        (Forbidden, lambda: archive(box_of(g).folder_id, actor=g.expert, at=NOON)),
        (Invalid, lambda: archive_together([], actor=g.expert, at=NOON)),
    ]

    for kind, act in refused:
        with pytest.raises(kind), transaction.atomic():
            act()
    archive(piece.node_id, actor=g.expert, at=NOON)
    with pytest.raises(AlreadySo), transaction.atomic():
        archive(piece.node_id, actor=g.expert, at=NOON)
    assert place(piece).parent == box_of(g).archive


def test_whoever_manages_without_owning_archives_nothing(g: Gymnase, piece: Deposit) -> None:
    rooms.grant(
        box_of(g).folder,
        to=User.objects.get(pk=g.contractor.user_id),
        rights=[Right.MANAGE],
        by=g.expert.user_id,
        at=NOON,
    )

    with pytest.raises(Forbidden):
        archive(piece.node_id, actor=g.contractor, at=NOON)


def test_a_closed_room_archives_nothing(g: Gymnase, piece: Deposit) -> None:
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    with pytest.raises(RoomClosed):
        archive(piece.node_id, actor=g.expert, at=NOON)


def test_a_new_piece_of_the_same_name_comes_to_the_empty_box(g: Gymnase, piece: Deposit) -> None:
    archive(piece.node_id, actor=g.expert, at=NOON)

    (second,) = cast.deposited("devis.pdf", box=box_of(g), by=g.owner_counsel)
    archive(second.node_id, actor=g.expert, at=NOON)

    assert (second.number, place(second).name) == ("2", "devis.pdf")
    assert place(second).parent == box_of(g).archive
    assert list(checks.damages(room=g.case.pk)) == []
