"""What lets anybody check a receipt: the page that reaches nothing, and the keys."""

import base64
import re
from hashlib import sha256

import pytest
from django.test import Client

from accedit.domain.evidence.operations.signatures import verifier_key
from accedit_ledger.note import VerifierKey
from accedit_ledger.page import build

pytestmark = pytest.mark.django_db


def test_the_page_is_the_one_of_the_receipts(client: Client) -> None:
    answer = client.get("/verifier")

    assert answer.status_code == 200
    assert answer.content == build()


def test_the_page_runs_its_own_script_and_reaches_no_address(client: Client) -> None:
    answer = client.get("/verifier")

    script = re.search(rb"<script>(.*?)</script>", answer.content, re.S)
    assert script
    expected = base64.b64encode(sha256(script[1]).digest()).decode()
    policy = {
        rule.split()[0]: rule.split()[1:]
        for rule in answer.headers["Content-Security-Policy"].split("; ")
    }
    assert policy["default-src"] == ["'none'"]
    assert policy["connect-src"] == ["'none'"]
    assert policy["form-action"] == ["'none'"]
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["script-src"] == [f"'sha256-{expected}'"]


def test_the_keys_are_one_a_line(client: Client) -> None:
    answer = client.get("/.well-known/accedit-log-keys")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.content.decode() == f"{verifier_key()}\n"
    assert VerifierKey.parse(answer.content.decode().strip()).text == verifier_key()


def test_the_door_step_leads_to_signing_in(client: Client) -> None:
    page = client.get("/").content.decode()

    assert 'href="/connexion"' in page
    assert 'href="/invitation"' in page
