"""A folder is laid elsewhere: no cycle, no other room, nothing announced moved (I14, A9, A10)."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from accedit.domain.cases.stages import EXPERT_SPACE
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.filing import access, queries
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import moving, places, rooms
from accedit.domain.filing.operations.grants import ChangedMeanwhile
from accedit.domain.filing.operations.moving import (
    NotAFolder,
    OpensToOthers,
    PieceStays,
    StaysWhereItIs,
)
from accedit.domain.filing.operations.places import NameTaken, TooDeep
from accedit.domain.filing.operations.rooms import AlreadySo, RoomClosed
from accedit.domain.filing.queries import checks, moves
from accedit.domain.filing.queries.moves import IntoItself
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Invalid, NotFound, Refusal
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing.given import box_of


def fresh(node: Node | UUID) -> Node:
    return Node.objects.select_related("room", "parent").get(
        pk=node if isinstance(node, UUID) else node.pk
    )


def top(g: Gymnase, name: str) -> Node:
    return Node.objects.select_related("room").get(
        room=g.case.pk, parent__kind="root", name__startswith=name
    )


def root(g: Gymnase) -> Node:
    return Node.objects.select_related("room").get(room=g.case.pk, kind="root")


def folder(parent: Node, name: str) -> Node:
    return places.plant(fresh(parent), name=name, at=NOON)


def moved(node: Node, parent: Node, by: Actor, at: datetime = NOON) -> Node:
    return moving.move(node.pk, parent_id=parent.pk, actor=by, at=at)


def own_file(parent: Node, name: str) -> Node:
    return places.plant(fresh(parent), name=name, kind=NodeKind.FILE, at=NOON)


def given(node: Node, who: Actor, *rights: Right, g: Gymnase) -> None:
    user = User.objects.get(pk=who.user_id)
    rooms.grant(fresh(node), to=user, rights=rights, by=g.expert.user_id, at=NOON)


def test_the_places_of_boxes_and_archives_are_not_proposed(g: Gymnase) -> None:
    notes = folder(top(g, "4."), "Notes")
    within = access.node(notes.pk, asker=g.expert).standings

    proposed = [place.name for place in moves.targets(fresh(notes), within=within)]

    first = [name for name in proposed if name[0].isdigit()]
    assert first == sorted(name for name in first if not name.startswith("4."))
    assert set(proposed) - set(first) == {root(g).name, EXPERT_SPACE}


def test_a_folder_goes_with_all_that_is_below_it(g: Gymnase) -> None:
    notes = folder(top(g, "4."), "Notes")
    deep = folder(folder(notes, "2026"), "Novembre")
    minutes = own_file(deep, "compte-rendu.pdf")

    moved(notes, top(g, "5."), g.expert)

    assert fresh(notes).parent == top(g, "5.")
    assert [fresh(n).depth for n in (notes, deep, minutes)] == [2, 4, 5]
    assert list(checks.damages(room=g.case.pk)) == []


def test_a_file_of_the_expert_s_goes_alone(g: Gymnase) -> None:
    minutes = own_file(top(g, "4."), "compte-rendu.pdf")

    moved(minutes, top(g, "3."), g.expert)

    assert fresh(minutes).parent == top(g, "3.")
    assert list(checks.damages(room=g.case.pk)) == []


def test_into_a_reserved_space_reading_ends_and_out_of_it_it_begins(g: Gymnase) -> None:
    """The scope column follows; who lost and who gained is entered."""
    notes, reserve = folder(top(g, "4."), "Notes"), top(g, "Espace")
    inner = folder(notes, "2026")
    readers = queries.readers(fresh(inner))

    moved(notes, reserve, g.expert)
    during = queries.readers(fresh(inner))
    moved(notes, top(g, "4."), g.expert)

    assert (len(readers), during) == (7, {g.expert.user_id, g.assistant.user_id})
    assert queries.readers(fresh(inner)) == readers
    assert list(checks.damages(room=g.case.pk)) == []


def entries(g: Gymnase, sealed: UUID | None = None) -> list[dict[str, object]]:
    told = evidence.entries(
        log.acts_of(g.case.pk, sealed=sealed),
        asker=g.expert.user_id,
        seen_nodes=None,
        kinds=["node.moved"],
    ).items
    return [
        {k: v for k, v in one.claims.items() if k not in ("kind", "actor", "received_at")}
        for one in told
    ]


def test_a_move_is_entered_with_from_to_and_nothing_of_a_reserved_space_elsewhere(
    g: Gymnase,
) -> None:
    notes, source, reserve = folder(top(g, "4."), "Notes"), top(g, "4."), top(g, "Espace")
    losers = sorted(
        str(who.user_id)
        for who in (g.owner_counsel, g.architect_counsel, *g.engineer_counsels, g.contractor)
    )

    moved(notes, reserve, g.expert)

    common = {"node_id": str(notes.pk), "name": "Notes", "gained": [], "lost": losers}
    assert entries(g) == [
        common | {"from": {"id": str(source.pk), "name": source.name}, "to": None}
    ]
    assert entries(g, reserve.pk) == [
        common | {"from": None, "to": {"id": str(reserve.pk), "name": reserve.name}}
    ]


def test_a_reserved_folder_is_told_in_its_own_log_only(g: Gymnase) -> None:
    secret = places.plant(top(g, "4."), name="Secret", at=NOON, sealed=True)
    before = evidence.size(log.acts_of(g.case.pk))

    moved(secret, top(g, "5."), g.expert)

    assert evidence.size(log.acts_of(g.case.pk)) == before
    assert [one["name"] for one in entries(g, secret.pk)] == ["Secret"]


def test_what_was_shown_is_what_is_done(g: Gymnase) -> None:
    notes, reserve = folder(top(g, "4."), "Notes"), top(g, "Espace")
    within = access.room(g.case.pk, asker=g.expert)
    shown = moves.of_move(node=fresh(notes), parent=reserve, within=within)
    given(top(g, "4."), g.contractor, Right.MODIFY, g=g)

    with pytest.raises(ChangedMeanwhile), transaction.atomic():
        moving.move(notes.pk, parent_id=reserve.pk, actor=g.expert, at=NOON, seen=shown.mark)
    again = moves.of_move(
        node=fresh(notes), parent=reserve, within=access.room(g.case.pk, asker=g.expert)
    )
    moving.move(notes.pk, parent_id=reserve.pk, actor=g.expert, at=NOON, seen=again.mark)

    assert len({one.person for one in shown.losing}) == 5
    assert fresh(notes).parent == reserve


def test_nothing_that_would_break_the_tree_or_what_was_announced(g: Gymnase) -> None:
    """A9: root, self, descendant, other room; boxes, archives and what holds them; evidence."""
    notes = folder(top(g, "4."), "Notes")
    inner = folder(notes, "2026")
    (piece,) = cast.deposited("a.pdf", box=box_of(g), by=g.owner_counsel)
    box, archive = box_of(g).folder, box_of(g).archive
    elsewhere = Node.objects.get(room=g.stranger_case.pk, kind="root")
    here = top(g, "5.")
    before = list(Node.objects.order_by("pk").values_list("pk", "parent", "depth", "scope"))
    refused: list[tuple[type[Refusal], UUID, UUID]] = [
        (StaysWhereItIs, root(g).pk, here.pk),
        (StaysWhereItIs, box.pk, here.pk),
        (StaysWhereItIs, archive.pk, here.pk),
        (StaysWhereItIs, top(g, "Boîtes").pk, top(g, "Espace").pk),
        (StaysWhereItIs, top(g, "Dossiers").pk, here.pk),
        (PieceStays, piece.node_id, here.pk),
        (PieceStays, piece.node_id, archive.pk),
        (IntoItself, notes.pk, notes.pk),
        (IntoItself, notes.pk, inner.pk),
        (NotAFolder, notes.pk, box.pk),
        (NotAFolder, notes.pk, archive.pk),
        (Forbidden, notes.pk, piece.node_id),  # nothing is added to a file
        (AlreadySo, notes.pk, top(g, "4.").pk),
        (NotFound, notes.pk, elsewhere.pk),
        (NotFound, notes.pk, uuid4()),
        (NotFound, uuid4(), here.pk),
        (NotFound, elsewhere.pk, here.pk),
    ]

    for kind, node, parent in refused:
        with pytest.raises(kind), transaction.atomic():
            moving.move(node, parent_id=parent, actor=g.expert, at=NOON)

    after = list(Node.objects.order_by("pk").values_list("pk", "parent", "depth", "scope"))
    assert after == before


def test_from_one_case_of_the_expert_s_to_another_nothing_moves(g: Gymnase) -> None:
    room = g.stranger_case.room
    room.owner_id = g.expert.user_id
    room.save(update_fields=["owner"])
    notes = folder(top(g, "4."), "Notes")
    elsewhere = Node.objects.get(room=room, kind="root")

    with pytest.raises(Invalid):
        moved(notes, elsewhere, g.expert)


def test_names_and_depth_hold_where_it_arrives(g: Gymnase) -> None:
    notes = folder(top(g, "4."), "Notes")
    folder(top(g, "5."), "NOTES")
    chain = top(g, "3.")
    for level in range(38):
        chain = folder(chain, f"n{level}")
    folder(notes, "2026")

    with pytest.raises(NameTaken), transaction.atomic():
        moved(notes, top(g, "5."), g.expert)
    with pytest.raises(TooDeep), transaction.atomic():
        moved(notes, chain, g.expert)
    above = fresh(chain).parent
    assert above is not None
    moved(notes, above, g.expert)


def test_who_may_move(g: Gymnase) -> None:
    """Manage where it leaves and add where it arrives; a delegate never manages."""
    notes, here = folder(top(g, "4."), "Notes"), top(g, "5.")

    acts: list[tuple[type[Refusal], Callable[[], object]]] = [
        (Forbidden, lambda: moved(notes, here, g.assistant)),
        (Forbidden, lambda: moved(notes, here, g.owner_counsel)),
        (NotFound, lambda: moved(notes, here, g.stranger)),
    ]
    for kind, act in acts:
        with pytest.raises(kind), transaction.atomic():
            act()
    given(top(g, "4."), g.contractor, Right.MANAGE, g=g)
    with pytest.raises(Forbidden), transaction.atomic():
        moved(notes, here, g.contractor)
    given(here, g.contractor, Right.ADD, g=g)
    with pytest.raises(OpensToOthers), transaction.atomic():
        moved(notes, here, g.contractor)  # adding in it would be new to the mover: I16
    inside = folder(notes, "2026")
    given(top(g, "4."), g.contractor, Right.MANAGE, Right.ADD, g=g)
    moved(inside, top(g, "4."), g.contractor)

    assert fresh(inside).parent == top(g, "4.")
    assert fresh(notes).parent == top(g, "4.")


def test_a_closed_room_moves_nothing(g: Gymnase) -> None:
    notes = folder(top(g, "4."), "Notes")
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    with pytest.raises(RoomClosed):
        moved(notes, top(g, "5."), g.expert)


def test_a10_a_cycle_would_be_seen(g: Gymnase) -> None:
    """The negative control: what the check under the lock forbids, done by hand, is damage."""
    a, b = folder(top(g, "4."), "a"), folder(top(g, "5."), "b")
    moved(b, a, g.expert)
    with pytest.raises(IntoItself), transaction.atomic():
        moved(a, b, g.expert)
    with pytest.raises(IntoItself):  # what a page would show, had it been opened before
        moves.of_move(node=fresh(a), parent=fresh(b), within=access.room(g.case.pk, asker=g.expert))

    Node.objects.filter(pk=a.pk).update(parent=b)

    assert {damage.what for damage in checks.damages(room=g.case.pk)} == {"tree"}
