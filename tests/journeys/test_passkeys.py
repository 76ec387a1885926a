"""A passkey, from the invitation to the sign-in, in a real browser with a virtual device."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.conftest import WIDTHS, Demo
from tests.journeys.walking import Walker

pytestmark = pytest.mark.browser
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextmanager
def device(page: Page, **options: Any) -> Iterator[tuple[CDPSession, str]]:
    """A telephone of one's own, on this page."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE | options})
    yield line, made["authenticatorId"]


def keys_in(line: CDPSession, device_id: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = line.send(
        "WebAuthn.getCredentials", {"authenticatorId": device_id}
    )["credentials"]
    return found


def confirms(page: Page, person: dict[str, str]) -> None:
    page.get_by_label("Votre mot de passe").fill(person["password"])
    page.get_by_role("button", name="Confirmer").click()


def adds(walker: Walker, person: dict[str, str], *, name: str) -> None:
    page = walker.go("/compte/identification/nouvelle")
    if "/compte/confirmer" in page.url:
        confirms(page, person)
    page.get_by_label("Nom de cette clé").fill(name)
    looks(walker, "cle-nouvelle")
    page.get_by_role("button", name="Ajouter cette clé").click()
    page.wait_for_url("**/compte/identification")


def looks(walker: Walker, what: str) -> None:
    """At both widths."""
    for width in WIDTHS:
        wide, high = WIDTHS[width]
        walker.page.set_viewport_size({"width": wide, "height": high})
        walker.look(f"{what}-{width}")


def test_a_key_is_added_serves_and_is_taken_away(demo: Demo) -> None:
    """Alone it signs in; after a password it stands for the code; taken away it opens nothing."""
    person = demo.person("stranger")
    with demo.walker("stranger") as walker, device(walker.page) as (line, telephone):
        page = walker.page
        adds(walker, person, name="mon téléphone")
        looks(walker, "cles")
        assert [one["rpId"] for one in keys_in(line, telephone)] == ["localhost"]

        page.get_by_role("button", name="Se déconnecter").first.click()
        page.wait_for_url("**/connexion")
        looks(walker, "connexion-cle")
        page.get_by_role("button", name="Entrer avec ma clé d’identification").click()
        page.wait_for_url("**/dossiers")

        page.goto(f"{demo.base_url}/deconnexion")
        page.get_by_role("main").get_by_role("button", name="Se déconnecter").click()
        page.wait_for_url("**/connexion")
        page.get_by_label("Adresse électronique").fill(person["email"])
        page.get_by_label("Mot de passe", exact=True).fill(person["password"])
        page.get_by_role("button", name="Continuer").click()
        page.wait_for_url("**/connexion/code*")
        looks(walker, "code-cle")
        page.get_by_role("button", name="Utiliser ma clé d’identification").click()
        page.wait_for_url("**/connexion/confiance*")
        page.get_by_role("button", name="Non").click()
        page.wait_for_url("**/dossiers")

        walker.go("/compte/identification")
        page.get_by_role("link", name="Retirer").click()
        page.wait_for_url("**/compte/confirmer**")
        page.get_by_role("link", name="Avec ma clé d’identification (passkey)").click()
        page.wait_for_url("**/compte/confirmer/cle**")
        looks(walker, "confirmer-cle")
        page.get_by_role("button", name="Utiliser ma clé d’identification").click()
        page.wait_for_url("**/fin")
        looks(walker, "cle-fin")
        page.get_by_role("button", name="Retirer cette clé").click()
        page.wait_for_url("**/compte/identification")
        expect(page.get_by_text("Vous n’avez aucune clé d’identification")).to_be_visible()
        demo.signed[person["email"]] = page.context.storage_state()

        page.context.clear_cookies()
        page.goto(f"{demo.base_url}/connexion")
        page.get_by_role("button", name="Entrer avec ma clé d’identification").click()
        expect(page.get_by_text("n’ouvre rien ici")).to_be_visible()


def test_a_device_that_recognises_nobody_signs_nobody_in(demo: Demo) -> None:
    """The control: the same gestures on a device whose owner is not recognised."""
    person = demo.person("assistant")
    with demo.walker("assistant") as walker, device(walker.page) as (line, telephone):
        page = walker.page
        adds(walker, person, name="téléphone volé")
        demo.signed[person["email"]] = page.context.storage_state()
        line.send(
            "WebAuthn.setUserVerified", {"authenticatorId": telephone, "isUserVerified": False}
        )
        page.context.clear_cookies()
        page.goto(f"{demo.base_url}/connexion")

        page.get_by_role("button", name="Entrer avec ma clé d’identification").click()

        expect(page.get_by_text("L’appareil n’a pas répondu")).to_be_visible()
        walker.go("/compte")
        assert "/connexion" in page.url


def test_an_invited_assistant_comes_in_with_a_key_and_no_application(demo: Demo) -> None:
    with demo.walker("stranger") as expert:
        page = expert.go("/compte/espace/assistants/nouveau")
        if "/compte/confirmer" in page.url:
            confirms(page, demo.person("stranger"))
        page.get_by_label("Prénom et nom").fill("Nora Haddad")
        page.get_by_label("Adresse électronique").fill("nora.haddad@expert.example")
        page.get_by_label("Ouvrir des dossiers et y ajouter des parties").check()
        page.get_by_role("main").locator("button[type=submit]").click()
        page.wait_for_url("**/compte/espace")
        expert.go("/courriers")
        given = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", page.content())
        assert given

    with demo.context(width="telephone") as context:
        page = context.new_page()
        walker = Walker.__new__(Walker)
        walker.context, walker.base_url, walker.name, walker.page = (
            context,
            demo.base_url,
            "nora",
            page,
        )
        with device(page):
            page.goto(f"{demo.base_url}/invitation")
            page.get_by_label("Votre adresse électronique").fill("nora.haddad@expert.example")
            page.get_by_label("Code d’invitation").fill(given[0])
            page.get_by_role("button", name="Continuer").click()
            page.get_by_label("Mot de passe que vous choisissez").fill(
                "quatre mots bien sans rapport"
            )
            page.get_by_label("Le même mot de passe").fill("quatre mots bien sans rapport")
            page.get_by_role("button", name="Continuer").click()
            page.get_by_role("link", name="Plutôt une clé d’identification").click()
            page.get_by_label("Nom de cette clé").fill("mon téléphone")
            looks(walker, "invitation-cle")
            page.get_by_role("button", name="Ouvrir mon accès").click()
            page.wait_for_url("**/compte/feuille-de-secours")

            page.goto(f"{demo.base_url}/deconnexion")
            page.get_by_role("main").get_by_role("button", name="Se déconnecter").click()
            page.wait_for_url("**/connexion")
            page.get_by_role("button", name="Entrer avec ma clé d’identification").click()
            page.wait_for_url("**/dossiers")


def test_without_script_the_page_says_what_is_missing(demo: Demo) -> None:
    person = demo.person("stranger")
    with demo.walker("stranger", java_script_enabled=False) as walker:
        page = walker.go("/compte/identification/nouvelle")
        if "/compte/confirmer" in page.url:
            confirms(page, person)
        expect(page.get_by_text("a besoin de JavaScript et")).to_be_visible()
        page.get_by_label("Nom de cette clé").fill("sans script")
        page.get_by_role("button", name="Ajouter cette clé").click()
        expect(page.get_by_text("Votre appareil n’a rien répondu")).to_be_visible()
