"""Rights given and taken back on a place: by the owner alone, to people of the case alone."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import access
from accedit.domain.filing.access import OnPlacesOnly
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Grant, Node, Room, RoomMember
from accedit.domain.filing.operations import grants, places, rooms, seals
from accedit.domain.filing.operations.grants import ChangedMeanwhile
from accedit.domain.filing.operations.rooms import RoomClosed
from accedit.domain.filing.queries import changes, checks
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import User
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase

LATER = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


def folder(g: Gymnase, name: str = "1. Mission et décisions") -> Node:
    return Node.objects.get(room=g.case.room, name=name)


def word(who: Actor) -> str:
    return f"user:{who.user_id}"


def entries(room_id: UUID, *, sealed: UUID | None = None) -> list[Told]:
    page = evidence.entries(
        log.acts_of(room_id, sealed=sealed), asker=uuid4(), seen_nodes=None, size=500
    )
    return list(page.items)


def held(who: Actor, node: Node) -> frozenset[Right]:
    fresh = Node.objects.select_related("room__owner", "room__space").get(pk=node.pk)
    try:
        return access.node(fresh.pk, asker=who).rights
    except NotFound:
        return frozenset()


def give(g: Gymnase, node: Node, to: str, *rights: Right, by: Actor | None = None) -> None:
    grants.give(node.pk, to=to, rights=rights, actor=by or g.expert, at=LATER)


def test_a_right_given_holds_below_and_is_told_with_who_gained_it(g: Gymnase) -> None:
    top = folder(g)
    inner = places.create_folder(top.pk, name="Ordonnances", actor=g.expert, at=NOON)
    epoch = Room.objects.get(pk=g.case.pk).epoch

    give(g, top, word(g.contractor), Right.MODIFY)

    assert held(g.contractor, inner) == {Right.BROWSE, Right.READ, Right.DOWNLOAD, Right.MODIFY}
    assert Right.MODIFY not in held(g.owner_counsel, inner)
    told = entries(g.case.pk)[0]
    assert (told.kind, told.node) == ("rights.changed", top.pk)
    assert told.claims["subject"] == {
        "id": str(g.contractor.user_id),
        "name": "Sols Dubreuil",
        "kind": "user",
    }
    assert (told.claims["before"], told.claims["after"]) == ([], ["modify"])
    assert told.claims["gained"] == [
        {
            "id": str(g.contractor.user_id),
            "name": "Sols Dubreuil",
            "node_id": str(top.pk),
            "rights": ["modify"],
        }
    ]
    assert told.claims["lost"] == []
    assert Room.objects.get(pk=g.case.pk).epoch > epoch
    assert list(checks.damages(room=g.case.pk, quick=True)) == []


def test_taking_back_deletes_the_row_and_says_who_lost(g: Gymnase) -> None:
    top = folder(g)
    give(g, top, word(g.contractor), Right.MODIFY, Right.DELETE)

    grants.take_back(top.pk, of=word(g.contractor), actor=g.expert, at=LATER)

    assert not Grant.objects.filter(node=top).exists()
    assert held(g.contractor, top) == {Right.BROWSE, Right.READ, Right.DOWNLOAD}
    told = entries(g.case.pk)[0]
    assert (told.claims["before"], told.claims["after"]) == (["delete", "modify"], [])
    assert [line["rights"] for line in told.claims["lost"]] == [["delete", "modify"]]
    assert list(checks.damages(room=g.case.pk, quick=True)) == []


def test_what_changes_nothing_is_written_nowhere(g: Gymnase) -> None:
    top = folder(g)
    give(g, top, word(g.contractor), Right.ADD)
    epoch, said = Room.objects.get(pk=g.case.pk).epoch, len(entries(g.case.pk))

    give(g, top, word(g.contractor), Right.ADD)
    grants.take_back(top.pk, of=word(g.owner_counsel), actor=g.expert, at=LATER)

    assert (Room.objects.get(pk=g.case.pk).epoch, len(entries(g.case.pk))) == (epoch, said)


def test_a_group_of_the_case_is_a_subject(g: Gymnase) -> None:
    top = folder(g)
    group = groups.create_group(name="Techniciens", room_id=g.case.pk)
    for who in g.engineer_counsels:
        groups.add(User.objects.get(pk=who.user_id), to=group)

    give(g, top, f"group:{group.pk}", Right.ADD)

    assert [Right.ADD in held(who, top) for who in g.engineer_counsels] == [True, True]
    assert Right.ADD not in held(g.contractor, top)
    assert len(entries(g.case.pk)[0].claims["gained"]) == 2


@pytest.mark.parametrize("who", ["assistant", "owner_counsel"])
def test_nobody_but_the_owner_gives_even_with_every_right(g: Gymnase, who: str) -> None:
    top, actor = folder(g), getattr(g, who)
    if who == "owner_counsel":
        give(g, top, word(actor), *Right)
        assert Right.MANAGE in held(actor, top)

    for act in (
        lambda: give(g, top, word(g.contractor), Right.ADD, by=actor),
        lambda: give(g, top, word(actor), *Right, by=actor),
        lambda: grants.take_back(top.pk, of=word(g.contractor), actor=actor, at=LATER),
        lambda: seals.seal(top.pk, actor=actor, at=LATER),
        lambda: seals.unseal(top.pk, actor=actor, at=LATER),
    ):
        with pytest.raises(Forbidden):
            act()

    assert Grant.objects.filter(node=top).count() == (1 if who == "owner_counsel" else 0)


def test_a_key_that_may_not_manage_gives_nothing_either(g: Gymnase) -> None:
    from dataclasses import replace  # noqa: PLC0415

    for scope in (Scope.READ, Scope.DEPOSIT):
        with pytest.raises(Forbidden):
            give(g, folder(g), word(g.contractor), Right.ADD, by=replace(g.expert, scope=scope))


def test_only_an_active_member_or_a_group_of_this_case_is_a_subject(g: Gymnase) -> None:
    elsewhere = groups.create_group(name="D'ailleurs", room_id=g.stranger_case.pk)
    RoomMember.objects.filter(room=g.case.pk, user=g.architect_counsel.user_id).update(left_at=NOON)
    User.objects.filter(pk=g.engineer_counsels[0].user_id).update(is_active=False)

    for to in (
        word(g.stranger),
        word(g.architect_counsel),
        word(g.engineer_counsels[0]),
        word(g.assistant),
        f"group:{elsewhere.pk}",
        f"user:{uuid4()}",
        f"group:{g.contractor.user_id}",
        f"user:{{{g.contractor.user_id}}}",
        str(g.contractor.user_id),
        "user:",
        "",
    ):
        with pytest.raises(NotFound):
            give(g, folder(g), to, Right.READ)
    with pytest.raises(Invalid):
        give(g, folder(g), word(g.expert), Right.READ)
    assert not Grant.objects.filter(node=folder(g)).exists()


def test_the_place_of_another_room_does_not_exist(g: Gymnase) -> None:
    theirs = Node.objects.get(room=g.stranger_case.room, kind="root")

    for act in (
        lambda: give(g, theirs, word(g.contractor), Right.READ),
        lambda: seals.seal(theirs.pk, actor=g.expert, at=LATER),
    ):
        with pytest.raises(NotFound):
            act()


def test_a_piece_has_the_rights_of_its_place(g: Gymnase) -> None:
    piece = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)[0]

    with pytest.raises(OnPlacesOnly):
        give(g, piece.node, word(g.contractor), Right.READ)


def test_a_closed_case_changes_nothing(g: Gymnase) -> None:
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)

    for act in (
        lambda: give(g, folder(g), word(g.contractor), Right.READ),
        lambda: seals.seal(folder(g).pk, actor=g.expert, at=LATER),
        lambda: places.rename_folder(folder(g).pk, name="x", actor=g.expert, at=LATER),
    ):
        with pytest.raises(RoomClosed):
            act()


def test_what_was_shown_is_what_is_done_or_nothing_is(g: Gymnase) -> None:
    top = folder(g)

    def shown() -> str:
        return changes.of_grant(
            node=top.pk,
            subject=g.contractor.user_id,
            rights=frozenset({Right.ADD}),
            within=access.owned_room(g.case.pk, asker=g.expert),
        ).mark

    mark = shown()
    give(g, top, word(g.owner_counsel), Right.ADD)  # somebody else's hand, in between

    with pytest.raises(ChangedMeanwhile):
        grants.give(
            top.pk, to=word(g.contractor), rights=[Right.ADD], actor=g.expert, at=LATER, seen=mark
        )
    assert Right.ADD not in held(g.contractor, top)

    grants.give(
        top.pk, to=word(g.contractor), rights=[Right.ADD], actor=g.expert, at=LATER, seen=shown()
    )
    assert Right.ADD in held(g.contractor, top)


def test_a_folder_gets_another_name_and_the_log_both(g: Gymnase) -> None:
    top = folder(g)

    places.rename_folder(top.pk, name="1. Mission", actor=g.assistant, at=LATER)

    told = entries(g.case.pk)[0]
    assert (told.kind, told.claims["before"], told.claims["after"]) == (
        "folder.renamed",
        "1. Mission et décisions",
        "1. Mission",
    )
    with pytest.raises(Forbidden):
        places.rename_folder(top.pk, name="2", actor=g.owner_counsel, at=LATER)
    with pytest.raises(places.NameTaken):
        places.rename_folder(top.pk, name="2. CONVOCATIONS", actor=g.expert, at=LATER)
    for fixed in (g.boxes["demandeur"].folder, folder(g, "Boîtes aux lettres")):
        with pytest.raises(places.NameIsFixed):
            places.rename_folder(fixed.pk, name="Autre", actor=g.expert, at=LATER)
