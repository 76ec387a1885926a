"""Recompute a whole log from its leaves, and name each thing that does not agree.

The log is read in blocks of `BLOCK` leaves, so that memory does not grow with it. A leaf
that was edited is told from a tree node that was edited by asking the node above them
both; what follows is then reckoned from the one that was right, so that one change makes
one damage and not a cascade. An opening that was erased is no damage: the tree does not
need it (evidence.md 4.2). What the signer remembers is handed in: it is the one witness
of leaves taken away at the end of a log (attacks.md K2).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.expressions import CombinedExpression

from accedit.domain.evidence.models import (
    Checkpoint,
    Entry,
    InnerLeaf,
    Leaf,
    LogHead,
    Opening,
    TreeNode,
)
from accedit.domain.evidence.reckoning import (
    inner_line,
    inner_root,
    quick_digest,
    quick_disclosure,
    quick_leaf,
)
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.checkpoint import open_note
from accedit_ledger.leaf import Leaf as ReadLeaf
from accedit_ledger.leaf import LeafRefused, read_leaf
from accedit_ledger.leaf import Opening as Disclosed
from accedit_ledger.note import VerifierKey
from accedit_ledger.tree import Frontier, leaf_hash, node_hash

BLOCK = 1024
_PER_LEAF = ((Leaf, "leaf"), (Opening, "opening"), (InnerLeaf, "list"), (Entry, "entry"))


@dataclass(frozen=True, slots=True)
class Damage:
    """What does not agree, where it is kept, and the sentence for whoever runs the platform."""

    what: str
    where: str
    sentence: str


def origins(*, room: UUID | None = None) -> list[str]:
    """The names of all logs, or of those of one room and its sealed places."""
    rows = LogHead.objects.order_by("origin")
    if room is not None:
        rows = rows.filter(origin__contains=f"/e/{room}/")
    return list(rows.values_list("origin", flat=True))


def unsigned() -> list[str]:
    """The logs whose present head was not signed yet."""
    signed = Checkpoint.objects.filter(log=OuterRef("pk"), size=OuterRef("size"))
    later = LogHead.objects.filter(first=OuterRef("first"), number__gt=OuterRef("number"))
    rows = LogHead.objects.filter(~Exists(signed), ~Exists(later), size__gt=0).order_by("origin")
    return list(rows.values_list("origin", flat=True))


def damages(
    origin: str, *, keys: Sequence[VerifierKey], remembered: Head | None
) -> Iterator[Damage]:
    """Everything wrong with one log. Read `remembered` before calling: a log only grows."""
    head = LogHead.objects.filter(origin=origin).first()
    if head is None:
        if remembered is not None:
            yield _truncated(origin, remembered, size=0)
        return
    state = _State(head, keys=keys, remembered=remembered)
    for start in range(0, head.size, BLOCK):
        yield from state.block(start, min(start + BLOCK, head.size))
    yield from state.end()
    yield from _beyond(head)


@dataclass
class _State:
    """What is carried from one block of leaves to the next."""

    head: LogHead
    keys: Sequence[VerifierKey]
    remembered: Head | None
    tree: Frontier = field(default_factory=Frontier)
    last_at: datetime | None = None

    def block(self, start: int, end: int) -> Iterator[Damage]:
        """The leaves of [start, end). `start` is even, so that each leaf has its sibling here."""
        rows = _Rows(self.head, start, end)
        hashes: dict[int, bytes] = {}
        for index in range(start, end):
            found, hashes[index], leaf = _hash_of(rows, index, siblings=hashes)
            yield from found
            if leaf is not None:
                yield from self._clear_text(index, leaf)
            yield from _openings(rows, index, leaf=leaf)
            yield from _entry(rows, index, leaf=leaf)
            yield from _lists(rows, index)
            self.tree, completed = self.tree.append(hashes[index])
            for level, position, hash_ in completed[1:]:
                yield from _node(rows, level=level, position=position, expected=hash_)
            yield from self._signed(rows, size=index + 1)

    def end(self) -> Iterator[Damage]:
        if bytes(self.head.frontier) != b"".join(self.tree.hashes):
            yield Damage(
                "head",
                self.head.origin,
                f"Journal {self.head.origin} : la tête du journal n'est pas celle que donnent ses {self.head.size} feuilles.",
            )
        if self.remembered is not None and self.remembered.size > self.head.size:
            yield _truncated(self.head.origin, self.remembered, size=self.head.size)

    def _clear_text(self, index: int, leaf: ReadLeaf) -> Iterator[Damage]:
        if self.last_at is not None and leaf.at < self.last_at:
            yield self._leaf(index, "porte une heure antérieure à celle de la feuille précédente")
        self.last_at = leaf.at
        if leaf.log != self.head.origin:
            yield self._leaf(index, f"appartient à un autre journal ({leaf.log})")

    def _leaf(self, index: int, says: str) -> Damage:
        return Damage("leaf", f"{self.head.origin}#{index}", f"{_place(self.head, index)} {says}.")

    def _signed(self, rows: "_Rows", *, size: int) -> Iterator[Damage]:
        """Each signed head of this size, and what the signer remembers of it."""
        last = self.remembered
        if last is not None and last.size == size and last.root != self.tree.root():
            yield Damage(
                "signer",
                f"{self.head.origin}@{size}",
                f"Journal {self.head.origin} : à la taille {size}, le signataire se souvient d'une autre empreinte. L'histoire a été réécrite.",
            )
        checkpoint = rows.checkpoints.get(size)
        if checkpoint is None:
            return
        why = _note_fault(checkpoint, head=self.head, keys=self.keys)
        if why is None and bytes(checkpoint.root) != self.tree.root():
            why = "n'est pas l'empreinte des feuilles"
        if why:
            yield Damage(
                "checkpoint",
                f"{self.head.origin}@{size}",
                f"Journal {self.head.origin} : l'empreinte signée à la taille {size} {why}.",
            )


class _Rows:
    """The rows of all tables that speak of the leaves [start, end): eight queries."""

    def __init__(self, head: LogHead, start: int, end: int) -> None:
        self.head, self.start, self.end = head, start, end
        span = {"log": head, "index__gte": start, "index__lt": end}
        self.leaves = {
            index: bytes(data)
            for index, data in Leaf.objects.filter(**span).values_list("index", "data")
        }
        self.entries = {
            index: (kind, at)
            for index, kind, at in Entry.objects.filter(**span).values_list("index", "kind", "at")
        }
        self.openings: dict[int, list[tuple[str, bytes, Any]]] = {}
        for index, claim, salt, value in Opening.objects.filter(**span).values_list(
            "index", "claim", "salt", "value"
        ):
            self.openings.setdefault(index, []).append((claim, bytes(salt), value))
        self.lists: dict[int, dict[str, list[tuple[int, bytes, Any]]]] = {}
        for index, claim, position, salt, value in (
            InnerLeaf.objects.filter(**span)
            .order_by("index", "claim", "position")
            .values_list("index", "claim", "position", "salt", "value")
        ):
            of_leaf = self.lists.setdefault(index, {})
            of_leaf.setdefault(claim, []).append((position, bytes(salt), value))
        self.nodes = {
            (level, position): bytes(hash_)
            for level, position, hash_ in TreeNode.objects.filter(
                _completed(start, end), log=head
            ).values_list("level", "position", "hash")
        }
        self.checkpoints = {
            row.size: row
            for row in Checkpoint.objects.filter(log=head, size__gt=start, size__lte=end)
        }


def _completed(start: int, end: int) -> Q:
    """The sub-trees that the leaves [start, end) complete, level by level."""
    found = Q()
    level = 0
    while end >> level:
        if start >> level < end >> level:
            found |= Q(level=level, position__gte=start >> level, position__lt=end >> level)
        level += 1
    return found


def _hash_of(
    rows: _Rows, index: int, *, siblings: Mapping[int, bytes]
) -> tuple[list[Damage], bytes, ReadLeaf | None]:
    """What is wrong with a leaf or its own tree node, the hash to reckon with, and the leaf
    itself where nothing is."""
    where, place = f"{rows.head.origin}#{index}", _place(rows.head, index)
    kept = rows.nodes.get((0, index))
    data = rows.leaves.get(index)
    if data is None:
        return [Damage("leaf", where, f"{place} manque.")], kept or bytes(32), None
    leaf, why = _read(data, index=index)
    own = leaf_hash(data)
    found = []
    if kept is None:
        found.append(_edited_node(rows, level=0, position=index, missing=True))
    elif own != kept and _node_is_the_edited_one(rows, index, own=own, siblings=siblings):
        found.append(_edited_node(rows, level=0, position=index))
    elif own != kept:
        why = why or "a été modifiée : ses octets ne donnent plus l'empreinte gardée"
        own = kept
    if why:
        found.append(Damage("leaf", where, f"{place} {why}."))
    return found, own, None if why else leaf


def _read(data: bytes, *, index: int) -> tuple[ReadLeaf | None, str | None]:
    try:
        leaf = quick_leaf(data) or read_leaf(data)
    except LeafRefused:
        return None, "n'est pas lisible : ses octets ne sont pas ceux d'une feuille"
    if leaf.index != index:
        return None, f"porte le numéro {leaf.index} : elle n'est pas à sa place"
    return leaf, None


def _node_is_the_edited_one(
    rows: _Rows, index: int, *, own: bytes, siblings: Mapping[int, bytes]
) -> bool:
    """Leaf and node disagree: whether the node above them, or the head, sides with the leaf."""
    above = rows.nodes.get((1, index // 2))
    if above is None:
        return rows.head.size == index + 1 and bytes(rows.head.frontier)[-32:] == own
    if index % 2:
        return node_hash(siblings[index - 1], own) == above
    beside = rows.nodes.get((0, index + 1))
    return beside is not None and node_hash(own, beside) == above


def _node(rows: _Rows, *, level: int, position: int, expected: bytes) -> Iterator[Damage]:
    kept = rows.nodes.get((level, position))
    if kept != expected:
        yield _edited_node(rows, level=level, position=position, missing=kept is None)


def _edited_node(rows: _Rows, *, level: int, position: int, missing: bool = False) -> Damage:
    first, last = position << level, ((position + 1) << level) - 1
    return Damage(
        "node",
        f"{rows.head.origin}/{level}/{position}",
        f"Journal {rows.head.origin} : le nœud de l'arbre au-dessus des feuilles {first} à {last} "
        + ("manque." if missing else "n'est pas celui que donnent les feuilles."),
    )


def _openings(rows: _Rows, index: int, *, leaf: ReadLeaf | None) -> Iterator[Damage]:
    """Each claim kept in clear is one of the leaf's; a leaf that is itself wrong proves nothing."""
    if leaf is None:
        return
    digests = frozenset(leaf.digests)
    for claim, salt, value in rows.openings.get(index, ()):
        stands = quick_digest(quick_disclosure(claim, salt, value)) in digests
        if not stands and not _stands(digests, claim=claim, salt=salt, value=value):
            yield Damage(
                "opening",
                f"{rows.head.origin}#{index}/{claim}",
                f"{_place(rows.head, index)} : la mention « {claim} » a été modifiée, la feuille ne la contient pas.",
            )


def _stands(digests: frozenset[str], *, claim: str, salt: bytes, value: Any) -> bool:
    try:
        return Disclosed(claim, salt, value).digest in digests
    except ValueError:
        return False


def _entry(rows: _Rows, index: int, *, leaf: ReadLeaf | None) -> Iterator[Damage]:
    """The line that pages read says the kind and the hour that the leaf says."""
    where, place = f"{rows.head.origin}#{index}", _place(rows.head, index)
    if index not in rows.entries:
        yield Damage("entry", where, f"{place} : sa ligne du registre manque.")
        return
    kind, at = rows.entries[index]
    said = next((v for claim, _, v in rows.openings.get(index, ()) if claim == "kind"), kind)
    if kind != said:
        yield Damage(
            "entry", where, f"{place} : le registre dit « {kind} », le journal « {said} »."
        )
    if leaf is not None and at != leaf.at:
        yield Damage("entry", where, f"{place} : le registre ne dit pas l'heure de la feuille.")


def _lists(rows: _Rows, index: int) -> Iterator[Damage]:
    """The lines of a list give the root that its claim says, unless some were erased."""
    said = {claim: value for claim, _, value in rows.openings.get(index, ())}
    for claim, lines in rows.lists.get(index, {}).items():
        if claim in said and not _list_agrees(said[claim], lines):
            yield Damage(
                "list",
                f"{rows.head.origin}#{index}/{claim}",
                f"{_place(rows.head, index)} : une ligne de la liste « {claim} » a été modifiée.",
            )


def _list_agrees(said: Any, lines: Sequence[tuple[int, bytes, Any]]) -> bool:
    if not isinstance(said, dict) or not isinstance(said.get("size"), int):
        return False
    if len(lines) < said["size"]:
        return bool(lines[-1][0] < said["size"])
    if [rank for rank, _, _ in lines] != list(range(said["size"])):
        return False
    quick = inner_root([quick_disclosure(str(rank), salt, value) for rank, salt, value in lines])
    root = said.get("root")
    return isinstance(root, str) and (root == quick.hex() or root == _slow_root(lines))


def _slow_root(lines: Sequence[tuple[int, bytes, Any]]) -> str | None:
    try:
        return inner_root(
            [inner_line(position=rank, salt=salt, value=value) for rank, salt, value in lines]
        ).hex()
    except ValueError:
        return None


def _note_fault(
    checkpoint: Checkpoint, *, head: LogHead, keys: Sequence[VerifierKey]
) -> str | None:
    try:
        said, _ = open_note(checkpoint.note, keys)
    except ValueError:
        return "ne porte la signature d'aucune clé connue"
    if said != Head(head.origin, checkpoint.size, bytes(checkpoint.root)):
        return "ne dit pas ce que dit la table"
    return None


def _beyond(head: LogHead) -> Iterator[Damage]:
    """What stands after the end of the log. One statement each: the log may grow meanwhile."""
    for model, word in _PER_LEAF:
        stray = model.objects.filter(log=head, index__gte=F("log__size")).order_by("index").first()
        if stray is not None:
            yield Damage(
                word,
                f"{head.origin}#{stray.index}",
                f"{_place(head, stray.index)} est au-delà de la fin du journal.",
            )
    node = (
        TreeNode.objects.filter(log=head)
        .annotate(complete=CombinedExpression(F("log__size"), ">>", F("level")))
        .filter(position__gte=F("complete"))
        .first()
    )
    if node is not None:
        yield Damage(
            "node",
            f"{head.origin}/{node.level}/{node.position}",
            f"Journal {head.origin} : un nœud de l'arbre est au-delà de la fin du journal.",
        )
    signed = Checkpoint.objects.filter(log=head, size__gt=F("log__size")).order_by("-size").first()
    if signed is not None:
        yield Damage(
            "checkpoint",
            f"{head.origin}@{signed.size}",
            f"Journal {head.origin} : {signed.size} feuilles ont été signées, il n'en reste que {head.size}. La fin du journal a été retirée.",
        )


def _truncated(origin: str, remembered: Head, *, size: int) -> Damage:
    return Damage(
        "signer",
        f"{origin}@{remembered.size}",
        f"Journal {origin} : le signataire a signé {remembered.size} feuilles, il n'en reste que {size}. La fin du journal a été retirée, ou une sauvegarde plus ancienne a été restaurée.",
    )


def _place(head: LogHead, index: int) -> str:
    return f"Journal {head.origin}, feuille {index}"
