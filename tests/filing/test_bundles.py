"""The list that goes with a folder downloaded whole."""

from uuid import uuid4

from accedit.domain.filing.queries.bundles import Member
from tests.cast import NOON


def test_the_list_shows_names_as_pages_do() -> None:
    """A mark that turns the line about would show « fdp.exe » as « exe.pdf » in a spreadsheet."""
    one = Member(
        node_id=uuid4(),
        blob_id=uuid4(),
        path="x.pdf",
        name="rapport\u202efdp.exe",
        number="1",
        title="a\u200bb",
        side="=demandeur",
        received_at=NOON,
        size=1,
        sha256="0" * 64,
        withdrawn=False,
        space=None,
    )

    assert one.row()[:5] == ["x.pdf", "rapport[U+202E]fdp.exe", "1", "a[U+200B]b", "'=demandeur"]
