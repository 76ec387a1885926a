"""Coming in again, and a firm's own page, as people see them at both widths."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Demo
from tests.journeys.test_passkeys import confirms, looks
from tests.journeys.walking import Walker

pytestmark = pytest.mark.browser


def test_who_lost_everything_asks_and_the_expert_answers(demo: Demo) -> None:
    """Asked by nobody signed in; found by the expert in the account; recognised, then stopped."""
    lawyer = demo.person("counsel")
    with demo.context() as context:
        nobody = Walker(context, demo.base_url, "nobody")
        page = nobody.go("/reprise")
        looks(nobody, "reprise")
        page.get_by_label("Adresse électronique").fill(lawyer["email"])
        page.get_by_role("button", name="Demander").click()
        page.wait_for_url("**/reprise/demandee")
        looks(nobody, "reprise-demandee")
        nobody.go("/reprise/annuler")
        looks(nobody, "reprise-annuler")

    with demo.walker("expert") as expert:
        page = expert.go("/compte")
        expect(page.get_by_text("1 à examiner.")).to_be_visible()
        looks(expert, "compte")
        expert.go("/reprises")
        looks(expert, "reprises")
        page.get_by_role("link", name="Répondre").first.click()
        if "/compte/confirmer" in page.url:
            confirms(page, demo.person("expert"))
        looks(expert, "reconnaitre")
        page.get_by_label("Comment vous l’avez reconnue").fill(
            "Je l’ai rappelée au numéro de son cabinet, que je connais."
        )
        page.get_by_role("button", name="Je l’ai reconnue").click()
        page.wait_for_url("**/reprises")
        expect(page.get_by_text("Manque un accord")).to_be_visible()
        looks(expert, "reprises-un")
        page.get_by_role("link", name="Répondre").first.click()
        page.get_by_role("button", name="Ce n’est pas elle : arrêter la demande").click()
        page.wait_for_url("**/reprises")
        expect(page.get_by_text("Aucune demande n’attend votre accord")).to_be_visible()


def test_a_firm_s_page_for_who_administers_it(demo: Demo) -> None:
    lawyer = demo.person("counsel")
    ours = ("ACCEDIT_", "DATABASE_", "DJANGO_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [
            sys.executable, "-m", "accedit", "firm-admin",
            "--data", str(demo.data), "--user", lawyer["email"],
        ],
        capture_output=True, text=True, check=False, env=env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    with demo.walker("counsel") as chief:
        page = chief.go("/cabinet")
        looks(chief, "cabinet")
        page.get_by_role("link", name="Inviter").click()
        if "/compte/confirmer" in page.url:
            confirms(page, lawyer)
        looks(chief, "cabinet-inviter")
        page.get_by_label("Prénom et nom").fill("Me Léa Roux")
        page.get_by_label("Adresse électronique").fill("lea.roux@avocat.example")
        page.get_by_role("button", name="Inviter").click()
        page.wait_for_url("**/cabinet")
        expect(page.get_by_text("Me Léa Roux")).to_be_visible()
        looks(chief, "cabinet-invitee")
