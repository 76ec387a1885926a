"""A folder is sealed: what was given above it stops there. And unsealed: it reaches again.

The root, boxes and archives are never sealed, and a piece that somebody may read is not
taken from them unawares: whoever would lose it is named, and the owner confirms these
names (rights.md). The seal is told in the log that spoke of the folder until then; what
happens inside goes from now on into the log of the sealed space.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import NodeKind
from accedit.domain.filing.operations import rooms
from accedit.domain.filing.operations.grants import ChangedMeanwhile, gained_and_lost, names_in
from accedit.domain.filing.operations.rooms import AlreadySo
from accedit.domain.filing.queries import changes
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Kind, Refusal


class ReadersWouldLose(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Ce dossier contient des pièces déposées que d'autres lisent aujourd'hui. Réservez-le en confirmant par leur nom ceux qui ne les liront plus : {names}."


@transaction.atomic
def seal(
    node_id: UUID,
    *,
    actor: Actor,
    at: datetime,
    losing: Collection[UUID] = (),
    seen: str | None = None,
) -> Preview:
    """`losing` are the readers of deposited pieces whose loss the owner confirms: exactly those
    who would lose them, or `ReadersWouldLose` names them."""
    reached = _locked(node_id, actor=actor)
    if reached.node.sealed:
        raise AlreadySo(what="Ce dossier est déjà réservé.")
    preview = changes.of_seal(node=node_id, sealed=True, within=reached.standings)
    if seen is not None and seen != preview.mark:
        raise ChangedMeanwhile
    readers = changes.readers_of_evidence_lost(preview, within=reached.standings)
    if {reader.pk for reader in readers} - set(losing):
        raise ReadersWouldLose(names=", ".join(reader.name for reader in readers))
    above = reached.node.parent
    sealed = queries.sealed_above(above) if above else None
    rooms.set_seal(reached.node, sealed=True)
    _told(reached, "space.sealed", preview, sealed=sealed, actor=actor, at=at)
    return preview


@transaction.atomic
def unseal(node_id: UUID, *, actor: Actor, at: datetime, seen: str | None = None) -> Preview:
    reached = _locked(node_id, actor=actor)
    if not reached.node.sealed:
        raise AlreadySo(what="Ce dossier n'est pas réservé.")
    preview = changes.of_seal(node=node_id, sealed=False, within=reached.standings)
    if seen is not None and seen != preview.mark:
        raise ChangedMeanwhile
    rooms.set_seal(reached.node, sealed=False)
    sealed = queries.sealed_above(reached.node)
    _told(reached, "space.unsealed", preview, sealed=sealed, actor=actor, at=at)
    return preview


def _locked(node_id: UUID, *, actor: Actor) -> Reached:
    room_id = access.owned_place(node_id, asker=actor).node.room_id
    rooms.locked(room_id)
    reached = access.owned_place(node_id, asker=actor)
    if reached.node.kind != NodeKind.FOLDER:
        raise Forbidden(
            what="seul un dossier de rangement se réserve, jamais une boîte aux lettres, un dossier archives ni le dossier entier"
        )
    return reached


def _told(
    reached: Reached,
    kind: str,
    preview: Preview,
    *,
    sealed: UUID | None,
    actor: Actor,
    at: datetime,
) -> None:
    """To those who see the folder now: who was shut out learns nothing more of it."""
    claims = {
        "actor": actor.claim(),
        "node_id": str(reached.node.pk),
        **gained_and_lost(preview.top, names=names_in(preview.top)),
    }
    log.append(
        log.acts_of(reached.node.room_id, sealed=sealed),
        [
            Fact(
                kind=kind,
                claims=claims,
                received_at=at,
                actor_id=actor.user_id,
                node=reached.node.pk,
            )
        ],
    )
