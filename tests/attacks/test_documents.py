"""Rows D and C20: what a file could do when it is opened, and what we never do with one."""

import ast
import io
import zipfile
import zlib
from pathlib import Path

import pytest

from accedit.domain.documents.operations import previews
from accedit.machine.activity import active_content
from tests.attacks.acts import Pages, Rest
from tests.attacks.browser import browser
from tests.cast import Gymnase
from tests.documents import hostile

SOURCE = Path(__file__).parents[2] / "src" / "accedit"


def pdf_with(*words: bytes) -> bytes:
    """A readable PDF that also holds objects with these words."""
    objects = b"".join(b"%d 0 obj\n<< %s >>\nendobj\n" % (90 + i, w) for i, w in enumerate(words))
    return hostile.pdf((595, 842)).replace(b"xref\n", objects + b"xref\n", 1)


def packed(words: bytes) -> bytes:
    """The same words inside a compressed object stream, where no plain search finds them."""
    stream = zlib.compress(words)
    head = b"95 0 obj\n<< /Type /ObjStm /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream)
    return hostile.pdf((595, 842)).replace(
        b"xref\n", head + stream + b"\nendstream\nendobj\nxref\n", 1
    )


ACTIVE = {
    "javascript": (pdf_with(b"/S /JavaScript /JS (app.alert(1))"), ["programme"]),
    "spelled-in-numbers": (pdf_with(b"/S /J#61va#53cript"), ["programme"]),
    "launch": (pdf_with(b"/S /Launch /F (cmd.exe)"), ["lancement"]),
    "another-file": (pdf_with(b"/S /GoToR /F (autre.pdf)"), ["envoi"]),
    "form-sent": (pdf_with(b"/S /SubmitForm /F (http://127.0.0.1/)"), ["envoi"]),
    "embedded": (pdf_with(b"/Type /EmbeddedFile"), ["fichiers"]),
    "xfa": (pdf_with(b"/AcroForm << /XFA [] >>"), ["xfa"]),
    "packed": (packed(b"<< /S /JavaScript >> << /S /Launch >>"), ["programme", "lancement"]),
}


@pytest.mark.parametrize("which", ACTIVE)
def test_what_could_act_in_a_pdf_is_seen(which: str) -> None:
    content, words = ACTIVE[which]

    assert active_content(content) == words


@pytest.mark.parametrize(
    "content",
    [
        hostile.pdf((595, 842)),
        hostile.pdf((595, 842), text="JavaScript, Launch et XFA expliques"),
        pdf_with(b"/JavaScripts /Launcher /XFAB"),
    ],
    ids=["plain", "words in its text", "longer names"],
)
def test_a_pdf_that_does_nothing_gets_no_warning(content: bytes) -> None:
    assert active_content(content) == []


def test_a_stream_that_unpacks_without_end_is_left_within_bounds() -> None:
    assert active_content(packed(bytes(80 * 1024 * 1024) + b"/Launch")) == []


@pytest.mark.attack("D2", "pages")
def test_d2_a_pdf_that_would_act_is_shown_as_a_picture_and_says_so(people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    tag = "contient du contenu actif"
    content, _ = ACTIVE["packed"]
    acts = Pages()
    hot = acts.deposit(who, box, name="actif.pdf", content=content).deposits[0]
    cold = acts.deposit(who, box, name="inerte.pdf", content=hostile.pdf((595, 842))).deposits[0]

    with browser(people.expert) as expert:
        said = {
            piece.name: tag in expert.get(f"/pieces/{piece.node_id}").text for piece in (hot, cold)
        }

    assert said == {"actif.pdf": True, "inerte.pdf": False}
    assert previews.page_png(hot).startswith(previews.PNG_SIGNATURE)


@pytest.mark.attack("D2", "rest")
def test_d2_a_pdf_that_would_act_is_given_as_it_came(people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    rest = Rest()
    for which, (content, _) in ACTIVE.items():
        piece = rest.deposit(who, box, name=f"{which}.pdf", content=content).deposits[0]
        with rest.client(people.expert) as api:
            answer = api.get(f"/api/v1/nodes/{piece.node_id}/content")

        assert answer.content == content
        assert answer.headers["content-disposition"].startswith("attachment")


def archive() -> bytes:
    """A ZIP with a way out, a link, and a member that is not what it says."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("../../evil.txt", b"x")
        link = zipfile.ZipInfo("lien")
        link.external_attr = 0o120777 << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("bombe", bytes(1_000_000), compress_type=zipfile.ZIP_DEFLATED)
    return out.getvalue()


POLYGLOTS = {
    "pdf-zip": hostile.pdf((595, 842)) + archive(),
    "pdf-html": hostile.pdf((595, 842)) + b"<script>alert(1)</script>",
    "gif-js": b"GIF89a/*\0*/=1;alert(1)//",
    "gif-html": hostile.picture("GIF") + b"<html><script>alert(1)</script>",
    "png-php": hostile.picture("PNG") + b"<?php system($_GET[0]); ?>",
    "jpeg-js": b"\xff\xd8\xff\xe0/*" + b"\0" * 20 + b"*/alert(1)//",
    "zip": archive(),
    "html-pdf": b"<html><script>alert(1)</script>%PDF-1.7",
    "svg-gif": b"<svg onload=alert(1)>GIF89a",
}


@pytest.mark.attack("D5", "rest")
@pytest.mark.attack("D7", "rest")
@pytest.mark.attack("C20", "rest")
def test_d5_d7_c20_two_things_at_once_are_given_as_neither(people: Gymnase) -> None:
    """No type is guessed, nothing is unpacked: one piece in, the same bytes out."""
    box, who = people.boxes["architecte"], people.architect_counsel
    rest = Rest()
    for which, content in POLYGLOTS.items():
        made = rest.deposit(who, box, name=f"{which}.zip", content=content).deposits
        with rest.client(people.expert) as api:
            answer = api.get(f"/api/v1/nodes/{made[0].node_id}/content")

        assert len(made) == 1
        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream", which
        assert answer.headers["content-disposition"].startswith("attachment"), which


@pytest.mark.attack("D5", "pages")
def test_d5_on_a_page_only_our_own_pixels_are_shown(people: Gymnase) -> None:
    box, who = people.boxes["architecte"], people.architect_counsel
    for which, content in POLYGLOTS.items():
        piece = Pages().deposit(who, box, name=f"{which}.png", content=content).deposits[0]
        if previews.pages(piece) is None:
            continue
        try:
            picture = previews.page_png(piece)
        except previews.NoPreview:
            continue
        assert picture.startswith(previews.PNG_SIGNATURE), which
        assert b"alert" not in picture, which
        assert b"<?php" not in picture, which


def imported() -> dict[str, set[str]]:
    """Every module that the server imports, and the files of ours that do."""
    found: dict[str, set[str]] = {}
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                found.setdefault(name, set()).add(str(path.relative_to(SOURCE)))
    return found


def importers_of(*modules: str) -> set[str]:
    return {
        file
        for name, files in imported().items()
        for module in modules
        if name == module or name.startswith(f"{module}.")
        for file in files
    }


def test_the_search_for_importers_finds_what_is_there() -> None:
    assert "machine/renderer.py" in importers_of("PIL")


@pytest.mark.attack("D8", "rest")
@pytest.mark.attack("D8", "pages")
def test_d8_no_xml_is_ever_read() -> None:
    """Neither of a piece nor of a request: nothing can be expanded or fetched through it."""
    assert importers_of("xml", "lxml", "defusedxml", "docx", "openpyxl", "html5lib") == set()


@pytest.mark.attack("D9", "rest")
@pytest.mark.attack("D9", "pages")
def test_d9_nothing_of_the_server_fetches_an_address() -> None:
    """Only the supervisor asks anybody by HTTP: its own server, whether it is ready."""
    asking = importers_of(
        "urllib.request", "http.client", "httpx", "requests", "aiohttp", "urllib3"
    )

    assert asking == {"machine/supervisor.py"}
