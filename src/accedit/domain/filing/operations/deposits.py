"""Stored bytes become pieces, once and for all; everyone entitled is told in the same act.

The protocol of evidence.md 4.7, step 2: the bytes are already safe; one transaction
locks the room, decides again, gives names and numbers, writes nodes, deposits, the
acts entries with the roster frozen in them, and the outbox. Step 3, the signature, is
the caller's, after the commit. A crash before the commit leaves bytes that the sweeper
takes away; after it, the same call answers with what was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from accedit.domain.alerts import queries as alerts
from accedit.domain.alerts.enums import How
from accedit.domain.alerts.operations import notices
from accedit.domain.alerts.operations.deposited import Deposited
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact, stamp
from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing import access, queries
from accedit.domain.filing.blobs import StoredBlob, TooLarge
from accedit.domain.filing.enums import Means, NodeKind, Right
from accedit.domain.filing.models import Basket, Blob, Box, Deposit, Node, Room
from accedit.domain.filing.operations.rooms import name_fields, refuse_if_closed
from accedit.domain.filing.queries import Standings, single
from accedit.domain.filing.reckoning import (
    NumberTaken,
    accepted_name,
    free_name,
    is_late,
    next_number,
    number_key,
    read_number,
    sort_key,
)
from accedit.domain.people.access import covered
from accedit.domain.people.enums import Covers
from accedit.domain.people.models import Space
from accedit.domain.people.rights import Actor
from accedit.shared.fields import folded, optional_line
from accedit.shared.kill_points import reach
from accedit.shared.refusals import PARIS, Forbidden, Invalid, Kind, Refusal

TITLE = "Intitulé de la pièce"


class QuotaFull(Refusal):
    kind = Kind.FULL
    code = "quota_full"
    sentence = "L'espace de l'expert est plein : rien n'a été déposé. Prévenez l'expert ; vos fichiers restent dans le panier."


class IdempotencyConflict(Refusal):
    kind = Kind.IN_THE_WAY
    code = "idempotency_conflict"
    sentence = "Cet identifiant d'envoi a déjà servi pour une autre pièce : prenez-en un nouveau."


class NothingToDeposit(Refusal):
    kind = Kind.UNREADABLE
    code = "invalid"
    sentence = "Le panier est vide : ajoutez au moins un fichier avant de déposer."


@dataclass(frozen=True, slots=True)
class Behalf:
    """For whom the expert or an assistant enters a piece, how and when it came."""

    party_id: UUID
    name: str
    means: Means
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file that is safe and is to become a piece. `number` empty: the next of the side."""

    stored: StoredBlob
    name: str
    title: str = ""
    number: str = ""
    upload: str = field(default_factory=lambda: uuid4().hex)
    request_digest: str = ""


@dataclass(frozen=True, slots=True)
class Arriving:
    """What a sender says of a file before sending it."""

    name: str
    title: str = ""
    number: str = ""
    size: int | None = None
    upload: str = ""


def may_deposit(
    *, box: Box, actor: Actor, behalf: Behalf | None, held: Standings | None = None
) -> Standings:
    """Add on the box for one's own side; a delegation that names it, for somebody else.

    `held` is what the actor holds in the room, if it was reckoned for this very decision.
    """
    owner = box.folder.room.owner_id
    standings = access.require(Right.ADD, on=box.folder, by=actor, held=held)
    stands_in = standings.acts_for_owner and not standings.is_owner
    if (behalf or stands_in) and not covered(actor, owner_id=owner, act=Covers.DEPOSIT_ON_BEHALF):
        raise Forbidden(what="seul l'expert ou son assistant dépose pour le compte d'une partie")
    return standings


def can_be_deposited(
    *,
    box: Box,
    actor: Actor,
    arriving: Arriving,
    behalf: Behalf | None = None,
    held: Standings | None = None,
) -> None:
    """Asked before the first byte, so that a refusal costs nothing; asked again after the last.

    A key that is known already was accepted once: what stands in the way now does not matter.
    """
    if single.deposit_of_upload(arriving.upload, box=box, asker=actor):
        return
    room = box.folder.room
    refuse_if_closed(room)
    may_deposit(box=box, actor=actor, behalf=behalf, held=held)
    accepted_name(arriving.name)
    optional_line(arriving.title, what=TITLE)
    if arriving.number.strip():
        number = read_number(arriving.number)
        taken = queries.numbers_of(box.side)
        if number in taken:
            raise NumberTaken(number=number, free=next_number(taken))
    size = arriving.size or 0
    if size > settings.MAX_UPLOAD_BYTES:
        raise TooLarge(most_mb=settings.MAX_UPLOAD_BYTES // 10**6)
    if queries.used_bytes(room.space_id) + size > room.space.quota_bytes:
        raise QuotaFull


@transaction.atomic
def deposit_one(
    *, box: Box, actor: Actor, arrived: Arrived, at: datetime, behalf: Behalf | None = None
) -> tuple[Deposit, bool]:
    """One piece by a program. The second value is False when `upload` was known already."""
    room = Room.objects.select_for_update().get(pk=box.folder.room_id)
    reach("finish.locked")
    known = Deposit.objects.filter(box=box, depositor=actor.user_id, upload=arrived.upload).first()
    if known:
        if known.request_digest != arrived.request_digest:
            raise IdempotencyConflict
        return known, False
    box.refresh_from_db(fields=["due_at"])  # it may have moved while the file came
    basket = Basket.objects.create(
        box=box, owner_id=actor.user_id, created_at=at, deposited_at=at, **behalf_fields(behalf)
    )
    made = accept(
        basket, room=room, actor=actor, arrived=[arrived], at=at, behalf=behalf, confirmed_at=None
    )
    reach("finish.before_commit")
    return made[0], True


def accept(
    basket: Basket,
    *,
    room: Room,
    actor: Actor,
    arrived: Sequence[Arrived],
    at: datetime,
    behalf: Behalf | None,
    confirmed_at: datetime | None,
) -> list[Deposit]:
    """Turn what arrived into pieces of the basket's box. `room` is locked by the caller.

    `confirmed_at` is when a basket's owner said so; none for a program, which says so by sending.
    """
    box = basket.box
    box.folder.room = room
    refuse_if_closed(room)
    standings = may_deposit(box=box, actor=actor, behalf=behalf)
    if not arrived:
        raise NothingToDeposit
    _refuse_impossible_day(behalf, at=at)
    space = Space.objects.select_for_update().get(pk=room.space_id)  # its other rooms count too
    total = sum(one.stored.size for one in arrived)
    if queries.used_bytes(room.space_id) + total > space.quota_bytes:
        raise QuotaFull
    roster = alerts.roster(room.pk)
    readers = queries.readers(box.folder, at_kind=NodeKind.FILE)
    drafts = _drafts(
        basket,
        actor=actor,
        standings=standings,
        arrived=arrived,
        at=at,
        behalf=behalf,
        confirmed_at=confirmed_at,
    )
    lines = _roster_lines(roster, readers)
    origin = log.acts_of(room.pk, sealed=queries.sealed_above(box.folder))
    facts = [_fact(d, actor=actor, box=box, behalf=behalf, roster=lines, at=at) for d in drafts]
    entries = log.append(origin, facts)
    deposits = _written(drafts, origin=entries[0].log.origin, first=entries[0].index)
    Room.objects.filter(pk=room.pk).update(used_bytes=room.used_bytes + total)
    notices.tell(
        _told(
            basket, room=room, actor=actor, deposits=deposits, behalf=behalf, at=at, origin=origin
        ),
        roster=roster,
        readers=readers,
        key=verifier_key(),
    )
    reach("finish.outbox_inserted")
    return deposits


def _refuse_impossible_day(behalf: Behalf | None, *, at: datetime) -> None:
    """A letter comes neither tomorrow nor before the century."""
    day = behalf.received_on if behalf else None
    if day and not date(2000, 1, 1) <= day <= at.astimezone(PARIS).date():
        raise Invalid(what="Le jour de réception n'est pas possible : ni à venir, ni avant 2000.")


def behalf_fields(behalf: Behalf | None) -> dict[str, Any]:
    if behalf is None:
        return {}
    return {
        "on_behalf_of": behalf.party_id,
        "on_behalf_name": behalf.name,
        "means": behalf.means,
        "received_on": behalf.received_on,
    }


def _drafts(
    basket: Basket,
    *,
    actor: Actor,
    standings: Standings,
    arrived: Sequence[Arrived],
    at: datetime,
    behalf: Behalf | None,
    confirmed_at: datetime | None,
) -> list[Deposit]:
    box = basket.box
    numbers = queries.numbers_of(box.side)
    names = _names_that_collide(box, actor=actor, standings=standings)
    wanted = [read_number(one.number) for one in arrived if one.number.strip()]
    for number in wanted:
        if number in numbers or wanted.count(number) > 1:
            raise NumberTaken(number=number, free=next_number(numbers | set(wanted)))
    numbers |= set(wanted)
    drafts = []
    for one in arrived:
        accepted_name(one.name)
        number = read_number(one.number) if one.number.strip() else next_number(numbers)
        numbers.add(number)
        shown = free_name(one.name, taken=names)
        names.add(folded(shown))
        node = Node(
            room=box.folder.room,
            parent=box.folder,
            scope_id=box.folder.scope_id,
            kind=NodeKind.FILE,
            depth=box.folder.depth + 1,
            side=box.side,
            evidence=True,
            created_at=at,
            **(name_fields(shown) | {"sort_key": sort_key(f"{number_key(number)} {shown}")}),
        )
        blob = Blob(
            pk=one.stored.key,
            sha256=one.stored.sha256,
            size=one.stored.size,
            stored_at=one.stored.received_at,
        )
        drafts.append(
            Deposit(
                basket=basket,
                box=box,
                node=node,
                blob=blob,
                depositor_id=actor.user_id,
                depositor_name=actor.name,
                firm=actor.firm,
                on_behalf_of=behalf.party_id if behalf else None,
                side=box.side,
                number=number,
                number_key=number_key(number),
                name=one.name,
                title=optional_line(one.title, what=TITLE),
                upload=one.upload,
                request_digest=one.request_digest,
                received_from=one.stored.received_from,
                received_at=one.stored.received_at,
                late=is_late(
                    received_from=one.stored.received_from,
                    received_at=one.stored.received_at,
                    confirmed_at=confirmed_at,
                    due_at=box.due_at,
                ),
            )
        )
    return drafts


def _names_that_collide(box: Box, *, actor: Actor, standings: Standings) -> set[str]:
    """A name collides only with what its depositor may see (attacks.md B4)."""
    siblings = Node.objects.filter(parent=box.folder)
    if Right.BROWSE not in standings.on(box.folder):
        siblings = siblings.filter(deposit__depositor=actor.user_id)
    return set(siblings.values_list("folded_name", flat=True))


def _roster_lines(roster: Sequence[Any], readers: set[UUID]) -> list[dict[str, Any]]:
    """Everyone who may read, with how each is told; and those served by post."""
    told = {one.user_id: one.how for one in roster if one.user_id}
    lines = [
        {"reader": str(user), "told": told.get(user, How.NONE)} for user in sorted(readers, key=str)
    ]
    by_post = [one for one in roster if one.how == How.POST and one.user_id not in readers]
    return lines + [
        {"addressee": str(one.pk), "name": one.name, "told": How.POST} for one in by_post
    ]


def _fact(
    draft: Deposit,
    *,
    actor: Actor,
    box: Box,
    behalf: Behalf | None,
    roster: Sequence[dict[str, Any]],
    at: datetime,
) -> Fact:
    claims = {
        "actor": actor.claim(),
        "piece_id": str(draft.node.pk),
        "piece_number": draft.number,
        "side": {"id": str(box.side), "name": box.side_name},
        "name": draft.name,
        "title": draft.title or None,
        "size": draft.blob.size,
        "sha256": draft.blob.sha256,
        "depositor": actor.claim(),
        "on_behalf_of": {"id": str(behalf.party_id), "name": behalf.name} if behalf else None,
        "received_by_means": behalf.means.value if behalf else None,
        "received_on": behalf.received_on.isoformat() if behalf and behalf.received_on else None,
        "box": {"id": str(box.folder_id), "name": box.folder.name},
        "received_from": stamp(draft.received_from),
        "deposited_at": stamp(at),
        "late": draft.late,
        "due_at": stamp(box.due_at) if box.due_at else None,
        "door": actor.door.value,
    }
    return Fact(
        kind="deposit.accepted",
        claims=claims,
        received_at=draft.received_at,
        actor_id=actor.user_id,
        node=draft.node.pk,
        lists={"roster": roster},
    )


def _written(drafts: Sequence[Deposit], *, origin: str, first: int) -> list[Deposit]:
    Node.objects.bulk_create([draft.node for draft in drafts])
    reach("finish.node_inserted")
    Blob.objects.bulk_create([draft.blob for draft in drafts])
    for index, draft in enumerate(drafts, start=first):
        draft.log_origin, draft.log_index = origin, index
    return Deposit.objects.bulk_create(list(drafts))


def _told(
    basket: Basket,
    *,
    room: Room,
    actor: Actor,
    deposits: Sequence[Deposit],
    behalf: Behalf | None,
    at: datetime,
    origin: str,
) -> Deposited:
    named = [f"Pièce n° {d.number} — {d.title or d.name}" for d in deposits]
    return Deposited(
        room_id=room.pk,
        basket_id=basket.pk,
        reference=room.reference,
        title=room.title,
        side=basket.box.side_name,
        depositor=actor,
        on_behalf_of=behalf.name if behalf else "",
        piece_ids=[deposit.node_id for deposit in deposits],
        names=named if room.names_in_alerts else [],
        enclosed=named,
        late=any(deposit.late for deposit in deposits),
        at=at,
        official_channel=room.notice,
        log_origin=origin,
    )


@transaction.atomic
def record_rejection(
    *, box: Box, actor: Actor, stored: StoredBlob, name: str, upload: str, reason: str, at: datetime
) -> None:
    """A complete file that the room would not take, by somebody who may add: the log says so."""
    log.append(
        log.acts_of(box.folder.room_id, sealed=queries.sealed_above(box.folder)),
        [
            Fact(
                kind="deposit.rejected",
                claims={
                    "actor": actor.claim(),
                    "upload_id": upload,
                    "box": {"id": str(box.folder_id), "name": box.folder.name},
                    "name": name,
                    "size": stored.size,
                    "sha256": stored.sha256,
                    "reason": reason,
                },
                received_at=at,
                actor_id=actor.user_id,
                node=box.folder_id,
            )
        ],
    )
