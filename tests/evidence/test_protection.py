"""Row L21: nobody changes the past, neither the server's role nor the owner of the tables.

The server's role has no right to. The owner has, and meets the triggers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from django.db import ProgrammingError, connection, transaction
from psycopg import errors

from accedit.domain.evidence.operations.signatures import sign_head
from accedit.machine import grants
from accedit.machine.postgres import APP
from tests import cast

FACTS = [
    "evidence_leaf",
    "evidence_treenode",
    "evidence_entry",
    "evidence_checkpoint",
    "evidence_opening",
    "evidence_innerleaf",
    "filing_deposit",
    "filing_blob",
]
TABLES = [*FACTS, "evidence_loghead"]
COLUMN = {"filing_deposit": "number", "filing_blob": "sha256", "evidence_loghead": "origin"}


@dataclass(frozen=True)
class Server:
    """The server's own role on the test database."""

    link: "psycopg.Connection[tuple[object, ...]]"

    def refused(self, order: str) -> bool:
        try:
            with self.link.transaction(force_rollback=True):
                self.link.execute(order.encode())
        except errors.InsufficientPrivilege:
            return True
        return False


@pytest.fixture(scope="module")
def server(committed: None) -> Iterator[Server]:
    state = connection.settings_dict
    place = f"/{state['NAME']}?host={state['HOST']}"
    grants.apply(owner_url=f"postgresql://{state['USER']}@{place}", app_role=APP)
    with psycopg.connect(f"postgresql://{APP}@{place}", autocommit=True) as link:
        yield Server(link)


@pytest.fixture(scope="module")
def origin(committed: None) -> str:
    """A log with something in each table."""
    g = cast.gymnase()
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    sign_head(piece.log_origin)
    return piece.log_origin


@pytest.mark.parametrize("table", FACTS)
@pytest.mark.parametrize(
    "order",
    [
        "update {table} set {column} = {column}",
        "delete from {table}",
        "delete from {table} where false",
        "truncate {table}",
        "truncate {table} cascade",
        "drop table {table}",
        "drop table {table} cascade",
        "alter table {table} disable trigger all",
        "alter table {table} disable trigger user",
        "alter table {table} add column x int",
        "create rule r as on insert to {table} do instead nothing",
        "create trigger t before insert on {table} for each row execute function evidence_only_grows()",
    ],
)
def test_the_server_s_role_changes_nothing_of_the_past(
    server: Server, origin: str, table: str, order: str
) -> None:
    assert server.refused(order.format(table=table, column=COLUMN.get(table, "log_id")))


@pytest.mark.parametrize(
    "order",
    [
        "delete from evidence_loghead",
        "truncate evidence_loghead cascade",
        "drop table evidence_loghead cascade",
        "update evidence_loghead set size = size - 1",
        "update evidence_loghead set size = 0, frontier = ''",
        "update evidence_loghead set origin = origin || 'x'",
        "set session_replication_role = replica",
        "set role accedit_owner",
        "create or replace function evidence_only_grows() returns trigger language plpgsql as"
        " 'begin return old; end'",
        "drop function evidence_only_grows() cascade",
        "create table public.x (i int)",
        "drop schema public cascade",
        "delete from django_migrations",
    ],
)
def test_the_server_s_role_has_no_way_round(server: Server, origin: str, order: str) -> None:
    assert server.refused(order)


@pytest.mark.parametrize("table", FACTS)
def test_the_server_s_role_reads(server: Server, origin: str, table: str) -> None:
    assert not server.refused(f"select * from {table} limit 1")


def test_the_server_s_role_adds_and_advances(server: Server, origin: str) -> None:
    """What it must do, it can: otherwise the refusals above would prove nothing."""
    assert not server.refused(
        "insert into evidence_leaf (log_id, index, data)"
        f" select id, size, 'x' from evidence_loghead where origin = '{origin}'"
    )
    assert not server.refused(
        f"update evidence_loghead set size = size + 1 where origin = '{origin}'"
    )


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "order",
    ["update {table} set {column} = {value}", "delete from {table}", "truncate {table} cascade"],
)
def test_the_owner_of_the_tables_meets_the_triggers(origin: str, table: str, order: str) -> None:
    column = COLUMN.get(table, "log_id")
    value = "origin || 'x'" if table == "evidence_loghead" else column
    said = order.format(table=table, column=column, value=value)

    with (
        pytest.raises(ProgrammingError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(said)

    assert isinstance(refusal.value.__cause__, errors.InsufficientPrivilege)


def test_the_head_of_a_log_does_not_go_back_even_for_the_owner(origin: str) -> None:
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("update evidence_loghead set size = size - 1 where origin = %s", [origin])


def test_only_the_role_that_erases_deletes_openings(origin: str) -> None:
    """Made by whoever runs the platform, it deletes openings and the lines of lists, no leaf."""
    state = connection.settings_dict
    role = "accedit_erasure"
    with (
        psycopg.connect(f"postgresql://postgres@/{state['NAME']}?host={state['HOST']}") as link,
        link.transaction(force_rollback=True),
    ):
        if link.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is None:
            link.execute(f"create role {role}")
        link.execute(f"grant select, delete on all tables in schema public to {role}")
        link.execute(f"set local role {role}")
        log_id = link.execute(
            "select id from evidence_loghead where origin = %s", [origin]
        ).fetchone()
        assert log_id is not None
        erased = [
            link.execute(f"delete from {table} where log_id = %s", log_id).rowcount
            for table in ("evidence_opening", "evidence_innerleaf")
        ]
        with pytest.raises(errors.InsufficientPrivilege):
            link.execute("delete from evidence_leaf where log_id = %s", log_id)

    assert all(erased)
