"""Whether what the tables keep of each leaf is what the leaf itself says."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

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
    filed,
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
from accedit_ledger.tree import leaf_hash, node_hash


@dataclass(frozen=True, slots=True)
class Damage:
    """What does not agree, where it is kept, and the sentence for whoever runs the platform."""

    what: str
    where: str
    sentence: str


class Rows:
    """The rows of all tables that speak of the leaves [start, end)."""

    def __init__(self, head: LogHead, start: int, end: int) -> None:
        self.head, self.start, self.end = head, start, end
        span = {"log": head, "index__gte": start, "index__lt": end}
        self.leaves = {
            index: bytes(data)
            for index, data in Leaf.objects.filter(**span).values_list("index", "data")
        }
        self.entries = {entry.index: entry for entry in Entry.objects.filter(**span)}
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


def _completed(start: int, end: int) -> Q:
    """The sub-trees that the leaves [start, end) complete, level by level."""
    found = Q()
    level = 0
    while end >> level:
        if start >> level < end >> level:
            found |= Q(level=level, position__gte=start >> level, position__lt=end >> level)
        level += 1
    return found


def hash_of(
    rows: Rows, index: int, *, siblings: Mapping[int, bytes]
) -> tuple[list[Damage], bytes, ReadLeaf | None]:
    """What is wrong with a leaf or its own tree node, the hash to reckon with, and the leaf
    itself where nothing is."""
    where, place = f"{rows.head.origin}#{index}", place_of(rows.head, index)
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
    rows: Rows, index: int, *, own: bytes, siblings: Mapping[int, bytes]
) -> bool:
    """Leaf and node disagree: whether the node above them, or the head, sides with the leaf."""
    above = rows.nodes.get((1, index // 2))
    if above is None:
        return rows.head.size == index + 1 and bytes(rows.head.frontier)[-32:] == own
    if index % 2:
        return node_hash(siblings[index - 1], own) == above
    beside = rows.nodes.get((0, index + 1))
    return beside is not None and node_hash(own, beside) == above


def node_faults(rows: Rows, *, level: int, position: int, expected: bytes) -> Iterator[Damage]:
    kept = rows.nodes.get((level, position))
    if kept != expected:
        yield _edited_node(rows, level=level, position=position, missing=kept is None)


def _edited_node(rows: Rows, *, level: int, position: int, missing: bool = False) -> Damage:
    first, last = position << level, ((position + 1) << level) - 1
    return Damage(
        "node",
        f"{rows.head.origin}/{level}/{position}",
        f"Journal {rows.head.origin} : le nœud de l'arbre au-dessus des feuilles {first} à {last} "
        + ("manque." if missing else "n'est pas celui que donnent les feuilles."),
    )


def opening_faults(rows: Rows, index: int, *, leaf: ReadLeaf | None) -> Iterator[Damage]:
    """Each claim kept in clear is one of the leaf's; a leaf that is itself wrong proves nothing."""
    if leaf is None:
        return
    digests = frozenset(leaf.digests)
    for claim, salt, value in rows.openings.get(index, ()):
        if not _holds(digests, claim=claim, salt=salt, value=value):
            yield Damage(
                "opening",
                f"{rows.head.origin}#{index}/{claim}",
                f"{place_of(rows.head, index)} : la mention « {claim} » a été modifiée, la feuille ne la contient pas.",
            )


def _holds(digests: frozenset[str], *, claim: str, salt: bytes, value: Any) -> bool:
    if quick_digest(quick_disclosure(claim, salt, value)) in digests:
        return True
    try:
        return Disclosed(claim, salt, value).digest in digests
    except ValueError:
        return False


def entry_faults(rows: Rows, index: int, *, leaf: ReadLeaf | None) -> Iterator[Damage]:
    """The line that pages read says the kind and the hour that the leaf says."""
    where, place = f"{rows.head.origin}#{index}", place_of(rows.head, index)
    if index not in rows.entries:
        yield Damage("entry", where, f"{place} : sa ligne du registre manque.")
        return
    entry = rows.entries[index]
    kind, at = entry.kind, entry.at
    said = next((v for claim, _, v in rows.openings.get(index, ()) if claim == "kind"), kind)
    if kind != said:
        yield Damage(
            "entry", where, f"{place} : le registre dit « {kind} », le journal « {said} »."
        )
    if leaf is not None and at != leaf.at:
        yield Damage("entry", where, f"{place} : le registre ne dit pas l'heure de la feuille.")
    if leaf is not None and not _is_filed(entry, leaf):
        yield Damage(
            "entry",
            where,
            f"{place} : le registre ne dit plus qui, sur quoi ou pour qui comme à l'inscription.",
        )


def _is_filed(entry: Entry, leaf: ReadLeaf) -> bool:
    value = filed(actor=entry.actor, node=entry.node, about=entry.about, audience=entry.audience)
    return _holds(frozenset(leaf.digests), claim="filed", salt=bytes(entry.salt), value=value)


def list_faults(rows: Rows, index: int) -> Iterator[Damage]:
    """The lines of a list give the root that its claim says, unless some were erased. Who erases
    the claim erases the lines."""
    said = {claim: value for claim, _, value in rows.openings.get(index, ())}
    for claim, lines in rows.lists.get(index, {}).items():
        if not _list_agrees(said.get(claim), lines):
            yield Damage(
                "list",
                f"{rows.head.origin}#{index}/{claim}",
                f"{place_of(rows.head, index)} : une ligne de la liste « {claim} » a été modifiée.",
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


def note_fault(checkpoint: Checkpoint, *, head: LogHead, keys: Sequence[VerifierKey]) -> str | None:
    try:
        said, _ = open_note(checkpoint.note, keys)
    except ValueError:
        return "ne porte la signature d'aucune clé connue"
    if said != Head(head.origin, checkpoint.size, bytes(checkpoint.root)):
        return "ne dit pas ce que dit la table"
    return None


def place_of(head: LogHead, index: int) -> str:
    return f"Journal {head.origin}, feuille {index}"
