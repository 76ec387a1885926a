"""Rows K1 to K5: whoever has every right on the database, the disk or the platform is caught.

The triggers and grants that refuse them are another row (L21); here they are gone.
"""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from accedit.domain.evidence.models import Entry, LogHead
from accedit.domain.evidence.operations import checking, log, receipts
from accedit.domain.evidence.operations.signatures import sign_head, verifier_key
from accedit.domain.filing import blobs
from accedit.domain.filing.operations import scrubbing
from accedit.domain.filing.operations.scrubbing import DamagedBytes, scrub
from accedit_ledger.comparison import contradiction
from accedit_ledger.receipt import verify_receipt
from accedit_ledger.signer import SignerRefuses
from tests.console.house import House, built, fsck, house, run
from tests.console.test_fsck_log import rewound, size_of
from tests.evidence.test_appending import NOON, fact

__all__ = ["built", "house"]

TABLES = list(apps.get_app_config("evidence").get_models())
COLUMNS = [
    (model, field)
    for model in TABLES
    for field in model._meta.concrete_fields
    if not field.primary_key
]


def changed(field: "models.Field[Any, Any]", value: Any) -> Any:
    """Another value of the same column, as near as can be: one byte, one unit, one letter."""
    if value is None:
        return {"UUIDField": "00000000-0000-0000-0000-000000000001"}.get(
            field.get_internal_type(), 1
        )
    match field.get_internal_type():
        case "BinaryField":
            data = bytearray(value) or bytearray(1)
            data[len(data) // 2] ^= 1
            return bytes(data)
        case "ForeignKey":
            return LogHead.objects.exclude(pk=value).values_list("pk", flat=True)[0]
        case "BigIntegerField" | "IntegerField" | "SmallIntegerField":
            return value + 1000  # where no other row stands in the way
        case "UUIDField":
            return str(value)[:-1] + ("0" if str(value)[-1] != "0" else "1")
        case "JSONField":
            return json.dumps([value])
        case "DateTimeField":
            return value.replace(microsecond=(value.microsecond + 1000) % 1_000_000)
    return value[:-1] + ("x" if value[-1] != "x" else "y")


@pytest.mark.parametrize(
    ("model", "field"),
    COLUMNS,
    ids=[f"{model._meta.model_name}.{field.name}" for model, field in COLUMNS],
)
def test_k1_one_byte_changed_in_any_column_is_named(
    house: House, model: type[models.Model], field: "models.Field[Any, Any]"
) -> None:
    table, column = model._meta.db_table, field.column
    log.append(log.acts_of(uuid4()), [fact("un autre journal")])
    mine = "id" if model is LogHead else "log_id"
    with connection.cursor() as cursor:
        wanted = f"{mine} = {house.log}" + (
            f" and index = {house.piece.log_index}" if "index" in names(model) else ""
        )
        cursor.execute(f"select id, {column} from {table} where {wanted} order by id desc limit 1")
        key, value = cursor.fetchone()
    if isinstance(value, str) and field.get_internal_type() == "JSONField":
        value = json.loads(value)

    run(f"update {table} set {column} = %s where id = %s", changed(field, value), key)

    found = fsck()
    moved = column in {"index", "log_id"}  # then it may be the new place that is named
    assert found != []
    assert moved or house.origin in " ".join(one["where"] for one in found)
    if "index" in names(model) and not moved:
        assert any(f"#{house.piece.log_index}" in one["where"] for one in found)


def names(model: type[models.Model]) -> set[str]:
    return {field.name for field in model._meta.concrete_fields}


def test_k1_nothing_changed_nothing_named(house: House) -> None:
    """The negative control: writing each row again as it is is no damage."""
    for model in TABLES:
        run(f"update {model._meta.db_table} set id = id")

    assert fsck() == []


def test_k1_an_entry_shown_to_others_than_it_was_made_for_is_named(house: House) -> None:
    assert Entry.objects.filter(log__origin=house.origin, audience="concerned").exists()
    run(
        "update evidence_entry set audience = 'members' where audience = 'concerned'"
        f" and log_id = {house.log}"
    )

    assert {one["what"] for one in fsck()} == {"entry"}


def test_k2_the_end_taken_away_and_the_rest_made_whole_again_is_refused_and_named(
    house: House,
) -> None:
    """Everything in the database agrees with itself; the signer remembers, and signs no more."""
    before = size_of(house)
    rewound(house, to=before - 2)

    log.append(house.origin, [fact("à la place de ce qui manque")])
    with pytest.raises(SignerRefuses):
        sign_head(house.origin)
    assert {one["what"] for one in fsck()} == {"signer"}


def test_k3_two_histories_shown_to_two_people_are_caught_by_whoever_has_both(
    house: House,
) -> None:
    """The operator signs with the key itself, without the signer's memory."""
    one = receipts.receipt(origin=house.origin, index=house.piece.log_index)
    grown = transaction.savepoint()
    log.append(house.origin, [fact("histoire montrée à l'un")])
    first = receipts.receipt(origin=house.origin, index=size_of(house) - 1)
    transaction.savepoint_rollback(grown)
    for file in Path(settings.SIGNER_FOLDER).glob("heads/*.head"):
        file.unlink()
    log.append(house.origin, [fact("histoire montrée à l'autre")])
    other = receipts.receipt(origin=house.origin, index=size_of(house) - 1)

    keys = [verifier_key()]
    assert all(verify_receipt(r, file=None, known=keys).is_success for r in (one, first, other))
    assert contradiction(first, other, known=keys) is not None
    assert contradiction(one, other, known=keys) is None  # the negative control: one history
    assert compared(first) == ["signer"]
    assert compared(one) == compared(other) == []


def compared(receipt: bytes) -> list[str]:
    """What `verify-log --against` says of our own log against a receipt."""
    return [damage.what for damage in checking.against(receipt)]


def flipped(house: House) -> Path:
    """One bit of the stored bytes of a piece turned over."""
    path = blobs.path_of(house.piece.blob_id)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return path


def test_k4_a_bit_turned_over_is_found_within_a_cycle(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    hour = timedelta(hours=1)
    assert scrub(at=NOON, every=hour).damaged == ()
    flipped(house)

    found = scrub(at=NOON, every=hour)

    assert found.damaged == (house.piece.blob_id,)
    assert str(house.piece.blob_id) in caplog.text
    assert [one["what"] for one in fsck()] != []


def test_k4_slices_follow_each_other_until_every_byte_was_read(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three pieces, three slices, whatever process asks for them; then from the start again."""
    monkeypatch.setattr(scrubbing, "LEAST", 1)
    monkeypatch.setattr(settings, "SCRUB_DAYS", 3)
    flipped(house)

    turns = [scrub(at=NOON, every=timedelta(days=1)) for _ in range(8)]

    assert sum(turn.files for turn in turns) >= 6
    assert max(turn.files for turn in turns) <= 2
    assert sum(bool(turn.damaged) for turn in turns) >= 2


def test_k4_damaged_bytes_are_given_to_nobody(house: House) -> None:
    """What both doors ask before the first byte: `serving/raw_content.py`."""
    blob = house.piece.blob
    path = flipped(house)
    assert scrubbing.require_sound(blob) == path  # not found yet: the size is right
    scrub(at=NOON, every=timedelta(hours=1))

    with pytest.raises(DamagedBytes):
        scrubbing.require_sound(blob)
    flipped(house)  # turned back: put back from a backup
    scrub(at=NOON, every=timedelta(hours=1))
    assert scrubbing.require_sound(blob) == path
    path.write_bytes(b"short")
    with pytest.raises(DamagedBytes):
        scrubbing.require_sound(blob)
    path.unlink()
    with pytest.raises(DamagedBytes):
        scrubbing.require_sound(blob)
