r"""Every name of the attack table, deposited by program and read back (rows C1 to C19).

R  refused, in words           K  kept byte for byte, shown safely
C  kept, but taken for the same as its twin: the second one gets a suffix
M  kept: the sync client maps it on computers that cannot hold it

A name that hides a path behind one more percent-encoding is refused (row C1), and so is
one that begins like a drive (row C2): appendix A would keep `..%2f..%2fx`, `%2e%2e` and
`a:b`, the rows are stricter.
"""

from urllib.parse import quote, unquote

import httpx
import pytest

from accedit.domain.filing.models import Deposit
from accedit.shared.fields import displayed
from tests.api.conftest import Programs
from tests.api.told import deposits_to, facts, problem
from tests.cast import Gymnase


def short(name: str) -> str:
    return ascii(name)[:30]


REFUSED = [
    "", ".", "..", " ", "...", "a/b", "/a", "a\\b", "a\x00b", "a\nb", "a\r\nX: y", "a\x1bc",
    "a\u2028b", "\x7f", "a" * 256, "\ud800", "....//", "Icon\r", "..%2f..%2fx", "%2e%2e", "a:b",
    "C:\\x", "\\\\srv\\share", "\\\\?\\C:\\x", "file:///x", "\u00a0\u2003".strip() + " .",
    'x"\r\nSet-Cookie: a', "\u0085", "a\ud83d", "\ufdfa" * 200,
]  # fmt: skip
KEPT = [
    "%00", "-rf", "--help", "~", "$(id)", "`id`", "a;b", "a|b", "{{7*7}}", "${7*7}", "%s%n",
    "' OR 1=1--", "<svg onload=x>", "=1+1", "+1", "@x", "null", "undefined", "NaN", "-1", "new",
    "%", "_", "*", "rapport\u202efdp.exe", "a\u200bb", "a\u00adb", "\u2066x\u2069",
    "p\u0430ye.pdf", "e" + "\u0301" * 180, "\U0001f1eb\U0001f1f7", "\ufeffa", "ExpertisÃ©.pdf",
    "d\u2019expertise.pdf", "n\u00b0 12.pdf", "\u00a0x", "x;filename=y.exe", 'x"; a="b', "a&b=c+d",
    "admin", "x.pdf.exe", "x.pdf .lnk", "a#b?c", "\ufdfa" * 30,
]  # fmt: skip
MAPPED = [
    "CON", "con.pdf", "NUL", "COM1.txt", "COM\u00b9", "LPT9", "AUX ", "CLOCK$", "a?", "a<b>",
    'a"b', "x.", "x ", "desktop.ini", ".DS_Store", "._x", "Thumbs.db", "~$x.docx", ".~lock.x#",
    "x.part",
]  # fmt: skip
TWINS = [
    ("\u00e9.pdf", "e\u0301.pdf", "e\u0301 (2).pdf"),
    ("A.pdf", "a.PDF", "a (2).PDF"),
    ("\ufb01n", "fin", "fin (2)"),
    ("stra\u00dfe", "STRASSE", "STRASSE (2)"),
    ("\u0130", "i\u0307", "i\u0307 (2)"),
    ("y", "y ", "y  (2)"),
    ("z", "z.", "z. (2)"),
]


@pytest.fixture(scope="module")
def spare(people: Gymnase) -> str:
    """A box where no other test of this file deposits."""
    return deposits_to(people, "entreprise")


@pytest.mark.parametrize("name", REFUSED, ids=short)
def test_a_name_that_is_none_is_refused_in_words(
    people: Gymnase, lawyer: httpx.Client, name: str
) -> None:
    before = facts(people)
    query = quote(name, safe="", errors="surrogatepass")

    answer = lawyer.post(f"{deposits_to(people)}?name={query}", content=b"x")

    assert problem(answer) == (422, "bad_name")
    assert answer.json()["detail"].startswith("Le nom « ")
    assert answer.json()["detail"].isprintable()
    assert facts(people) == before


@pytest.mark.parametrize("name", KEPT + MAPPED, ids=short)
def test_a_strange_name_is_kept_and_given_back_in_a_header_that_holds(
    people: Gymnase, lawyer: httpx.Client, name: str
) -> None:
    said = lawyer.post(
        f"{deposits_to(people)}?name={quote(name, safe='')}", content=name.encode()
    ).json()

    node = lawyer.get(f"/api/v1/nodes/{said['node_id']}").json()
    head = lawyer.head(f"/api/v1/nodes/{said['node_id']}/content")
    header = head.headers["content-disposition"]
    assert Deposit.objects.get(pk=said["deposit_id"]).name == name
    assert read_back(header) == displayed(node["name"])
    assert set(head.headers) & {"set-cookie", "x"} == set()


def read_back(header: str) -> str:
    """As RFC 6266 reads it: a type, a quoted name, an extended name that wins."""
    kind, plain, extended = header.split("; ")
    assert kind == "attachment"
    assert plain.startswith('filename="')
    assert plain.endswith('"')
    assert plain.count('"') == 2
    assert extended.startswith("filename*=UTF-8''")
    return unquote(extended.removeprefix("filename*=UTF-8''"), errors="strict")


@pytest.mark.parametrize(("first", "second", "suffixed"), TWINS, ids=short)
def test_two_names_that_are_one_elsewhere_are_two_pieces(
    people: Gymnase, program: Programs, spare: str, first: str, second: str, suffixed: str
) -> None:
    api = program(people.contractor)

    pieces = [
        api.post(f"{spare}?name={quote(name, safe='')}", content=name.encode()).json()
        for name in (first, second)
    ]

    shown = [api.get(f"/api/v1/nodes/{piece['node_id']}").json()["name"] for piece in pieces]
    kept = [Deposit.objects.get(pk=piece["deposit_id"]).name for piece in pieces]
    assert kept == [first, second]
    assert shown[0] == first
    assert shown[1] == suffixed


@pytest.mark.parametrize("raw", ["%ff%fe.pdf", "caf%e9.pdf", "%c0%ae%c0%ae", "%ed%a0%80"])
def test_bytes_that_are_no_utf8_are_refused_and_never_mended(
    people: Gymnase, lawyer: httpx.Client, raw: str
) -> None:
    """C12, C13."""
    answer = lawyer.post(f"{deposits_to(people)}?name={raw}", content=b"x")

    assert problem(answer) == (422, "bad_name")


@pytest.mark.parametrize("name", ["{{7*7}}", "null", "%s%n", "a|b", "\u202ex", "A" * 200])
def test_a_folder_is_named_by_the_same_rule(
    people: Gymnase, expert: httpx.Client, name: str
) -> None:
    root = expert.get(f"/api/v1/cases/{people.case.pk}").json()["root_id"]

    kept = expert.post(f"/api/v1/nodes/{root}/folders", json={"name": name})
    refused = expert.post(f"/api/v1/nodes/{root}/folders", json={"name": name[:50] + "/x"})

    assert (kept.status_code, kept.json()["name"]) == (201, name)
    assert problem(refused) == (422, "bad_name")
