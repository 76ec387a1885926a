"""The guides: one text on screen and on paper, open to everyone, with no word of a program in it."""

import re

import pytest
from django.test import Client

from accedit.interfaces.web.pages.aide import FOLDER, TITLES
from tests.cast import Gymnase
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", list(TITLES))
def test_a_guide_is_read_on_screen_and_on_paper(client: Client, role: str) -> None:
    page = client.get(f"/aide/{role}")
    printed = client.get(f"/aide/{role}.pdf")

    assert page.status_code == 200
    assert page.content.decode().count("<h1>") == 1
    assert f'href="/aide/{role}.pdf"' in page.content.decode()
    assert printed.headers["Content-Type"] == "application/pdf"
    assert printed.content.startswith(b"%PDF-")


@pytest.mark.parametrize("role", list(TITLES))
def test_every_word_of_the_guide_is_on_the_page(client: Client, role: str) -> None:
    text = (FOLDER / f"{role}.md").read_text(encoding="utf-8")
    page = client.get(f"/aide/{role}").content.decode()

    shown = words(re.sub(r"<[^>]+>", " ", page).replace("&#x27;", "'"))
    assert words(re.sub(r"^[#\-\d.|: ]+|\*\*|\|", " ", text, flags=re.M)) - shown == set()


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w’']{3,}", text))


@pytest.mark.parametrize("place", ["/aide/inconnu", "/aide/inconnu.pdf", "/aide/..", "/aide/"])
def test_there_is_no_other_guide(client: Client, place: str) -> None:
    assert client.get(place).status_code == 404


def test_each_page_leads_to_the_guide_of_who_reads_it(gymnase: Gymnase) -> None:
    guides = {
        who.name: re.findall(
            r'href="(/aide/\w+)">Le guide en deux pages',
            signed_in(Client(), who).get("/compte").content.decode(),
        )
        for who in (gymnase.expert, gymnase.assistant, gymnase.owner_counsel, gymnase.contractor)
    }

    assert list(guides.values()) == [
        ["/aide/expert"],
        ["/aide/expert"],
        ["/aide/avocat"],
        ["/aide/partie"],
    ]
