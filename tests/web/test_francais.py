"""How a page writes an hour, a size, a plural."""

from datetime import UTC, date, datetime

import pytest

from accedit.interfaces.web.templatetags import francais

MOMENT = datetime(2026, 11, 16, 13, 5, tzinfo=UTC)
SUMMER = datetime(2026, 7, 31, 22, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "full"),
    [
        (MOMENT, "lundi 16 novembre 2026, 14 h 05"),
        (SUMMER, "samedi 1er août 2026, 0 h 30"),
        (date(2026, 2, 28), "samedi 28 février 2026"),
        (None, ""),
    ],
)
def test_a_moment_in_full_is_in_paris(moment: datetime | date | None, full: str) -> None:
    assert francais.date_pleine(moment).replace("\u00a0", " ") == full


def test_a_moment_in_short() -> None:
    assert francais.date_courte(SUMMER) == "01/08/2026"
    assert francais.heure(MOMENT) == "14\u00a0h\u00a005"


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (0, "0 octet"),
        (1, "1 octet"),
        (999, "999 octets"),
        (1_000, "1 Ko"),
        (2_449_999, "2,4 Mo"),
        (12_500_000, "12 Mo"),
        (999_600, "1 Mo"),
        (53_687_091_200, "54 Go"),
        (3 * 10**15, "3000 To"),
    ],
)
def test_a_size_is_read_at_a_glance(size: int, words: str) -> None:
    assert francais.octets(size) == words.replace(" ", "\u00a0")


@pytest.mark.parametrize(("count", "word"), [(0, "pièce"), (1, "pièce"), (2, "pièces")])
def test_nothing_and_one_are_singular(count: int, word: str) -> None:
    assert f"pièce{francais.pluriel(count)}" == word


def test_a_plural_may_have_two_endings_and_count_a_list() -> None:
    assert f"journ{francais.pluriel([1, 2], 'al,aux')}" == "journaux"
    assert f"journ{francais.pluriel([1], 'al,aux')}" == "journal"


def test_a_name_shows_what_it_hides() -> None:
    assert francais.nom_affiche("facture\u202efdp.exe") == "facture[U+202E]fdp.exe"


def test_punctuation_stays_on_its_line() -> None:
    text = francais.insecables("« Demander » : un code ? 25 %")

    assert text == "«\u00a0Demander\u00a0»\u00a0: un code\u00a0? 25\u00a0%"
