"""What the people of the demo do, each by the operation that a door would call for them.

Nothing is put in a table from here: so that every receipt, mail, letter and line of the
journal of the demo is a true one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from accedit.domain.alerts.followers import log_fates
from accedit.domain.cases import access as case_access
from accedit.domain.cases import queries as cases
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.operations import entrance, opening, roster
from accedit.domain.cases.operations.opening import CaseDraft
from accedit.domain.filing import access, blobs, queries
from accedit.domain.filing.enums import Means
from accedit.domain.filing.operations import baskets, readings
from accedit.domain.filing.operations.baskets import Arrangement
from accedit.domain.filing.operations.deposits import Behalf
from accedit.domain.people import access as people
from accedit.domain.people.enums import Door, PersonKind
from accedit.domain.people.operations import accounts, factors
from accedit.domain.people.rights import Actor
from accedit.domain.post import queries as post
from accedit.domain.post.operations import sending
from accedit.interfaces.console.demo.people import Player
from accedit.interfaces.console.demo.pieces import Piece

CODE = re.compile(r"^ {4}([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})$", re.MULTILINE)
A_LINE = timedelta(seconds=3)  # how long a file takes to arrive


@dataclass(slots=True)
class Cast:
    """Those who have come in so far, as people and as actors."""

    users: dict[str, Any] = field(default_factory=dict)

    def actor(self, player: Player) -> Actor:
        return people.actor_of(self.users[player.email], door=Door.PAGE)

    def enters(
        self,
        player: Player,
        *,
        kind: PersonKind,
        at: datetime,
        title: str = "",
        phone: str = "",
    ) -> Any:
        """Somebody whom the platform itself knows: an expert, an assistant."""
        user = accounts.enter_person(
            name=player.name,
            kind=kind,
            email=player.email,
            password=player.password,
            title=title,
            phone=phone,
            at=at,
        )
        factors.set_authenticator(user, secret=player.totp_secret)
        self.users[player.email] = user
        return user

    def comes_in(self, player: Player, *, at: datetime) -> None:
        """Reads the mail, types the code, chooses a password, links the telephone."""
        mails = [mail for mail in post.latest_messages(limit=10_000) if mail.to == player.email]
        code = next(match[1] for mail in mails if (match := CODE.search(mail.body)))
        self.users[player.email] = entrance.use_invitation(
            people.invitation(code, address=player.email, at=at),
            email=player.email,
            password=player.password,
            secret=player.totp_secret,
            at=at,
        )

    def agrees(self, player: Player, *, case_id: UUID, at: datetime) -> None:
        """To exchange electronically."""
        actor = self.actor(player)
        line = case_access.own_line(case_id, asker=actor)
        roster.answer_consent(line, given=True, actor=actor, at=at)


@dataclass(slots=True)
class Opened:
    """A case, its boxes by side, its parties by name."""

    case: Any
    boxes: dict[str, Any]
    parties: dict[str, UUID]

    @property
    def id(self) -> UUID:
        return UUID(str(self.case.pk))


def open_case(draft: CaseDraft, *, actor: Actor, at: datetime) -> Opened:
    case = opening.open_case(draft, actor=actor, at=at)
    within = access.room(case.pk, asker=actor)
    sides = cases.sides(case)
    return Opened(
        case,
        {box.side_name: box for box in queries.boxes(within=within)},
        {party.name: party.pk for seen in sides for party in seen.parties},
    )


def deposit(
    *pieces: Piece, box: Any, actor: Actor, at: datetime, numbers: Sequence[str] = ()
) -> list[Any]:
    """A basket: files that arrive one after the other, an order, titles, numbers, one act."""
    return _deposited(pieces, box=box, actor=actor, at=at, numbers=numbers)


def deposit_for(
    *pieces: Piece,
    party_id: UUID,
    received_on: date,
    box: Any,
    actor: Actor,
    at: datetime,
) -> list[Any]:
    """What came by post, entered for whoever sent it."""
    behalf = case_access.behalf(party_id, box=box, means=Means.POST, received_on=received_on)
    return _deposited(pieces, box=box, actor=actor, at=at, behalf=behalf)


def _deposited(
    pieces: Sequence[Piece],
    *,
    box: Any,
    actor: Actor,
    at: datetime,
    numbers: Sequence[str] = (),
    behalf: Behalf | None = None,
) -> list[Any]:
    reached, _ = access.box(box.folder_id, asker=actor)
    begun = at - A_LINE * (len(pieces) + 20)
    basket = baskets.open_basket(box=reached, actor=actor, at=begun, behalf=behalf)
    wanted: dict[UUID, Arrangement] = {}
    for rank, piece in enumerate(pieces):
        receiving = blobs.Receiving(received_from=begun + A_LINE * rank)
        receiving.write(piece.content)
        stored = receiving.finish(received_at=begun + A_LINE * (rank + 1))
        item, _ = baskets.add_file(basket, stored=stored, name=piece.name, upload=uuid4().hex)
        number = numbers[rank] if numbers else ""
        wanted[item.pk] = Arrangement(rank=rank + 1, title=piece.title, number=number)
    baskets.arrange(basket, wanted=wanted)
    return list(baskets.deposit_basket(access.basket(basket.pk, asker=actor), actor=actor, at=at))


def read(deposits: Sequence[Any], *, actor: Actor, at: datetime, preview: bool = True) -> None:
    for rank, one in enumerate(deposits):
        hour = at + timedelta(minutes=2 * rank)
        opened = readings.open_content(one.node_id, asker=actor, at=hour, preview=preview)
        size = opened.deposit.blob.size
        readings.close_content(opened, asker=actor, sent=size, whole=size, at=hour + A_LINE)


def post_goes_out(*, at: datetime) -> None:
    """What the follower does all day: send what waits, log what became of it, open tasks."""
    while sending.send_next(at=at, transport=sending.show_only):
        pass
    log_fates(at=at, most=1000)
    make_tasks(at=at, most=1000)


def letters_of(case_id: UUID) -> list[Any]:
    """Oldest first."""
    return list(post.letters([case_id]).order_by("created_at", "id"))
