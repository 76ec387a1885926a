"""A folder downloaded whole: decided, entered in the log of each space it takes from, then sent.

One `bundle.downloaded` a log, committed before the first byte (I19): how many pieces, how
large, which ones, and the root of their lines in the list that goes with them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import scrubbing
from accedit.domain.filing.queries import bundles
from accedit.domain.filing.queries.bundles import Member
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Bundle:
    """What may be sent now; nothing is entered yet. The list names what is not given, too."""

    node: Node
    members: Sequence[Member]
    manifest: bytes


@dataclass(frozen=True, slots=True)
class OpenedBundle:
    bundle: Bundle
    entries: Sequence[tuple[str, int]]  # log, index


def look(node_id: UUID, *, asker: Actor) -> Bundle:
    """Decide. A place without a piece that the asker may download gives no bundle.

    Bytes known to be others than those that were deposited are left out, and the list says
    so; where nothing else is left, `DamagedBytes` is raised (attacks.md K4).
    """
    reached = access.node(node_id, asker=asker, need=Right.BROWSE)
    if Right.BROWSE not in reached.rights:
        raise NotFound
    if reached.node.kind == NodeKind.FILE:
        raise Invalid(what="Une pièce se télécharge par son contenu, non comme un dossier.")
    found = bundles.members(reached.node, within=reached.standings, asker=asker)
    if not found:
        raise Invalid(what="Ce dossier ne contient aucune pièce que vous puissiez télécharger.")
    listed = [
        replace(one, damaged=not scrubbing.is_sound(one.blob_id, size=one.size)) for one in found
    ]
    given = [one for one in listed if not one.damaged]
    if not given:
        raise scrubbing.DamagedBytes
    return Bundle(reached.node, given, bundles.manifest(listed))


@transaction.atomic
def open_bundle(node_id: UUID, *, asker: Actor, at: datetime) -> OpenedBundle:
    bundle = look(node_id, asker=asker)
    spaces: dict[UUID | None, list[Member]] = {}
    for member in bundle.members:
        spaces.setdefault(member.space, []).append(member)
    entries = []
    for space in sorted(spaces, key=str):
        origin = log.reads_of(bundle.node.room_id, sealed=space)
        fact = _fact(bundle, taken=spaces[space], asker=asker, at=at)
        entries.append((origin, log.append(origin, [fact])[0].index))
    return OpenedBundle(bundle, entries)


def _fact(bundle: Bundle, *, taken: Sequence[Member], asker: Actor, at: datetime) -> Fact:
    return Fact(
        kind="bundle.downloaded",
        claims={
            "actor": asker.claim(),
            "form": "zip",
            "node_id": str(bundle.node.pk),
            "channel": asker.door.value,
            "manifest_root": bundles.manifest_root(taken),
            "manifest_sha256": bundles.manifest_sha256(bundle.manifest),
            "count": len(taken),
            "size": sum(one.size for one in taken),
        },
        received_at=at,
        actor_id=asker.user_id,
        node=bundle.node.pk,
        audience=Audience.CONCERNED,
        lists={"pieces": [{"piece_id": str(m.node_id), "sha256": m.sha256} for m in taken]},
    )


@transaction.atomic
def close_bundle(
    opened: OpenedBundle, *, asker: Actor, sent: int, completed: bool, at: datetime
) -> None:
    """How much of it left, whether or not it was everything."""
    for origin, index in opened.entries:
        log.append(
            origin,
            [
                Fact(
                    kind="bundle.delivered",
                    claims={
                        "actor": asker.claim(),
                        "entry": index,
                        "sent": sent,
                        "completed": completed,
                    },
                    received_at=at,
                    actor_id=asker.user_id,
                    node=opened.bundle.node.pk,
                    audience=Audience.CONCERNED,
                )
            ],
        )
