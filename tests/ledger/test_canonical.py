"""RFC 8785, compared with the package rfc8785."""

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as some

from accedit_ledger.canonical import JSON, canonical, parse_canonical

texts = some.text(some.characters(codec="utf-8"))
values = some.recursive(
    some.none() | some.booleans() | some.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, derandomize=True)
@given(values)
def test_the_bytes_are_those_of_another_writer_and_read_back(value: JSON) -> None:
    data = canonical(value)

    assert data == rfc8785.dumps(value)
    assert parse_canonical(data) == value


def test_members_are_sorted_by_utf_16_as_the_rfc_shows() -> None:
    value: JSON = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\xf6": 7}

    assert [line[:1] for line in canonical(value).decode().split('"')[1::2]] == [
        *("\\", "1", "\x80", "\xf6", "\u20ac", "\U0001f600", "\ufb33")
    ]


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), 2**53, -(2**53), "\ud800", {"\udc00": 1}, {1: 2}, b"x", {1, 2}]
)
def test_what_two_writers_could_write_differently_has_no_form(value: JSON) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical(value)


@pytest.mark.parametrize(
    "text",
    [
        *('{"a":1,"a":1}', '{"a":1,"a":2}', '{"b":1,"a":2}', '{ "a":1}', '{"a":1} ', "\ufeff1"),
        *("1.0", "1e0", "-0", "01", "+1", "NaN", "Infinity", "9007199254740992", "9" * 5000),
        *(r'"\u0041"', r'"\/"', r'"\ud800"', '"\x7f\n"', "'a'", "", "[1,]", "true false"),
        *("[" * 40 + "]" * 40, "[" * 100_000, '{"a":' * 100_000),
    ],
)
def test_a_second_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_canonical(text.encode())


def test_bytes_that_are_not_utf_8_are_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_canonical(b'"\xff"')
