"""The short cut of a check: a block of leaves about which nothing at all is wrong.

It reads each table once, as few long texts, and recomputes every digest and every node
from them; it says yes or nothing. Where it does not say yes, `leaf_checks` reads the block
again row by row, and finds and names what is wrong. What it does not know how to read (a
list of which lines were erased, an odd number) is no damage: the slow way decides.

A text that hashes to a digest of the leaf is the text that was written there, whatever the
table holds it in: so nothing is lost by comparing texts instead of values.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, TypeAlias

from django.db import connection

from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.reckoning import (
    URL,
    grow,
    inner_root,
    text_digest,
    text_disclosure,
    usual_leaf,
)
from accedit_ledger.leaf import utc_hour, utc_text
from accedit_ledger.tree import Frontier, leaf_hash

_Said: TypeAlias = dict[tuple[int, bytes], bytes]  # by index and claim, as JSON
_OBJECT = ord("{")

# Columns come apart, each as one text: a sign that parts two rows stands in none of them.
_SALTS = r"string_agg(encode(salt, 'base64'), ',')"
_VALUES = r"string_agg(coalesce(value::text, 'null'), E'\n')"
_SPAN = "where log_id = %s and index >= %s and index < %s"
_LEAVES = rf"""
    select string_agg(index::text, ','), string_agg(data, '\x0a'::bytea)
    from (select index, data from evidence_leaf {_SPAN} order by index) rows
"""  # noqa: S608  (constants of this file)
_OPENINGS = rf"""
    select count(*), string_agg(index::text, ','), string_agg(to_json(claim)::text, E'\n'),
        {_SALTS}, {_VALUES}
    from evidence_opening {_SPAN}
"""  # noqa: S608
_ENTRIES = rf"""
    select string_agg(index::text, ','), string_agg(to_json(kind)::text, E'\n'),
        string_agg(to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.USAD'), E'\n'),
        {_SALTS},
        string_agg('{{"about":' || coalesce('"' || about || '"', 'null')
            || ',"actor":' || coalesce('"' || actor || '"', 'null')
            || ',"audience":' || to_json(audience)::text
            || ',"node":' || coalesce('"' || node || '"', 'null') || '}}', E'\n')
    from (select * from evidence_entry {_SPAN} order by index) rows
"""  # noqa: S608
_LISTS = rf"""
    select index, to_json(claim)::text, count(*), string_agg(position::text, ','),
        {_SALTS}, {_VALUES}
    from (select * from evidence_innerleaf {_SPAN} order by index, claim, position) rows
    group by index, claim
"""  # noqa: S608
_NODES = r"""
    select level, string_agg(position::text, ','), string_agg(hash, ''::bytea),
        bool_and(octet_length(hash) = 32)
    from (
        select level, position, hash from evidence_treenode
        join unnest(%s::smallint[], %s::bigint[], %s::bigint[]) as span(high, first, past)
        on level = high and position >= first and position < past
        where log_id = %s order by level, position
    ) rows group by level
"""


@dataclass(frozen=True, slots=True)
class Proven:
    """What is carried on: the tree with these leaves, and as it was at each size asked for."""

    tree: Frontier
    last_at: datetime
    at_sizes: Sequence[Frontier]


@dataclass(frozen=True, slots=True)
class _Leaves:
    """The leaves of the block: the digests of each, its hour as it is spelt, its hash."""

    digests: Sequence[frozenset[bytes]]
    hours: Sequence[bytes]
    hashes: Sequence[bytes]


def proven(
    head: LogHead,
    span: range,
    *,
    tree: Frontier,
    last_at: datetime | None,
    sizes: frozenset[int],
) -> Proven | None:
    """What follows from the block if all its rows, in every table, are as they were written;
    None where that is not seen at once. `sizes`: at which the tree is wanted on the way."""
    leaves = _leaves(head, span)
    if leaves is None or not _in_order(leaves.hours, after=last_at):
        return None
    said = _said(head, span, leaves=leaves)
    if said is None or not _entries_agree(head, span, leaves=leaves, said=said):
        return None
    if not _lists_agree(head, span, said=said):
        return None
    hashes = list(tree.hashes)
    levels: dict[int, list[bytes]] = {0: list(leaves.hashes)}
    at_sizes = []
    for index, leaf in zip(span, leaves.hashes, strict=True):
        for level, above in enumerate(grow(hashes, size=index, leaf=leaf), start=1):
            levels.setdefault(level, []).append(above)
        if index + 1 in sizes:
            at_sizes.append(Frontier(index + 1, tuple(hashes)))
    if not _nodes_agree(head, span, levels=levels):
        return None
    last = utc_hour(leaves.hours[-1].decode("ascii"))
    return Proven(Frontier(span.stop, tuple(hashes)), last, at_sizes)


def _leaves(head: LogHead, span: range) -> _Leaves | None:
    ((indexes, data),) = _rows(_LEAVES, head, span)
    leaves = bytes(data or b"").split(b"\n")
    if indexes != _numbers(span) or len(leaves) != len(span):
        return None
    digests, hours = [], []
    for index, leaf in zip(span, leaves, strict=True):
        usual = usual_leaf(leaf, origin=head.origin, index=index)
        if usual is None:
            return None
        digests.append(usual[0])
        hours.append(usual[1])
    return _Leaves(digests, hours, [leaf_hash(leaf) for leaf in leaves])


def _in_order(hours: Sequence[bytes], *, after: datetime | None) -> bool:
    """All of them are spelt alike, so that their texts stand in the order of time."""
    before = b"" if after is None else utc_text(after).encode("ascii")
    return before <= hours[0] and all(a <= b for a, b in pairwise(hours))


def _said(head: LogHead, span: range, *, leaves: _Leaves) -> _Said | None:
    """What each leaf says of its kind, and the values that are objects."""
    ((count, indexes, *columns),) = _rows(_OPENINGS, head, span)
    if not count:
        return {}
    claims, salts, values = _lines(columns[0]), _salts(columns[1]), _lines(columns[2])
    if not len(claims) == len(salts) == len(values) == count:
        return None
    digests, first = leaves.digests, span.start
    said: _Said = {}
    for index, claim, salt, value in zip(
        map(int, indexes.split(",")), claims, salts, values, strict=True
    ):
        if text_digest(text_disclosure(salt, claim, value)) not in digests[index - first]:
            return None
        if claim == b'"kind"' or value[0] == _OBJECT:
            said[index, claim] = value
    return said


def _entries_agree(head: LogHead, span: range, *, leaves: _Leaves, said: _Said) -> bool:
    ((indexes, *columns),) = _rows(_ENTRIES, head, span)
    kinds, hours, rows = (_lines(columns[place]) for place in (0, 1, 3))
    salts = _salts(columns[2])
    if indexes != _numbers(span) or not len(kinds) == len(salts) == len(rows) == len(span):
        return False
    if hours != [hour[:-1] + b"000AD" for hour in leaves.hours]:
        return False
    for index, digests, kind, salt, row in zip(
        span, leaves.digests, kinds, salts, rows, strict=True
    ):
        if said.get((index, b'"kind"'), kind) != kind:
            return False
        if text_digest(text_disclosure(salt, b'"filed"', row)) not in digests:
            return False
    return True


def _lists_agree(head: LogHead, span: range, *, said: _Said) -> bool:
    for index, claim, count, positions, *columns in _rows(_LISTS, head, span):
        value = json.loads(said.get((index, claim.encode()), b"null"))
        salts, values = _salts(columns[0]), _lines(columns[1])
        if value is None or value.get("size") != count or positions != _numbers(range(count)):
            return False
        if not len(salts) == len(values) == count:
            return False
        lines = [
            text_disclosure(salt, b'"%d"' % rank, one)
            for rank, (salt, one) in enumerate(zip(salts, values, strict=True))
        ]
        if value.get("root") != inner_root(lines).hex():
            return False
    return True


def _nodes_agree(head: LogHead, span: range, *, levels: Mapping[int, Sequence[bytes]]) -> bool:
    """Each sub-tree that these leaves complete is kept once, in its place."""
    firsts = [span.start >> level for level in levels]
    pasts = [span.stop >> level for level in levels]
    with connection.cursor() as cursor:
        cursor.execute(_NODES, [list(levels), firsts, pasts, head.pk])
        kept = {level: (told, bytes(octets), fit) for level, told, octets, fit in cursor.fetchall()}
    return kept == {
        level: (_numbers(range(first, past)), b"".join(hashes), True)
        for (level, hashes), first, past in zip(levels.items(), firsts, pasts, strict=True)
    }


def _rows(query: str, head: LogHead, span: range) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [head.pk, span.start, span.stop])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _numbers(span: range) -> str:
    return ",".join(map(str, span))


def _salts(text: str | None) -> list[bytes]:
    """In base64url. One that is longer than ours holds a line's end: it opens nothing."""
    return text.encode().translate(URL, b"=").split(b",") if text is not None else []


def _lines(text: str | None) -> list[bytes]:
    return text.encode().split(b"\n") if text is not None else []
