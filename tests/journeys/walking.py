"""How a person walks: signs in, looks at a page, is counted; every page looked at is checked."""

import base64
import hashlib
import hmac
import os
import struct
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page

AXE = Path(__file__).parents[1] / "web" / "vendor" / "axe-4.14.1.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
PICTURES = os.environ.get("ACCEDIT_PICTURES")


def code(secret: str, *, at: float | None = None) -> str:
    """RFC 6238 with the usual six digits and thirty seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = struct.pack(">Q", int(time.time() if at is None else at) // 30)
    digest = hmac.new(key, step, hashlib.sha1).digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def sign_in(page: Page, base_url: str, person: dict[str, str]) -> None:
    page.goto(f"{base_url}/connexion")
    page.get_by_label("Adresse électronique").fill(person["email"])
    page.get_by_label("Mot de passe", exact=True).fill(person["password"])
    page.get_by_role("button", name="Continuer").click()
    page.wait_for_url("**/connexion/code*")
    page.locator("input[name=code]").fill(code(person["totp_secret"]))
    page.get_by_role("button", name="Entrer", exact=True).click()
    page.wait_for_url(lambda url: "/connexion/code" not in url)
    if "/connexion/confiance" in page.url:
        page.get_by_role("button", name="Non").click()
        page.wait_for_url(lambda url: "/connexion" not in url)


class Walker:
    """One person, one browser. `clicks` counts what a hand does."""

    def __init__(self, context: BrowserContext, base_url: str, name: str) -> None:
        self.context = context
        self.base_url = base_url
        self.name = name
        self.page = context.new_page()
        self.clicks = 0

    def __enter__(self) -> "Walker":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def go(self, path: str, *, expect: int = 200) -> Page:
        answer = self.page.goto(self.base_url + path)
        assert answer, path
        assert answer.status == expect, (path, answer.status)
        return self.page

    def click(self, role: Any, name: str, *, exact: bool = False) -> None:
        self.page.get_by_role(role, name=name, exact=exact).first.click()
        self.clicks += 1

    def look(self, what: str) -> None:
        """No WCAG 2.1 AA violation, nothing wider than the screen; a picture, if asked for."""
        self.page.wait_for_load_state("load")
        if PICTURES:
            folder = Path(PICTURES)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{what}-{self.name}.png", full_page=True)
        assert violations(self.page) == [], (what, self.page.url)
        wide = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, (what, self.page.url, f"{wide} px too wide")


def violations(page: Page) -> list[str]:
    """Each rule broken, with where: what axe-core says."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations", RULES
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        for node in one["nodes"][:3]
    ]
