"""A name in a header: it cannot end it, nor give the file another name (C10, C18)."""

from email.message import Message
from urllib.parse import unquote

import pytest

from accedit.serving.inert import attachment

NAMES = {
    "constat.pdf": "constat.pdf",
    "d\u2019expertise n\u00b0 12.pdf": "d\u2019expertise n\u00b0 12.pdf",
    'x";filename=y.exe': 'x";filename=y.exe',
    "x;filename=y.exe": "x;filename=y.exe",
    "100%41.pdf": "100%41.pdf",
    "a'b*c(d).pdf": "a'b*c(d).pdf",
    "rapport\u202efdp.exe": "rapport[U+202E]fdp.exe",
    "a\u200bb": "a[U+200B]b",
    "x\r\nSet-Cookie: a": "x[U+000D][U+000A]Set-Cookie: a",
    "\U0001f1eb\U0001f1f7": "\U0001f1eb\U0001f1f7",
}


@pytest.mark.parametrize(("name", "read"), NAMES.items(), ids=ascii)
def test_the_name_is_read_back(name: str, read: str) -> None:
    header = attachment(name)

    message = Message()
    message["Content-Disposition"] = header
    assert header.isascii()
    assert header.isprintable()
    assert message.get_content_disposition() == "attachment"
    assert header.partition("filename*=UTF-8''")[2].isprintable()
    assert read_back(header) == read


def read_back(header: str) -> str:
    """The extended name, by RFC 8187: what follows the last `''`, percent-decoded."""
    fields = [part.strip() for part in header.split(";")]
    assert [field.partition("=")[0] for field in fields] == ["attachment", "filename", "filename*"]
    return unquote(fields[2].removeprefix("filename*=UTF-8''"), errors="strict")
