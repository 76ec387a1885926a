"""Row L13: what the log says of a person is erased, and the log still verifies."""

import subprocess
from uuid import UUID, uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import ProgrammingError

from accedit.domain.evidence.models import Opening
from accedit.domain.evidence.operations import checking, erasing, log, receipts
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.evidence.operations.signatures import sign_head, verifier_key
from accedit.machine import binaries, grants
from accedit.machine.postgres import APP
from accedit_ledger.receipt import verify_receipt
from tests.evidence.test_appending import NOON, fact, reasons

NAME, ADDRESS = "Gisèle Tournemine-Aubrac", "gisele@tournemine.example"
BASIS = "Demande de la personne, article 17 du RGPD."


@pytest.fixture(scope="module")
def person(committed: None) -> UUID:
    place = f"/{connection.settings_dict['NAME']}?host={connection.settings_dict['HOST']}"
    grants.apply(owner_url=f"postgresql://{connection.settings_dict['USER']}@{place}", app_role=APP)
    return uuid4()


@pytest.fixture
def origin(person: UUID) -> str:
    """A log that names the person as actor, in a list, and in a reason."""
    name = log.acts_of(uuid4())
    who = {"id": str(person), "name": NAME, "role": "party"}
    by_her = Fact(
        kind="case.closed",
        claims={"actor": who, "reason": f"Écrit à {ADDRESS}"},
        received_at=NOON,
        lists={"roster": [{"n": NAME, "id": str(person)}, {"n": "Une autre", "id": "autre"}]},
    )
    log.append(name, [fact("avant"), by_her, fact("après")])
    sign_head(name)
    return name


def dump() -> str:
    state = connection.settings_dict
    program = binaries.of_the_wheel().tool("pg_dump")
    address = f"postgresql://{state['USER']}@/{state['NAME']}?host={state['HOST']}"
    return subprocess.run([program, address], capture_output=True, check=True, text=True).stdout


def erased(person: UUID) -> list[str]:
    origins = erasing.erase(person, words=[NAME, ADDRESS], legal_basis=BASIS, at=NOON)
    for one in origins:
        sign_head(one)
    return origins


def test_l13_her_words_are_nowhere_in_the_database_and_the_log_verifies(
    person: UUID, origin: str
) -> None:
    before = dump()
    assert all(word in before for word in (NAME, ADDRESS, str(person)))  # it would be seen

    assert erased(person) == [origin]

    after = dump()
    assert [word for word in (NAME, ADDRESS, str(person)) if word in after] == []
    assert list(checking.damages(origin)) == []
    assert reasons(origin) == ["avant", "après"]
    assert "Une autre" in after
    receipt = receipts.receipt(origin=origin, index=1)
    assert verify_receipt(receipt, file=None, known=[verifier_key()]).is_success
    assert NAME.encode() not in receipt


def test_what_was_erased_and_why_is_entered_without_what_it_was(person: UUID, origin: str) -> None:
    erased(person)

    said = dict(Opening.objects.filter(log__origin=origin, index=4).values_list("claim", "value"))
    assert said["kind"] == "erasure.done"
    assert (said["entries"], said["claims"]) == ([1, 1, 1], ["actor", "reason", "roster"])
    assert said["legal_basis"] == BASIS


def test_the_server_s_own_role_erases_nothing(person: UUID, origin: str) -> None:
    state = connection.settings_dict
    with (
        psycopg.connect(f"postgresql://{APP}@/{state['NAME']}?host={state['HOST']}") as link,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        link.execute(f"set role {erasing.ROLE}")


def test_the_role_that_erases_deletes_nothing_else(person: UUID, origin: str) -> None:
    for table in ("evidence_leaf", "evidence_entry", "evidence_treenode", "people_user"):
        with pytest.raises(ProgrammingError):
            deleted_by_eraser(table)


@transaction.atomic
def deleted_by_eraser(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"set local role {erasing.ROLE}")
        cursor.execute(f"delete from {table}")


def test_the_command_counts_then_asks_for_a_ground(
    person: UUID, origin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--subject", str(person), "--word", ADDRESS)
    call_command("erase", *words, "--look")
    with pytest.raises(CommandError, match="fondement"):
        call_command("erase", *words)
    with pytest.raises(CommandError, match="quatre lettres"):
        call_command("erase", "--subject", str(person), "--word", "a")
    assert f"{origin} : 3 mentions" in capsys.readouterr().out

    call_command("erase", *words, "--basis", BASIS)

    assert erasing.said_of(person, words=[ADDRESS]) == []
    assert list(checking.damages(origin)) == []
