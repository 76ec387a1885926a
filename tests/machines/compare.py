"""After each act: does the house say, everywhere, what the oracle says?

`Mismatch` says what differs, for whom, on which node. Everything that is compared for each
(person, node) pair or list is counted, so that a walk can say how much it has seen.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from accedit.domain.filing import queries
from accedit.domain.filing import rights as engine
from accedit.domain.filing.models import Deposit, Node, Room
from accedit.domain.filing.operations import readings
from accedit.domain.filing.queries import PieceFilter, Standings, across, explaining, summary
from accedit.domain.filing.rights import Asking
from accedit.domain.people.access import NotSignedIn
from accedit.domain.people.models import Membership
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, NotFound
from tests.machines import oracle
from tests.machines.house import House, as_it_stands, nodes
from tests.machines.oracle import World


class Mismatch(AssertionError):
    """The house and the oracle do not say the same."""


@dataclass
class Compared:
    """How much was compared, and the rights as they were after the step before."""

    counts: Counter[str] = field(default_factory=Counter)
    turn: int = 0
    evidence: dict[UUID, tuple[Any, ...]] = field(default_factory=dict)
    last: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def same(self, what: str, *, ours: Any, theirs: Any, where: Any) -> None:
        self.counts[what] += 1
        if ours != theirs:
            raise Mismatch(f"{what} of {where}: the house says {ours!r}, the oracle {theirs!r}")


def words(rights: Any) -> frozenset[str]:
    return frozenset(right.value for right in rights)


FACTS = (
    "node_id", "name", "title", "number", "depositor_id", "side", "received_from", "received_at",
    "late", "blob_id", "blob__sha256", "blob__size", "log_origin", "log_index",
)  # fmt: skip


def facts_of_evidence(house: House, *, seen: Compared) -> None:
    """I6: what was deposited once is there as it was, whatever was done since."""
    rows = Deposit.objects.filter(box__folder__room=house.case.pk).values_list("pk", *FACTS)
    now = {row[0]: row[1:] for row in rows}
    then = {key: now.get(key) for key in seen.evidence}
    seen.same("evidence", ours=then, theirs=seen.evidence, where="the room")
    seen.evidence = now


def unchanged(house: House, world: World, *, seen: Compared) -> None:
    """After an act that was refused: the facts that rights follow from are those of before."""
    facts = as_it_stands(house)
    facts.disabled = world.disabled
    seen.same("facts", ours=facts, theirs=world, where="the room")


def all_of(house: House, world: World, *, seen: Compared, chance: random.Random) -> None:
    """Rights and scopes of everybody on every node, each time. The reasons of the pairs that
    changed, of all each fifth time; the lists of those whom the act touched and of one more;
    the answers of doors on some pairs, those that changed first."""
    rows = {str(node.pk): node for node in nodes(house)}
    facts_of_evidence(house, seen=seen)
    seen.same("nodes", ours=set(rows), theirs=set(world.spots), where="the room")
    _scopes(rows, world, seen=seen)
    room, askers = house.room, house.askers()
    held = {who: queries.standings(room, asker=asker) for who, asker in askers.items()}
    now = {
        (who, name): oracle.eff(world, who, name) for who in house.people for name in world.spots
    }
    for (who, name), rights in now.items():
        seen.same("rights", ours=words(held[who].on(rows[name])), theirs=rights, where=(who, name))
    changed = [pair for pair, rights in now.items() if seen.last.get(pair) != rights]
    asked = now if seen.turn % 5 == 0 else {pair: now[pair] for pair in changed}
    _because(house, world, rows, now=asked, seen=seen)
    touched = sorted({who for who, _ in changed} | {chance.choice(sorted(house.people))})
    for who in touched:
        _lists(room, world, who, held=held[who], asker=askers[who], seen=seen)
    pairs = chance.sample(changed, min(1, len(changed))) + chance.sample(sorted(now), 1)
    for who, name in pairs:
        rest(house, world, who, name, chance=chance, seen=seen)
    who = chance.choice(touched)
    if seen.turn % 3 == 0:
        _inside(house, world, who, held=held[who], chance=chance, seen=seen)
    elif seen.turn % 3 == 1:
        _content(house, world, *pairs[0], seen=seen)
        _readers(rows, world, chance.choice(sorted(rows)), house=house, seen=seen)
    else:
        explained(house, world, *pairs[-1], held=held, rows=rows, seen=seen)
    seen.turn += 1
    seen.last = now


def _scopes(rows: dict[str, Node], world: World, *, seen: Compared) -> None:
    """I20: the column says what a walk from each node upwards says."""
    for name, node in rows.items():
        seen.same(
            "scope", ours=str(node.scope_id), theirs=oracle.scope(world, name), where=node.name
        )


def _because(
    house: House,
    world: World,
    rows: dict[str, Node],
    *,
    now: dict[tuple[str, str], frozenset[str]],
    seen: Compared,
) -> None:
    """I2: each right has one reason; a grant that is there, on the way, of a subject of theirs."""
    room = house.room
    paths, given = queries.scope_paths(room.pk), queries.room_grants(room.pk)
    facts = queries.facts_of(room, among=list(house.people.values()))
    subject = {key: word for word, key in (house.people | house.groups).items()}
    groups: dict[UUID, set[UUID]] = {}
    for user, group in Membership.objects.filter(group__room_id=room.pk).values_list(
        "user_id", "group_id"
    ):
        groups.setdefault(user, set()).add(group)
    for (who, name), rights in now.items():
        node, person = rows[name], house.people[who]
        reasons = engine.because(
            path=paths[node.scope_id or node.pk],
            nature=queries.nature(node),
            grants=given,
            asking=Asking(person, frozenset(groups.get(person, ()))),
            room=facts,
        )
        told = [one.right.value for one in reasons]
        seen.same("because", ours=sorted(told), theirs=sorted(rights), where=(who, name))
        for one in reasons:
            if who == world.owner or who in world.delegates:
                seen.same("because by role", ours=one.grant, theirs=None, where=(who, name))
                continue
            grant = one.grant
            good = (
                grant is not None
                and str(grant.node) in oracle.reaching(world, name)
                and subject[grant.subject] in oracle.subjects(world, who)
                and world.spots[str(grant.node)].given.get(subject[grant.subject])
                == words(grant.rights)
                and any(one.right.value in oracle.IMPLIED[word] for word in words(grant.rights))
            )
            seen.same("because by grant", ours=good, theirs=True, where=(who, name, one))


def _lists(
    room: Room, world: World, who: str, *, held: Standings, asker: Actor, seen: Compared
) -> None:
    """I15: what is listed or counted is what is decided, one by one."""
    listed, count = queries.pieces(within=held, size=1000)
    mine = oracle.pieces(world, who)
    seen.same("pieces", ours={str(d.node_id) for d in listed.items}, theirs=mine, where=who)
    seen.same("count of pieces", ours=count, theirs=len(mine), where=who)
    found = queries.places(within=held)
    seen.same(
        "places", ours={str(n.pk) for n in found}, theirs=oracle.places(world, who), where=who
    )
    boxes = {str(box.folder_id) for box in queries.boxes(within=held)}
    seen.same("boxes", ours=boxes, theirs=oracle.boxes(world, who), where=who)
    per_box: Counter[str] = Counter(world.spots[one].box for one in mine)
    contents = summary.box_contents(within=held)
    folder = {row.box_id: str(row.box.folder_id) for one in contents.values() for row in one.latest}
    ours = {folder[box]: one.count for box, one in contents.items()}
    seen.same("counts by box", ours=ours, theirs=dict(per_box), where=who)
    together = across.standings_of([room], asker=asker)[room.pk]
    seen.same("standings across", ours=together.held, theirs=held.held, where=who)
    counted = across.piece_counts([together]).get(room.pk, 0)
    seen.same("count across", ours=counted, theirs=len(mine), where=who)


def rest(
    house: House, world: World, who: str, name: str, *, chance: random.Random, seen: Compared
) -> None:
    """GET /nodes/{id}: the same rights, or exactly the answer for what never was."""
    through = chance.choice(["read", "deposit", "manage"])
    said = house.rest(who, scope=through).get(f"/api/v1/nodes/{name}")
    if who in world.disabled:
        seen.same("REST of nobody", ours=said.status_code, theirs=401, where=who)
        return
    rights = oracle.eff(world, who, name, through=through)
    if not rights:
        never = house.rest(who, scope=through).get(f"/api/v1/nodes/{uuid4()}")
        ours, theirs = (said.status_code, said.content), (404, never.content)
        seen.same("REST absent", ours=ours, theirs=theirs, where=(who, name))
        return
    body = said.json()
    ours = (said.status_code, body.get("rights"))
    seen.same("REST rights", ours=ours, theirs=(200, sorted(rights)), where=(who, name, through))
    spot = world.spots[name]
    if spot.evidence:
        shown = "sha256" in body
        seen.same("REST content facts", ours=shown, theirs="read" in rights, where=(who, name))
    above = spot.up if spot.up and "browse" in oracle.eff(world, who, spot.up) else None
    seen.same("REST parent", ours=body.get("parent_id"), theirs=above, where=(who, name))


def _content(house: House, world: World, who: str, name: str, *, seen: Compared) -> None:
    """Bytes and page images: by whoever holds the right, else the refusal that goes with it."""
    rights = oracle.eff(world, who, name)
    for preview, need in ((True, "read"), (False, "download")):
        try:
            readings.open_content(
                UUID(name), asker=house.actor(who), at=timezone.now(), preview=preview
            )
            said = "done"
        except (NotFound, NotSignedIn):
            said = "absent"
        except Forbidden:
            said = "refused"
        expected = "absent" if not rights else "done" if need in rights else "refused"
        if not world.spots[name].evidence and expected == "done":
            expected = "absent"  # a place has no content
        seen.same("content", ours=said, theirs=expected, where=(who, name, need))


def _inside(
    house: House,
    world: World,
    who: str,
    *,
    held: Standings,
    chance: random.Random,
    seen: Compared,
) -> None:
    """The children of one place as REST and the page list them, and the words of a search."""
    if who in world.disabled:
        return
    places = [one for one, spot in world.spots.items() if spot.kind != "file"]
    name = chance.choice(sorted(places))
    rights = oracle.eff(world, who, name)
    visible = oracle.children(world, name) & oracle.seen(world, who)
    said = house.rest(who).get(f"/api/v1/nodes/{name}/children")
    if rights:
        ours = {row["id"]: row["rights"] for row in said.json()["items"]}
        theirs = {one: sorted(oracle.eff(world, who, one)) for one in visible}
    else:
        ours, theirs = said.status_code, 404
    seen.same("REST children", ours=ours, theirs=theirs, where=(who, name))
    page = house.browser(who).get(f"/dossiers/{house.case.pk}/dossier/{name}")
    theirs_status = 200 if "browse" in rights else 404
    seen.same("page of a place", ours=page.status_code, theirs=theirs_status, where=(who, name))
    if page.status_code == 200:
        listed = {str(node.pk) for node in page.context["children"]}
        seen.same("page children", ours=listed, theirs=visible, where=(who, name))
    pieces = sorted(one for one, spot in world.spots.items() if spot.evidence)
    piece = Node.objects.get(pk=chance.choice(pieces))
    found, count = queries.pieces(within=held, wanted=PieceFilter(words=piece.name), size=1000)
    hit = str(piece.pk) in {str(one.node_id) for one in found.items}
    seen.same(
        "search", ours=hit, theirs=str(piece.pk) in oracle.seen(world, who), where=(who, piece.name)
    )
    seen.same("count of a search", ours=count, theirs=len(found.items), where=who)
    shown = queries.rooms(asker=house.actor(who)).filter(pk=house.case.pk).exists()
    theirs_own = who in {world.owner, *world.delegates, *world.members}
    seen.same("list of cases", ours=shown, theirs=theirs_own, where=who)


def _readers(
    rows: dict[str, Node], world: World, name: str, *, house: House, seen: Compared
) -> None:
    """Who may read one node, as the roster of a deposit and the page of rights ask it."""
    subject = {key: word for word, key in house.people.items()}
    ours = {subject[key] for key in queries.readers(rows[name])}
    seen.same("readers", ours=ours, theirs=oracle.readers(world, name), where=name)


def explained(
    house: House,
    world: World,
    who: str,
    name: str,
    *,
    held: dict[str, Standings],
    rows: dict[str, Node],
    seen: Compared,
) -> None:
    """« Pourquoi X peut-il lire ceci ? », as its page and REST answer it."""
    told = explaining.explain(rows[name], person=house.user(who), within=held[world.owner])
    rights = oracle.eff(world, who, name)
    seen.same("explained", ours=words(told.rights), theirs=rights, where=(who, name))
    missing = {one.right.value for one in told.missing}
    seen.same("not held", ours=missing, theirs=oracle.EVERY - rights, where=(who, name))
