"""Rows C: a name is kept to be shown and is never a path; what cannot be shown is refused, in words.

R  refused: a clear sentence, nothing stored, nothing in the basket, no entry
K  kept byte for byte, shown safely
C  kept, and taken for the same as its twin: the second gets a suffix, neither is lost
"""

from urllib.parse import unquote

import pytest

from accedit.domain.filing.models import BasketItem, Deposit
from accedit.shared.fields import displayed, suspicious
from tests.attacks.acts import BOTH, Pages, Rest, sentence
from tests.attacks.browser import browser
from tests.cast import Gymnase

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages

REFUSED = {
    "C1": ["../../x", "..\\..\\x", "%2e%2e%2f", "..%5c", "..%2f..%2fx"],
    "C2": ["/x", "C:\\x", "C:x", "\\\\srv\\share", "\\\\?\\x", "file:///x"],
    "C3": ["a\x00b", "a\nb", "a\r\nX: y", "a\tb", "a\x1bc", "a\u2028b", "\x7f", "Icon\r"],
    "C4": ["", ".", "..", " ", "...", " . "],
    "C7": ["a" * 256, "é" * 201, "n" * 300, "𝄞" * 251],
    "C18": ['x"\r\nSet-Cookie: a=b'],
}
KEPT = {
    "C1": ["....", "a%2eb.pdf", "%00.pdf"][1:],
    "C5": ["CON", "nul.txt", "COM¹", "LPT9.txt", "con.pdf", "CLOCK$"],
    "C6": ["a:b.pdf"[1:], 'a*?"<>|b', "a?", "a<b>", 'a"b'],
    "C7": ["é" * 200, "a" * 200],
    "C10": ["rapport\u202efdp.exe", "\u2066x\u2069"],
    "C11": ["a\u200bb", "a\u00adb", "p\u0430ye.pdf", "\ufeffa"],
    "C13": ["ExpertisÃ©.pdf"],
    "C14": [
        "<img src=x onerror=alert(1)>".replace("/", ""),
        "{{7*7}}",
        "${7*7}",
        "' OR 1=1--",
        "'; DROP TABLE filing_deposit",
        "%s%n",
        "=1+1",
        "+1",
        "@x",
        "@import",
        "<svg onload=x>",
        "$(id)",
        "`id`",
    ],
    "C15": [
        "x.pdf.exe",
        "x.pdf .lnk",
        "lien.url",
        "desktop.ini",
        "Thumbs.db",
        ".DS_Store",
        "._x",
        "~$x.docx",
        ".~lock.x#",
        "x.part",
    ],
    "C17": ["\U0001f1eb\U0001f1f7.pdf", "e" + "\u0301" * 190],
    "C18": ["x;filename=y.exe", 'x".pdf'],
    "C19": ["null", "undefined", "NaN", "-1", "new", "admin", "%", "_", "*", "-rf", "--help", "~"],
}
TWINS = {
    "C8": [("\u00e9.pdf", "e\u0301.pdf"), ("\u212b.pdf", "\u00c5.pdf"), ("\ufb01n.pdf", "fin.pdf")],
    "C9": [("Facture.pdf", "facture.PDF"), ("A.pdf", "a.PDF")],
}


def flat(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(row, name) for row, names in table.items() for name in names]


def counts(people: Gymnase) -> tuple[int, int]:
    room = people.case.room
    return (
        Deposit.objects.filter(box__folder__room=room).count(),
        BasketItem.objects.filter(basket__box__folder__room=room).count(),
    )


@doors
@pytest.mark.parametrize(("row", "name"), flat(REFUSED), ids=ascii)
@pytest.mark.attack("C1", "pages", "rest")
@pytest.mark.attack("C2", "pages", "rest")
@pytest.mark.attack("C3", "pages", "rest")
@pytest.mark.attack("C4", "pages", "rest")
@pytest.mark.attack("C7", "pages", "rest")
def test_a_name_that_is_none_is_refused_in_words(
    acts: Acts, row: str, name: str, people: Gymnase
) -> None:
    box, who, before = people.boxes["demandeur"], people.owner_counsel, counts(people)

    outcome = acts.deposit(who, box, name=name)

    assert outcome.status == 422, row
    assert "Le nom «" in sentence(outcome)
    assert counts(people) == before


@doors
@pytest.mark.parametrize(("row", "name"), flat(KEPT), ids=ascii)
@pytest.mark.attack("C5", "pages", "rest")
@pytest.mark.attack("C6", "pages", "rest")
@pytest.mark.attack("C7", "pages", "rest")
@pytest.mark.attack("C13", "pages", "rest")
@pytest.mark.attack("C15", "pages", "rest")
@pytest.mark.attack("C17", "pages", "rest")
@pytest.mark.attack("C19", "pages", "rest")
def test_a_strange_name_is_kept_byte_for_byte(
    acts: Acts, row: str, name: str, people: Gymnase
) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel

    outcome = acts.deposit(who, box, name=name)

    assert outcome.status < 400, (row, sentence(outcome))
    assert outcome.deposits[0].name == name


@doors
@pytest.mark.parametrize("row", ["C8", "C9"])
@pytest.mark.attack("C8", "pages", "rest")
@pytest.mark.attack("C9", "pages", "rest")
def test_names_that_a_computer_takes_for_one_are_two_pieces(
    acts: Acts, row: str, people: Gymnase
) -> None:
    box, who = people.boxes["entreprise"], people.contractor
    for first, second in TWINS[row]:
        one = acts.deposit(who, box, name=first).deposits[0]
        two = acts.deposit(who, box, name=second, content=b"autre").deposits[0]

        assert (one.name, two.name) == (first, second)
        assert one.node.folded_name != two.node.folded_name
        assert one.blob.sha256 != two.blob.sha256


@doors
@pytest.mark.attack("C10", "pages", "rest")
@pytest.mark.attack("C11", "pages", "rest")
@pytest.mark.attack("C14", "pages", "rest")
def test_a_name_is_inert_where_it_is_shown(acts: Acts, people: Gymnase) -> None:
    """On the page of the pieces and in the journal, or in the JSON of the box."""
    box, who = people.boxes["architecte"], people.architect_counsel
    hostile = ["<script>alert(1)<b>.pdf", "rapport\u202efdp.exe", "p\u0430ye\u200b.pdf", "{{7*7}}"]
    for name in hostile:
        assert acts.deposit(who, box, name=name).status < 400

    with browser(people.expert) as pages:
        room = box.folder.room_id
        html = (
            pages.get(f"/dossiers/{room}/pieces").text + pages.get(f"/dossiers/{room}/journal").text
        )
    if isinstance(acts, Rest):
        with acts.client(people.expert) as api:
            answer = api.get(f"/api/v1/nodes/{box.folder_id}/children")
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"

    assert "<script>alert" not in html
    assert "\u202e" not in html
    assert "\u200b" not in html
    assert "[U+202E]" in html
    assert "{{7*7}}" in html
    assert [suspicious(name) for name in hostile] == [False, True, True, False]
    assert displayed("rapport\u202efdp.exe") == "rapport[U+202E]fdp.exe"


@doors
@pytest.mark.attack("C12", "pages", "rest")
def test_c12_bytes_that_are_no_text_are_refused(acts: Acts, people: Gymnase) -> None:
    """Overlong, Latin-1, lone surrogate: no file of that name is half kept."""
    box, who, before = people.boxes["demandeur"], people.owner_counsel, counts(people)
    for raw in ("%ff%fe", "%c0%af", "caf%e9.pdf", "%ed%a0%80"):
        with acts.client(who) as asked:
            if isinstance(acts, Rest):
                answer = asked.post(
                    f"/api/v1/nodes/{box.folder_id}/deposits?name={raw}", content=b"x"
                )
            else:
                basket = acts.basket(asked, box)
                answer = asked.post(
                    f"/paniers/{basket}/fichiers",
                    content=b"x",
                    headers={"X-File-Name": raw, "X-Upload-Id": raw.strip("%")},
                )
        assert answer.status_code in (400, 422), raw
    assert counts(people) == before


@doors
@pytest.mark.attack("C16", "pages", "rest")
def test_c16_names_that_look_alike_stay_distinct(acts: Acts, people: Gymnase) -> None:
    """Fifty names that differ by one invisible character: fifty pieces, each its own bytes."""
    box, who = people.boxes["entreprise"], people.contractor
    names = [f"plan{chr(0x2060) * (n % 2)}{chr(0x200B) * n}.pdf" for n in range(50)]

    made = [acts.deposit(who, box, name=name, content=name.encode()).deposits[0] for name in names]

    assert [piece.name for piece in made] == names
    assert len({piece.blob.sha256 for piece in made}) == 50
    assert len({piece.number for piece in made}) == 50


@doors
@pytest.mark.attack("C18", "pages", "rest")
def test_c18_a_name_writes_no_header(acts: Acts, people: Gymnase) -> None:
    """The name of the file as it is downloaded, read back by a parser of headers."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    for name in ('x".pdf', "x;filename=y.exe", "Pièce n° 12 – été.pdf", "a%22b.pdf"):
        piece = acts.deposit(who, box, name=name).deposits[0]
        with Rest().client(who) as api:
            answer = api.get(f"/api/v1/nodes/{piece.node_id}/content")

        lines = answer.headers.get_list("content-disposition")
        assert len(lines) == 1
        assert "set-cookie" not in answer.headers
        kind, _, encoded = lines[0].partition("filename*=UTF-8''")
        assert kind.startswith("attachment")
        assert unquote(encoded) == piece.node.name
