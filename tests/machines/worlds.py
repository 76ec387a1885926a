"""Two worlds that differ only in what somebody may not see, and all that they are answered.

The beginning is made once: both worlds have the same ids, keys and pieces. One is left as it
is; in the other, hidden things happen. The same person asks everything of both, in the same
order: each address of each door, with the ids of things seen and hidden, of both worlds;
reading, and trying to act. Mails and letters they got are read at the end. Each world is
taken back before the next begins.
"""

import io
import os
import random
import shutil
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4, uuid5

import httpx
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.utils.crypto import get_random_string

from accedit.domain.cases.enums import PartyKind, TaskKind, Template
from accedit.domain.cases.models import RosterLine, Task
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import PartyDraft
from accedit.domain.evidence.operations.keeping import sign_grown
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import baskets, places, readings, rooms, withdrawals
from accedit.domain.people.models import ApiToken, Delegation, Group, User
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter, Message
from tests import cast
from tests.attacks.browser import session_of
from tests.attacks.doors import NEEDS, Needs
from tests.attacks.rooms import ROOMS
from tests.attacks.routes import Route, routes
from tests.cast import NOON, Gymnase
from tests.machines.inline import asking, one_thread
from tests.machines.masks import HEADERS, masked
from tests.machines.masks import UUID as WRITTEN
from tests.store import undone

SPACE = UUID(int=11)
SOAK = os.environ.get("ACCEDIT_SOAK") == "1"
NEVER = str(uuid5(SPACE, "never"))
SKIPPED = {
    "/deconnexion": "ends the session that asks",
    "/dossiers/{case_id}/evenements": "never ends: tests/attacks/test_live.py listens to it",
}


@dataclass
class Beginning:
    """What both worlds have in common, and how to begin again."""

    g: Gymnase
    ids: dict[str, list[str]]
    keys: dict[UUID, str]
    cookies: dict[UUID, dict[str, str]]
    known: frozenset[str]
    folder: Path
    laid: Iterator[int] = field(default_factory=count)

    @contextmanager
    def again(self) -> Iterator[None]:
        """What happens in the block is taken back; the signer remembers what was signed before."""
        signer = self.folder / f"signer-{next(self.laid)}"
        shutil.copytree(self.folder / "signer", signer)
        with undone(), override_settings(SIGNER_FOLDER=signer):
            yield


def begun(folder: Path) -> Beginning:
    """Two cases; in the first one a sealed folder, baskets under way, a piece withdrawn."""
    with override_settings(SIGNER_FOLDER=folder / "signer"):
        g = cast.gymnase()
        _furnished(g)
        everybody = [*g.everyone, g.stranger]
        keys = {who.user_id: cast.token_for(who) for who in everybody}
        cookies = {who.user_id: _cookies(who) for who in everybody}
        for kept in cookies.values():  # where they signed in is entered once, before the two part
            with one_thread(), asking(cookies=kept) as pages:
                pages.get("/compte")
        sign_grown()
        return Beginning(g, _ids(g), keys, cookies, frozenset(_every_id()), folder)


def _cookies(who: Actor) -> dict[str, str]:
    return {
        settings.CSRF_COOKIE_NAME: get_random_string(32),
        settings.SESSION_COOKIE_NAME: session_of(who),
    }


def _furnished(g: Gymnase) -> None:
    root = _root(g.case.pk)
    few = groups.create_group(name="Groupe réservé", room_id=g.case.pk)
    groups.add(User.objects.get(pk=g.owner_counsel.user_id), to=few)
    secret = places.plant(root, name="Secret médical", at=NOON, sealed=True)
    places.plant(secret, name="Radiographies", at=NOON)
    rooms.grant(secret, to=few, rights=[Right.READ], by=g.expert.user_id, at=NOON)
    for side, who in (
        ("demandeur", g.owner_counsel),
        ("architecte", g.architect_counsel),
        ("entreprise", g.contractor),
    ):
        cast.deposited(f"{side}-1.pdf", f"{side}-2.pdf", box=g.boxes[side], by=who)
        waiting = baskets.open_basket(box=g.boxes[side], actor=who, at=NOON)
        baskets.add_file(waiting, stored=cast.stored(), name=f"{side}-attend.pdf", upload="u")
    gone = cast.deposited("retiree.pdf", box=g.boxes["bureau d'études"], by=g.engineer_counsels[0])[
        0
    ]
    withdrawals.withdraw(gone.node_id, reason="couverte par le secret", actor=g.expert, at=NOON)


def _root(room: Any) -> Node:
    return Node.objects.select_related("room").get(room=room, kind=NodeKind.ROOT)


def _ids(g: Gymnase) -> dict[str, list[str]]:
    """For each part of an address, the things of the first world it may stand for."""
    room = g.case.pk

    def piece(name: str) -> Deposit:
        return Deposit.objects.get(name=name, box__folder__room=room)

    own, others, gone = piece("architecte-1.pdf"), piece("demandeur-1.pdf"), piece("retiree.pdf")
    party = piece("entreprise-1.pdf")
    secret = Node.objects.get(room=room, name="Secret médical")
    space = Node.objects.get(room=room, kind="folder", sealed=True, name__startswith="Espace")
    nodes = [
        _root(room).pk, own.node_id, others.node_id, gone.node_id, party.node_id, secret.pk,
        space.pk, g.boxes["demandeur"].folder_id, g.boxes["architecte"].archive_id,
    ]  # fmt: skip
    baskets_there = baskets.Basket.objects.filter(box__folder__room=room, deposited_at=None)
    deposits = [own.pk, others.pk, gone.pk]
    lines = RosterLine.objects.filter(case=room).order_by("rank").values_list("pk", flat=True)[:3]
    letter = Letter.objects.filter(reference=room).values_list("pk", flat=True).first()
    node_words = [str(one) for one in nodes]
    basket_words = [str(one.pk) for one in baskets_there.order_by("created_at", "pk")]
    return {
        "case_id": [str(room), str(g.stranger_case.pk)],
        "node_id": node_words,
        "node": node_words,
        "box": [str(g.boxes[one].folder_id) for one in ("architecte", "demandeur")],
        "basket_id": basket_words,
        "basket": basket_words,
        "deposit_id": [str(one) for one in deposits],
        "line_id": [str(one) for one in lines],
        "party_id": [str(party.pk) for party in g.parties.values()][:2],
        "letter_id": [str(letter or NEVER)],
        "index": ["0", "3", str(others.log_index), str(gone.log_index), "400"],
        "key": [str(ApiToken.objects.earliest("created_at").pk)],
        "delegation": [str(Delegation.objects.get(delegate=g.assistant.user_id).pk)],
        "device": ["1"],
        "role": ["partie"],
        "subject": [f"user:{g.contractor.user_id}", f"group:{g.case.group_id}"],
        "group_id": [str(g.case.group_id)],
        "user_id": [str(g.contractor.user_id)],
        "person_id": [str(g.contractor.user_id)],
    }


def _every_id() -> Iterator[str]:
    """Each id written anywhere in the tables of the beginning."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if not table.startswith("evidence_"):
                cursor.execute(f'select t::text from "{table}" t')
                for (row,) in cursor.fetchall():
                    yield from WRITTEN.findall(row)


# --- what happens in the second world only --------------------------------------------------

Hidden = Callable[[Gymnase], None]


def another_case(g: Gymnase) -> None:
    """The same expert opens a case of other people, and takes in pieces that use the quota."""
    who = PartyDraft("Tiers caché", "tiers", PartyKind.COMPANY, email=f"{uuid4().hex}@t.example")
    other = open_case(
        CaseDraft(Template.UNOFFICIAL, "Affaire cachée", "CACHE-1", parties=[who]),
        actor=g.expert,
        at=NOON,
    )
    cast.deposited("cachee.pdf", box=cast.boxes_of(other)["tiers"], by=g.expert)


def the_strangers_case(g: Gymnase) -> None:
    box = cast.boxes_of(g.stranger_case)["propriétaire"]
    cast.deposited("cachee-2.pdf", box=box, by=g.stranger)


def in_the_sealed_folder(g: Gymnase) -> None:
    """Content, a right and a new member of the group of the sealed folder; its log grows."""
    secret = Node.objects.select_related("room").get(room=g.case.pk, name="Secret médical")
    made = places.create_folder(secret.pk, name="Caché sous scellé", actor=g.expert, at=NOON)
    places.create_folder(made.pk, name="Plus caché", actor=g.expert, at=NOON)
    few = Group.objects.get(room_id=g.case.pk, name="Groupe réservé")
    groups.add(User.objects.get(pk=g.engineer_counsels[1].user_id), to=few)
    rooms.grant(secret, to=few, rights=[Right.DOWNLOAD], by=g.expert.user_id, at=NOON)


def in_the_experts_own_space(g: Gymnase) -> None:
    space = Node.objects.get(room=g.case.pk, sealed=True, name__startswith="Espace")
    places.create_folder(space.pk, name="Brouillon caché", actor=g.expert, at=NOON)


def in_anothers_basket(g: Gymnase) -> None:
    waiting = baskets.open_basket(box=g.boxes["demandeur"], actor=g.owner_counsel, at=NOON)
    baskets.add_file(waiting, stored=cast.stored(), name="panier-cache.pdf", upload="v")
    unseen = baskets.open_basket(
        box=g.boxes["bureau d'études"], actor=g.engineer_counsels[1], at=NOON
    )
    baskets.add_file(unseen, stored=cast.stored(), name="panier-cache-2.pdf", upload="w")


def tasks_of_the_expert(g: Gymnase) -> None:
    Task.objects.create(
        case=g.case, kind=TaskKind.ASK_CONSENT_AGAIN, subject="Tâche cachée", created_at=NOON
    )


def what_others_read(g: Gymnase) -> None:
    piece = Deposit.objects.get(name="architecte-1.pdf", box__folder__room=g.case.pk)
    for preview in (True, False):
        readings.open_content(piece.node_id, asker=g.contractor if False else g.owner_counsel,
                              at=NOON, preview=preview)  # fmt: skip


def keys_and_groups_of_others(g: Gymnase) -> None:
    for who in (g.owner_counsel, g.expert):
        cast.token_for(who)
    empty = groups.create_group(name="Groupe caché", room_id=g.case.pk)
    groups.add(User.objects.get(pk=g.owner_counsel.user_id), to=empty)


def content_of_the_withdrawn(g: Gymnase) -> None:
    """Another document behind the same withdrawn piece: other bytes, title, size and hash."""
    piece = Deposit.objects.get(name="retiree.pdf", box__folder__room=g.case.pk)
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
        for table in ("filing_blob", "filing_deposit", "evidence_opening"):
            cursor.execute(f"alter table {table} disable trigger user")
        cursor.execute(
            "update filing_blob set size=987654, sha256=%s where id=%s", ["ab" * 32, piece.blob_id]
        )
        cursor.execute("update filing_deposit set title='Titre caché' where id=%s", [piece.pk])
        for claim, value in (("title", '"Titre caché"'), ("size", "987654"), ("sha256", '"abab"')):
            cursor.execute(
                "update evidence_opening set value=%s::jsonb where claim=%s and index=%s and"
                " log_id=(select id from evidence_loghead where origin=%s)",
                [value, claim, piece.log_index, piece.log_origin],
            )
            assert cursor.rowcount == 1


def all_of_the_case(g: Gymnase) -> None:
    """For whoever is not in the case, everything in it is hidden."""
    cast.deposited("cachee-3.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON, reason="cachée")


MEMBERS: list[Hidden] = [
    another_case,
    the_strangers_case,
    in_the_sealed_folder,
    in_the_experts_own_space,
    in_anothers_basket,
    tasks_of_the_expert,
    what_others_read,
    keys_and_groups_of_others,
    content_of_the_withdrawn,
]
HIDDEN: Mapping[str, list[Hidden]] = {
    "architect_counsel": MEMBERS,
    "contractor": MEMBERS,
    "assistant": [
        the_strangers_case,
        in_anothers_basket,
        content_of_the_withdrawn,
        what_others_read,
    ],
    "stranger": [one for one in MEMBERS if one is not the_strangers_case] + [all_of_the_case],
}


# --- all that somebody is answered -----------------------------------------------------------

Answers = dict[str, tuple[Any, ...]]


def asked(begun: Beginning, who: Actor, *, ids: Mapping[str, list[str]]) -> Answers:
    """Every address by GET with each id in turn, then every act with the first of each."""
    found: Answers = {}
    pages = asking(cookies=begun.cookies[who.user_id])
    with one_thread(), pages, asking(token=begun.keys[who.user_id]) as api:
        for route in routes():
            if route.pattern in SKIPPED or NEEDS.get(route.pattern) is Needs.TICKET:
                continue
            door = api if route.door == "rest" else pages
            for address in addresses(route, ids):
                found[f"GET {address}"] = seen(door.get(address), known=begun.known)
        for route in routes():
            if route.pattern in SKIPPED or NEEDS.get(route.pattern) is not Needs.ROOM:
                continue
            door = api if route.door == "rest" else pages
            address = next(addresses(route, ids))
            for verb in sorted(set(ROOMS.get(route.pattern, {})) - {"GET"}):
                said = door.request(verb, address, **_body(route))
                found[f"{verb} {address}"] = seen(said, known=begun.known)
    found["mails"] = _post(begun, who)
    return found


def _body(route: Route) -> dict[str, Any]:
    words = {"name": "essai", "reason": "essai", "motif": "essai", "nom": "essai"}
    return {"json": words} if route.door == "rest" else {"data": words}


def addresses(route: Route, ids: Mapping[str, list[str]]) -> Iterator[str]:
    """The first of each part; then each other one, one part at a time. In the ordinary run,
    one other of each part, not the same for each address; in the soak, all."""
    first = {part: (ids.get(part) or [NEVER])[0] for part in route.params}
    yield route.filled(first)
    for part in route.params:
        others = (ids.get(part) or [NEVER])[1:]
        if not SOAK:
            chosen = random.Random(f"{route.pattern} {part}")
            others = chosen.sample(others, min(1, len(others)))
        for other in others:
            yield route.filled(first | {part: other})


def seen(said: httpx.Response, *, known: frozenset[str]) -> tuple[Any, ...]:
    headers = sorted(
        (k, masked(v, known=known)) for k, v in said.headers.items() if k not in HEADERS
    )
    if said.content[:2] == b"PK":
        return said.status_code, headers, _unpacked(said.content, known=known)
    if said.content[:4] == b"%PDF":
        return said.status_code, headers, "a page of paper"
    return said.status_code, headers, masked(said.text, known=known)


def _unpacked(content: bytes, *, known: frozenset[str]) -> list[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as folder:
        return [
            (one, masked(folder.read(one).decode("utf-8", "replace"), known=known))
            for one in folder.namelist()
        ]


def _post(begun: Beginning, who: Actor) -> tuple[Any, ...]:
    """Mails and letters addressed to them."""
    user = User.objects.get(pk=who.user_id)
    mails = Message.objects.filter(to=user.email).order_by("created_at", "pk")
    letters = Letter.objects.filter(to_name=user.name).order_by("created_at", "pk")
    said = [f"{one.subject}\n{one.body}" for one in [*mails, *letters]]
    return tuple(masked(one, known=begun.known) for one in said)


def both_worlds(begun: Beginning, who: Actor, hidden: list[Hidden]) -> tuple[Answers, Answers]:
    """The second world is made first, so that its hidden ids are asked for in both."""
    ids = begun.ids
    with begun.again():
        for happens in hidden:
            happens(begun.g)
        more = [str(n.pk) for n in Node.objects.exclude(pk__in=begun.known).order_by("name")[:2]]
        ids = ids | {"node_id": ids["node_id"] + more, "node": ids["node"] + more}
        second = asked(begun, who, ids=ids)
    with begun.again():
        first = asked(begun, who, ids=ids)
    return first, second


def deposits(begun: Beginning, who: Actor, name: str, *, door: str) -> list[tuple[Any, ...]]:
    """What somebody is answered who deposits a file of this name, in another's box and in theirs."""
    boxes = [str(begun.g.boxes[side].folder_id) for side in ("demandeur", "entreprise")]
    pages, api = asking(cookies=begun.cookies[who.user_id]), asking(token=begun.keys[who.user_id])
    said = []
    with one_thread(), pages, api:
        for box in boxes:
            if door == "rest":
                key = {"Idempotency-Key": "k"}
                said.append(
                    api.post(f"/api/v1/nodes/{box}/deposits?name={name}", content=b"x", headers=key)
                )
                continue
            start = pages.post(f"/dossiers/{begun.g.case.pk}/deposer", data={"boite": box})
            basket = start.headers.get("location", f"/paniers/{NEVER}")
            named = {"X-File-Name": name, "X-Upload-Id": "k"}
            sent = pages.post(f"{basket}/fichiers", content=b"x", headers=named)
            said += [start, sent, pages.post(f"{basket}/confirmer"), pages.get(f"{basket}/recu")]
        return [seen(one, known=begun.known) for one in said]
