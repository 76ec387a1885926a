"""The real room of the machines: the gymnasium case on PostgreSQL, acted on through its doors.

Calls of REST and forms of pages go through Django, in the transaction of the test, which is
taken back at its end. What the raw routes do is called where they decide and write. Words of
the oracle stand for rows: `name_of` and `rows` say which.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.test import Client
from django.utils import timezone

from accedit.domain.cases.models import Case
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Basket, Box, Deposit, Grant, Node, Room, RoomMember
from accedit.domain.filing.operations import baskets, moving, places, rooms
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Covers, Door, Scope
from accedit.domain.people.models import Delegation, Group, Membership, User
from accedit.domain.people.operations import accounts, delegations, groups, tokens
from accedit.domain.people.rights import Actor
from accedit.interfaces.api.problems import status_of
from accedit.serving import raw_deposits
from accedit.serving.messages import Headers, RawRequest
from accedit.shared.refusals import Refusal
from tests import cast
from tests.cast import NOON, Gymnase
from tests.machines.oracle import Spot, World
from tests.machines.oracle_acts import Act
from tests.web.sessions import signed_in


@dataclass
class House:
    """`people` and `groups` by the words of the oracle; a node's word is its id."""

    case: Case
    people: dict[str, UUID]
    groups: dict[str, UUID]
    doors: dict[tuple[str, str], tuple[int, Client]] = field(default_factory=dict)
    count: int = 0

    @property
    def room(self) -> Room:
        return Room.objects.select_related("owner", "space").get(pk=self.case.pk)

    def user(self, who: str) -> User:
        return User.objects.select_related("firm").get(pk=self.people[who])

    def actor(self, who: str) -> Actor:
        """As a page knows them; raises for whoever is disabled."""
        return actor_of(self.user(who), door=Door.PAGE)

    def askers(self) -> dict[str, Actor]:
        """Everybody as an asker. Whoever is disabled never becomes one at a door: asked for all
        the same, to be sure that nothing is held even so."""
        rows = User.objects.select_related("firm").in_bulk(self.people.values())
        for row in rows.values():
            row.is_active = True
        return {who: actor_of(rows[key], door=Door.PAGE) for who, key in self.people.items()}

    def rest(self, who: str, *, scope: str = "manage") -> Client:
        """A program of theirs. When all their keys ended (their epoch turned), the old one must
        open nothing more: it is tried before a new one is made (I21)."""
        user = self.user(who)
        known = self.doors.get((who, scope))
        if known and known[0] == user.epoch:
            return known[1]
        if known:
            said = known[1].get(f"/api/v1/cases/{self.case.pk}")
            assert said.status_code == 401, f"an ended key of {who} still opens"
        if not user.is_active:  # nobody makes them a key; the one they had is tried above
            return known[1] if known else Client(headers={"Authorization": "Bearer acc_ended"})
        _, secret = cast_token(user, scope=Scope(scope))
        made = Client(headers={"Authorization": f"Bearer {secret}"})
        self.doors[who, scope] = (user.epoch, made)
        return made

    def browser(self, who: str) -> Client:
        user = self.user(who)
        known = self.doors.get((who, "page"))
        if known and known[0] == user.epoch:
            return known[1]
        if known:
            said = known[1].get(f"/dossiers/{self.case.pk}")
            assert said.status_code == 302, f"an ended session of {who} still opens"
        made = signed_in(Client(), user)
        self.doors[who, "page"] = (user.epoch, made)
        return made

    def word(self) -> str:
        self.count += 1
        return f"n{self.count}"


def cast_token(user: User, *, scope: Scope) -> tuple[Any, str]:
    return tokens.create_token(user, name="machine", scope=scope, at=NOON)


def furnished(g: Gymnase) -> House:
    """Some thirty nodes: places, sealed ones, one sealed in a sealed one, pieces, groups."""
    people = {
        "anne": g.expert,
        "lucie": g.assistant,
        "aubry": g.owner_counsel,
        "blin": g.architect_counsel,
        "carel": g.engineer_counsels[0],
        "diallo": g.engineer_counsels[1],
        "dubreuil": g.contractor,
        "bruno": g.stranger,
    }
    house = House(
        g.case,
        {word: who.user_id for word, who in people.items()},
        {"all": g.case.group_id, "few": groups.create_group(name="few", room_id=g.case.pk).pk},
    )
    groups.add(house.user("diallo"), to=Group.objects.get(pk=house.groups["few"]))
    top = Node.objects.select_related("room").get(room=g.case.room, kind=NodeKind.ROOT)
    notes = places.plant(top, name="Notes", at=NOON)
    secret = places.plant(top, name="Secret médical", at=NOON, sealed=True)
    inner = places.plant(secret, name="Coffre", at=NOON, sealed=True)
    places.plant(inner, name="Fond", at=NOON)
    drafts = places.plant(notes, name="Brouillons", at=NOON)
    places.plant(drafts, name="Anciens", at=NOON)
    few = Group.objects.get(pk=house.groups["few"])
    rooms.grant(secret, to=few, rights=[Right.READ], by=g.expert.user_id, at=NOON)
    rooms.grant(
        notes, to=house.user("blin"), rights=[Right.ADD, Right.MODIFY], by=g.expert.user_id, at=NOON
    )
    for side, who in (("demandeur", "aubry"), ("architecte", "blin"), ("entreprise", "dubreuil")):
        cast.deposited(f"{who}-1.pdf", f"{who}-2.pdf", box=g.boxes[side], by=people[who])
    return house


def as_it_stands(house: House) -> World:
    """The oracle's room, read once from the tables before the first act."""
    subject = {key: word for word, key in (house.people | house.groups).items()}
    room = house.room
    world = World(owner=subject[room.owner_id], closed=room.closed_at is not None)
    for node in Node.objects.filter(room=room).select_related("deposit__box"):
        piece = getattr(node, "deposit", None)
        world.spots[str(node.pk)] = Spot(
            node.kind,
            str(node.parent_id) if node.parent_id else None,
            name=node.name,
            side=str(node.side or ""),
            sealed=node.sealed,
            evidence=node.evidence,
            withdrawn=node.withdrawn_at is not None,
            box=str(piece.box.folder_id) if piece else "",
        )
    for grant in Grant.objects.filter(node__room=room):
        key = grant.user_id or grant.group_id
        assert key is not None
        world.spots[str(grant.node_id)].given[subject[key]] = set(grant.rights)
    world.members = {
        subject[user]
        for user in RoomMember.objects.filter(room=room, left_at=None).values_list(
            "user_id", flat=True
        )
    }
    world.groups = {word: set() for word in house.groups}
    for group, user in Membership.objects.filter(group__in=house.groups.values()).values_list(
        "group_id", "user_id"
    ):
        world.groups[subject[group]].add(subject[user])
    for given in Delegation.objects.filter(space=room.space_id, ended_at=None):
        world.delegates[subject[given.delegate_id]] = set(given.covers)
    return world


# --- acts through the doors ------------------------------------------------------------------

SAID = {200: "done", 201: "done", 302: "done", 403: "refused", 409: "refused", 422: "refused"}


@dataclass(frozen=True)
class Outcome:
    said: str
    made: str = ""


def perform(house: House, act: Act) -> Outcome:
    """What the house said. A door that breaks (another status) breaks the walk."""
    return DOORS[act.what](house, act)


def _rest(house: House, act: Act, verb: str, tail: str, body: Any = None) -> Outcome:
    said = getattr(house.rest(act.who), verb)(
        f"/api/v1/{tail}", json.dumps(body or {}), content_type="application/json"
    )
    return Outcome(
        "absent" if said.status_code == 404 else SAID[said.status_code],
        str(said.json().get("id", "")) if said.status_code == 201 else "",
    )


def _page(house: House, act: Act, address: str, form: dict[str, str]) -> Outcome:
    said = house.browser(act.who).post(address, form)
    assert said.headers.get("location", "") != "/connexion", act
    return Outcome("absent" if said.status_code == 404 else SAID[said.status_code])


def _called(operation: Callable[[], Any]) -> Outcome:
    """An operation that has no door of its own yet, or whose door is a raw route."""
    try:
        made = operation()
    except Refusal as refusal:
        return Outcome("absent" if status_of(refusal) == 404 else "refused")
    return Outcome("done", str(made.node_id) if isinstance(made, Deposit) else "")


def _folder(house: House, act: Act) -> Outcome:
    name = house.word()
    if house.count % 2:
        return _rest(house, act, "post", f"nodes/{act.node}/folders", {"name": name})
    said = _page(house, act, f"/dossiers/{house.case.pk}/dossier/{act.node}", {"nom": name})
    made = Node.objects.filter(room=house.case.pk, name=name).first()
    return Outcome(said.said, str(made.pk) if made else "")


def _deposit(house: House, act: Act) -> Outcome:
    """As the raw route of REST does: decided, received, deposited, signed; or by the basket."""
    name = f"{house.word()}.pdf"
    if act.who == "lucie" or house.count % 3:
        return _called(lambda: _by_program(house, act, name))
    box = Box.objects.get(folder=act.node)
    start = _page(house, act, f"/dossiers/{house.case.pk}/deposer", {"boite": act.node})
    if start.said != "done":
        return _called(lambda: _by_program(house, act, name))
    basket = Basket.objects.get(box=box, owner=house.people[act.who], deposited_at=None)
    baskets.add_file(basket, stored=cast.stored(name.encode()), name=name, upload=name)
    said = _page(house, act, f"/paniers/{basket.pk}/confirmer", {})
    piece = Deposit.objects.filter(basket=basket).first()
    return Outcome(said.said, str(piece.node_id) if piece else "")


def _by_program(house: House, act: Act, name: str) -> Any:
    secret = house.rest(act.who).defaults["HTTP_AUTHORIZATION"]
    request = RawRequest(
        "POST",
        f"/api/v1/nodes/{act.node}/deposits",
        f"name={name}" + _behalf(act),
        Headers([("authorization", secret), ("idempotency-key", name)]),
        "127.0.0.1",
        receive=None,  # type: ignore[arg-type]  # no body: its bytes are stored below
        params={"box": act.node},
    )
    wish = raw_deposits._decided(request)
    answer, _ = raw_deposits._deposited(wish, cast.stored(name.encode()))
    return Deposit.objects.get(pk=answer["deposit_id"])


def _behalf(act: Act) -> str:
    """An assistant deposits for a party, never in their own name."""
    return f"&on_behalf={act.subject}&means=post&received_on=2026-11-16" if act.subject else ""


def _due(house: House, act: Act) -> Outcome:
    return _rest(house, act, "put", f"nodes/{act.node}/due", {"due_at": "2031-01-01T00:00:00Z"})


def _withdraw(house: House, act: Act) -> Outcome:
    return _rest(house, act, "post", f"nodes/{act.node}/withdraw", {"reason": "essai"})


def _restore(house: House, act: Act) -> Outcome:
    return _page(house, act, f"/pieces/{act.node}/remettre", {"motif": "essai"})


def _close(house: House, act: Act) -> Outcome:
    return _rest(house, act, "post", f"cases/{house.case.pk}/{act.what}", {"reason": "essai"})


def _subject(house: House, act: Act) -> str:
    kind = "group" if act.subject in house.groups else "user"
    return f"{kind}:{(house.people | house.groups)[act.subject]}"


def _grant(house: House, act: Act) -> Outcome:
    rights = {"rights": sorted(act.rights)}
    return _rest(house, act, "put", f"nodes/{act.node}/grants/{_subject(house, act)}", rights)


def _revoke(house: House, act: Act) -> Outcome:
    return _rest(house, act, "delete", f"nodes/{act.node}/grants/{_subject(house, act)}")


def _seal(house: House, act: Act) -> Outcome:
    """Whoever loses a piece is confirmed by name: here, everybody is."""
    losing = [str(key) for key in house.people.values()]
    return _rest(house, act, "post", f"nodes/{act.node}/seal", {"losing": losing})


def _unseal(house: House, act: Act) -> Outcome:
    return _rest(house, act, "delete", f"nodes/{act.node}/seal")


def _archive(house: House, act: Act) -> Outcome:
    """Whoever gains the piece is confirmed by name: here, everybody is."""
    gaining = [str(key) for key in house.people.values()]
    return _rest(house, act, "post", f"nodes/{act.node}/archive", {"gaining": gaining})


def _move(house: House, act: Act) -> Outcome:
    return _called(
        lambda: moving.move(
            UUID(act.node),
            parent_id=UUID(act.to),
            actor=house.actor(act.who),
            at=timezone.now(),
        )
    )


# --- what other acts are made of: no door decides them alone ---------------------------------


def _primitive(work: Callable[[House, Act], Any]) -> Callable[[House, Act], Outcome]:
    def done(house: House, act: Act) -> Outcome:
        work(house, act)
        return Outcome("done")

    return done


def _group(house: House, act: Act) -> Group:
    return Group.objects.get(pk=house.groups[act.to])


DOORS: dict[str, Callable[[House, Act], Outcome]] = {
    "folder": _folder,
    "deposit": _deposit,
    "due": _due,
    "withdraw": _withdraw,
    "restore": _restore,
    "close": _close,
    "reopen": _close,
    "grant": _grant,
    "revoke": _revoke,
    "seal": _seal,
    "unseal": _unseal,
    "archive": _archive,
    "move": _move,
    "enters": _primitive(lambda h, a: rooms.let_in(h.user(a.subject), room=h.room, at=NOON)),
    "leaves": _primitive(lambda h, a: rooms.let_out(h.user(a.subject), room=h.room, at=NOON)),
    "joins": _primitive(lambda h, a: groups.add(h.user(a.subject), to=_group(h, a))),
    "quits": _primitive(lambda h, a: groups.remove(h.user(a.subject), of=_group(h, a))),
    "confides": _primitive(
        lambda h, a: delegations.delegate(
            space=h.room.space,
            to=h.user(a.subject),
            covers=[Covers(one) for one in a.covers],
            at=NOON,
        )
    ),
    "takes_back": _primitive(
        lambda h, a: delegations.end(space=h.room.space, of=h.user(a.subject), at=NOON)
    ),
    "disabled": _primitive(lambda h, a: accounts.disable(h.people[a.subject])),
    "enabled": _primitive(
        lambda h, a: User.objects.filter(pk=h.people[a.subject]).update(is_active=True)
    ),
}


def nodes(house: House) -> Iterator[Node]:
    yield from Node.objects.filter(room=house.case.pk).select_related(
        "room__owner", "room__space", "deposit__blob", "deposit__box"
    )
