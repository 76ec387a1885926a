"""Row L18 (I18): the roster frozen in a deposit's entry is who may read the piece at that instant.

Rights move at random on the way from the root to the box; then somebody deposits. What the
entry froze is compared with the oracle, which is told what the tables hold, column by column.
"""

from typing import Any
from uuid import UUID

from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accedit.domain.evidence.models import InnerLeaf
from accedit.domain.evidence.reckoning import inner_line, inner_root
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import rooms
from accedit.domain.people.models import User
from tests import cast
from tests.cast import NOON, Gymnase
from tests.filing import oracle
from tests.filing.given import entry
from tests.filing.oracle import Spot, World
from tests.store import undone

NEW = "the piece"
RIGHTS = st.frozensets(st.sampled_from(sorted(Right, key=str)))


def rows(order: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(order, values)
        return list(cursor.fetchall())


def world(g: Gymnase, *, box: UUID) -> World:
    """The room as its tables hold it, and the piece about to lie in the box."""
    room = g.case.room_id
    held: dict[str, dict[str, frozenset[str]]] = {}
    for node, user, group, rights in rows(
        "select node_id, user_id, group_id, rights from filing_grant g join filing_node n"
        " on n.id = g.node_id where n.room_id = %s", room,
    ):  # fmt: skip
        held.setdefault(str(node), {})[str(user or group)] = frozenset(rights)
    spots = {
        str(node): Spot(
            str(up) if up else None,
            kind == "file",
            evidence,
            False,
            sealed,
            held.get(str(node), {}),
        )
        for node, up, kind, evidence, sealed in rows(
            "select id, parent_id, kind, evidence, sealed from filing_node where room_id = %s", room
        )
    }
    spots[NEW] = Spot(str(box), file=True, evidence=True)
    groups: dict[str, set[str]] = {}
    for user, group in rows("select user_id, group_id from people_membership"):
        groups.setdefault(str(group), set()).add(str(user))
    ((owner, space),) = rows("select owner_id, space_id from filing_room where id = %s", room)
    return World(
        spots,
        str(owner),
        delegates=strings(
            "select delegate_id from people_delegation d join people_user u on u.id = d.delegate_id"
            " where space_id = %s and ended_at is null and u.is_active", space,
        ),
        members=strings(
            "select user_id from filing_roommember m join people_user u on u.id = m.user_id"
            " where room_id = %s and left_at is null and u.is_active", room,
        ),
        groups={group: frozenset(people) for group, people in groups.items()},
    )  # fmt: skip


def strings(order: str, *values: Any) -> frozenset[str]:
    return frozenset(str(value) for (value,) in rows(order, *values))


def frozen(piece: Deposit) -> set[str]:
    lines = InnerLeaf.objects.filter(
        log__origin=piece.log_origin, index=piece.log_index, claim="roster"
    ).order_by("position")
    told = entry(piece).claims["roster"]
    hashed = [
        inner_line(position=one.position, salt=bytes(one.salt), value=one.value) for one in lines
    ]
    assert told == {"root": inner_root(hashed).hex(), "size": len(hashed)}
    return {one.value["reader"] for one in lines if "reader" in one.value}


def moved(g: Gymnase, data: st.DataObject, *, people: list[User], places: list[Node]) -> None:
    for _ in range(data.draw(st.integers(0, 6), label="changes")):
        place = data.draw(st.sampled_from(places))
        who = data.draw(st.sampled_from(people))
        match data.draw(st.sampled_from(["grant", "revoke", "seal", "leave", "disable"])):
            case "grant":
                rights = data.draw(RIGHTS)
                if rights:
                    rooms.grant(place, to=who, rights=rights, by=g.expert.user_id, at=NOON)
            case "revoke":
                rooms.revoke(place, of=who)
            case "seal" if place.parent_id:
                rooms.set_seal(place, sealed=data.draw(st.booleans()))
            case "leave":
                rooms.let_out(who, room=place.room, at=NOON)
            case "disable":
                User.objects.filter(pk=who.pk).update(is_active=False)


@examples(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_l18_what_is_frozen_is_who_may_read(g: Gymnase, data: st.DataObject) -> None:
    box = g.boxes["demandeur"]
    seats = [g.owner_counsel, g.architect_counsel, g.contractor, g.assistant, *g.engineer_counsels]
    people = list(User.objects.filter(pk__in=[one.user_id for one in seats]).order_by("name"))
    with undone():
        places = [box.folder]
        while places[-1].parent is not None:
            places.append(places[-1].parent)
        moved(g, data, people=people, places=places)
        expected = world(g, box=box.folder.pk)

        (piece,) = cast.deposited("a.pdf", box=box, by=g.expert)

        readers = {
            person
            for person in expected.members | expected.delegates | {expected.owner}
            if "read" in oracle.eff(expected, person, NEW)
        }
        assert frozen(piece) == readers


def test_l18_a_reader_more_in_the_tables_is_one_more_in_the_entry(g: Gymnase) -> None:
    """The control: the two do move, and together."""
    box = g.boxes["demandeur"]
    (before,) = cast.deposited("a.pdf", box=box, by=g.expert)
    blin = User.objects.get(pk=g.architect_counsel.user_id)
    rooms.let_out(blin, room=box.folder.room, at=NOON)
    (after,) = cast.deposited("b.pdf", box=box, by=g.expert)

    assert frozen(before) - frozen(after) == {str(blin.pk)}
