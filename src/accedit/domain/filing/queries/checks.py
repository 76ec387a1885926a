"""Whether pieces, bytes, tree and log agree: what `fsck` asks (reliability.md R1, R7).

Each deposit is followed to its row of bytes, its file, its node and its entry; then each
entry back to its deposit, so that neither can be taken away alone. Deposits are read in
blocks of `BLOCK`, without joins: a join would pass over a row whose other half is missing.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accedit.domain.evidence.models import Entry, Opening
from accedit.domain.evidence.operations.log import stamp
from accedit.domain.evidence.queries.checks import Damage
from accedit.domain.filing import blobs
from accedit.domain.filing.enums import NodeKind
from accedit.domain.filing.models import BasketItem, Blob, Deposit, Grant, Node, Room
from accedit.domain.filing.reckoning import number_key

BLOCK = 500
ACCEPTED = "deposit.accepted"


def damages(*, room: UUID | None = None, quick: bool = False) -> Iterator[Damage]:
    """Everything wrong with the pieces of one room, or of all. `quick` hashes nothing."""
    yield from _deposits(room, quick=quick)
    yield from _entries_without_deposit(room)
    yield from _tree(room)
    yield from _evidence(room)
    yield from _baskets(room, quick=quick)
    yield from _sums(room)
    yield from _grants(room)
    if room is None:
        yield from _blobs_without_deposit()


@dataclass(frozen=True, slots=True)
class Orphan:
    """A file of the store that no piece and no basket names. `key` None: not even a key's name."""

    name: str
    key: UUID | None
    size: int


def orphans(*, before: datetime) -> Iterator[Orphan]:
    """Files older than `before` that nothing names; younger ones may be on their way in."""
    waiting: list[Orphan] = []
    for path, key in blobs.listing():
        with contextlib.suppress(FileNotFoundError):  # taken away while we were reading
            state = path.stat()
            if state.st_mtime < before.timestamp():
                waiting.append(Orphan(path.name, key, state.st_size))
        if len(waiting) >= BLOCK:
            yield from _unnamed(waiting)
            waiting = []
    yield from _unnamed(waiting)


def _unnamed(files: Sequence[Orphan]) -> Iterator[Orphan]:
    keys = [file.key for file in files if file.key]
    named = set(Blob.objects.filter(pk__in=keys).values_list("pk", flat=True))
    named |= set(BasketItem.objects.filter(blob_id__in=keys).values_list("blob_id", flat=True))
    yield from (file for file in files if file.key not in named)


def orphan_damage(orphan: Orphan) -> Damage:
    return Damage(
        "orphan",
        f"blob {orphan.name}",
        f"Fichier {orphan.name} ({orphan.size} octets) : aucune pièce ni aucun panier ne le nomme depuis plus de 24 heures. « accedit fsck --sweep » l'enlève.",
    )


def _deposits(room: UUID | None, *, quick: bool) -> Iterator[Damage]:
    last: UUID | None = None
    while True:
        rows = _of_room(Deposit.objects.order_by("pk"), room)
        block = list((rows.filter(pk__gt=last) if last else rows)[:BLOCK])
        if not block:
            return
        facts = _Facts(block)
        for deposit in block:
            yield from _deposit(deposit, facts=facts, quick=quick)
        last = block[-1].pk


class _Facts:
    """What the other tables say of a block of deposits."""

    def __init__(self, block: Sequence[Deposit]) -> None:
        self.blobs = Blob.objects.in_bulk([one.blob_id for one in block])
        self.nodes = Node.objects.in_bulk([one.node_id for one in block])
        self.references = dict(
            Room.objects.filter(pk__in={node.room_id for node in self.nodes.values()}).values_list(
                "pk", "reference"
            )
        )
        here = Q(
            log__origin__in={one.log_origin for one in block},
            index__in={one.log_index for one in block},
        )
        self.kinds = {
            (origin, index): kind
            for origin, index, kind in Entry.objects.filter(here).values_list(
                "log__origin", "index", "kind"
            )
        }
        self.claims: dict[tuple[str, int], dict[str, Any]] = {}
        for origin, index, claim, value in Opening.objects.filter(
            here, claim__in=WORDS
        ).values_list("log__origin", "index", "claim", "value"):
            self.claims.setdefault((origin, index), {})[claim] = value

    def subject(self, deposit: Deposit) -> str:
        node = self.nodes.get(deposit.node_id)
        reference = self.references.get(node.room_id, "?") if node else "?"
        return f"Dossier {reference}, pièce n° {deposit.number} (dépôt {deposit.pk})"


def _deposit(deposit: Deposit, *, facts: _Facts, quick: bool) -> Iterator[Damage]:
    subject, where = facts.subject(deposit), f"deposit {deposit.pk}"
    blob, node = facts.blobs.get(deposit.blob_id), facts.nodes.get(deposit.node_id)
    if blob is None:
        yield Damage("blob_row", where, f"{subject} : la fiche de son fichier manque.")
    else:
        why = _bytes_fault(blob.pk, size=blob.size, sha256=blob.sha256, quick=quick)
        if why:
            yield Damage("bytes", f"blob {blob.pk}", f"{subject} : {why}.")
    if node is None:
        yield Damage("deposit", where, f"{subject} : sa place dans l'arborescence manque.")
    elif node.side != deposit.side or not node.evidence:
        yield Damage(
            "deposit", where, f"{subject} : elle n'est plus rangée comme pièce de sa partie."
        )
    if not _ranked(deposit):
        yield Damage("deposit", where, f"{subject} : son rang ne suit plus son numéro.")
    yield from _said(deposit, blob=blob, facts=facts)


def _ranked(deposit: Deposit) -> bool:
    try:
        return deposit.number_key == number_key(deposit.number)
    except ValueError:
        return False


def _said(deposit: Deposit, *, blob: Blob | None, facts: _Facts) -> Iterator[Damage]:
    """The entry of a deposit says what its row says; a claim that was erased says nothing."""
    subject, where = facts.subject(deposit), f"deposit {deposit.pk}"
    place = (deposit.log_origin, deposit.log_index)
    entry = f"l'entrée {deposit.log_index} du journal {deposit.log_origin}"
    if facts.kinds.get(place) != ACCEPTED:
        yield Damage("deposit", where, f"{subject} : {entry} n'est pas celle d'un dépôt.")
        return
    row = _row(deposit, blob=blob)
    for claim, value in facts.claims.get(place, {}).items():
        said = value.get("id") if isinstance(value, dict) else value
        if claim in row and row[claim] != said:
            yield Damage(
                "deposit",
                where,
                f"{subject} : la fiche et {entry} ne disent pas la même chose ({WORDS[claim]}).",
            )


def _row(deposit: Deposit, *, blob: Blob | None) -> dict[str, Any]:
    """What the row says, claim by claim; of a person, a side or a party, the identifier."""
    row: dict[str, Any] = {
        "piece_id": str(deposit.node_id),
        "piece_number": deposit.number,
        "name": deposit.name,
        "title": deposit.title or None,
        "side": str(deposit.side),
        "depositor": str(deposit.depositor_id),
        "on_behalf_of": str(deposit.on_behalf_of) if deposit.on_behalf_of else None,
        "received_from": stamp(deposit.received_from),
        "received_at": stamp(deposit.received_at),
        "late": deposit.late,
    }
    return row if blob is None else row | {"size": blob.size, "sha256": blob.sha256}


WORDS = {
    "piece_id": "identifiant",
    "piece_number": "numéro de pièce",
    "name": "nom du fichier",
    "title": "intitulé",
    "side": "partie",
    "depositor": "déposant",
    "on_behalf_of": "pour le compte de",
    "received_from": "heure du premier octet",
    "received_at": "heure du dernier octet",
    "late": "hors délai",
    "size": "taille",
    "sha256": "empreinte SHA-256",
}


def _bytes_fault(key: UUID, *, size: int, sha256: str, quick: bool) -> str | None:
    path = blobs.path_of(key)
    try:
        length = path.stat().st_size
    except OSError:
        return f"son fichier {key} manque"
    if length != size:
        return f"son fichier {key} fait {length} octets au lieu de {size}"
    if quick:
        return None
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            return (
                f"son fichier {key} a été modifié : ses octets ne donnent plus l'empreinte gardée"
            )
    return None


def _entries_without_deposit(room: UUID | None) -> Iterator[Damage]:
    deposit = Deposit.objects.filter(
        log_origin=OuterRef("log__origin"), log_index=OuterRef("index")
    )
    rows = Entry.objects.filter(~Exists(deposit), kind=ACCEPTED)
    if room is not None:
        rows = rows.filter(log__origin__contains=f"/e/{room}/")
    for origin, index in rows.order_by("log", "index").values_list("log__origin", "index"):
        yield Damage(
            "entry",
            f"{origin}#{index}",
            f"Journal {origin}, feuille {index} : le journal dit un dépôt dont la fiche manque.",
        )


# Down from each root, with the scope that each node ought to have. Whatever is not reached
# hangs from nothing: a cycle, a parent in another room, a missing parent.
_WALK = """
with recursive walk(id, room_id, scope, depth) as (
    select id, room_id, id, 0 from filing_node where kind = 'root'
    union all
    select n.id, n.room_id,
        case when n.sealed or n.kind in ('box', 'archive')
            or exists (select from filing_grant g where g.node_id = n.id)
        then n.id else w.scope end,
        w.depth + 1
    from filing_node n join walk w on n.parent_id = w.id and n.room_id = w.room_id
)
select n.id, n.kind, w.id is null, w.scope is distinct from n.scope_id, w.depth <> n.depth
from filing_node n left join walk w on w.id = n.id
where (%(room)s::uuid is null or n.room_id = %(room)s::uuid)
    and (w.id is null or w.scope is distinct from n.scope_id or w.depth <> n.depth)
order by n.id
"""


def _tree(room: UUID | None) -> Iterator[Damage]:
    with connection.cursor() as cursor:
        cursor.execute(_WALK, {"room": room})
        found = cursor.fetchall()
    for key, kind, adrift, scope, depth in found:
        where, subject = f"node {key}", f"Élément {key} ({KINDS[kind]})"
        if adrift:
            yield Damage(
                "tree", where, f"{subject} : il n'est rattaché à la racine d'aucun dossier."
            )
            continue
        if scope:
            yield Damage(
                "scope",
                where,
                f"{subject} : le lieu dont il tient ses droits n'est pas celui que donne l'arborescence.",
            )
        if depth:
            yield Damage("tree", where, f"{subject} : sa profondeur n'est pas la bonne.")


KINDS = {
    NodeKind.ROOT: "racine",
    NodeKind.FOLDER: "dossier de rangement",
    NodeKind.BOX: "boîte aux lettres",
    NodeKind.ARCHIVE: "dossier archives",
    NodeKind.FILE: "fichier",
}


def _evidence(room: UUID | None) -> Iterator[Damage]:
    """Each piece lies in the box or the archive of its side, and was deposited."""
    rows = Node.objects.filter(evidence=True)
    if room is not None:
        rows = rows.filter(room=room)
    at_home = Q(parent__kind__in=[NodeKind.BOX, NodeKind.ARCHIVE], parent__side=F("side"))
    for key in rows.exclude(at_home).order_by("pk").values_list("pk", flat=True):
        yield Damage(
            "place",
            f"node {key}",
            f"Élément {key} (fichier) : cette pièce n'est ni dans la boîte ni dans les archives de sa partie.",
        )
    alone = rows.filter(~Exists(Deposit.objects.filter(node=OuterRef("pk"))))
    for key in alone.order_by("pk").values_list("pk", flat=True):
        yield Damage(
            "deposit", f"node {key}", f"Élément {key} (fichier) : la fiche de son dépôt manque."
        )


def _baskets(room: UUID | None, *, quick: bool) -> Iterator[Damage]:
    rows = BasketItem.objects.filter(basket__deposited_at__isnull=True)
    if room is not None:
        rows = rows.filter(basket__box__folder__room=room)
    for item in rows.order_by("pk").iterator(chunk_size=BLOCK):
        why = _bytes_fault(item.blob_id, size=item.size, sha256=item.sha256, quick=quick)
        if why:
            yield Damage("basket", f"item {item.pk}", f"Panier {item.basket_id} : {why}.")


def _sums(room: UUID | None) -> Iterator[Damage]:
    rows = Room.objects.filter(pk=room) if room else Room.objects.all()
    summed = rows.annotate(sum=Coalesce(Sum("nodes__deposit__blob__size"), 0))
    for key, reference, used, total in (
        summed.exclude(sum=F("used_bytes"))
        .order_by("pk")
        .values_list("pk", "reference", "used_bytes", "sum")
    ):
        yield Damage(
            "sum",
            f"room {key}",
            f"Dossier {reference} : le compte des octets dit {used}, ses pièces font {total}.",
        )


def _grants(room: UUID | None) -> Iterator[Damage]:
    nowhere = Grant.objects.filter(~Exists(Node.objects.filter(pk=OuterRef("node_id"))))
    if room is None:
        for key in nowhere.order_by("pk").values_list("pk", flat=True):
            yield Damage(
                "grant", f"grant {key}", f"Droit {key} : il porte sur un élément qui n'existe pas."
            )


def _blobs_without_deposit() -> Iterator[Damage]:
    rows = Blob.objects.filter(~Exists(Deposit.objects.filter(blob=OuterRef("pk"))))
    for key in rows.order_by("pk").values_list("pk", flat=True):
        yield Damage("blob_row", f"blob {key}", f"Fichier {key} : sa fiche ne nomme aucun dépôt.")


def _of_room(rows: QuerySet[Deposit], room: UUID | None) -> QuerySet[Deposit]:
    """By the name of its log: a deposit whose node is missing has no other room."""
    return rows if room is None else rows.filter(log_origin__contains=f"/e/{room}/")
