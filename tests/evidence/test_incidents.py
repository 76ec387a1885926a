"""Rows L12 and K2: a database older than the signer's memory is refused, and how one goes on."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from accedit.domain.evidence import queries
from accedit.domain.evidence.models import LogHead
from accedit.domain.evidence.operations import checking, incidents, keeping, log, receipts
from accedit.domain.evidence.operations.signatures import (
    BeforeIncident,
    sign_head,
    signer,
    verifier_key,
)
from accedit_ledger.checkpoint import Checkpoint
from accedit_ledger.receipt import verify_receipt
from accedit_ledger.signer import SignerRefuses
from tests.evidence.test_appending import NOON, fact, reasons

WHY = "Disque perdu, sauvegarde de la veille restaurée."


@pytest.fixture
def origin(own_store: Path) -> str:
    """A log of three signed entries, in a store of its own."""
    name = log.acts_of(uuid4())
    log.append(name, [fact("un"), fact("deux"), fact("trois")])
    sign_head(name)
    return name


def lost(origin: str, *said: str) -> bytes:
    """Entries made and signed, then lost with the database; the receipt of the last remains."""
    backup = transaction.savepoint()
    entries = log.append(origin, [fact(one) for one in said])
    last = entries[-1]
    receipt = receipts.receipt(origin=last.log.origin, index=last.index)
    transaction.savepoint_rollback(backup)
    return receipt


def declared() -> list[str]:
    origins = incidents.declare(sentence=WHY, at=NOON)
    for one in origins:
        sign_head(one)
    return origins


def all_damages() -> list[str]:
    return [d.sentence for origin in checking.origins() for d in checking.damages(origin)]


def verdict(receipt: bytes) -> tuple[bool, str | None, int | None]:
    found = verify_receipt(receipt, file=None, known=[verifier_key()])
    return found.is_success, found.origin, found.index


@pytest.mark.parametrize("again", [0, 1, 2, 3])
def test_l12_a_log_shorter_or_other_than_what_was_signed_is_never_signed(
    origin: str, again: int
) -> None:
    lost(origin, "quatre", "cinq")
    before = signer().last(origin)
    log.append(origin, [fact(f"autre {rank}") for rank in range(again)]) if again else None

    if again == 0:
        assert sign_head(origin).size == 3  # what was signed then is still true
    else:
        with pytest.raises(SignerRefuses):
            sign_head(origin)
    assert signer().last(origin) == before
    assert len(all_damages()) == 1


def test_a_log_that_lost_nothing_has_no_incident(origin: str) -> None:
    log.append(origin, [fact("pas encore signée")])

    assert incidents.broken() == []
    assert incidents.declare(sentence=WHY, at=NOON) == []
    assert LogHead.objects.count() == 1


def test_l12_after_the_incident_is_declared_the_log_goes_on_under_another_name(origin: str) -> None:
    before = receipts.receipt(origin=origin, index=1)
    of_lost = lost(origin, "quatre", "cinq")
    second = origin.replace("/acts", "/2/acts")

    origins = declared()
    (entry,) = log.append(origin, [fact("après")])
    after = receipts.receipt(origin=entry.log.origin, index=entry.index)

    assert origins == sorted([second, keeping.platform_log()])
    assert verdict(before) == (True, origin, 1)
    assert verdict(of_lost) == (True, origin, 4)  # nobody can deny what was lost
    assert verdict(after) == (True, second, 1)
    assert verdict(receipts.receipt(origin=origin, index=2)) == (True, origin, 2)
    assert all_damages() == []
    assert [one.size for one in signer().heads() if one.origin == origin] == [5]


def test_the_first_entry_says_what_was_signed_and_from_where_it_continues(origin: str) -> None:
    lost(origin, "quatre", "cinq")
    signed, kept = signer().last(origin), queries.head(origin)
    assert signed is not None
    assert kept is not None

    declared()

    (told,) = queries.entries(origin, asker=uuid4(), seen_nodes=None, size=1).items
    assert (told.kind, told.index, told.leaf) == ("incident.declared", 3, 0)
    assert told.claims["sentence"] == WHY
    assert told.claims["signed"] == [{"log": origin, "size": 5, "root": signed.root.hex()}]
    assert told.claims["continues"] == [{"log": origin, "size": 3, "root": kept.root.hex()}]


def test_whoever_reads_the_journal_reads_on_across_the_incident(origin: str) -> None:
    lost(origin, "quatre")
    declared()
    log.append(origin, [fact("après")])

    pages, cursor = [], None
    while True:
        page = queries.entries(origin, asker=uuid4(), seen_nodes=None, size=2, cursor=cursor)
        pages += page.items
        if (cursor := page.next_cursor) is None:
            break

    assert [one.index for one in pages] == [4, 3, 2, 1, 0]
    assert [one.claims.get("reason") for one in pages] == ["après", None, "trois", "deux", "un"]
    assert [one.leaf for one in pages] == [1, 0, 2, 1, 0]


def test_a_log_gone_whole_begins_again_under_another_name(origin: str) -> None:
    backup = transaction.savepoint()
    gone = log.acts_of(uuid4())
    log.append(gone, [fact("tout")])
    sign_head(gone)
    transaction.savepoint_rollback(backup)

    assert [(one.signed.origin, one.lost) for one in incidents.broken()] == [(gone, 1)]
    second = gone.replace("/acts", "/2/acts")
    assert declared() == sorted([second, keeping.platform_log()])
    (entry,) = log.append(gone, [fact("de nouveau")])
    assert sign_head(entry.log.origin).size == 2
    assert all_damages() == []
    assert queries.size(origin) == 3


def test_a_second_loss_gets_a_third_name_even_if_the_second_was_forgotten(origin: str) -> None:
    """The backup restored again is older than the first incident: the signer alone knows of it."""
    backup = transaction.savepoint()
    lost(origin, "quatre")
    declared()
    transaction.savepoint_rollback(backup)

    assert len(incidents.broken()) == 3  # the log, its second name, the platform's log
    declared()

    assert LogHead.objects.get(first=origin, number=3).origin == origin.replace("/acts", "/3/acts")
    assert LogHead.objects.get(first=keeping.platform_log()).origin.endswith("/e/platform/2")
    assert all_damages() == []


def test_what_was_entered_before_the_incident_and_never_signed_has_no_receipt(origin: str) -> None:
    lost(origin, "quatre", "cinq")
    log.append(origin, [fact("entre-temps")])
    declared()

    with pytest.raises(BeforeIncident):
        receipts.receipt(origin=origin, index=3)
    assert all_damages() == []
    assert reasons(origin)[-1] == "entre-temps"


def test_a_log_that_stands_still_and_is_touched_is_named(origin: str) -> None:
    """The negative control of « no damage » above."""
    lost(origin, "quatre")
    declared()
    LogHead.objects.filter(origin=origin).update(size=2)

    assert any("l'incident déclaré" in one for one in all_damages())


def test_the_signer_s_memory_newer_than_a_declared_incident_is_named_again(origin: str) -> None:
    lost(origin, "quatre")
    declared()
    last = signer().last(origin)
    assert last is not None
    signer().store.record(Checkpoint(origin, last.size + 1, bytes(32)))

    assert len(incidents.broken()) == 1
    assert len(all_damages()) == 1


def test_the_command_looks_says_and_asks_for_a_sentence(
    origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lost(origin, "quatre", "cinq")

    with pytest.raises(CommandError, match="restent valables") as looked:
        call_command("new_epoch", "--look")
    with pytest.raises(CommandError, match="Dites en une phrase"):
        call_command("new_epoch", "--sentence", "oups")
    assert LogHead.objects.count() == 1
    call_command("new_epoch", "--sentence", WHY, "--made-at", "2026-11-22T03:00:00+00:00")
    with pytest.raises(CommandError, match="ne refuse aucun journal"):
        call_command("new_epoch", "--sentence", WHY)

    said = capsys.readouterr().out
    assert looked.value.returncode == 3
    assert f"{origin} : 5 entrées signées, les 2 dernières manquent." in said
    assert all_damages() == []
    assert settings.LOG_DOMAIN in said
