"""A program deposits one file: its bytes are the body, what it says of them is the query.

    decide     who asks, which box, may they, the name, the size, the room's state
    receive    the bytes, hashed on the way to the store
    deposit    in one transaction (evidence.md 4.7, step 2)
    sign       after the commit, then answer

The depositor is whoever holds the token, the hours are ours: nothing that the sender says
about either is read (attacks.md B8, B13). Asked again with the same `Idempotency-Key`, the
same file gives the same answer, and another one a conflict.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from django.utils.timezone import now

from accedit.domain.cases import access as cases
from accedit.domain.evidence.operations.signatures import acknowledge
from accedit.domain.filing import access, blobs
from accedit.domain.filing.enums import Means
from accedit.domain.filing.operations import deposits
from accedit.domain.filing.operations.deposits import Arrived, Arriving, Behalf, QuotaFull
from accedit.domain.filing.operations.rooms import RoomClosed
from accedit.domain.people.rights import Actor
from accedit.interfaces.api.ids import read_id
from accedit.interfaces.api.shapes import deposited
from accedit.interfaces.api.tokens import asker_of
from accedit.serving.answers import QUIET_HEADERS
from accedit.serving.messages import RawRequest, RawResponse
from accedit.serving.receiving import received, refuse_encoded, turned_away
from accedit.serving.threads import in_thread
from accedit.shared.refusals import Invalid, Refusal

KEY = re.compile(r"[\x21-\x7e]{1,200}")
FIELDS = ("name", "title", "number", "on_behalf", "means", "received_on")


@dataclass(frozen=True, slots=True)
class Wish:
    """What was decided before the first byte. `box` is a row that only the domain looks into."""

    actor: Actor
    box: Any
    arriving: Arriving
    behalf: Behalf | None


async def deposit(request: RawRequest) -> RawResponse:
    """POST /api/v1/nodes/{box}/deposits"""
    try:
        wish = await in_thread(_decided, request)
        stored = await received(request)
        answer, new = await in_thread(_deposited, wish, stored)
    except Refusal as refusal:
        return await turned_away(request, refusal)
    return RawResponse(
        201 if new else 200,
        [("Content-Type", "application/json"), *QUIET_HEADERS],
        body=json.dumps(answer, ensure_ascii=False).encode(),
    )


def _decided(request: RawRequest) -> Wish:
    actor = asker_of(request.headers.get("authorization"), address=request.client)
    box, reached = access.box(read_id(request.params["box"]), asker=actor)
    said = _said(request)
    refuse_encoded(request)
    arriving = Arriving(
        name=said.get("name", ""),
        title=said.get("title", ""),
        number=said.get("number", ""),
        size=request.declared_length,
        upload=_key(request),
    )
    behalf = _behalf(said, box=box)
    deposits.can_be_deposited(
        box=box, actor=actor, arriving=arriving, behalf=behalf, held=reached.standings
    )
    if behalf is None and reached.standings.acts_for_owner:
        raise Invalid(
            what="on_behalf : cette boîte aux lettres est celle d'une partie ; dites pour le compte de quelle partie vous déposez, et means : comment la pièce est arrivée."
        )
    return Wish(actor, box, arriving, behalf)


def _deposited(wish: Wish, stored: blobs.StoredBlob) -> tuple[dict[str, Any], bool]:
    """The piece, and whether it is new. What becomes no piece leaves no bytes."""
    at = now()
    arriving = wish.arriving
    try:
        deposit, new = deposits.deposit_one(
            box=wish.box,
            actor=wish.actor,
            arrived=Arrived(
                stored=stored,
                name=arriving.name,
                title=arriving.title,
                number=arriving.number,
                upload=arriving.upload,
                request_digest=_digest(wish, stored),
            ),
            behalf=wish.behalf,
            at=at,
        )
    except Refusal as refusal:
        if isinstance(refusal, RoomClosed | QuotaFull):
            deposits.record_rejection(
                box=wish.box,
                actor=wish.actor,
                stored=stored,
                name=arriving.name,
                upload=arriving.upload,
                reason=refusal.code,
                at=at,
            )
        blobs.discard(stored.key)
        raise
    if not new:
        blobs.discard(stored.key)
    acknowledge(deposit.log_origin)
    return deposited(deposit), new


def _digest(wish: Wish, stored: blobs.StoredBlob) -> str:
    """Everything that makes this request the same as another one with its key."""
    arriving = asdict(wish.arriving) | {"size": stored.size, "sha256": stored.sha256}
    behalf = asdict(wish.behalf) if wish.behalf else None
    told = json.dumps([arriving, behalf], sort_keys=True, default=str)
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def _said(request: RawRequest) -> Mapping[str, str]:
    """The fields of the query, each once. Bytes that are no UTF-8 stay visible as such, for
    the rule of names to refuse them."""
    found: dict[str, str] = {}
    pairs = parse_qsl(request.query_string, keep_blank_values=True, errors="surrogateescape")
    for field, value in pairs:
        if field in FIELDS and field in found:
            raise Invalid(what=f"{field} : ce champ est donné deux fois.")
        found[field] = value
    return found


def _key(request: RawRequest) -> str:
    given = request.headers.all("idempotency-key")
    if not given:
        return uuid4().hex
    if len(given) > 1 or not KEY.fullmatch(given[0]):
        raise Invalid(
            what="Idempotency-Key : une seule clé, de 1 à 200 caractères visibles sans accent ni espace."
        )
    return given[0]


def _behalf(said: Mapping[str, str], *, box: Any) -> Behalf | None:
    if "on_behalf" not in said:
        for field in ("means", "received_on"):
            if field in said:
                raise Invalid(what=f"{field} : ce champ ne va qu'avec on_behalf.")
        return None
    try:
        means = Means(said.get("means", ""))
    except ValueError:
        raise Invalid(
            what="means : dites comment la pièce est arrivée : post, mail ou hand."
        ) from None
    party: UUID = read_id(said["on_behalf"])
    return cases.behalf(party, box=box, means=means, received_on=_day(said.get("received_on")))


def _day(given: str | None) -> date | None:
    if given is None:
        return None
    try:
        day = date.fromisoformat(given)
    except ValueError:
        raise Invalid(what="received_on : écrivez le jour ainsi : 2026-11-16.") from None
    return day
