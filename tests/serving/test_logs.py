"""The technical log: one record, one line, and nothing that belongs to a case (J10)."""

import json
import logging
import sys

import pytest

from accedit.serving import logs


def line_of(message: str, *args: object, **extra: object) -> str:
    record = logging.LogRecord("accedit", logging.WARNING, __file__, 1, message, args, None)
    record.__dict__.update(extra)
    return logs.JsonFormatter().format(record)


@pytest.mark.parametrize(
    "hostile",
    [
        'x\n{"level": "info", "message": "forged"}',
        "x\r\nforged",
        "x\x1b[2K",
        "x\x85forged",
        "x\u2028forged",
        "x\u2029forged",
        "x\x00forged",
        "x\u202eforged",
        "\ud800",
    ],
)
def test_whatever_is_written_is_one_line_of_plain_ascii(hostile: str) -> None:
    line = line_of("said %s", hostile)

    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line)["message"] == f"said {hostile}"


@pytest.mark.parametrize(
    "secret",
    [
        "Authorization: Bearer abcDEF123",
        "token=abcDEF123",
        "/invitation?code=abcDEF123",
        "avocat@cabinet.example",
        "Kx8-3jfLw02mVnQpRsTuVwXyZ0123456789abcd_",
        "constat-dupont.pdf",
        "Photo_Martin.JPG",
    ],
)
def test_secrets_addresses_and_names_of_files_are_struck_out(secret: str) -> None:
    message = json.loads(line_of("before %s after", secret))["message"]

    for part in ("abcDEF123", "avocat@", "Kx8-3", "dupont", "Martin"):
        assert part not in message
    assert message.startswith("before ")
    assert message.endswith(" after")


def test_the_id_of_a_case_stays_readable() -> None:
    path = "/dossiers/0f8fad5b-d9cb-469f-a165-70867728950e"

    assert json.loads(line_of("answered", path=path))["path"] == path


def test_of_an_exception_the_kind_and_place_are_kept_and_the_message_is_not() -> None:
    try:
        raise ValueError("the name of Mme Dupont")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "bug", (), sys.exc_info())

    line = logs.JsonFormatter().format(record)

    assert json.loads(line)["error"] == "ValueError"
    assert json.loads(line)["where"][0].startswith("test_logs.py:")
    assert "Dupont" not in line


def test_the_number_of_the_request_is_on_its_lines() -> None:
    token = logs.request_id.set("1f2e3d4c5b")

    line = json.loads(line_of("x"))
    logs.request_id.reset(token)

    assert line["request"] == "1f2e3d4c5b"
    assert "request" not in json.loads(line_of("x"))


def test_an_endless_line_is_cut() -> None:
    assert json.loads(line_of("a" * 1_000_000))["message"] == "…"
    assert len(line_of("a.b@ " * 1_000_000)) < 20_000
