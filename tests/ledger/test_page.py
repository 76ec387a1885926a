"""Row L17: the offline page and Python agree, and the page keeps to itself."""

import base64
import json
import os
import re
from collections.abc import Iterator
from hashlib import sha256, sha512
from io import BytesIO
from itertools import islice
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, sync_playwright
from tests.ledger.mutations import INDEX, LOG, Mutation, mutations
from tests.ledger.sample import FILE, FORGER, KEY, deposit_claims, log_of

from accedit_ledger import sentences
from accedit_ledger.base64s import from_standard, standard
from accedit_ledger.note import VerifierKey
from accedit_ledger.page import build
from accedit_ledger.receipt import verify_receipt

COUNT = 10_000 if os.environ.get("ACCEDIT_SOAK") else 300
SEED = 17
ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--no-first-run"),
]
CHECK = """async (batch) => {
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const answers = [];
  for (const [receipt, file, known] of batch) {
    const found = await verify(bytes(receipt), file === null ? null : new Blob([bytes(file)]), known);
    const { claims, key, ...json } = found;
    answers.push(json);
  }
  return answers;
}"""


def test_the_page_is_one_small_file_that_can_reach_nothing() -> None:
    page = build().decode()
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    script = re.search(r"<script>(.*)</script>", page, re.DOTALL)
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert policy
    assert script
    assert style

    assert policy[1].split("; ") == [
        "default-src 'none'",
        f"script-src 'sha256-{standard(sha256(script[1].encode()).digest())}'",
        f"style-src 'sha256-{standard(sha256(style[1].encode()).digest())}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert page.count("<script") == page.count("</script") == page.count("<style") == 1
    assert (
        re.findall(r"https?:|\bsrc=|\bhref=|\bon[a-z]+=|url\(|@import|eval|localStorage", page)
        == []
    )
    assert "{{" not in page


def test_a_receipt_with_the_page_stays_under_60_kb() -> None:
    log = log_of(1)
    log.append(deposit_claims(title="é" * 500, name="n" * 255))

    assert len(log.receipt(1, page=build())) < 60_000
    assert len(log.receipt(1, page=b"")) < 10_000


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    file = tmp_path_factory.mktemp("page") / "verifier.html"
    file.write_bytes(build())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGUMENTS)
        page = browser.new_page(locale="fr-FR")
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text))
        page.goto(file.as_uri())
        yield page
        browser.close()
    assert troubles == []


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "recepisse.zip").write_bytes(LOG.receipt(INDEX))
    (tmp_path / "forge.zip").write_bytes(log_of(21, key=FORGER, file=b"a lie").receipt(13))
    (tmp_path / "constat.pdf").write_bytes(FILE)
    (tmp_path / "autre.pdf").write_bytes(FILE + b"x")
    return tmp_path


@pytest.mark.browser
@pytest.mark.parametrize("signatures", ["by the browser", "written out"])
def test_l17_page_and_python_agree_on_mutated_receipts(page: Page, signatures: str) -> None:
    print(f"seed {SEED}, {COUNT} mutations")
    page.reload()
    if signatures == "written out":
        page.evaluate("() => { verifies = async (...parts) => verifiesHere(...parts); }")
    count = COUNT if signatures == "by the browser" else COUNT // 5

    different = []
    damaged = mutations(seed=SEED, count=count)
    while batch := list(islice(damaged, 250)):
        different += disagreements(page, batch)

    assert different == []


def disagreements(page: Page, batch: list[Mutation]) -> list[tuple[str, object, object]]:
    answers = page.evaluate(CHECK, [question(mutation) for mutation in batch])
    return [
        (mutation.name, ours, theirs)
        for mutation, theirs in zip(batch, answers, strict=True)
        if (ours := by_python(mutation)) != theirs
    ]


def question(mutation: Mutation) -> list[object]:
    file = None if mutation.file is None else base64.b64encode(mutation.file).decode()
    return [base64.b64encode(mutation.receipt).decode(), file, mutation.known]


def by_python(mutation: Mutation) -> object:
    file = None if mutation.file is None else BytesIO(mutation.file)
    found = verify_receipt(mutation.receipt, file=file, known=mutation.known)
    return json.loads(json.dumps(found.as_json()))


@pytest.mark.browser
def test_the_hashes_written_out_are_those_of_the_library(page: Page) -> None:
    sizes = [*range(130), 1000, 65_537]
    data = [bytes(number % 251 for number in range(size)) for size in sizes]

    answers = page.evaluate(
        """(sizes) => sizes.map((size) => {
          const bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
          const parts = [bytes.subarray(0, size / 3), bytes.subarray(size / 3)];
          return [hexOf(sha256(...parts)), hexOf(sha512(bytes))];
        })""",
        sizes,
    )

    assert answers == [[sha256(one).hexdigest(), sha512(one).hexdigest()] for one in data]


@pytest.mark.browser
def test_the_signature_written_out_is_that_of_the_library_and_of_the_browser(page: Page) -> None:
    key, message = KEY.verifier.public, b"le texte signe"
    signature = from_standard(KEY.signature_line("le texte signe").split(" ")[2].strip())[4:]
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little")
    cases = {
        "true": (key, signature, message),
        "another message": (key, signature, message + b"."),
        "another key": (FORGER.verifier.public, signature, message),
        "a second spelling of s": (
            key,
            signature[:32] + (scalar + order).to_bytes(32, "little"),
            message,
        ),
        "too short": (key, signature[:-1], message),
        "too long": (key, signature + b"\0", message),
        "a key off the curve": ((2).to_bytes(32, "little"), signature, message),
        "r not a point": (key, b"\xff" * 32 + signature[32:], message),
        "s is zero": (key, signature[:32] + bytes(32), message),
    }

    answers = page.evaluate(
        """async (cases) => {
          const answers = [];
          for (const parts of cases) {
            const [key, signature, message] = parts.map((part) => Uint8Array.from(part));
            answers.push([verifiesHere(key, signature, message), await verifies(key, signature, message)]);
          }
          return answers;
        }""",
        [[list(part) for part in case] for case in cases.values()],
    )

    by_library = [
        VerifierKey("a", public).verifies(signature=signed, message=text)
        for public, signed, text in cases.values()
    ]
    assert by_library == [True] + [False] * 8
    assert answers == [[verdict, verdict] for verdict in by_library]
    minus_zero = [1, *[0] * 30, 128]  # y = 1 with the sign of an x that is zero: RFC 8032, 5.1.3
    assert page.evaluate("(bytes) => pointOf(Uint8Array.from(bytes))", minus_zero) is None


@pytest.mark.browser
def test_a_file_is_hashed_in_a_stream(page: Page) -> None:
    size = 9_000_001  # three readings of 4 MiB

    answer = page.evaluate(
        "(size) => hashFile(new Blob([new Uint8Array(size).fill(7)]), () => {})", size
    )

    assert answer == sha256(b"\x07" * size).hexdigest()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_a_person_checks_a_receipt_a_file_and_a_key(page: Page, files: Path, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.reload()
    requests: list[Request] = []
    page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 (it needs an attribute)
    verdict = page.get_by_test_id("verdict")

    page.get_by_test_id("receipt-file").set_input_files(files / "recepisse.zip")
    page.wait_for_selector("#verdict[data-state='a-comparer']")
    assert "intègre, mais la clé reste à comparer" in verdict.inner_text()

    page.get_by_test_id("key").fill(f"\n  {KEY.verifier.fingerprint.upper()}\n")
    page.get_by_test_id("piece-file").set_input_files(files / "constat.pdf")
    page.wait_for_selector("#verdict[data-state='verifie']")
    assert sentences.MATCHES in verdict.inner_text()
    assert "22 novembre 2026 à 13 h 15 min 31 s (heure de Paris)" in verdict.inner_text()

    page.get_by_test_id("piece-file").set_input_files(files / "autre.pdf")
    page.wait_for_selector("#verdict[data-state='refuse']")
    assert verdict.inner_text().startswith("Ce n’est pas le fichier inscrit")
    assert sentences.OTHER_FILE in verdict.inner_text()
    assert requests == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.browser
def test_a_forged_receipt_is_shown_as_one(page: Page, files: Path) -> None:
    page.reload()

    page.get_by_test_id("key").fill(KEY.vkey)
    page.get_by_test_id("receipt-file").set_input_files(files / "forge.zip")
    page.wait_for_selector("#verdict[data-state='a-comparer']")

    assert sentences.IMPOSTOR.format(name=KEY.name) in page.get_by_test_id("verdict").inner_text()


@pytest.mark.browser
def test_the_page_says_what_it_cannot_do_without_its_program(page: Page, files: Path) -> None:
    page.reload()
    assert page.get_by_text("trop ancien").count() == 0

    without = page.context.browser.new_context(java_script_enabled=False).new_page()  # type: ignore[union-attr]
    without.goto(page.url)

    assert without.get_by_text("trop ancien").is_visible()
    without.context.close()


@pytest.mark.browser
def test_every_colour_of_the_page_can_be_read(page: Page) -> None:
    """WCAG AAA, 7:1, for text on its ground, in both schemes."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.reload()
        for ground in ("--paper", "--card"):
            for ink in ("--ink", "--quiet", "--blue", "--green", "--amber", "--red"):
                assert contrast(colour(page, ink), colour(page, ground)) >= 7, (scheme, ink, ground)
    page.emulate_media(color_scheme="light")


def colour(page: Page, name: str) -> list[int]:
    text = page.evaluate(
        "(n) => getComputedStyle(document.documentElement).getPropertyValue(n)", name
    )
    return [int(text.strip()[start : start + 2], 16) for start in (1, 3, 5)]


def contrast(one: list[int], two: list[int]) -> float:
    def luminance(rgb: list[int]) -> float:
        parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in rgb]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)
