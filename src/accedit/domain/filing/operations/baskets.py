"""The basket: files come in one by one, are put in order, then become pieces in one act."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from accedit.domain.filing import access, blobs, queries
from accedit.domain.filing.blobs import StoredBlob
from accedit.domain.filing.enums import Means, Right
from accedit.domain.filing.models import Basket, BasketItem, Box, Deposit, Room
from accedit.domain.filing.operations.deposits import (
    Arrived,
    Behalf,
    IdempotencyConflict,
    NothingToDeposit,
    QuotaFull,
    accept,
    behalf_fields,
    may_deposit,
)
from accedit.domain.filing.operations.rooms import refuse_if_closed
from accedit.domain.filing.reckoning import accepted_name, read_number
from accedit.domain.people.rights import Actor
from accedit.shared.fields import one_line, optional_line
from accedit.shared.kill_points import reach
from accedit.shared.refusals import Kind, NotFound, Refusal

MOST_ITEMS = 500


class BasketDeposited(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Ce panier est déjà déposé : ouvrez un nouveau panier pour la suite."


class BasketChanged(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = (
        "Le panier a changé depuis que cet écran vous a été montré : relisez-le, puis déposez."
    )


class BasketFull(Refusal):
    kind = Kind.FULL
    code = "too_large"
    sentence = "Un panier tient 500 fichiers : déposez celui-ci, puis ouvrez-en un autre."


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a person wrote beside one file of the basket."""

    rank: int
    title: str = ""
    number: str = ""


@transaction.atomic
def open_basket(*, box: Box, actor: Actor, at: datetime, behalf: Behalf | None = None) -> Basket:
    """The open basket of this person for this box, made at first need; one for each act on behalf."""
    refuse_if_closed(box.folder.room)
    may_deposit(box=box, actor=actor, behalf=behalf)
    if behalf is None:
        basket, _ = Basket.objects.get_or_create(
            box=box,
            owner_id=actor.user_id,
            deposited_at=None,
            on_behalf_of=None,
            defaults={"created_at": at},
        )
        return basket
    return Basket.objects.create(
        box=box, owner_id=actor.user_id, created_at=at, **behalf_fields(behalf)
    )


@transaction.atomic
def add_file(
    basket: Basket, *, stored: StoredBlob, name: str, upload: str
) -> tuple[BasketItem, bool]:
    """Put a file that is safe into the basket. False: this upload was there already."""
    locked = Basket.objects.select_for_update().get(pk=basket.pk)
    known = BasketItem.objects.filter(basket=locked, upload=upload).first()
    if known and (known.sha256, known.name) != (stored.sha256, name):
        raise IdempotencyConflict
    if known:
        return known, False
    if locked.deposited_at:
        raise BasketDeposited
    accepted_name(name)
    one_line(upload, what="Identifiant d'envoi", limit=150)
    count = BasketItem.objects.filter(basket=locked).count()
    if count >= MOST_ITEMS:
        raise BasketFull
    _refuse_beyond_quota(locked, more=stored.size)
    item = BasketItem.objects.create(
        basket=locked,
        upload=upload,
        blob_id=stored.key,
        sha256=stored.sha256,
        size=stored.size,
        name=name,
        rank=count + 1,
        received_from=stored.received_from,
        received_at=stored.received_at,
    )
    reach("basket.item_inserted")
    return item, True


def _refuse_beyond_quota(basket: Basket, *, more: int) -> None:
    """What waits in baskets takes room too, deposited or not."""
    room = Room.objects.select_related("space").get(nodes=basket.box.folder_id)
    waiting = BasketItem.objects.filter(
        basket__deposited_at=None, basket__box__folder__room__space=room.space_id
    ).aggregate(bytes=Sum("size"))["bytes"]
    if queries.used_bytes(room.space_id) + (waiting or 0) + more > room.space.quota_bytes:
        raise QuotaFull


@transaction.atomic
def arrange(basket: Basket, *, wanted: Mapping[UUID, Arrangement]) -> None:
    """Order, titles and own numbers. What is not readable is refused, and nothing changes."""
    locked = Basket.objects.select_for_update().get(pk=basket.pk)
    if locked.deposited_at:
        raise BasketDeposited
    for item in BasketItem.objects.filter(basket=locked):
        if how := wanted.get(item.pk):
            item.rank = how.rank
            item.title = optional_line(how.title, what="Intitulé de la pièce")
            item.number = read_number(how.number) if how.number.strip() else ""
            item.save(update_fields=["rank", "title", "number"])


@transaction.atomic
def remove_item(basket: Basket, *, item_id: UUID) -> None:
    """Take a file out of a basket that is not deposited: it never was a piece."""
    locked = Basket.objects.select_for_update().get(pk=basket.pk)
    if locked.deposited_at:
        raise BasketDeposited
    item = BasketItem.objects.filter(basket=locked, pk=item_id).first()
    if item is None:
        raise NotFound
    item.delete()
    transaction.on_commit(lambda: blobs.discard(item.blob_id))


def as_shown(items: Iterable[BasketItem]) -> str:
    """What somebody saw of a basket: its files, their order, titles and numbers, as one word."""
    lines = [f"{item.pk} {item.rank} {item.number} {item.title}" for item in items]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


@transaction.atomic
def deposit_basket(
    basket: Basket, *, actor: Actor, at: datetime, shown: str | None = None
) -> Sequence[Deposit]:
    """All the files of the basket become pieces, together. Done again, it answers the same.

    `shown` is `as_shown` of what was confirmed: a file that came since, from another tab
    or a sending still under way, is not deposited unseen.
    """
    room = Room.objects.select_for_update().get(pk=basket.box.folder.room_id)
    reach("finish.locked")
    locked = (
        Basket.objects.select_for_update(of=("self",))
        .select_related("box__folder", "box__archive")
        .get(pk=basket.pk)
    )
    if locked.deposited_at:
        return queries.basket_deposits(locked)
    items = queries.basket_items(locked)
    if not items:
        raise NothingToDeposit
    if shown is not None and shown != as_shown(items):
        raise BasketChanged
    deposits = accept(
        locked,
        room=room,
        actor=actor,
        arrived=[_arrived(item) for item in items],
        at=at,
        behalf=behalf_of(locked),
        confirmed_at=at,
    )
    locked.deposited_at = at
    locked.save(update_fields=["deposited_at"])
    reach("finish.before_commit")
    return deposits


def behalf_of(basket: Basket) -> Behalf | None:
    if basket.on_behalf_of is None:
        return None
    return Behalf(
        party_id=basket.on_behalf_of,
        name=basket.on_behalf_name,
        means=Means(basket.means),
        received_on=basket.received_on,
    )


def _arrived(item: BasketItem) -> Arrived:
    stored = StoredBlob(item.blob_id, item.sha256, item.size, item.received_from, item.received_at)
    return Arrived(
        stored=stored,
        name=item.name,
        title=item.title,
        number=item.number,
        upload=f"{item.basket_id} {item.upload}",  # no program's key has a space; the same file may come again in another basket
        request_digest=item.sha256,
    )


def can_still_add(basket: Basket, *, actor: Actor) -> None:
    """Asked before the first byte: a closed room or a lost right is told at once."""
    if basket.deposited_at:
        raise BasketDeposited
    refuse_if_closed(basket.box.folder.room)
    access.require(Right.ADD, on=basket.box.folder, by=actor)
