"""The guides: two printed pages each, plain words; their markup can say little and do nothing."""

from pathlib import Path

import pypdfium2
import pytest

import accedit
from accedit.domain.documents.operations import markup
from accedit.domain.documents.operations.guides import guide_pdf
from accedit.domain.documents.operations.markup import Run, blocks, runs

FOLDER = Path(accedit.__file__).parent / "interfaces/web/guides"
GUIDES = ("avocat", "expert", "partie", "traces")
JARGON = (
    *("octet", "empreinte", "serveur", "URL", "upload", "login", "SHA", "API", "token", "jeton"),
    *("roster", "mail", "notification", "alerte", "contradictoire", "sapiteur", "bordereau"),
)


def text_of(word: str) -> str:
    return (FOLDER / f"{word}.md").read_text(encoding="utf-8")


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def test_there_is_a_guide_for_each_and_one_about_what_is_recorded() -> None:
    assert tuple(sorted(path.stem for path in FOLDER.glob("*.md"))) == GUIDES


@pytest.mark.parametrize("word", GUIDES)
def test_a_guide_fills_two_printed_pages_at_most(word: str) -> None:
    pages = pages_of(guide_pdf(text_of(word), title="Guide"))

    assert len(pages) == 2
    assert "page 2 sur 2" in pages[1]


@pytest.mark.parametrize("word", GUIDES)
def test_a_guide_has_one_title_and_raises_its_voice_nowhere(word: str) -> None:
    found = blocks(text_of(word))

    assert [block.level for block in found if block.level == 1] == [1]
    assert (found[0].kind, found[0].level) == ("heading", 1)
    assert [mark for mark in ("!", "oups", "Oups") if mark in text_of(word)] == []


def test_the_party_s_guide_holds_no_word_of_the_trade_or_of_machines() -> None:
    words = text_of("partie").replace(",", " ").replace(".", " ").split()

    assert [word for word in words if word.lower().rstrip("s") in JARGON] == []


def test_a_longer_text_is_set_in_smaller_letters_until_it_fits() -> None:
    short, longer = "# T\n\nUn mot.", "# T\n\n" + "Une phrase de sept mots en tout. " * 230

    assert [len(pages_of(guide_pdf(text, title="T"))) for text in (short, longer)] == [1, 2]


def test_the_same_text_makes_the_same_guide() -> None:
    assert guide_pdf("# T\n\nMot.", title="T") == guide_pdf("# T\n\nMot.", title="T")


def test_titles_paragraphs_lists_and_tables_are_told_apart() -> None:
    found = blocks(
        "# Titre\n## Section\nUn paragraphe\nsur deux lignes.\n\n- un\n- deux\n  et demi\n\n"
        "1. premier\n2. second\n\n| a | b |\n|---|--:|\n| 1 | 2,50 € |\n| seul |\n"
    )

    assert [(block.kind, block.level) for block in found] == [
        ("heading", 1),
        ("heading", 2),
        ("text", 0),
        ("list", 0),
        ("numbers", 0),
        ("table", 0),
    ]
    assert markup.plain(found[2].runs) == "Un paragraphe sur deux lignes."
    assert [markup.plain(item) for item in found[3].items] == ["un", "deux et demi"]
    assert found[5].right == [1]
    assert [[markup.plain(cell) for cell in row] for row in found[5].rows] == [
        ["1", "2,50 €"],
        ["seul", ""],
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("un **mot** fort", [Run("un "), Run("mot", strong=True), Run(" fort")]),
        ("**tout**", [Run("tout", strong=True)]),
        ("2 ** 3 sans fin", [Run("2 ** 3 sans fin")]),
        ("<script>1</script>", [Run("<script>1</script>")]),
        ("[lien](javascript:1)", [Run("[lien](javascript:1)")]),
        ("![x](http://a.example/p.png)", [Run("![x](http://a.example/p.png)")]),
        ("", []),
    ],
)
def test_only_strong_words_mean_anything_in_a_line(text: str, wanted: list[Run]) -> None:
    assert runs(text) == wanted


@pytest.mark.parametrize(
    "text", ["", "\n\n\n", "|", "| a |", "-", "#", "****", "- \n-", "a\r\n\r\nb"]
)
def test_no_text_breaks_the_reading(text: str) -> None:
    assert isinstance(blocks(text), list)
    assert guide_pdf(text, title="T").startswith(b"%PDF")
