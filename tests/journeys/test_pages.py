"""Every page, by everybody, at two widths: it answers, it fits, axe-core finds nothing."""

import httpx
import pytest

from tests.journeys.conftest import WIDTHS, Demo
from tests.journeys.walking import Walker

pytestmark = pytest.mark.browser

OPEN = {
    "accueil": "/",
    "connexion": "/connexion",
    "oublie": "/connexion/oublie",
    "invitation": "/invitation",
    "invitation-aide": "/invitation/aide",
    "aide-partie": "/aide/partie",
    "aide-avocat": "/aide/avocat",
    "aide-expert": "/aide/expert",
    "traces": "/aide/traces",
    "verifier": "/verifier",
    "inconnue": "/rien-ici",
}
CASE = {
    "dossier": "/dossiers/{case}",
    "pieces": "/dossiers/{case}/pieces",
    "personnes": "/dossiers/{case}/personnes",
    "journal": "/dossiers/{case}/journal",
    "courriers-du-dossier": "/dossiers/{case}/courriers",
    "deposer": "/dossiers/{case}/deposer",
    "vos-droits": "/dossiers/{case}/pourquoi/{place}",
}
OWN = {
    "dossiers": "/dossiers",
    "compte": "/compte",
    "appareils": "/compte/appareils",
    "cles": "/compte/cles",
}
EXPERT = {
    "nouveau-dossier": "/dossiers/nouveau",
    "espace": "/compte/espace",
    "courriers": "/courriers",
    "clore": "/dossiers/{case}/clore",
    "limites": "/dossiers/{case}/limites",
    "ajouter-partie": "/dossiers/{case}/personnes/ajouter",
    "droits": "/dossiers/{case}/droits",
    "groupes": "/dossiers/{case}/groupes",
    "droits-du-lieu": "/dossiers/{case}/droits/{place}",
    "donner-a-qui": "/dossiers/{case}/droits/{place}/donner",
    "donner": "/dossiers/{case}/droits/{place}/donner?a=user:{lawyer}",
    "reserver": "/dossiers/{case}/droits/{place}/reserver",
    "renommer": "/dossiers/{case}/dossier/{place}/renommer",
    "pourquoi": "/dossiers/{case}/pourquoi/{place}?personne={lawyer}",
    "comme": "/dossiers/{case}/comme/{lawyer}",
    "comme-pieces": "/dossiers/{case}/comme/{lawyer}/pieces",
    "comme-rangement": "/dossiers/{case}/comme/{lawyer}/dossier/{place}",
}


def filled(path: str, demo: Demo) -> str:
    """An address of the demo's first case, one of its folders, one of its lawyers."""
    path = path.replace("{case}", demo.case)
    if "{" not in path:
        return path
    token = demo.person("expert")["token"]
    with httpx.Client(base_url=demo.base_url, headers={"Authorization": f"Bearer {token}"}) as api:
        case = api.get(f"/api/v1/cases/{demo.case}").json()
        children = api.get(f"/api/v1/nodes/{case['root_id']}/children").json()["items"]
    place = next(one["id"] for one in children if one["name"].startswith("2."))
    box = next(box for box in case["boxes"] if box["depositors"])
    lawyer = box["depositors"][0]["user_id"]
    return path.replace("{place}", place).replace("{lawyer}", lawyer).replace("{box}", box["id"])


@pytest.mark.parametrize("width", WIDTHS)
def test_the_open_pages(width: str, demo: Demo) -> None:
    with Walker(demo.context(width=width), demo.base_url, f"ouvert-{width}") as walker:
        for what, path in OPEN.items():
            walker.go(path, expect=404 if what == "inconnue" else 200)
            walker.look(what)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("role", ["expert", "assistant", "counsel", "party"])
def test_the_pages_of_a_case(role: str, width: str, demo: Demo) -> None:
    pages = OWN | CASE | (EXPERT if role == "expert" else {})
    with demo.walker(role, width=width) as walker:
        for what, path in pages.items():
            walker.go(filled(path, demo))
            walker.look(what)
        walker.go(f"/dossiers/{demo.case}/pieces?mots=planche")
        photographs = walker.page.locator("main a[href^='/pieces/']", has_text="Planche")
        walker.go(photographs.first.get_attribute("href") or "")
        shown = walker.page.locator("img.preview").first
        shown.wait_for()
        assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 300
        walker.look("piece")
        walker.go(f"/dossiers/{demo.case}/journal")
        address = walker.page.locator("[data-testid=journal] a").first.get_attribute("href")
        walker.go(address or "")
        walker.look("ligne-du-journal")


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_said_before_the_expert_acts(width: str, demo: Demo) -> None:
    """The forms and the last screens of what changes a case; nothing is confirmed."""
    case = f"/dossiers/{demo.case}"
    with demo.walker("expert", width=width) as walker:
        page = walker.go(filled(f"{case}/dossier/{{box}}/archiver", demo))
        walker.look("archiver-choisir")
        for tick in page.locator("main input[type=checkbox]").all()[:2]:
            tick.check()
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("heading", name="2 pièces aux archives").wait_for()
        walker.look("archiver-plusieurs")
        walker.go(filled(f"{case}/dossier/{{place}}/deplacer", demo))
        walker.look("deplacer")
        page.get_by_label("5. Chiffrages").check()
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("heading", name="Ce qu’il ouvrira").wait_for()
        walker.look("deplacer-apercu")
        walker.go(filled(f"{case}/droits/{{place}}/donner?a=user:{{lawyer}}", demo))
        page.get_by_label("Modifier").check()
        page.get_by_role("button", name="Voir ce que cela changera").click()
        page.get_by_role("button", name="Donner ces droits").wait_for()
        walker.look("donner-confirmer")
        walker.go(f"{case}/groupes")
        page.locator("main a[href*='/groupes/']").first.click()
        page.wait_for_url("**/groupes/*")
        walker.look("groupe")
        walker.go(f"{case}/personnes")
        leaving = page.locator("main a[href$='/retirer']").first.get_attribute("href") or ""
        lawyer = page.locator("main a[href$='/avocat']").first.get_attribute("href") or ""
        walker.go(leaving)
        walker.look("retirer")
        walker.go(leaving.replace("/retirer", "/adresse"))
        walker.look("adresse")
        walker.go(lawyer)
        walker.look("avocat")
        page.get_by_label("Nom", exact=True).fill("Me Marie Tessier")
        page.get_by_label("Adresse électronique").fill("tessier@tessier-avocats.example")
        page.get_by_role("button", name="Continuer").click()
        page.get_by_role("button", name="Ajouter cet avocat").wait_for()
        walker.look("avocat-confirmer")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_stranger_sees_their_own_case_and_nothing_else(width: str, demo: Demo) -> None:
    with demo.walker("stranger", width=width) as walker:
        walker.go("/dossiers")
        walker.look("dossiers")
        shown = walker.page.inner_text("main")
        for path in CASE.values():
            walker.go(filled(path, demo), expect=404)
        walker.look("refus")

    for case in demo.told["cases"]:
        assert case["title"] not in shown


def test_the_names_that_other_programs_rely_on(demo: Demo) -> None:
    with demo.walker("counsel") as walker:
        page = walker.go(f"/dossiers/{demo.case}")
        assert page.get_by_test_id("box").count() >= 5
        page = walker.go(f"/dossiers/{demo.case}/deposer")
        assert page.get_by_test_id("basket").count() == 1
        assert page.get_by_test_id("drop-zone").count() == 1
        assert walker.go(f"/dossiers/{demo.case}/journal").get_by_test_id("journal").count() == 1
        assert walker.go(f"/dossiers/{demo.case}/personnes").get_by_test_id("members").count() == 1
