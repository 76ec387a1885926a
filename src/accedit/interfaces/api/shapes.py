"""From what the domain answers to what REST says. Rows come in as they are: a door imports
no table. What the asker may not read of a piece is left out here, on the rights that
came with it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings

from accedit.domain.cases import queries as cases
from accedit.domain.cases.access import Entered
from accedit.domain.evidence.operations.log import stamp
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import queries as filing
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.queries import Standings, single
from accedit.domain.filing.rights import Rights
from accedit_ledger.vocabulary import KINDS

Json = dict[str, Any]
OF_CONTENT = {"sha256", "size", "title"}


def hour(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def deposited(deposit: Any) -> Json:
    """The answer to a deposit. The same deposit always gives the same bytes."""
    return {
        "deposit_id": str(deposit.pk),
        "node_id": str(deposit.node_id),
        "piece_number": deposit.number,
        "sha256": deposit.blob.sha256,
        "size": deposit.blob.size,
        "received_at": stamp(deposit.received_at),
        "late": deposit.late,
        "receipt_url": f"{settings.BASE_URL}/api/v1/deposits/{deposit.pk}/receipt",
    }


def case_line(case: Any) -> Json:
    return {
        "id": case.pk,
        "title": case.room.title,
        "reference": case.room.reference,
        "template": case.template,
        "opened_at": hour(case.room.opened_at),
        "closed_at": hour(case.room.closed_at),
    }


def whole_case(entered: Entered) -> Json:
    case, held = entered.case, entered.standings
    root = single.root(within=held)
    sides = cases.sides(case)
    words = {one.side.pk: one.side.word for one in sides}
    return case_line(case) | {
        "root_id": root.pk if root else None,
        "court": case.court,
        "register_number": case.register_number,
        "parties": [_party(party, side=one) for one in sides for party in one.parties]
        if root
        else [],
        "boxes": boxes(within=held, words=words),
    }


def _party(party: Any, *, side: cases.SideSeen) -> Json:
    return {
        "id": party.pk,
        "name": party.name,
        "side": side.side.word,
        "kind": party.kind,
        "by_post": party.by_post,
        "counsel": [
            {
                "user_id": mandate.counsel_id,
                "name": mandate.counsel.name,
                "firm": mandate.firm.name if mandate.firm else "",
            }
            for mandate in side.counsel
            if mandate.party_id == party.pk
        ],
    }


def boxes(*, within: Standings, words: Mapping[UUID, str]) -> list[Json]:
    """The boxes of the sides in `words` that the asker may see, or deposit into."""
    depositors = filing.depositors(within.room.pk)
    return [
        _box(box, within=within, word=words[box.side], depositors=depositors)
        for box in filing.boxes(within=within)
        if box.side in words
    ]


def _box(
    box: Any, *, within: Standings, word: str, depositors: Mapping[UUID, Sequence[Any]]
) -> Json:
    shown = Right.BROWSE in within.on(box.folder)
    return {
        "id": box.folder_id,
        "archive_id": box.archive_id if Right.BROWSE in within.on(box.archive) else None,
        "side": word,
        "name": box.folder.name,
        "due_at": hour(box.due_at),
        "depositors": [
            {"user_id": user.pk, "name": user.name}
            | ({"email": user.email} if within.acts_for_owner else {})
            for user in (depositors.get(box.folder_id, ()) if shown else ())
        ],
    }


def node(row: Any, *, rights: Rights, parent_id: UUID | None) -> Json:
    shape: Json = {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "parent_id": parent_id,
        "rights": sorted(right.value for right in rights),
    }
    if row.kind != NodeKind.FILE:
        return shape | {"sealed": row.sealed}
    deposit = getattr(row, "deposit", None)
    if deposit is None:
        return shape
    shape |= {
        "piece_number": deposit.number,
        "received_at": hour(deposit.received_at),
        "late": deposit.late,
        "withdrawn": row.withdrawn_at is not None,
    }
    if Right.READ in rights:
        shape |= {
            "title": deposit.title,
            "size": deposit.blob.size,
            "sha256": deposit.blob.sha256,
        }
    return shape


def journal(lines: Sequence[Told], *, within: Standings) -> list[Json]:
    """A hash names a known document, and a title tells what it says: only for its readers."""
    pieces = {line.node for line in lines if line.node and OF_CONTENT & set(line.claims)}
    readable = single.readable(pieces, within=within)
    return [
        {
            "index": line.index,
            "kind": line.kind,
            "label": KINDS[line.kind].french,
            "at": hour(line.at),
            "node_id": line.node,
            "claims": {
                claim: value
                for claim, value in line.claims.items()
                if line.node not in pieces or line.node in readable or claim not in OF_CONTENT
            },
        }
        for line in lines
    ]
