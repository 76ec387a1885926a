"""The outside ledger against the house: what was acknowledged is there, whole, once, provable."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from accedit_ledger.archive import unpack
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.note import parse_note
from accedit_ledger.receipt import verify_receipt
from accedit_ledger.tlog_proof import TlogProof
from tests.crash.house import House
from tests.crash.writers import Acknowledged, Ledger


@dataclass(frozen=True)
class Compared:
    """`faults` is empty where every promise was kept; `lost` counts acknowledged files."""

    faults: list[str]
    lost: int
    orphans: int
    seen: dict[str, Any]


def compared(house: House, ledger: Ledger) -> Compared:
    """Nobody is depositing meanwhile, and nobody changes rights."""
    found = _compared(house, ledger.lines, house.call("check"))
    faults = [*found.faults, *ledger.told_otherwise]
    if len(found.seen["deposits"]) != len(ledger.lines):
        faults.append(f"{len(found.seen['deposits'])} pieces, {len(ledger.lines)} acknowledged")
    return replace(found, faults=faults + _rights_faults(house, found.seen))


def compared_with_a_copy(house: House, lines: Sequence[Acknowledged], *, copy: Path) -> Compared:
    """What `lines` say was acknowledged before `copy` was taken; others were under way."""
    return _compared(house, lines, house.call("check", elsewhere=str(copy)))


def _compared(house: House, lines: Sequence[Acknowledged], seen: dict[str, Any]) -> Compared:
    known = (house.data / "signer.cles").read_text().split()
    lost = [line for line in lines if not _is_there(line, seen)]
    faults = [f"fsck: {one}" for one in seen["damages"]]
    faults += [f"lost: {line.upload} {line.sha256}" for line in lost]
    faults += _more_than_once(seen)
    for line in lines:
        if line.receipt:
            faults += _receipt_faults(line, seen, known)
    if seen["files"] != seen["named"] + seen["orphans"]:
        faults.append(f"{seen['files']} files, {seen['named']} named, {seen['orphans']} orphans")
    return Compared(faults, len(lost), seen["orphans"], seen)


def _is_there(line: Acknowledged, seen: dict[str, Any]) -> bool:
    if line.deposit:
        found = seen["deposits"].get(line.deposit)
        return bool(found) and (found["upload"], found["sha256"]) == (line.upload, line.sha256)
    return any(
        (one["upload"], one["sha256"]) == (line.upload, line.sha256)
        for one in seen["deposits"].values()
    )


def _more_than_once(seen: dict[str, Any]) -> list[str]:
    uploads = Counter(one["upload"] for one in seen["deposits"].values())
    places = Counter((one["origin"], one["index"]) for one in seen["deposits"].values())
    return [f"{what} {n} times" for what, n in (uploads + places).items() if n > 1]


def _receipt_faults(line: Acknowledged, seen: dict[str, Any], known: list[str]) -> list[str]:
    """It verifies with the key known from elsewhere, and the log of now continues its head."""
    verdict = verify_receipt(line.receipt, file=None, known=known)
    if not verdict.is_success:
        return [f"receipt of {line.deposit}: {verdict.reasons}"]
    proof = TlogProof.parse(unpack(line.receipt)["acts.tlog-proof"].decode())
    head = Checkpoint.parse(parse_note(proof.note).text)
    now = seen["roots"].get(head.origin, {}).get(str(head.size))
    if now != head.root.hex():
        return [f"receipt of {line.deposit}: the log has another root for {head.size} leaves"]
    found = seen["deposits"].get(line.deposit, {})
    if (found.get("origin"), found.get("index")) != (verdict.origin, verdict.index):
        return [f"receipt of {line.deposit}: another leaf than its row's"]
    return []


def _rights_faults(house: House, seen: dict[str, Any]) -> list[str]:
    """What is granted is what was last said to be done, or what was being done after it."""
    said = house.data / "said"
    lines = said.read_text().splitlines() if said.exists() else []
    done = next((one[4:] for one in reversed(lines) if one.startswith("did ")), "-")
    possible = {done}
    if lines and lines[-1].startswith("wants "):
        possible.add(lines[-1][6:])
    if seen["granted"] in possible:
        return []
    return [f"rights: {seen['granted']} is granted, {sorted(possible)} was said"]
