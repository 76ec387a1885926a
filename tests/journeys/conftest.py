"""The demonstration itself, started as a newcomer starts it, and browsers that walk through it."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from tests.journeys.walking import Walker, sign_in

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {"telephone": (390, 844), "bureau": (1280, 900)}


@dataclass
class Demo:
    """A running demonstration. `signed` keeps each person's session: a code serves once."""

    base_url: str
    data: Path
    told: dict[str, Any]
    browser: Browser
    signed: dict[str, Any] = field(default_factory=dict)

    def person(self, role: str, rank: int = 0) -> dict[str, str]:
        found: dict[str, str] = [p for p in self.told["people"] if p["role"] == role][rank]
        return found

    @property
    def case(self) -> str:
        return str(self.told["cases"][0]["id"])

    def context(self, *, width: str = "bureau", **options: Any) -> BrowserContext:
        wide, high = WIDTHS[width]
        return self.browser.new_context(
            viewport={"width": wide, "height": high},
            locale="fr-FR",
            timezone_id="Europe/Paris",
            **options,
        )

    def walker(self, role: str, *, width: str = "bureau", rank: int = 0, **options: Any) -> Walker:
        """Somebody signed in, at this width."""
        person = self.person(role, rank)
        if person["email"] not in self.signed:
            with self.context() as context:
                sign_in(context.new_page(), self.base_url, person)
                self.signed[person["email"]] = context.storage_state()
        context = self.context(width=width, storage_state=self.signed[person["email"]], **options)
        return Walker(context, self.base_url, f"{role}-{width}")


@pytest.fixture(scope="package")  # its browser must end before other tests' database work
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    chromium = shutil.which("chromium")
    assert chromium, "Debian's chromium is missing: apt-get install chromium"
    data = tmp_path_factory.mktemp("demo") / "donnees"
    port = _free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("ACCEDIT_", "DATABASE_"))}
    env.pop("DJANGO_SETTINGS_MODULE", None)
    server = subprocess.Popen(
        [sys.executable, "-m", "accedit", "demo", "--port", str(port), "--data", str(data)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=env,
    )
    try:
        _wait_until_ready(server)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM)
            told = json.loads((data / "demo.json").read_text(encoding="utf-8"))
            yield Demo(told["base_url"], data, told, browser)
            browser.close()
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=30)


def _wait_until_ready(server: "subprocess.Popen[str]") -> None:
    """Until it says so itself; what it said is shown if it never does."""
    said = []
    assert server.stdout
    for line in server.stdout:
        said.append(line)
        if line.startswith("Prêt : "):
            return
    pytest.fail(f"{''.join(said)}\nended with {server.wait()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
