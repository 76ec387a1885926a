"""One range out of a file, as RFC 9110 section 14 reads it."""

import pytest

from accedit.serving.ranges import NoSuchRange, Span, wanted


@pytest.mark.parametrize(
    ("header", "span"),
    [
        ("", None),
        ("bytes=0-0", Span(0, 1)),
        ("bytes=0-99", Span(0, 100)),
        ("bytes=0-", Span(0, 100)),
        ("bytes=10-19", Span(10, 10)),
        ("bytes=90-200", Span(90, 10)),
        ("bytes=99-", Span(99, 1)),
        ("bytes=-1", Span(99, 1)),
        ("bytes=-100", Span(0, 100)),
        ("bytes=-200", Span(0, 100)),
        ("Bytes = 5-6", Span(5, 2)),
        ("bytes=0-99999999999999999999", Span(0, 100)),
        ("bytes=0-1,5-6", None),
        ("bytes=0-0,0-0,0-0", None),
        ("pages=1-2", None),
    ],
)
def test_what_is_asked_of_a_hundred_bytes(header: str, span: Span | None) -> None:
    assert wanted(header, size=100) == span


@pytest.mark.parametrize(
    "header",
    ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=9-8", "bytes=-", "bytes=", "bytes=a-b",
     "bytes=1", "bytes=1-2-3", "bytes=--1", "bytes=0x1-2", "bytes=" + "9" * 31 + "-"],
)  # fmt: skip
def test_what_is_not_there_or_not_readable_is_refused(header: str) -> None:
    with pytest.raises(NoSuchRange):
        wanted(header, size=100)


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_an_empty_file_has_no_range(header: str) -> None:
    with pytest.raises(NoSuchRange):
        wanted(header, size=0)
