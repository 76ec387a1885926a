"""Which pages are open, what every answer forbids other sites, and what no page tells (A16, A24, G8, H3)."""

import re
from collections.abc import Iterator
from uuid import UUID

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accedit.domain.evidence.models import Entry
from accedit.domain.people.models import User
from accedit.interfaces.web.middleware import is_open
from tests import cast
from tests.cast import Gymnase
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db
OPEN = {
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "guide",
    "guide_pdf",
    "invitation",
    "invitation_authenticator",
    "invitation_helper",
    "invitation_password",
    "log_keys",
    "invitation_passkey",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "mfa_trust",
    "recovery",
    "recovery_asked",
    "recovery_stop",
    "recovery_stopped",
    "verifier",
    "welcome",
    "without_factor",
}


def pages(among: list[URLPattern | URLResolver] | None = None) -> Iterator[URLPattern]:
    """Every page of the site, REST set aside."""
    for one in get_resolver().url_patterns if among is None else among:
        if isinstance(one, URLPattern):
            if "api" not in str(one.pattern):
                yield one
        elif "api" not in str(one.pattern):
            yield from pages(one.url_patterns)


def test_these_pages_are_open_and_no_other() -> None:
    assert {page.name for page in pages() if is_open(page.callback)} == OPEN


def address_of(page: URLPattern) -> str:
    values = {
        "uuid": str(UUID(int=1)),
        "int": "1",
        "slug": "partie",
        "str": "x",
    }
    return "/" + re.sub(r"<(\w+):\w+>", lambda found: values[found[1]], str(page.pattern))


def test_every_other_page_sends_a_stranger_to_sign_in(client: Client) -> None:
    closed = [page for page in pages() if not is_open(page.callback)]

    answers = {address_of(page): client.get(address_of(page)) for page in closed}

    assert len(closed) > 10
    assert {place: answer.status_code for place, answer in answers.items()} == dict.fromkeys(
        answers, 302
    )
    assert [
        a["Location"] for a in answers.values() if not a["Location"].startswith("/connexion")
    ] == []


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password"])
def test_nobody_signs_up_or_manages_addresses_by_themselves(client: Client, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
    for place in ("/accounts/signup/", "/signup/", "/inscription", "/compte/email"):
        assert client.get(place).status_code in {302, 404}


OPEN_PAGES = ["/", "/connexion", "/connexion/oublie", "/invitation", "/invitation/aide"]
OWN_PAGES = ["/compte", "/compte/appareils", "/compte/cles", "/compte/espace", "/compte/confirmer"]


def seen(gymnase: Gymnase, *more: str) -> Iterator[tuple[str, object]]:
    """Each page, as a stranger sees it or as the expert does."""
    expert = signed_in(Client(), gymnase.expert)
    for place in (*OPEN_PAGES, *OWN_PAGES, *more):
        client = Client() if place in OPEN_PAGES else expert
        yield place, client.get(place, headers={"origin": "https://mal.example"})


def test_no_other_site_frames_reads_or_scripts_a_page(gymnase: Gymnase) -> None:
    for place, answer in seen(gymnase, "/nulle-part"):
        headers = answer.headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, place
        assert "unsafe" not in policy, place
        assert headers["X-Frame-Options"] == "DENY", place
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin", place
        assert headers["X-Content-Type-Options"] == "nosniff", place
        assert {"private", "no-store"} <= set(headers["Cache-Control"].split(", ")), place
        assert [name for name in headers if name.lower().startswith("access-control")] == []


def test_no_page_holds_a_script_or_a_style_of_its_own_or_a_new_window(gymnase: Gymnase) -> None:
    for place, answer in seen(gymnase):
        page = answer.content.decode()
        assert re.findall(r"<style|\sstyle=|\son\w+=|target=|<script(?! src=)", page) == [], place


POSTS = [
    "/connexion",
    "/connexion/oublie",
    "/invitation",
    "/invitation/mot-de-passe",
    "/invitation/application",
    "/deconnexion",
    "/compte/confirmer",
    "/compte/confirmer/code",
    "/compte/mot-de-passe",
    "/compte/application",
    "/compte/feuille-de-secours/nouvelle",
    "/compte/feuille-de-secours/rangee",
    "/compte/appareils/1/fin",
    "/compte/appareils/autres/fin",
    "/compte/cles/nouvelle",
    f"/compte/cles/{UUID(int=1)}/fin",
    "/compte/espace/coordonnees",
    "/compte/espace/assistants/nouveau",
    f"/compte/espace/assistants/{UUID(int=1)}",
    f"/compte/espace/assistants/{UUID(int=1)}/fin",
]


def test_a_form_of_another_site_does_nothing(gymnase: Gymnase) -> None:
    client = signed_in(Client(enforce_csrf_checks=True), gymnase.expert)

    answers = {
        place: (
            client.post(place).status_code,
            client.post(place, "{}", content_type="application/json").status_code,
        )
        for place in POSTS
    }

    assert answers == dict.fromkeys(POSTS, (403, 403))


def test_pages_know_two_methods(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.expert)

    for place in ("/compte", "/compte/appareils", "/invitation"):
        for method in (client.put, client.delete, client.patch):
            assert method(place).status_code == 405


# --- readings


def test_a_scanner_that_opens_every_page_is_no_reading(gymnase: Gymnase) -> None:
    """A reading is logged when bytes are delivered to a person who signed in (H3)."""
    (deposit,) = cast.deposited(
        "devis.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel
    )
    before = Entry.objects.count()
    scanner = Client()

    for place in (
        f"/dossiers/{gymnase.case.pk}",
        f"/pieces/{deposit.node_id}",
        f"/pieces/{deposit.node_id}/contenu",
        *(address_of(page) for page in pages()),
    ):
        scanner.get(place, follow=True)

    assert Entry.objects.count() == before


# --- the platform


def test_the_platform_page_does_not_exist_for_who_does_not_run_it(gymnase: Gymnase) -> None:
    for who in gymnase.everyone:
        answer = signed_in(Client(), who).get("/plateforme")
        unknown = signed_in(Client(), who).get("/nulle-part")
        assert (answer.status_code, unknown.status_code) == (404, 404)
        assert sentence(answer) == sentence(unknown)


def sentence(answer: object) -> str:
    found = re.search(r'<p class="lead">([^<]+)</p>', answer.content.decode())
    assert found
    return found[1]


def test_the_platform_page_counts_and_names_nothing_of_a_case(
    client: Client, gymnase: Gymnase
) -> None:
    cast.deposited("secret.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    User.objects.filter(pk=gymnase.stranger.user_id).update(is_staff=True)

    page = signed_in(client, gymnase.stranger).get("/plateforme").content.decode()

    assert "Espace de Anne Vasseur" in page
    for canary in (
        gymnase.case.room.title,
        gymnase.case.room.reference,
        "secret.pdf",
        "Commune de Valmont",
        "Sols Dubreuil",
        "Me Claire Aubry",
        "@",
    ):
        assert canary not in page


def test_whoever_runs_the_platform_enters_no_case_by_it(client: Client, gymnase: Gymnase) -> None:
    User.objects.filter(pk=gymnase.stranger.user_id).update(is_staff=True)
    signed_in(client, gymnase.stranger)

    for place in (
        f"/dossiers/{gymnase.case.pk}",
        f"/dossiers/{gymnase.case.pk}/journal",
        "/admin/",
    ):
        assert client.get(place).status_code == 404
