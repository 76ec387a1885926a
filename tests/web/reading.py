"""How a test reads a page: its words as a person sees them, and what two pages have in common."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

TAG = re.compile(r"<(script|style|datalist)\b.*?</\1>|<[^>]+>", re.DOTALL)
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="[^"]+"|"X-CSRFToken": "[^"]+"')


def words(answer: object) -> str:
    """The words of the page between its band and its foot, with single spaces."""
    content = getattr(answer, "content", b"").decode()
    main = content.partition("<main")[2].partition("</main>")[0]
    text = html.unescape(TAG.sub(" ", "<main" + main))
    return re.sub(r" +([.,)])", r"\1", " ".join(text.split()))


def links(answer: object) -> list[str]:
    return re.findall(r'href="([^"]+)"', getattr(answer, "content", b"").decode())


def assert_unknown(
    client: Client, path: str, *, of: UUID, post: dict[str, str] | None = None
) -> None:
    """`path` answers as if what it names did not exist: byte for byte, once the token of the
    forms and the id itself are masked."""
    other = uuid4()
    method = client.get if post is None else client.post
    asked = method(path, post or {})
    unknown = method(path.replace(str(of), str(other)), post or {})

    assert asked.status_code == unknown.status_code == 404
    assert _plain(asked.content, of) == _plain(unknown.content, other)


def _plain(content: bytes, id_: UUID) -> str:
    return TOKEN.sub("", content.decode()).replace(str(id_), "ID")


@contextmanager
def counted() -> Iterator[CaptureQueriesContext]:
    with CaptureQueriesContext(connection) as queries:
        yield queries
