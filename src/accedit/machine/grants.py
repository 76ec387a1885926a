"""What the server's role may do in the database, given by the owner after each migration.

The owner makes tables; the server never does. On what is evidence the server may
read and add, and that is all: a hole in the server is then no way to change the past
(attacks.md L21). Triggers say the same once more, whoever asks.
"""

from typing import Any

import psycopg
from psycopg import sql

ONLY_GROW = (
    "evidence_leaf",
    "evidence_treenode",
    "evidence_entry",
    "evidence_checkpoint",
    "evidence_opening",
    "evidence_innerleaf",
    "filing_deposit",
    "filing_blob",
)
ONLY_ADVANCE = ("evidence_loghead",)
ERASABLE = ("evidence_opening", "evidence_innerleaf")
ERASURE = (
    "accedit_erasure"  # made by whoever administers the server; the server's role is not of it
)
ONLY_READ = ("django_migrations",)


def apply(*, owner_url: str, app_role: str) -> None:
    """Safe to repeat; tables that do not exist yet are passed over."""
    role = sql.Identifier(app_role)
    with psycopg.connect(owner_url) as link:
        for order in (
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
            "REVOKE CREATE ON SCHEMA public FROM {role}",
            "GRANT USAGE ON SCHEMA public TO {role}",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
            "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
        ):
            link.execute(sql.SQL(order).format(role=role))
        tables = {name for (name,) in link.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )}  # fmt: skip
        for names, rights in (
            (ONLY_GROW, "UPDATE, DELETE, TRUNCATE"),
            (ONLY_ADVANCE, "DELETE, TRUNCATE"),
            (ONLY_READ, "INSERT, UPDATE, DELETE, TRUNCATE"),
        ):
            for name in tables.intersection(names):
                order = f"REVOKE {rights} ON {{table}} FROM {{role}}"
                link.execute(sql.SQL(order).format(table=sql.Identifier(name), role=role))
        _let_erase(link, tables)


def _let_erase(link: psycopg.Connection[Any], tables: set[str]) -> None:
    """The role that erases deletes openings and lines of lists, and reads just these."""
    if link.execute("SELECT FROM pg_roles WHERE rolname = %s", [ERASURE]).fetchone() is None:
        return
    role = sql.Identifier(ERASURE)
    for order in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}",
        "GRANT USAGE ON SCHEMA public TO {role}",
    ):
        link.execute(sql.SQL(order).format(role=role))
    for name in tables.intersection(ERASABLE):
        link.execute(
            sql.SQL("GRANT SELECT, DELETE ON {table} TO {role}").format(
                table=sql.Identifier(name), role=role
            )
        )
