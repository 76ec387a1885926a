"""Rows J: words that cost too much, secrets, statements and objects made of what was sent."""

import ast
import importlib
import pkgutil
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeGuard

import pytest

import accedit
import accedit_ledger

ROOT = Path(__file__).parents[2]
AnyPattern = re.Pattern[str] | re.Pattern[bytes]
LONG = 300
HOSTILE = ["a", "0", " ", "\n", "-", ".", "/", "aB", "a@", "://", "%2e", "=?", "\u0301", "é", "\0"]


def patterns() -> Iterator[tuple[str, "AnyPattern"]]:
    """Every expression of ours that stands in a module, by the name it has there."""
    for house in (accedit, accedit_ledger):
        for found in pkgutil.walk_packages(house.__path__, f"{house.__name__}."):
            if found.name.endswith(("__main__", ".prod", ".dev")) or ".migrations" in found.name:
                continue
            for name, value in vars(importlib.import_module(found.name)).items():
                kept = value.values() if isinstance(value, dict) else [value]
                for one in kept:
                    if isinstance(one, re.Pattern):
                        yield f"{found.name}.{name}", one


def looked_for() -> set[str]:
    """The names of expressions that are searched in a text, rather than held against it whole."""
    asked = re.compile(r"\b(\w+)\.(?:search|finditer|findall|sub|split)\(")
    files = [
        file
        for house in ("accedit", "accedit_ledger")
        for file in (ROOT / "src" / house).rglob("*.py")
    ]
    return {name for file in files for name in asked.findall(file.read_text(encoding="utf-8"))}


def seconds(pattern: AnyPattern, unit: str, *, count: int, searched: bool) -> float:
    """Processor time of asking, in the ways in which the code asks."""
    text = unit * count + "\uffff!"
    asked: Any = text.encode() if isinstance(pattern.pattern, bytes) else text
    began = time.process_time()
    pattern.fullmatch(asked)
    pattern.match(asked)
    if searched:
        pattern.search(asked)
    return time.process_time() - began


def grows_too_fast(pattern: AnyPattern, *, searched: bool = True) -> str | None:
    """The text with which twice the length costs far more than twice, once it costs anything."""
    for unit in HOSTILE:
        once, twice = (seconds(pattern, unit, count=n, searched=searched) for n in (LONG, 2 * LONG))
        if twice > 0.05 and twice > 3.5 * once:
            return unit
    return None


@pytest.mark.attack("J4", "pages")
@pytest.mark.attack("J4", "rest")
def test_j4_no_expression_of_ours_costs_more_than_its_text() -> None:
    found, searched = dict(patterns()), looked_for()
    slow = {
        name: unit
        for name, one in found.items()
        if (unit := grows_too_fast(one, searched=name.rpartition(".")[2] in searched))
    }

    assert len(found) > 15
    assert slow == {}


def test_an_expression_that_explodes_would_be_seen() -> None:
    assert grows_too_fast(re.compile(r"a*a*a*;")) == "a"


SECRETS = re.compile(
    rb"-----BEGIN (?:RSA |EC |OPENSSH )?PRIVATE KEY-----"
    rb"|\bacc_[A-Za-z0-9_-]{43}\b|\bAKIA[0-9A-Z]{16}\b|\bghp_[A-Za-z0-9]{36}\b"
    rb"|PRIVATE\+KEY\+[^\s\"'{}]{20,}"
)


@pytest.mark.attack("J6", "pages")
@pytest.mark.attack("J6", "rest")
def test_j6_no_secret_lies_in_the_repository() -> None:
    """Debugging that refuses to start is in tests/machine/test_safety.py."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = [name for name in listed.stdout.decode().split("\0") if name]
    if not names:
        pytest.skip("no repository here")
    files = [ROOT / name for name in names if (ROOT / name).is_file()]

    assert [str(file) for file in files if SECRETS.search(file.read_bytes())] == []


def test_a_secret_in_a_file_would_be_seen() -> None:
    token = b"acc_" + b"x" * 43

    assert SECRETS.search(b"key = '" + token + b"'")


TO_THE_DATABASE = {"execute", "executemany", "raw", "extra", "RawSQL"}
PASSED_ON = {"statement", "query"}  # the first argument of a function: its callers are looked at


def passes_on(node: ast.AST) -> TypeGuard[ast.FunctionDef]:
    return (
        isinstance(node, ast.FunctionDef)
        and bool(node.args.args)
        and node.args.args[0].arg in PASSED_ON
    )


def statements() -> Iterator[tuple[str, int, ast.expr]]:
    """What is handed to the database as a statement, wherever it is written in words."""
    for path in (ROOT / "src" / "accedit").rglob("*.py"):
        if "migrations" in path.parts or "machine" in path.parts:
            continue  # run by the owner of the tables, without anything that anybody sent
        tree = ast.parse(path.read_text(encoding="utf-8"))
        passed_on = {f.name for f in ast.walk(tree) if passes_on(f)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else ""
                name = called.id if isinstance(called, ast.Name) else name
                given = isinstance(node.args[0], ast.Name) and node.args[0].id in PASSED_ON
                if name in passed_on or (name in TO_THE_DATABASE and not given):
                    yield str(path.relative_to(ROOT)), node.lineno, node.args[0]


def made_of_words(node: ast.expr) -> bool:
    """A text that stands in the code, or constants in capitals: nothing else is put into it."""
    if isinstance(node, ast.JoinedStr):
        parts = [one.value if isinstance(one, ast.FormattedValue) else one for one in node.values]
        return all(made_of_words(one) for one in parts)
    if isinstance(node, ast.Attribute):
        return node.attr.isupper()
    fixed = isinstance(node, ast.Constant) and isinstance(node.value, str)
    return fixed or (isinstance(node, ast.Name) and node.id.isupper())


@pytest.mark.attack("J8", "rest")
def test_j8_a_statement_in_words_is_never_put_together() -> None:
    found = list(statements())

    assert found != []
    assert [(path, line) for path, line, text in found if not made_of_words(text)] == []


def test_a_statement_put_together_would_be_seen() -> None:
    joined = ast.parse("f'select {x}'", mode="eval").body

    assert not made_of_words(joined)
