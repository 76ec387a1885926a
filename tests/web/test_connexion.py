"""Sign in with password and code; the doors that stay shut meanwhile."""

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from accedit.domain.people.enums import PersonKind
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts, factors
from tests import cast

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


def current_code(secret: str = SECRET) -> str:
    _, now, *_ = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(secret, now)))


@pytest.fixture
def lawyer() -> User:
    user = accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email="aubry@avocat.example",
        password=cast.PASSWORD,
        at=cast.NOON,
    )
    factors.set_authenticator(user, secret=SECRET)
    return user


def gives_password(client: Client, password: str = cast.PASSWORD, **more: str) -> None:
    client.post("/connexion", {"login": "Aubry@avocat.example ", "password": password, **more})


def test_password_then_code_then_one_is_in(client: Client, lawyer: User) -> None:
    first = client.post("/connexion", {"login": lawyer.email, "password": cast.PASSWORD})
    second = client.post("/connexion/code", {"code": current_code()})
    third = client.post("/connexion/confiance", {"action": "none"})

    assert (first.status_code, first["Location"]) == (302, "/connexion/code")
    assert (second.status_code, second["Location"]) == (302, "/connexion/confiance")
    assert (third.status_code, third["Location"]) == (302, "/dossiers")
    assert client.get("/compte/confirmer").status_code == 200
