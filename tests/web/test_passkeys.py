"""Passkeys on the pages: what is refused, what ends, what is told. The device itself is in
tests/journeys/test_passkeys.py."""

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client, override_settings

from accedit.domain.people.access import NotSignedIn, actor_of_token
from accedit.domain.people.enums import Door, PersonKind, Scope
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts, factors, tokens
from accedit.domain.people.operations.factors import LastFactor, Passkey
from accedit.domain.people.queries import recovery_codes
from accedit.domain.post.models import Message
from tests import cast
from tests.web.codes import SECRET
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db
KEY = Passkey("mon téléphone", {"id": "x"})


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


@pytest.fixture
def here(client: Client, lawyer: User) -> Client:
    signed_in(client, lawyer)
    client.post("/compte/confirmer", {"password": cast.PASSWORD})
    return client


def key_of(user: User) -> int:
    return int(user.authenticator_set.get(type=Authenticator.Type.WEBAUTHN).pk)


def is_in(client: Client) -> bool:
    return client.get("/compte").status_code == 200


def opens_api(key: str) -> bool:
    try:
        actor_of_token(key, door=Door.API)
    except NotSignedIn:
        return False
    return True


def options_in(page: str) -> dict[str, object]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found
    read: dict[str, object] = json.loads(found[1].replace("&quot;", '"'))["publicKey"]
    return read


@override_settings(BASE_URL="https://pieces.expert.example")
def test_a_key_belongs_to_the_site_of_the_settings_and_recognises_its_owner(here: Client) -> None:
    asked = options_in(here.get("/compte/identification/nouvelle").content.decode())

    assert asked["rp"] == {"id": "pieces.expert.example", "name": "Accédit"}
    assert asked["authenticatorSelection"] == {
        "residentKey": "required",
        "requireResidentKey": True,
        "userVerification": "required",
    }


@pytest.mark.parametrize(
    "answer", ["", "{}", "[]", "null", "1", '"x"', '{"id": "x", "rawId": "x"}', "x" * 30_000]
)
def test_what_is_no_answer_of_a_device_makes_no_key(
    here: Client, lawyer: User, answer: str
) -> None:
    here.get("/compte/identification/nouvelle")

    said = here.post(
        "/compte/identification/nouvelle", {"name": "mon téléphone", "credential": answer}
    )

    assert said.status_code == 422
    assert lawyer.authenticator_set.filter(type=Authenticator.Type.WEBAUTHN).count() == 0


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{}",
        "[]",
        "null",
        '{"id": "x", "response": {}}',
        '{"id": 1, "rawId": 1, "response": {"clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AA", "userHandle": "w6k"}}',
    ],
)
def test_what_is_no_answer_of_a_device_signs_nobody_in(client: Client, answer: str) -> None:
    client.get("/connexion/cle", headers={"x-requested-with": "XMLHttpRequest"})

    said = client.post("/connexion/cle", {"credential": answer})

    assert said.status_code == 422
    assert "n’ouvre rien ici" in said.content.decode()
    assert not is_in(client)


def test_the_page_that_asks_the_device_is_for_the_script_alone(client: Client) -> None:
    assert client.get("/connexion/cle").headers["Location"] == "/connexion"


@pytest.mark.parametrize("act", ["add", "remove", "set", "end"])
def test_a_change_of_key_ends_sessions_and_tokens(lawyer: User, act: str) -> None:
    """G5, whichever way the change is made."""
    factors.add_passkey(lawyer, passkey=KEY)
    elsewhere = signed_in(Client(), User.objects.get(pk=lawyer.pk))
    lawyer.refresh_from_db()
    _, token = tokens.create_token(lawyer, name="essai", scope=Scope.READ, at=cast.NOON)
    assert (is_in(elsewhere), opens_api(token)) == (True, True)

    if act == "add":
        factors.add_passkey(lawyer, passkey=KEY)
    elif act == "remove":
        factors.remove_passkey(lawyer, passkey=key_of(lawyer))
    elif act == "set":
        factors.set_passkey(lawyer, passkey=KEY)
    else:
        factors.end_all(lawyer)

    assert (is_in(elsewhere), opens_api(token)) == (False, False)


def test_taking_a_key_away_keeps_this_place_and_tells_its_owner(here: Client, lawyer: User) -> None:
    factors.add_passkey(lawyer, passkey=KEY)
    here = signed_in(here, User.objects.get(pk=lawyer.pk))
    here.post("/compte/confirmer", {"password": cast.PASSWORD})

    done = here.post(f"/compte/identification/{key_of(lawyer)}/fin")

    assert done.headers["Location"] == "/compte/identification"
    assert is_in(here)
    (mail,) = Message.objects.filter(to=lawyer.email)
    assert mail.subject == "[Accédit] Votre accès a changé"
    assert "une clé d’identification (passkey) a été retirée" in mail.body


def test_the_last_means_stays(lawyer: User) -> None:
    factors.set_passkey(lawyer, passkey=KEY)

    with pytest.raises(LastFactor):
        factors.remove_passkey(lawyer, passkey=key_of(lawyer))

    assert len(recovery_codes(lawyer)) == 10


def test_a_new_telephone_keeps_the_keys_and_an_invitation_does_not(lawyer: User) -> None:
    factors.add_passkey(lawyer, passkey=KEY)
    factors.change_authenticator(lawyer, secret=factors.new_secret())
    kept = key_of(lawyer)

    factors.set_authenticator(lawyer, secret=factors.new_secret())

    assert kept
    assert lawyer.authenticator_set.filter(type=Authenticator.Type.WEBAUTHN).count() == 0


def test_somebody_else_s_key_is_nobody_s(here: Client) -> None:
    other = accounts.enter_person(
        name="Me Hugo Blin",
        kind=PersonKind.PROFESSIONAL,
        email="blin@avocat.example",
        password=cast.PASSWORD,
        at=cast.NOON,
    )
    factors.set_passkey(other, passkey=KEY)

    for act in ("nom", "fin"):
        place = f"/compte/identification/{key_of(other)}/{act}"
        assert here.get(place).status_code == 404
        assert here.post(place, {"name": "à moi"}).status_code == 404
    assert other.authenticator_set.get(pk=key_of(other)).data["name"] == "mon téléphone"


def test_a_key_is_renamed_and_its_name_is_one_line(here: Client, lawyer: User) -> None:
    factors.add_passkey(lawyer, passkey=KEY)
    here = signed_in(here, User.objects.get(pk=lawyer.pk))
    place = f"/compte/identification/{key_of(lawyer)}/nom"

    assert here.post(place, {"name": "tablette\u202e du salon"}).status_code == 302
    page = here.get("/compte/identification").content.decode()

    assert "tablette" in page
    assert "\u202e" not in page


def test_who_has_only_a_key_is_asked_for_it_after_the_password(
    client: Client, lawyer: User
) -> None:
    """And a code of the sheet serves where there is no device at hand."""
    factors.set_passkey(lawyer, passkey=KEY)
    given = {"login": lawyer.email, "password": cast.PASSWORD}

    assert client.post("/connexion", given).headers["Location"] == "/connexion/code"
    assert not is_in(client)
    done = client.post("/connexion/code", {"code": recovery_codes(lawyer)[0]})

    assert done.headers["Location"] == "/connexion/confiance"
