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
from uuid import UUID

from django.db.models import Exists, F, OuterRef
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
from accedit.domain.evidence.queries.leaf_checks import (
    Damage,
    Rows,
    entry_faults,
    hash_of,
    list_faults,
    node_faults,
    note_fault,
    opening_faults,
    place_of,
)
from accedit.domain.evidence.queries.quick_blocks import proven
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.leaf import Leaf as ReadLeaf
from accedit_ledger.note import VerifierKey
from accedit_ledger.origin import of_epoch
from accedit_ledger.tree import Frontier

__all__ = ["Damage", "damages", "origins", "unsigned"]

BLOCK = 1024
_PER_LEAF = ((Leaf, "leaf"), (Opening, "opening"), (InnerLeaf, "list"), (Entry, "entry"))


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
    last_read: int = -1

    def block(self, start: int, end: int) -> Iterator[Damage]:
        """The leaves of [start, end). `start` is even, so that each leaf has its sibling here."""
        signed = {
            row.size: row
            for row in Checkpoint.objects.filter(log=self.head, size__gt=start, size__lte=end)
        }
        sizes = frozenset([*signed, self.remembered.size] if self.remembered else signed)
        sound = proven(
            self.head, range(start, end), tree=self.tree, last_at=self.last_at, sizes=sizes
        )
        if sound is None:
            yield from self._row_by_row(start, end, signed=signed)
            return
        for self.tree in sound.at_sizes:
            yield from self._signed(signed.get(self.tree.size), size=self.tree.size)
        self.tree, self.last_at, self.last_read = sound.tree, sound.last_at, end - 1

    def _row_by_row(
        self, start: int, end: int, *, signed: Mapping[int, Checkpoint]
    ) -> Iterator[Damage]:
        rows = Rows(self.head, start, end)
        hashes: dict[int, bytes] = {}
        for index in range(start, end):
            found, hashes[index], leaf = hash_of(rows, index, siblings=hashes)
            yield from found
            if leaf is not None:
                yield from self._clear_text(index, leaf)
            yield from opening_faults(rows, index, leaf=leaf)
            yield from entry_faults(rows, index, leaf=leaf)
            yield from list_faults(rows, index)
            self.tree, completed = self.tree.append(hashes[index])
            for level, position, hash_ in completed[1:]:
                yield from node_faults(rows, level=level, position=position, expected=hash_)
            yield from self._signed(signed.get(index + 1), size=index + 1)

    def end(self) -> Iterator[Damage]:
        if bytes(self.head.frontier) != b"".join(self.tree.hashes):
            yield Damage(
                "head",
                self.head.origin,
                f"Journal {self.head.origin} : la tête du journal n'est pas celle que donnent ses {self.head.size} feuilles.",
            )
        if self.last_read == self.head.size - 1 and self.head.last_at != self.last_at:
            yield Damage(
                "head",
                self.head.origin,
                f"Journal {self.head.origin} : la tête du journal ne dit pas l'heure de la dernière feuille.",
            )
        if not _is_named(self.head):
            yield Damage(
                "head",
                self.head.origin,
                f"Journal {self.head.origin} : la tête du journal ne dit plus sous quels noms il a commencé et continué.",
            )
        if self.remembered is not None and self.remembered.size > self.head.size:
            yield _truncated(self.head.origin, self.remembered, size=self.head.size)

    def _clear_text(self, index: int, leaf: ReadLeaf) -> Iterator[Damage]:
        if self.last_at is not None and leaf.at < self.last_at:
            yield self._leaf(index, "porte une heure antérieure à celle de la feuille précédente")
        self.last_at, self.last_read = leaf.at, index
        if leaf.log != self.head.origin:
            yield self._leaf(index, f"appartient à un autre journal ({leaf.log})")

    def _leaf(self, index: int, says: str) -> Damage:
        return Damage(
            "leaf", f"{self.head.origin}#{index}", f"{place_of(self.head, index)} {says}."
        )

    def _signed(self, checkpoint: Checkpoint | None, *, size: int) -> Iterator[Damage]:
        """The signed head of this size, and what the signer remembers of it."""
        last = self.remembered
        if last is not None and last.size == size and last.root != self.tree.root():
            yield Damage(
                "signer",
                f"{self.head.origin}@{size}",
                f"Journal {self.head.origin} : à la taille {size}, le signataire se souvient d'une autre empreinte. L'histoire a été réécrite.",
            )
        if checkpoint is None:
            return
        why = note_fault(checkpoint, head=self.head, keys=self.keys)
        if why is None and bytes(checkpoint.root) != self.tree.root():
            why = "n'est pas l'empreinte des feuilles"
        if why:
            yield Damage(
                "checkpoint",
                f"{self.head.origin}@{size}",
                f"Journal {self.head.origin} : l'empreinte signée à la taille {size} {why}.",
            )


def _is_named(head: LogHead) -> bool:
    """The names and the count of a log that goes on under another name follow from each other."""
    earlier = LogHead.objects.filter(first=head.first, number__lt=head.number)
    before = sum(earlier.values_list("size", flat=True))
    known = head.first if head.number == 1 else of_epoch(head.first, head.number)
    return head.origin == known and head.before == before


def _beyond(head: LogHead) -> Iterator[Damage]:
    """What stands after the end of the log. One statement each: the log may grow meanwhile."""
    for model, word in _PER_LEAF:
        stray = model.objects.filter(log=head, index__gte=F("log__size")).order_by("index").first()
        if stray is not None:
            yield Damage(
                word,
                f"{head.origin}#{stray.index}",
                f"{place_of(head, stray.index)} est au-delà de la fin du journal.",
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
