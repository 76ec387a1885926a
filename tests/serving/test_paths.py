"""One spelling for each place (attacks.md A21)."""

import pytest

from accedit.serving.paths import AmbiguousPath, canonical

PLAIN = {
    b"/": "/",
    b"/dossiers": "/dossiers",
    b"/.well-known/accedit-log-keys": "/.well-known/accedit-log-keys",
    b"/dossiers/": "/dossiers/",
    b"/calculs/d%C3%A9lais": "/calculs/délais",
    b"/caf\xc3\xa9": "/café",
    b"/a%20b": "/a b",
    b"/statique/main.0123456789ab.css": "/statique/main.0123456789ab.css",
}
TRICKS = [
    b"//dossiers",
    b"/dossiers//1",
    b"/dossiers/./1",
    b"/dossiers/../1",
    b"/dossiers/..",
    b"/dossiers/.",
    b"/dossiers.",
    b"/dossiers./1",
    b"/dossiers.../1",
    b"/%2e%2e/1",
    b"/.%2E/1",
    b"/dossiers%2f1",
    b"/dossiers%2F1",
    b"/dossiers%5c1",
    b"/dossiers\\1",
    b"/dossiers%00",
    b"/dossiers%0d%0aSet-Cookie:a",
    b"/dossiers%7f",
    b"/dossiers\x01",
    b"/dossiers;.css",
    b"/dossiers;a=b/1",
    b"/dossiers%3b.css",
    b"/dossiers%252e",
    b"/dossiers%",
    b"/dossiers%2",
    b"/dossiers%zz",
    b"/dossiers%ff",
    b"/dossiers%c0%ae",
    b"/dossiers%e2%80%a8",
    b"/dossiers%c2%85",
    b"dossiers",
    b"*",
    b"",
]


@pytest.mark.parametrize(("raw", "path"), PLAIN.items())
def test_a_plain_address_is_decoded_once(raw: bytes, path: str) -> None:
    assert canonical(raw) == path


@pytest.mark.parametrize("raw", TRICKS)
def test_an_address_with_two_readings_is_refused(raw: bytes) -> None:
    with pytest.raises(AmbiguousPath):
        canonical(raw)
