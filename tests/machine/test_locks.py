"""What a set-up installs: pinned, hashed, the same for users and for tests."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def pins(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", text, re.MULTILINE))


def test_the_tests_run_on_what_users_get() -> None:
    users, tests = (pins(name) for name in LOCKS)

    assert {name: tests.get(name) for name in users} == users
    assert {"pytest", "mypy", "ruff"} & set(users) == set()


@pytest.mark.parametrize("name", LOCKS)
def test_each_pin_has_its_hashes_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text()
    requirements = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]

    assert [one.split()[0] for one in requirements if "--hash=sha256:" not in one] == []
    assert "://" not in text


@pytest.mark.parametrize("name", ["demo", "test", "accedit"])
def test_the_newcomers_commands_can_be_run(name: str) -> None:
    assert (ROOT / "bin" / name).stat().st_mode & 0o111 == 0o111
    assert (ROOT / "bin" / name).read_text().startswith("#!/bin/sh\n")
