"""The product's main job, by hand: deposit, be told, hold a receipt, check it without us."""

import base64
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.journeys.conftest import Demo
from tests.journeys.walking import Walker

pytestmark = pytest.mark.browser

DROP = """
([zone, files]) => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), c => c.charCodeAt(0));
    data.items.add(new File([bytes], name, {type: 'application/pdf'}));
  }
  for (const kind of ['dragenter', 'dragover', 'drop'])
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}
"""


def drag(walker: Walker, files: dict[str, bytes]) -> None:
    """All the files dragged from a folder of the computer and let go on the page, at once."""
    zone = walker.page.get_by_test_id("drop-zone").element_handle()
    content = [[name, base64.b64encode(data).decode()] for name, data in files.items()]
    walker.page.evaluate(DROP, [zone, content])


def test_a_lawyer_deposits_fourteen_exhibits_in_six_clicks_and_one_drag(
    demo: Demo, tmp_path: Path
) -> None:
    exhibits = {f"Pièce {n} – été.pdf": f"%PDF-1.7 pièce {n}".encode() for n in range(1, 15)}
    with demo.walker("counsel") as walker:
        walker.go("/dossiers")
        walker.click("link", demo.told["cases"][0]["title"])
        walker.click("link", "Déposer des pièces")
        drag(walker, exhibits)
        walker.page.get_by_text("14 fichiers").first.wait_for()
        walker.click("button", "Continuer")
        walker.page.wait_for_url("**/confirmer")
        walker.look("confirmer")
        said = walker.page.inner_text("main")
        button = walker.page.get_by_test_id("confirm-deposit")
        assert re.match(r"Déposer et prévenir \d+ personnes", button.inner_text())
        button.click()
        walker.clicks += 1
        walker.page.wait_for_url("**/recu")
        walker.look("recu")
        receipt = walker.page.get_by_test_id("receipt")
        with walker.page.expect_download() as got:
            receipt.get_by_role("link", name=re.compile("écépissé")).first.click()
        got.value.save_as(tmp_path / "recepisse.zip")

    assert walker.clicks <= 6
    assert "14" in said
    with zipfile.ZipFile(tmp_path / "recepisse.zip") as archive:
        assert {"piece.json", "acts.tlog-proof", "verifier.html"} <= set(archive.namelist())
    check_without_us(demo, tmp_path, exhibits)


def check_without_us(demo: Demo, folder: Path, exhibits: dict[str, bytes]) -> None:
    """By the command line, then by the page of the receipt opened from the disk, no network."""
    with zipfile.ZipFile(folder / "recepisse.zip") as archive:
        archive.extract("verifier.html", folder)
        named = json.dumps(json.loads(archive.read("piece.json")), ensure_ascii=False)
    name = next(n for n in exhibits if f'"{n}"' in named)
    (folder / "piece.pdf").write_bytes(exhibits[name])
    (folder / "autre.pdf").write_bytes(b"autre chose")
    with demo.context() as context:
        key = context.request.get(f"{demo.base_url}/.well-known/accedit-log-keys").text().strip()

    verdict = verified(folder, "piece.pdf", "--key", key)
    assert (verdict["valid"], verdict["key_trusted"], verdict["file_matches"]) == (True, True, True)
    assert verified(folder, "autre.pdf", "--key", key)["file_matches"] is False

    with demo.context(offline=True) as context:
        page = context.new_page()
        page.goto((folder / "verifier.html").as_uri())
        page.get_by_test_id("receipt-file").set_input_files(folder / "recepisse.zip")
        page.get_by_test_id("piece-file").set_input_files(folder / "piece.pdf")
        page.get_by_test_id("key").fill(key)
        page.locator("[data-testid=verdict][data-state=verifie]").wait_for()
        page.get_by_test_id("piece-file").set_input_files(folder / "autre.pdf")
        page.locator("[data-testid=verdict][data-state=refuse]").wait_for()
        assert "n’est pas celui" in page.get_by_test_id("verdict").inner_text()


def verified(folder: Path, file: str, *options: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "accedit", "verify", "recepisse.zip", file, *options, "--json"],
        cwd=folder,
        env={"XDG_CONFIG_HOME": str(folder / "config"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    answer: dict[str, object] = json.loads(done.stdout)
    assert done.returncode == (0 if answer["file_matches"] else 1)
    return answer


def test_a_party_deposits_a_photograph_from_a_telephone_without_javascript(
    demo: Demo, tmp_path: Path
) -> None:
    photo = tmp_path / "photo du parquet.png"
    photo.write_bytes(
        base64.b64decode(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
        )
    )
    with demo.walker("party", width="telephone", java_script_enabled=False) as walker:
        walker.go(f"/dossiers/{demo.case}/deposer")
        walker.page.locator("input[type=file]").set_input_files(photo)
        walker.click("button", "Envoyer ces fichiers")
        assert "photo du parquet.png" in walker.page.content()
        walker.click("button", "Continuer")
        walker.page.get_by_test_id("confirm-deposit").click()
        walker.page.wait_for_url("**/recu")
        done = walker.page.get_by_test_id("receipt").inner_text()

    assert "écépissé" in done


def test_everyone_is_told_once_and_the_fate_of_each_mail_is_shown(demo: Demo) -> None:
    with demo.walker("counsel", rank=1) as walker:
        walker.go(f"/dossiers/{demo.case}/deposer")
        walker.page.locator("input[type=file]").set_input_files(
            {"name": "dire n° 7.pdf", "mimeType": "application/pdf", "buffer": b"%PDF dire"}
        )
        walker.page.get_by_text("1 fichier").first.wait_for()
        walker.click("button", "Continuer")
        walker.page.wait_for_url("**/confirmer")
        promised = int(
            re.findall(
                r"prévenir (\d+)", walker.page.get_by_test_id("confirm-deposit").inner_text()
            )[0]
        )
        walker.page.get_by_test_id("confirm-deposit").click()
        walker.page.wait_for_url("**/recu")

    with demo.walker("expert") as walker:
        page = walker.go(f"/dossiers/{demo.case}/courriers")
        shown = page.locator("main").inner_text()
        mails = walker.go("/courriers").inner_text("main")

    assert promised >= 7
    assert "remis" in shown or "en attente" in shown
    assert "dire n° 7" not in mails
    assert "Empreinte du journal, à conserver" in mails


def test_the_assistant_enters_what_came_by_post(demo: Demo) -> None:
    with demo.walker("assistant") as walker:
        page = walker.go(f"/dossiers/{demo.case}/deposer")
        page.locator("select[name=partie], input[name=partie]").first.wait_for()
        parties = page.locator("select[name=partie] option[value]:not([value=''])")
        if parties.count():
            page.locator("select[name=partie]").select_option(index=parties.count())
        else:
            page.locator("input[name=partie]").last.check()
        if page.locator("select[name=moyen]").count():
            page.locator("select[name=moyen]").select_option("post")
        else:
            page.locator("input[name=moyen][value=post]").check()
        page.locator("input[name=recu_le]").fill("2026-11-10")
        page.locator("main form button").last.click()
        page.wait_for_url("**/paniers/**")
        page.locator("input[type=file]").set_input_files(
            {"name": "lettre reçue.pdf", "mimeType": "application/pdf", "buffer": b"%PDF lettre"}
        )
        page.get_by_text("1 fichier").first.wait_for()
        walker.click("button", "Continuer")
        page.wait_for_url("**/confirmer")
        walker.look("confirmer-pour-le-compte")
        page.get_by_test_id("confirm-deposit").click()
        page.wait_for_url("**/recu")
        journal = walker.go(f"/dossiers/{demo.case}/journal").inner_text("main")

    assert "pour le compte de" in journal
    assert "lettre reçue" in journal or "reçu" in journal
