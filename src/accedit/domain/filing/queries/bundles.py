"""What a folder holds for whoever downloads it whole: exactly what they may download, no more (I15).

A folder is followed down through what the asker sees. What lies under an unreadable folder is
an entry point of its own: it goes with the root of the room, where such points are shown, and
with no other folder, or its place would be told (rights.md).
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accedit.domain.evidence.reckoning import inner_root
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.queries import Standings, places, scope_paths
from accedit.domain.filing.reckoning import MANIFEST, inert_cell, path_names
from accedit.domain.people.rights import Actor
from accedit.shared.fields import displayed
from accedit.shared.refusals import PARIS

HEAD = (
    "Chemin",
    "Nom d'origine",  # as pages show it: no mark that turns the line about (C10)
    "Pièce n°",
    "Intitulé",
    "Partie",
    "Reçue le (heure de Paris)",
    "Taille en octets",
    "SHA-256",
    "Remarque",
)


@dataclass(frozen=True, slots=True)
class Member:
    """A piece in the bundle. `space` is the sealed place whose reads log tells of it.

    A `damaged` one stands in the list that goes with the pieces, and is not given.
    """

    node_id: UUID
    blob_id: UUID
    path: str
    name: str
    number: str
    title: str
    side: str
    received_at: datetime
    size: int
    sha256: str
    withdrawn: bool
    space: UUID | None
    damaged: bool = False

    def row(self) -> list[str]:
        return [
            inert_cell(self.path),
            inert_cell(displayed(self.name)),
            inert_cell(self.number),
            inert_cell(displayed(self.title)),
            inert_cell(displayed(self.side)),
            self.received_at.astimezone(PARIS).strftime("%d/%m/%Y %H:%M:%S"),
            str(self.size),
            self.sha256,
            " ; ".join(self._remarks()),
        ]

    def _remarks(self) -> Iterator[str]:
        if self.damaged:
            yield "octets altérés : non remis"
        if self.withdrawn:
            yield "retirée de la diffusion : vous seul la lisez"


def members(node: Node, *, within: Standings, asker: Actor) -> list[Member]:
    """The pieces at or below `node`, in the order of the tree, each with a path of its own."""
    assert within.asking.person == asker.user_id
    names, inside = _folders(node, within=within)
    rows = (
        Deposit.objects.filter(node__parent__in=list(names))
        .filter(node__in=Node.objects.filter(within.visible(), room=within.room, evidence=True))
        .select_related("node", "blob", "box")
        .order_by("node__sort_key", "pk")
    )
    allowed = [row for row in rows.iterator(2000) if Right.DOWNLOAD in within.on(row.node)]
    spaces = _spaces(within)
    lying: dict[UUID, list[Deposit]] = {}
    for row in allowed:
        lying.setdefault(row.node.parent_id or node.pk, []).append(row)
    found: list[Member] = []
    for place, prefix in names.items():
        pieces = lying.get(place, [])
        shown = path_names([row.node.name for row in pieces], taken=inside.get(place, ()))
        found += [
            _member(row, path=prefix + name, spaces=spaces)
            for row, name in zip(pieces, shown, strict=True)
        ]
    return found


def _folders(node: Node, *, within: Standings) -> tuple[dict[UUID, str], dict[UUID, Sequence[str]]]:
    """The places of the bundle, each with the path that leads to it, « » for `node` itself; and
    the names that are taken in each."""
    everything = node.kind == NodeKind.ROOT
    found: dict[UUID, str] = {node.pk: ""}
    below: dict[UUID, list[Node]] = {}
    seen = places(within=within)  # parents come before children
    shown = {place.pk for place in seen}
    for place in seen:
        if place.pk == node.pk:
            continue
        if place.parent_id in shown:
            below.setdefault(place.parent_id, []).append(place)
        elif everything:  # an entry point: what is above it is not told
            below.setdefault(node.pk, []).append(place)
    held: dict[UUID, Sequence[str]] = {}
    waiting = [node.pk]
    while waiting:
        here = waiting.pop(0)
        inside = below.get(here, [])
        first = [MANIFEST] if here == node.pk else []
        shown_as = path_names([place.name for place in inside], taken=first)
        held[here] = [*first, *shown_as]
        for place, name in zip(inside, shown_as, strict=True):
            found[place.pk] = f"{found[here]}{name}/"
            waiting.append(place.pk)
    return found, held


def _spaces(within: Standings) -> dict[UUID, UUID | None]:
    return {
        scope: next((place.id for place in reversed(path) if place.sealed), None)
        for scope, path in scope_paths(within.room.pk).items()
    }


def _member(row: Deposit, *, path: str, spaces: Mapping[UUID, UUID | None]) -> Member:
    return Member(
        node_id=row.node_id,
        blob_id=row.blob_id,
        path=path,
        name=row.name,
        number=row.number,
        title=row.title,
        side=row.box.side_name,
        received_at=row.received_at,
        size=row.blob.size,
        sha256=row.blob.sha256,
        withdrawn=row.node.withdrawn_at is not None,
        space=spaces[row.node.scope_id or row.node_id],
    )


def manifest(found: Iterable[Member]) -> bytes:
    """The list that goes with the pieces, as a spreadsheet reads it in French."""
    return b"\xef\xbb\xbf" + _line(HEAD) + b"".join(_line(one.row()) for one in found)


def manifest_root(found: Sequence[Member]) -> str:
    """The root (RFC 6962) over the lines of these members, as they stand in the list."""
    return inner_root([_line(one.row()) for one in found]).hex()


def manifest_sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _line(cells: Sequence[str]) -> bytes:
    written = io.StringIO()
    csv.writer(written, delimiter=";", lineterminator="\r\n").writerow(cells)
    return written.getvalue().encode("utf-8", "replace")
