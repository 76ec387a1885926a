"""Row D1 in a real browser: forty files that would act if anything opened them in place."""

from urllib.parse import quote

import httpx
import pytest

from tests.attacks.payloads import payloads
from tests.journeys.conftest import Demo

pytestmark = pytest.mark.browser


@pytest.mark.attack("D1", "pages")
def test_d1_no_content_acts_in_the_browser_of_who_looks_at_it(demo: Demo) -> None:
    """No dialog, no request to the pages' origin from a content, and a download instead of a view."""
    pieces = deposited(demo)
    with demo.walker("expert") as walker:
        dialogs: list[str] = []
        asked: list[str] = []
        walker.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        walker.page.on("request", lambda request: asked.append(request.url))
        for piece in pieces:
            walker.go(f"/pieces/{piece}")
            asked.clear()
            with walker.page.expect_download() as got:
                walker.page.locator(f"a[href='/pieces/{piece}/contenu']").first.click()
            assert got.value.url.startswith(demo.base_url.replace("localhost", "127.0.0.1"))
            inside = [
                url
                for url in asked
                if url.startswith(demo.base_url) and "/statique/" not in url  # the page's own icon
            ]
            assert inside == [f"{demo.base_url}/pieces/{piece}/contenu"]

    assert dialogs == []


def deposited(demo: Demo) -> list[str]:
    """By the demo's lawyer, through REST: the ids of the pieces."""
    token = demo.person("counsel")["token"]
    with httpx.Client(
        base_url=demo.base_url, headers={"Authorization": f"Bearer {token}"}, timeout=30
    ) as api:
        case = api.get(f"/api/v1/cases/{demo.case}").json()
        boxes = [box["id"] for box in case["boxes"]]
        own = [box for box in boxes if "add" in api.get(f"/api/v1/nodes/{box}").json()["rights"]]
        made = []
        for name, content in payloads():
            answer = api.post(
                f"/api/v1/nodes/{own[0]}/deposits?name={quote(name)}", content=content
            )
            assert answer.status_code == 201, answer.text
            made.append(answer.json()["node_id"])
    return made
