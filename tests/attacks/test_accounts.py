"""Rows G and H1, H3: what ends a session ends a key; a cookie is no key; a scanner is no reader."""

import html
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.models import RosterLine
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.domain.evidence.models import Entry, Opening
from accedit.domain.evidence.operations import log
from accedit.domain.filing.models import Deposit
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Covers, Door, PersonKind
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import accounts, delegations, firms
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest
from tests.attacks.browser import browser, session_of
from tests.attacks.doors import NEEDS, Needs
from tests.attacks.routes import Route, routes
from tests.cast import Gymnase
from tests.front import client

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
HOME = {"rest": "/api/v1/cases", "pages": "/dossiers"}


def somebody() -> Actor:
    return cast.expert(name="Paule Martin", email=f"paule.{uuid4().hex}@expert.example")


def claims_at(entry: Entry) -> dict[str, Any]:
    rows = Opening.objects.filter(log=entry.log_id, index=entry.index)
    return {row.claim: row.value for row in rows}


def claims_of(piece: Deposit) -> dict[str, Any]:
    entry = Entry.objects.get(kind="deposit.accepted", node=piece.node_id)
    return claims_at(entry)


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


# --- G4: no way around the second factor


@pytest.mark.attack("G4", "pages")
def test_g4_no_route_opens_without_the_second_factor(people: Gymnase) -> None:
    """Every route, by a session that has shown the password and nothing else."""
    values = {"case_id": people.case.pk, "room_id": people.case.pk}
    with browser(people.expert, factor=False) as half:
        opened = [
            (route.pattern, verb, answer.status_code)
            for route in routes()
            if NEEDS.get(route.pattern) in (Needs.OWN, Needs.ROOM, Needs.STAFF)
            and route.door == "pages"
            for verb in ("GET", "POST")
            for answer in [half.request(verb, filled(route, values))]
            if answer.status_code < 300
            or (answer.status_code < 400 and not goes_to_sign_in(answer.headers))
        ]
        control = half.get("/connexion").status_code
    with browser(people.expert) as whole:
        assert whole.get("/compte").status_code == 200

    assert opened == []
    assert control == 200


def filled(route: Route, values: dict[str, object]) -> str:
    return route.filled({name: str(values.get(name, uuid4())) for name in route.params})


def goes_to_sign_in(headers: object) -> bool:
    return str(headers["location"]).startswith("/connexion")  # type: ignore[index]


@pytest.mark.attack("G4", "rest")
def test_g4_a_session_is_no_token_however_it_was_made(people: Gymnase) -> None:
    """REST hears tokens only, and a token is made only by a whole session that confirmed itself."""
    for factor in (True, False):
        cookies = {settings.SESSION_COOKIE_NAME: session_of(people.expert, factor=factor)}
        with client(cookies=cookies) as program:
            assert program.get("/api/v1/cases").status_code == 401
    with browser(people.expert, factor=False) as half:
        made = half.post("/compte/cles/nouvelle", data={"name": "x", "scope": "manage"})
    assert made.status_code == 302
    assert made.headers["location"].startswith("/connexion")


# --- G12: one lawyer, two opposite cases


@pytest.mark.attack("G12", "pages")
def test_g12_two_tabs_deposit_each_where_its_page_says(people: Gymnase) -> None:
    """Me Aubry acts for the town here and against it there; two tabs, one after the other."""
    aubry = people.owner_counsel
    email = User.objects.get(pk=aubry.user_id).email or ""
    other = open_case(
        CaseDraft(
            template=Template.JUDICIAL_CIVIL,
            title="Piscine municipale",
            reference="2026-15",
            parties=[
                PartyDraft(
                    "Bassins Roche",
                    "entreprise",
                    PartyKind.COMPANY,
                    counsel=[CounselDraft("Me Claire Aubry", email)],
                )
            ],
        ),
        actor=people.expert,
        at=cast.NOON,
    )
    boxes = [people.boxes["demandeur"], cast.boxes_of(other)["entreprise"]]
    acts = Pages()
    with acts.client(aubry) as pages:
        tabs = [acts.basket(pages, box) for box in boxes]
        for tab, name in zip(tabs, ["pour la commune.pdf", "contre la commune.pdf"], strict=True):
            acts.send(pages, str(tab), name=name, content=b"x", upload=uuid4().hex)
        shown = [pages.get(f"/paniers/{tab}/confirmer").text for tab in reversed(tabs)]
        for tab in reversed(tabs):
            pages.post(f"/paniers/{tab}/confirmer")

    for page, box, case in zip(shown, reversed(boxes), [other, people.case], strict=True):
        for said in (case.room.reference, case.room.title, box.folder.name, box.side_name):
            assert said in html.unescape(page).replace("\u00a0", " "), said
    made = Deposit.objects.filter(basket__in=[str(tab) for tab in tabs])
    assert {(one.box_id, one.node.name) for one in made} == {
        (boxes[0].pk, "pour la commune.pdf"),
        (boxes[1].pk, "contre la commune.pdf"),
    }


# --- G13: a firm is nobody


@pytest.mark.attack("G13", "rest")
def test_g13_a_deposit_names_the_person_then_the_firm(people: Gymnase) -> None:
    carel = people.engineer_counsels[0]
    piece = Rest().deposit(carel, people.boxes["bureau d'études"], name="note.pdf").deposits[0]

    claims = claims_of(piece)
    assert claims["depositor"]["name"] == "Me Inès Carel"
    assert claims["depositor"]["firm"].startswith("Cabinet Carel-Diallo")
    draft = {
        "name": "Tiers", "side": "tiers", "kind": "company",
        "counsel": {"name": "Cabinet Carel-Diallo", "email": f"{uuid4().hex[:6]}@avocat.example"},
    }  # fmt: skip
    with Rest().client(people.expert) as api:
        refused = api.post(f"/api/v1/cases/{people.case.pk}/parties", json=draft)
        draft["counsel"]["name"] = "Me Tiers"  # type: ignore[index]
        accepted = api.post(f"/api/v1/cases/{people.case.pk}/parties", json=draft)
    assert (refused.status_code, accepted.status_code) == (422, 201)


@pytest.mark.attack("G13", "pages")
def test_g13_no_account_bears_a_firm_s_name(people: Gymnase) -> None:
    """By the page of a firm's administrator; a firm has no address to sign in with either."""
    chief = people.engineer_counsels[1]
    firms.name_administrator(User.objects.get(pk=chief.user_id), actor=None, at=cast.NOON)
    email = User.objects.get(pk=chief.user_id).email or ""
    with browser(chief) as pages:
        pages.post("/compte/confirmer", data={"password": cast.PASSWORD + email[:3]})
        refused = pages.post(
            "/cabinet/inviter", data={"name": "SCP Carel", "email": "scp@avocat.example"}
        )
        accepted = pages.post(
            "/cabinet/inviter", data={"name": "Me Roux", "email": "roux@avocat.example"}
        )

    assert (refused.status_code, accepted.status_code) == (422, 302)
    assert not User.objects.filter(email="scp@avocat.example").exists()


# --- G14: what is not confided is not done


CONFIDED = {
    Covers.OPEN_CASES: ("GET", "/dossiers/{case}/personnes/ajouter"),
    Covers.DEPOSIT_ON_BEHALF: ("POST", "/dossiers/{case}/deposer"),
    Covers.INVITE: ("POST", "/dossiers/{case}/personnes/{line}/inviter"),
    Covers.LETTERS: ("POST", "/dossiers/{case}/lettres/postees"),
}
NEVER = [
    ("POST", "/dossiers/{case}/clore"),
    ("POST", "/dossiers/{case}/rouvrir"),
    ("POST", "/dossiers/{case}/limites"),
    ("POST", "/pieces/{piece}/retirer"),
    ("POST", "/pieces/{piece}/remettre"),
    ("GET", "/compte/espace"),
    ("POST", "/compte/espace/assistants/nouveau"),
]


def assists(people: Gymnase, *covers: Covers) -> Actor:
    """A fresh assistant, to whom this is confided."""
    user = accounts.enter_person(
        name="Jean Petit", kind=PersonKind.ASSISTANT, email=f"{uuid4().hex}@expert.example",
        password=cast.PASSWORD, at=cast.NOON,
    )  # fmt: skip
    space = User.objects.get(pk=people.expert.user_id).space
    delegations.delegate(space=space, to=user, covers=covers, at=cast.NOON)
    return actor_of(user, door=Door.PAGE)


@pytest.mark.parametrize("given", CONFIDED, ids=str)
@pytest.mark.attack("G14", "pages")
def test_g14_an_assistant_does_what_is_confided_and_nothing_of_the_expert_s_own(
    people: Gymnase, given: Covers
) -> None:
    who = assists(people, given)
    line = RosterLine.objects.get(case=people.case, user=people.owner_counsel.user_id)
    party = people.parties["Commune de Valmont"]
    form = {"partie": str(party.pk), "moyen": "post", "recu_le": "2026-11-10"}
    piece = Pages().deposit(people.owner_counsel, people.boxes["demandeur"], name="a.pdf")
    at = {"case": people.case.pk, "piece": piece.deposits[0].node_id, "line": line.pk}
    with browser(who) as pages:
        confided = {
            act: pages.request(
                verb,
                place.format(**at),
                data=form if verb == "POST" else None,
            ).status_code
            not in (403, 404)
            for act, (verb, place) in CONFIDED.items()
        }
        own = [
            pages.request(verb, place.format(**at), data={"motif": "x", "do": "confirm"})
            for verb, place in NEVER
        ]

    assert confided == {act: act is given for act in confided}
    assert all(answer.status_code in (302, 403, 404) for answer in own), own
    people.case.room.refresh_from_db()
    assert people.case.room.closed_at is None
    node = piece.deposits[0].node
    node.refresh_from_db()
    assert node.withdrawn_at is None


@pytest.mark.attack("G14", "rest")
def test_g14_an_assistant_s_token_does_nothing_of_the_expert_s_own(people: Gymnase) -> None:
    who = assists(people, *Covers)
    piece = Rest().deposit(people.owner_counsel, people.boxes["demandeur"], name="b.pdf")
    case, node = people.case.pk, piece.deposits[0].node_id
    with Rest().client(who) as api:
        read = api.get(f"/api/v1/nodes/{node}").status_code
        refused = [
            api.post(f"/api/v1/cases/{case}/close", json={}).status_code,
            api.post(f"/api/v1/cases/{case}/reopen", json={}).status_code,
            api.post(f"/api/v1/nodes/{node}/withdraw", json={"reason": "x"}).status_code,
        ]

    assert read == 200
    assert refused == [403, 403, 403]


# --- G15: how sure one is of who somebody is


@doors
@pytest.mark.attack("G15", "pages", "rest")
def test_g15_the_level_of_an_identity_is_in_the_log_and_shown(acts: Acts, people: Gymnase) -> None:
    """Nobody registers by themselves; whoever is added comes with how sure one is of them."""
    entries = Entry.objects.filter(
        log__origin=log.acts_of(people.case.pk),
        kind="member.added",
        about=people.owner_counsel.user_id,
    )
    assert [claims_at(one)["identity_level"] for one in entries] == ["declared"]
    with browser(people.expert) as pages:
        shown = html.unescape(pages.get(f"/dossiers/{people.case.pk}/personnes").text)
    assert "identité déclarée" in shown or "adresse" in shown
    with acts.client(people.expert) as signed:
        for place in ("/inscription", "/api/v1/users", "/accounts/signup/"):
            assert signed.post(place).status_code in (403, 404)
