"""A piece by ticket: how a page lets a browser fetch it from the origin without cookies."""

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO

import httpx
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import RequestFactory
from django.utils.timezone import now
from PIL import Image

from accedit.domain.filing.models import Deposit
from accedit.domain.filing.operations import rooms
from accedit.domain.people.operations import accounts
from accedit.domain.people.rights import Actor
from accedit.interfaces.web import tickets
from tests import cast
from tests.api.told import entries
from tests.cast import Gymnase
from tests.front import browser, client

CONTENT = b"un plan et la fin"


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def piece(people: Gymnase) -> Deposit:
    return cast.deposited(
        "plan n° 1.pdf",
        box=people.boxes["demandeur"],
        by=people.owner_counsel,
        content=lambda name: CONTENT,
    )[0]


def ticketed(people: Gymnase, who: Actor, piece: Deposit, *, page: int | None = None) -> str:
    """The address that a page shown to `who` would hold, in a session that is open."""
    request = RequestFactory().get("/")
    request.session = SessionStore(browser(who).cookies[settings.SESSION_COOKIE_NAME])
    request.actor = who  # type: ignore[attr-defined]
    if page is None:
        return tickets.download_url(request, piece.node_id)
    return tickets.preview_url(request, piece.node_id, page=page)


@pytest.fixture
def outside() -> Iterator[httpx.Client]:
    """The origin without cookies, as a browser asks it."""
    with client(base_url=settings.CONTENT_URL) as found:
        yield found


def test_a_ticket_gives_the_file_on_the_other_origin(
    people: Gymnase, piece: Deposit, outside: httpx.Client
) -> None:
    before = len(entries(people, "reads"))

    answer = outside.get(ticketed(people, people.architect_counsel, piece))

    opening, delivery = entries(people, "reads")[before:]
    assert (answer.status_code, answer.content) == (200, CONTENT)
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert (opening["kind"], opening["channel"]) == ("piece.downloaded", "page")
    assert delivery["completed"] is True


def test_a_ticket_shows_a_page_of_the_preview(people: Gymnase, outside: httpx.Client) -> None:

    picture = BytesIO()
    Image.new("RGB", (60, 40), "teal").save(picture, "PNG")
    piece = cast.deposited(
        "photo.png",
        box=people.boxes["demandeur"],
        by=people.owner_counsel,
        content=lambda _: picture.getvalue(),
    )[0]
    before = len(entries(people, "reads"))

    answer = outside.get(ticketed(people, people.architect_counsel, piece, page=1))

    opening, delivery = entries(people, "reads")[before:]
    assert answer.status_code == 200
    assert answer.content.startswith(b"\x89PNG")
    assert {
        name: answer.headers[name]
        for name in (
            "content-type",
            "content-disposition",
            "content-security-policy",
            "x-content-type-options",
            "cache-control",
            "cross-origin-resource-policy",
        )
    } == {
        "content-type": "image/png",
        "content-disposition": "inline",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
        "cache-control": "private, no-store",
        "cross-origin-resource-policy": "cross-origin",
    }
    assert (opening["kind"], opening["page"]) == ("piece.opened", 1)
    assert (delivery["sent"], delivery["completed"]) == (len(answer.content), True)


def test_what_cannot_be_drawn_is_not_entered(people: Gymnase, outside: httpx.Client) -> None:
    piece = cast.deposited("note.html", box=people.boxes["demandeur"], by=people.owner_counsel)[0]
    before = len(entries(people, "reads"))

    answer = outside.get(ticketed(people, people.architect_counsel, piece, page=1))

    assert answer.status_code == 404
    assert len(entries(people, "reads")) == before


def signs_out(people: Gymnase, who: Actor) -> None:
    for session in Session.objects.all():
        if session.get_decoded().get("_auth_user_id") == str(who.user_id):
            session.delete()


def is_disabled(people: Gymnase, who: Actor) -> None:
    accounts.disable(who.user_id)


def leaves_the_case(people: Gymnase, who: Actor) -> None:
    user = get_user_model().objects.get(pk=who.user_id)
    rooms.let_out(user, room=people.case.room, at=now())


def has_access_ended(people: Gymnase, who: Actor) -> None:
    accounts.end_all_access(who.user_id)


@pytest.mark.parametrize(
    ("event", "status"),
    [(signs_out, 403), (is_disabled, 403), (has_access_ended, 403), (leaves_the_case, 404)],
)
def test_a_ticket_ends_with_what_it_rests_on(
    committed: None, outside: httpx.Client, event: object, status: int
) -> None:
    mine = cast.gymnase()
    who = mine.architect_counsel
    piece = cast.deposited("a.pdf", box=mine.boxes["demandeur"], by=mine.owner_counsel)[0]
    url = ticketed(mine, who, piece)
    opened = outside.get(url).status_code

    event(mine, who)  # type: ignore[operator]

    assert (opened, outside.get(url).status_code) == (200, status)


def test_a_ticket_lasts_five_minutes(
    people: Gymnase, piece: Deposit, outside: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = ticketed(people, people.architect_counsel, piece)
    later = now() + timedelta(minutes=5, seconds=2)
    monkeypatch.setattr(signing.time, "time", later.timestamp)

    answer = outside.get(url)

    assert answer.status_code == 403
    assert "Ce lien ne sert que quelques minutes" in answer.text


def test_a_ticket_is_for_one_person_one_session_one_piece_one_way(
    people: Gymnase, piece: Deposit, outside: httpx.Client
) -> None:
    """Whatever is changed in it, its signature is no longer ours; without ours, nothing."""
    url = ticketed(people, people.architect_counsel, piece)
    word = url.rpartition("/")[2]
    ticket = tickets.read(word)
    forged = [word[:-1], word[::-1], "x", word + "AA", "_" * 40, "null"]

    assert ticket == tickets.Ticket(
        piece.node_id, people.architect_counsel.user_id, ticket.session, None
    )
    assert [outside.get(f"/contenu/{one}").status_code for one in forged] == [403] * len(forged)
    assert {
        other: outside.get(f"/contenu/{word}{other}").status_code for other in ("?page=1",)
    } == {"?page=1": 200}


def test_a_ticket_of_an_ended_session_is_not_saved_by_another_one(
    committed: None, outside: httpx.Client
) -> None:
    mine = cast.gymnase()
    who = mine.architect_counsel
    piece = cast.deposited("a.pdf", box=mine.boxes["demandeur"], by=mine.owner_counsel)[0]
    url = ticketed(mine, who, piece)
    signs_out(mine, who)
    ticketed(mine, who, piece)  # the same person signs in again

    assert outside.get(url).status_code == 403


def test_a_ticket_serves_on_the_origin_without_cookies_alone(
    people: Gymnase, piece: Deposit
) -> None:
    url = ticketed(people, people.architect_counsel, piece)

    with client() as app:
        answer = app.get(url.replace(settings.CONTENT_URL, settings.BASE_URL))

    assert answer.status_code != 200
    assert b"la fin" not in answer.content
