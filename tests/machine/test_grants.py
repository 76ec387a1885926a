"""What the server's role may do with evidence: read and add (attacks.md L21)."""

from collections.abc import Iterator

import psycopg
import pytest

from accedit.machine import grants
from accedit.machine.postgres import APP, Addresses, Cluster

REFUSED = psycopg.errors.InsufficientPrivilege
TABLES = (*grants.ONLY_GROW, *grants.ONLY_ADVANCE, *grants.ONLY_READ, "ordinary")


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    cluster = Cluster(tmp_path_factory.mktemp("grants") / "postgres", durable=False)
    addresses = cluster.ensure()
    with psycopg.connect(addresses.owner_url) as link:
        for table in TABLES:
            link.execute(f"CREATE TABLE {table} (id serial PRIMARY KEY, value text)")
            link.execute(f"INSERT INTO {table} (value) VALUES ('first')")
    grants.apply(owner_url=addresses.owner_url, app_role=APP)
    grants.apply(owner_url=addresses.owner_url, app_role=APP)
    yield addresses
    cluster.stop()


def may(addresses: Addresses, order: str) -> bool:
    with psycopg.connect(addresses.app_url) as link:
        try:
            link.execute(order)
        except REFUSED:
            return False
        finally:
            link.rollback()
    return True


ORDERS = {
    "SELECT": "SELECT * FROM {}",
    "INSERT": "INSERT INTO {} (value) VALUES ('next')",
    "UPDATE": "UPDATE {} SET value = 'changed'",
    "DELETE": "DELETE FROM {}",
    "TRUNCATE": "TRUNCATE {}",
    "DROP": "DROP TABLE {}",
    "ALTER": "ALTER TABLE {} DISABLE TRIGGER ALL",
}
READ_AND_ADD = {"SELECT", "INSERT"}


@pytest.mark.parametrize(
    ("table", "allowed"),
    [
        *((table, READ_AND_ADD) for table in grants.ONLY_GROW),
        *((table, READ_AND_ADD | {"UPDATE"}) for table in grants.ONLY_ADVANCE),
        *((table, {"SELECT"}) for table in grants.ONLY_READ),
        ("ordinary", READ_AND_ADD | {"UPDATE", "DELETE"}),
    ],
)
def test_each_table_has_its_rights(addresses: Addresses, table: str, allowed: set[str]) -> None:
    assert {
        name for name, order in ORDERS.items() if may(addresses, order.format(table))
    } == allowed


@pytest.mark.parametrize(
    "order",
    [
        "CREATE TABLE stray (id int)",
        "CREATE FUNCTION stray() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE SCHEMA stray",
        "SET ROLE accedit_owner",
        "CREATE ROLE stray",
        "SET session_replication_role = replica",
    ],
)
def test_the_servers_role_makes_nothing(addresses: Addresses, order: str) -> None:
    assert not may(addresses, order)
