"""Which of our two addresses was asked; a stranger's name is nobody's (G7)."""

import pytest

from accedit.serving.origins import Origin, Origins, is_loopback_host

REAL = Origins(base_url="https://pieces.example", content_url="https://contenu.example:8443")
DEMO = Origins(base_url="http://localhost:8000", content_url="http://127.0.0.1:8000", demo=True)


@pytest.mark.parametrize(
    ("hosts", "origin"),
    [
        (["pieces.example"], Origin.APP),
        (["PIECES.example"], Origin.APP),
        (["pieces.example:443"], Origin.APP),
        (["contenu.example:8443"], Origin.CONTENT),
        (["contenu.example"], None),
        (["pieces.example:80"], None),
        (["pieces.example."], None),
        (["pieces.example.evil.example"], None),
        (["evil.example"], None),
        (["localhost"], None),
        (["127.0.0.1:8000"], None),
        (["pieces.example", "pieces.example"], None),
        (["pieces.example, evil.example"], None),
        (["user@pieces.example"], None),
        ([""], None),
        ([], None),
    ],
)
def test_in_real_use_only_the_two_addresses_answer(hosts: list[str], origin: Origin | None) -> None:
    assert REAL.of(hosts) == origin


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8000", Origin.APP),
        ("127.0.0.1:8000", Origin.CONTENT),
        ("[::1]:8000", Origin.APP),
        ("localhost:8001", None),
        ("localhost", None),
        ("evil.example:8000", None),
    ],
)
def test_the_demo_answers_on_the_names_of_this_machine(host: str, origin: Origin | None) -> None:
    assert DEMO.of([host]) == origin


def test_one_address_for_both_is_seen() -> None:
    same = Origins(base_url="https://pieces.example", content_url="https://pieces.example:443")

    assert not same.are_apart
    assert REAL.are_apart


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost:8000", True),
        ("127.0.0.1", True),
        ("[::1]:80", True),
        ("localhost.example", False),
        ("pieces.example:8000", False),
        ("", False),
    ],
)
def test_the_names_of_this_machine(host: str, *, expected: bool) -> None:
    assert is_loopback_host(host) == expected
