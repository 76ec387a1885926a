"""Rows G and H1, H3: what ends a session ends a key; a cookie is no key; a scanner is no reader."""

from uuid import uuid4

import pytest
from django.conf import settings

from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations import log
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import accounts
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest
from tests.attacks.browser import browser, session_of
from tests.cast import Gymnase
from tests.front import client

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
HOME = {"rest": "/api/v1/cases", "pages": "/dossiers"}


def somebody() -> Actor:
    return cast.expert(name="Paule Martin", email=f"paule.{uuid4().hex}@expert.example")


def lets_in(acts: Acts, signed: object) -> bool:
    answer = signed.get(HOME[acts.name])  # type: ignore[attr-defined]
    return bool(answer.status_code == 200)


@doors
@pytest.mark.parametrize("end", ["password", "factor", "disabled"])
@pytest.mark.attack("G5", "pages", "rest")
def test_g5_what_changes_ends_every_session_and_key(acts: Acts, end: str, committed: None) -> None:
    who = somebody()
    user = User.objects.get(pk=who.user_id)
    with acts.client(who) as first, acts.client(who) as second:
        assert (lets_in(acts, first), lets_in(acts, second)) == (True, True)

        if end == "password":
            accounts.change_password(user, password="un-tout-autre-mot-de-passe")
        elif end == "factor":
            accounts.end_all_access(who.user_id)
        else:
            accounts.disable(who.user_id)

        assert (lets_in(acts, first), lets_in(acts, second)) == (False, False)


@doors
@pytest.mark.attack("G6", "pages", "rest")
def test_g6_whoever_is_disabled_has_no_way_back(acts: Acts, committed: None) -> None:
    """A reset asked for by somebody disabled sends nothing; their keys stay dead."""
    who = somebody()
    user = User.objects.get(pk=who.user_id)
    with acts.client(who) as signed:
        accounts.disable(who.user_id)
        with browser() as nobody:
            asked = nobody.post("/connexion/oublie", data={"email": user.email})
            other = nobody.post("/connexion/oublie", data={"email": f"{uuid4().hex}@x.example"})

        assert (asked.status_code, asked.headers.get("location")) == (
            other.status_code,
            other.headers.get("location"),
        )
        assert mails_to(user.email or "") == []
        assert not lets_in(acts, signed)


def mails_to(address: str) -> list[str]:
    return [message.subject for message in Message.objects.filter(to=address)]


@pytest.mark.attack("G7", "pages")
def test_g7_a_forged_host_writes_no_link(committed: None) -> None:
    who = somebody()
    user = User.objects.get(pk=who.user_id)
    with browser(headers={"X-Forwarded-Host": "voleur.example"}) as nobody:
        forged = nobody.post(
            "/connexion/oublie", data={"email": user.email}, headers={"Host": "voleur.example"}
        )
        nobody.post("/connexion/oublie", data={"email": user.email})

    bodies = [message.body for message in Message.objects.filter(to=user.email)]
    assert forged.status_code in (400, 421)
    assert len(bodies) == 1
    assert settings.BASE_URL in bodies[0]
    assert "voleur.example" not in bodies[0]


@pytest.mark.attack("G7", "rest")
def test_g7_rest_sets_no_cookie_and_hears_no_forged_host(people: Gymnase) -> None:
    with Rest().client(people.expert) as api:
        answer = api.get("/api/v1/cases")
        forged = api.get("/api/v1/cases", headers={"Host": "voleur.example"})

    assert "set-cookie" not in answer.headers
    assert forged.status_code in (400, 421)


@pytest.mark.attack("G8", "pages")
def test_g8_a_form_of_another_site_does_nothing(people: Gymnase) -> None:
    """Without the token, with another origin, in a frame: no act, and no page to be framed."""
    room = people.case.pk
    with browser(people.expert) as pages:
        framed = pages.get(f"/dossiers/{room}")
        del pages.headers["X-CSRFToken"]
        without = pages.post(f"/dossiers/{room}/clore", data={"do": "confirm", "motif": "x"})
    with browser(people.expert, headers={"Origin": "https://voleur.example"}) as pages:
        elsewhere = pages.post(f"/dossiers/{room}/clore", data={"do": "confirm", "motif": "x"})

    people.case.room.refresh_from_db()
    assert (without.status_code, elsewhere.status_code) == (403, 403)
    assert people.case.room.closed_at is None
    assert framed.headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in framed.headers["content-security-policy"]
    assert "access-control-allow-origin" not in framed.headers


@pytest.mark.attack("G8", "rest")
def test_g8_a_cookie_is_no_key(people: Gymnase) -> None:
    """A form of another site carries cookies, never a token: REST hears tokens only."""
    cookies = {settings.SESSION_COOKIE_NAME: session_of(people.expert)}
    with client(cookies=cookies, headers={"Origin": "https://voleur.example"}) as forged:
        read = forged.get("/api/v1/cases")
        wrote = forged.post(f"/api/v1/cases/{people.case.pk}/close", content=b"{}")
    with Rest().client(people.expert) as api:
        open_to = api.get("/api/v1/cases", headers={"Origin": "https://voleur.example"})

    people.case.room.refresh_from_db()
    assert (read.status_code, wrote.status_code) == (401, 401)
    assert people.case.room.closed_at is None
    assert "access-control-allow-origin" not in open_to.headers


@doors
@pytest.mark.attack("H3", "pages", "rest")
def test_h3_a_scanner_that_follows_links_is_no_reading(acts: Acts, people: Gymnase) -> None:
    """Every address that a mail could hold, opened by nobody: no entry of reading, no code used."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    piece = acts.deposit(who, box, name="à ne pas compter.pdf").deposits[0]
    reads = Entry.objects.filter(log__origin=log.reads_of(people.case.pk))
    unused = Invitation.objects.filter(used_at=None).count()
    before = reads.count()

    with client() as scanner:
        for address in (
            f"/dossiers/{people.case.pk}",
            f"/pieces/{piece.node_id}",
            f"/depots/{piece.pk}/recu",
            f"/api/v1/nodes/{piece.node_id}/content",
            f"/api/v1/deposits/{piece.pk}/receipt",
            "/invitation",
        ):
            for verb in ("HEAD", "GET"):
                scanner.request(verb, address)

    assert reads.count() == before
    assert Invitation.objects.filter(used_at=None).count() == unused
