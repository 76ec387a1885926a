"""Letters, sheets and guides on paper: what people typed stays text, and everything is there."""

from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest

from accedit.domain.alerts.operations.notices import LETTER
from accedit.domain.cases.models import Case
from accedit.domain.documents.operations import typesetting
from accedit.domain.documents.operations.letters import blocks, letter_pdf
from accedit.domain.documents.operations.sheets import attestation_pdf, recovery_sheet
from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing.enums import Means
from accedit.domain.filing.models import Room
from accedit.domain.filing.operations.deposits import Behalf
from accedit.domain.people.models import Space, User
from accedit.domain.people.operations.invitations import LETTER as INVITATION
from accedit.domain.post.models import Letter
from accedit.shared.refusals import PARIS
from accedit_ledger.note import VerifierKey
from tests import cast

AT = datetime(2026, 11, 16, 13, 5, 7, tzinfo=UTC)
PLANTED = (
    *('#import "house.typ": *', "#panic()", "{{7*7}}", "${7*7}", "\\input{/etc/passwd}"),
    *("*gras* _x_ $x^2$", "<link href=file:///etc/passwd>", "= Titre", "@ref", "[a](b)"),
)


def case(*, title: str = "Gymnase, parquet déformé") -> Case:
    expert = User(name="Anne Vasseur", title="Expert près la cour d'appel de Paris")
    space = Space(expert=expert, address="8, passage des Épinettes\n75000 Paris", phone="01 99")
    return Case(room=Room(title=title, reference="2026-14", space=space, owner=expert), colour=3)


def letter(body: str = "Madame, Monsieur,\n\nBonjour.", **words: str) -> Letter:
    facts = {
        "to_name": "SARL du Vexin",
        "subject": "1 pièce déposée",
        "address": "12 rue A\n95000 B",
    }
    return Letter(body=body, created_at=AT, **(facts | words))


def text_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [
            page.get_textpage().get_text_range().replace("\r\n", "\n").replace("\xa0", " ")
            for page in document
        ]
    finally:
        document.close()


def place_of(pdf: bytes, words: str) -> tuple[float, float]:
    """In millimetres from the left and the top of the first page, where `words` begin."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page = document[0]
        text = page.get_textpage()
        found = text.search(words).get_next()
        assert found is not None
        left, _, _, top = text.get_charbox(found[0])
        return left / 72 * 25.4, (page.get_height() - top) / 72 * 25.4
    finally:
        document.close()


def avis(*, names: str = "") -> str:
    return LETTER.format(
        who="Me Aubry (Cabinet Aubry)",
        pieces="2 pièces",
        side="demandeur",
        behalf="",
        when=AT.astimezone(PARIS),
        late="",
        enclosed=names,
        reference="2026-14",
        title="Gymnase, parquet déformé",
        checkpoint="localhost/e/1/acts\n12\nabcdefghijkl=",
    )


@pytest.mark.attack("D16", "pages", "rest")
@pytest.mark.parametrize("planted", PLANTED)
def test_what_was_typed_stays_text_wherever_it_stands(planted: str) -> None:
    pdf = letter_pdf(
        letter(
            f"Madame, Monsieur,\n\n{planted}\n\n    {planted}\n",
            to_name=planted,
            subject=planted,
            address=planted,
        ),
        case=case(title=planted),
    )

    assert "\n".join(text_of(pdf)).count(planted) == 7


@pytest.mark.parametrize("planted", PLANTED)
def test_a_name_on_the_recovery_sheet_stays_text(planted: str) -> None:
    assert planted in text_of(recovery_sheet(planted, codes=["12345678"], at=AT))[0]


@pytest.mark.parametrize(
    "address",
    [
        "12 rue A\n95000 Fin",
        "12 rue A\nBât. B\nZone C\nLieu-dit D\n95000 Fin",
        "A\nB\nC\nD\nE\nF\n95000 Fin",
    ],
)
def test_the_address_stands_in_the_window_of_the_envelope(address: str) -> None:
    pdf = letter_pdf(letter(address=address), case=case())

    first, last = place_of(pdf, "SARL du Vexin"), place_of(pdf, "95000 Fin")

    assert first[0] == pytest.approx(105, abs=1)
    assert first[1] >= 55
    assert last[1] <= 79 - 3  # its own height
    assert place_of(pdf, "Objet")[1] > 99  # below the fold


def test_a_letter_says_who_writes_to_whom_when_and_about_what() -> None:
    words = " ".join(text_of(letter_pdf(letter(avis()), case=case()))[0].split())

    for said in (
        "Anne Vasseur",
        "8, passage des Épinettes",
        "SARL du Vexin",
        "Le 16 novembre 2026",
        "2026-14 — Gymnase, parquet déformé",
        "le 16/11/2026 à 14 h 05 (heure de Paris)",
        "abcdefghijkl=",
        "page 1 sur 1",
    ):
        assert said in words


def test_a_long_letter_numbers_its_pages() -> None:
    names = "".join(f"\n    Pièce n° {rank} — Photo" for rank in range(1, 90)) + "\n"

    pages = text_of(letter_pdf(letter(avis(names=names)), case=case()))

    assert ["page 1 sur 3" in pages[0], "page 3 sur 3" in pages[2]] == [True, True]


def test_the_same_letter_is_the_same_at_each_printing() -> None:
    assert letter_pdf(letter(avis()), case=case()) == letter_pdf(letter(avis()), case=case())


def test_the_lines_of_a_mail_become_the_paragraphs_of_a_letter() -> None:
    body = INVITATION.format(
        inviter="Anne Vasseur",
        about="2026-14 — Gymnase",
        page="http://localhost:8000/invitation",
        code="7GQ2-XR4M-0ABC-9Z8Y",
        until=AT,
    )

    found = blocks(body)

    assert [block["kind"] for block in found] == [
        *("text", "text", "set", "text", "code", "text", "text")
    ]
    assert found[2]["lines"] == ["2026-14 — Gymnase"]
    assert found[4]["text"] == "7GQ2-XR4M-0ABC-9Z8Y"
    assert found[5]["text"].endswith("Après cette date, demandez-en un nouveau à l'expert.")


def test_the_log_s_fingerprint_keeps_its_three_lines() -> None:
    assert blocks(avis())[-1] == {
        "kind": "log",
        "head": "Empreinte du journal, à conserver :",
        "lines": ["localhost/e/1/acts", "12", "abcdefghijkl="],
    }


def test_the_recovery_sheet_shows_each_code_in_two_groups() -> None:
    codes = [f"{rank}2345678" for rank in range(10)]

    words = text_of(recovery_sheet("M. Petit", codes=codes, at=AT))

    assert len(words) == 1
    assert [code for code in codes if f"{code[:4]} {code[4:]}" not in words[0]] == []


@pytest.mark.django_db
def test_the_attestation_says_on_one_page_what_the_log_says() -> None:
    g = cast.gymnase()
    party = g.parties["Menuiserie Fauvel"]
    behalf = Behalf(party_id=party.pk, name=party.name, means=Means.POST, received_on=AT.date())
    deposit = cast.deposited("Réponse.pdf", box=g.boxes["menuisier"], by=g.expert, behalf=behalf)[0]

    pages = text_of(attestation_pdf(deposit, case=g.case, at=AT))

    words = " ".join(pages[0].split())
    digest = deposit.blob.sha256
    assert len(pages) == 1
    for said in (
        "Tribunal judiciaire de Paris — RG 26/01234",
        "Menuiserie Fauvel, pièce remise par la poste le 16/11/2026",
        "16/11/2026 à 12 h 00 min 00 s",
        " ".join(digest[start : start + 8] for start in range(0, 64, 8)),
        f"n° {deposit.log_index} du journal des actes",
        deposit.log_origin,
        VerifierKey.parse(verifier_key()).fingerprint,
    ):
        assert said in words


def test_a_document_of_ours_is_declared_to_be_kept_and_read_aloud(tmp_path: Path) -> None:
    pdf = recovery_sheet("M. Petit", codes=["12345678"], at=AT)

    assert b"<pdfaid:part>3</pdfaid:part>" in pdf
    assert b"<pdfuaid:part>1</pdfuaid:part>" in pdf
    assert b"/Lang" in pdf


@pytest.mark.attack("D16", "pages", "rest")
def test_a_template_reads_nothing_outside_its_folder(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    for reading in ('read("../secret.txt")', 'read("/../secret.txt")', 'read("/etc/passwd")'):
        (inside / "x.typ").write_text(f"#{reading}")
        with pytest.raises(RuntimeError):
            typesetting.compiled(inside / "x.typ", root=inside, data={}, at=AT)


@pytest.mark.attack("D16", "pages", "rest")
def test_a_template_fetches_no_package(tmp_path: Path) -> None:
    (tmp_path / "x.typ").write_text('#import "@local/anything:1.0.0": *\nBonjour')

    with pytest.raises(RuntimeError, match="not found"):
        typesetting.compiled(tmp_path / "x.typ", root=tmp_path, data={}, at=AT)
