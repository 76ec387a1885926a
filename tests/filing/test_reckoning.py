"""Names that a room accepts or not, names that collide, piece numbers, lateness: pure."""

import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from accedit.domain.filing.reckoning import (
    BadName,
    BadNumber,
    accepted_name,
    free_name,
    is_late,
    next_number,
    number_key,
    of_name,
    read_number,
    sort_key,
)
from accedit.shared.fields import displayed, folded, suspicious

# Appendix A of the attack table. R: refused; K and M: kept byte for byte.

REFUSED = [
    "", ".", "..", " ", "...", "a/b", "/a", "a\\b", "a\x00b", "a\nb", "a\r\nX: y", "a\x1bc",
    "a\u2028b", "a\u2029b", "\x7f", "a" * 256, "\ud800", "Icon\r", "a\tb", "a\x85b",
    "../../x", "..\\..\\x", "....//", "C:\\x", "C:x", "c:/x", "\\\\srv\\share", "\\\\?\\C:",
    "file:///etc/passwd", "FILE:x", "/", "\\", ". .", " . ", "é" * 201, "..%2f..%2fx", "..%5c..%5cx",
    "%2e%2e", "%2e%2e%2fx", "x/../y", "\U0001f3f3\ufe0f" * 150,
]  # fmt: skip

KEPT = [
    "%00", "%41", "100%", "%", "-rf", "--help", "~", "$(id)", "`id`", "a;b", "a|b", "{{7*7}}", "${7*7}",
    "%s%n", "' OR 1=1--", "'; DROP TABLE x", "<svg onload=x>", "=1+1", "+1", "@x", "-1", "null",
    "undefined", "NaN", "new", "admin", "_", "*", "rapport\u202efdp.exe", "a\u200bb", "a\u00adb",
    "\u2066x\u2069", "p\u0430ye.pdf", "e" + "\u0301" * 199, "\U0001f1eb\U0001f1f7", "\ufeffa",
    "ExpertisÃ©.pdf", "d\u2019expertise.pdf", "n\u00b0 12.pdf", "\u00a0x", "CON", "con.pdf", "NUL",
    "COM1.txt", "COM\u00b9", "LPT9", "AUX ", "CLOCK$", "a?", "a<b>", 'a"b', "x.", "x ", "desktop.ini",
    ".DS_Store", "._x", "Thumbs.db", "~$x.docx", ".~lock.x#", "x.part", "x.pdf.exe", "ab:c",
    "....x", ".x", " x", "a" * 200, "é.pdf", "e\u0301.pdf",
]  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_name_that_could_be_taken_for_a_path_or_break_a_line_is_refused(name: str) -> None:
    with pytest.raises(BadName) as refusal:
        accepted_name(name)

    sentence = refusal.value.for_people()
    assert sentence.startswith("Le nom « ")
    assert sentence.isprintable()


@pytest.mark.parametrize("name", KEPT)
def test_any_other_name_is_kept_byte_for_byte(name: str) -> None:
    assert accepted_name(name) == name


@given(name=st.text(max_size=220))
@examples(max_examples=500, deadline=None, derandomize=True)
def test_an_accepted_name_is_one_line_no_path_and_unchanged(name: str) -> None:
    try:
        kept = accepted_name(name)
    except BadName:
        return
    assert kept == name
    assert not set(name) & set("/\\\x00\r\n\t\x1b\x7f\u2028\u2029")
    assert name.strip(" .")
    assert len(name.encode("utf-8")) <= 1000


# Names that are one and the same on some computer (C8, C9)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("é.pdf", "e\u0301.pdf"),
        ("A.pdf", "a.PDF"),
        ("x", "x "),
        ("x", "x."),
        ("ﬁn", "fin"),
        ("straße", "STRASSE"),
        ("Å", "A\u030a"),
        ("Å", "\u212b"),
        ("한", "\u1112\u1161\u11ab"),
        ("FACTURE.PDF", "facture.pdf"),
    ],
)
def test_these_collide(one: str, other: str) -> None:
    assert folded(one) == folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.pdf", "b.pdf"), ("a", "a-b"), ("Dupont", "Dupont-Martin"), ("a\u200bb", "ab"), ("x", " x"),
     ("é", "e"), ("раyе.pdf", "paye.pdf")],
)  # fmt: skip
def test_these_do_not(one: str, other: str) -> None:
    assert folded(one) != folded(other)


def test_a_name_that_is_taken_gets_the_first_free_rank() -> None:
    taken = {folded("plan.pdf"), folded("PLAN (2).pdf")}

    assert free_name("plan.pdf", taken=[]) == "plan.pdf"
    assert free_name("plan.pdf", taken=taken) == "plan (3).pdf"
    assert free_name("Plan.PDF", taken=taken) == "Plan (3).PDF"
    assert free_name("plan", taken={"plan"}) == "plan (2)"
    assert free_name(".profile", taken={".profile"}) == ".profile (2)"
    assert free_name("v1.0 du plan", taken={"v1.0 du plan"}) == "v1.0 du plan (2)"


@given(names=st.lists(st.sampled_from(["a.pdf", "A.PDF", "é", "e\u0301", "x" * 200]), max_size=12))
@examples(derandomize=True, deadline=None)
def test_names_given_one_after_the_other_never_collide(names: list[str]) -> None:
    taken: set[str] = set()
    for name in names:
        shown = free_name(name, taken=taken)
        assert folded(shown) not in taken
        assert len(shown) <= 210
        taken.add(folded(shown))

    assert len(taken) == len(names)


def test_ten_thousand_names_alike_are_refused_in_words_and_not_for_ever() -> None:
    taken = {"a"} | {f"a ({rank})" for rank in range(2, 10_000)}

    with pytest.raises(BadName):
        free_name("a", taken=taken)


# How a name is shown (C10, C11)


def test_directions_and_invisible_characters_are_written_out() -> None:
    assert displayed("rapport\u202efdp.exe") == "rapport[U+202E]fdp.exe"
    assert displayed("a\u200bb\u00adc\ufeff") == "a[U+200B]b[U+00AD]c[U+FEFF]"
    assert displayed("été n° 12.pdf") == "été n° 12.pdf"


@pytest.mark.parametrize("name", ["p\u0430ye.pdf", "rapport\u202efdp.exe", "a\u200bb", "Ρlan.pdf"])
def test_a_deceiving_name_deserves_a_warning(name: str) -> None:
    assert suspicious(name)


@pytest.mark.parametrize(
    "name", ["paye.pdf", "Décompte général n° 2.pdf", "отчёт.pdf", "Œuvre.pdf"]
)
def test_an_honest_name_does_not(name: str) -> None:
    assert not suspicious(name)


@given(text=st.text(max_size=60))
@examples(derandomize=True, deadline=None)
def test_what_is_shown_hides_nothing(text: str) -> None:
    shown = displayed(text)

    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in shown)
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff")


# French order


def test_names_are_sorted_as_in_a_french_index_and_by_number() -> None:
    names = ["plan 10", "Plan 2", "Éboulis", "eau", "zone", "œuvre", "école", "obus", "Été"]

    assert sorted(names, key=sort_key) == [
        "eau",
        "Éboulis",
        "école",
        "Été",
        "obus",
        "œuvre",
        "Plan 2",
        "plan 10",
        "zone",
    ]


@given(name=st.text(max_size=200))
@examples(derandomize=True, deadline=None)
def test_the_key_of_the_order_fits_its_column(name: str) -> None:
    assert len(sort_key(name)) <= 620


# Numbers of pieces, as a bordereau writes them


@pytest.mark.parametrize(
    ("given_as", "read"),
    [
        ("4", "4"),
        (" 4 ", "4"),
        ("004", "4"),
        ("12 bis", "12 bis"),
        ("12\u00a0bis", "12 bis"),
        ("12   ter", "12 ter"),
        ("7 A", "7 A"),
        ("99999", "99999"),
    ],
)
def test_a_number_is_read_as_lawyers_write_it(given_as: str, read: str) -> None:
    assert read_number(given_as) == read


@pytest.mark.parametrize(
    "given_as",
    [
        "0",
        "-1",
        "1.5",
        "bis",
        "12bis",
        "12 BIS",
        "12 bis ter",
        "A",
        "100000",
        "",
        "1e3",
        "4;",
        "٤",
        "1 é",
    ],
)
def test_what_is_no_number_is_refused(given_as: str) -> None:
    with pytest.raises(BadNumber):
        read_number(given_as)


def test_the_next_number_follows_the_greatest_and_fills_no_gap() -> None:
    assert next_number([]) == "1"
    assert next_number(["1", "2", "7"]) == "8"
    assert next_number(["12", "12 bis", "3"]) == "13"


def test_numbers_are_ordered_as_they_are_read() -> None:
    wanted = ["1", "2", "12", "12 bis", "12 ter", "12 quater", "12 A", "12 Z", "13", "100"]

    assert sorted(set(wanted), key=number_key) == wanted


@given(
    digits=st.integers(1, 99999), rank=st.sampled_from(["", " bis", " ter", " octies", " A", " Z"])
)
@examples(derandomize=True)
def test_every_number_that_is_read_has_a_rank_of_its_own(digits: int, rank: str) -> None:
    number = read_number(f"{digits}{rank}")

    assert digits * 100 <= number_key(number) < (digits + 1) * 100


# Lateness (B9)

DUE = datetime(2026, 9, 30, 22, 0, tzinfo=UTC)  # midnight in Paris


@pytest.mark.parametrize(("seconds", "late"), [(-1, False), (0, True), (1, True)])
def test_late_from_the_very_instant_of_the_limit(seconds: int, late: bool) -> None:
    assert is_late(received_from=DUE + timedelta(seconds=seconds), due_at=DUE) is late


def late(*, first: int, last: int, confirmed: int) -> bool:
    """In minutes around the limit: first byte, last byte, and when the basket was deposited."""
    return is_late(
        received_from=DUE + timedelta(minutes=first),
        received_at=DUE + timedelta(minutes=last),
        confirmed_at=DUE + timedelta(minutes=confirmed),
        due_at=DUE,
    )


def test_a_basket_is_judged_on_when_it_is_deposited() -> None:
    """A file parked before the limit and deposited after it is late: one could read the others."""
    assert late(first=-60, last=-59, confirmed=-1) is False
    assert late(first=-60, last=-59, confirmed=0) is True
    assert late(first=-60, last=-59, confirmed=600) is True
    assert late(first=1, last=2, confirmed=3) is True


def test_a_file_on_its_way_when_the_limit_passes_is_in_time_if_deposited_soon() -> None:
    assert late(first=-5, last=40, confirmed=60) is False
    assert late(first=-5, last=40, confirmed=71) is True
    assert late(first=-5, last=0, confirmed=30) is False


def test_nothing_is_late_without_a_limit() -> None:
    assert is_late(received_from=DUE, due_at=None) is False


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("M. Dubosc", "de M. Dubosc"),
        ("Mme Odile Ferrand", "de Mme Odile Ferrand"),
        ("Axa", "d'Axa"),
        ("Éléonore Petit", "d'Éléonore Petit"),
        ("Œuvres du Perche", "d'Œuvres du Perche"),
        ("Yves Roy", "d'Yves Roy"),
        ("Yannick Roy", "de Yannick Roy"),
        ("Hélène Petit", "de Hélène Petit"),  # no dictionary here
        ("Menuiserie Fauvel", "de Menuiserie Fauvel"),
        ("Cabinet Aubry", "du Cabinet Aubry"),
        ("SYNDICAT DES COPROPRIÉTAIRES", "du SYNDICAT DES COPROPRIÉTAIRES"),
        ("SARL Bâti Ouest", "de la SARL Bâti Ouest"),
        ("S.C.I. des Lilas", "de la S.C.I. des Lilas"),
        ("SAS Toitures du Nord", "de la SAS Toitures du Nord"),
        ("Scop Martin", "de Scop Martin"),
        ("Société Toitures du Nord", "de la Société Toitures du Nord"),
        ("Mutuelle des Pins", "de la Mutuelle des Pins"),
        ("Commune de Valmont", "de la Commune de Valmont"),
        ("Ville d'Évreux", "de la Ville d'Évreux"),
        ("Association Lumière", "de l'Association Lumière"),
        ("EURL Morel", "de l'EURL Morel"),
        ("Établissements Morel", "des Établissements Morel"),
        ("Etablissements Morel", "des Etablissements Morel"),
        ("Ets Morel", "des Ets Morel"),
        ("Sociétal", "de Sociétal"),
        ("", "de "),
    ],
)
def test_whose_box_it_is_is_said_in_french(name: str, said: str) -> None:
    assert of_name(name) == said
