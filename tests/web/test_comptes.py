"""One's own account: what a change ends at once, and what it leaves open (G5)."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accedit.domain.people.access import NotSignedIn, actor_of_token
from accedit.domain.people.enums import Door, PersonKind, Scope
from accedit.domain.people.models import ApiToken, User
from accedit.domain.people.operations import accounts, factors, tokens
from accedit.domain.people.queries import recovery_codes
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import Gymnase
from tests.web.codes import SECRET, code_of
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db
NEW = "un tout autre mot de passe"


@pytest.fixture
def lawyer() -> User:
    user = accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email="aubry@avocat.example",
        firm=accounts.firm_named("Cabinet Aubry-Renard"),
        password=cast.PASSWORD,
        at=cast.NOON,
    )
    factors.set_authenticator(user, secret=SECRET)
    return user


@pytest.fixture
def here(client: Client, lawyer: User) -> Client:
    return signed_in(client, lawyer)


def confirms(client: Client) -> None:
    answer = client.post("/compte/confirmer", {"password": cast.PASSWORD})
    assert answer.status_code == 302


def is_in(client: Client) -> bool:
    return client.get("/compte").status_code == 200


def opens_api(key: str) -> bool:
    try:
        actor_of_token(key, door=Door.API)
    except NotSignedIn:
        return False
    return True


def key_of(user: User) -> str:
    return tokens.create_token(user, name="essai", scope=Scope.READ, at=cast.NOON)[1]


def test_the_account_says_who_one_is(here: Client) -> None:
    page = here.get("/compte").content.decode()

    for words in (
        "Me Claire Aubry",
        "Cabinet Aubry-Renard",
        "aubry@avocat.example",
        "identité déclarée",
        "Il y reste 10 codes",
    ):
        assert words in page


def test_a_party_is_not_told_of_keys(client: Client, gymnase: Gymnase) -> None:
    party = signed_in(client, gymnase.contractor).get("/compte").content.decode()

    assert "Clés d’accès" not in party


# --- confirmation


@pytest.mark.parametrize(
    "place",
    [
        "/compte/mot-de-passe",
        "/compte/application",
        "/compte/feuille-de-secours/nouvelle",
        "/compte/cles/nouvelle",
    ],
)
def test_what_touches_safety_is_confirmed_first(here: Client, place: str) -> None:
    for answer in (here.get(place), here.post(place, {"password": NEW, "again": NEW})):
        assert answer.status_code == 302
        assert answer.headers["Location"] == f"/compte/confirmer?next={place}"

    assert here.post("/compte/confirmer", {"password": "pas le bon"}).status_code == 422
    assert here.get(place).status_code == 302
    confirmed = here.post("/compte/confirmer", {"password": cast.PASSWORD, "next": place})
    assert confirmed.headers["Location"] == place
    assert here.get(place).status_code == 200


def test_one_confirms_by_the_code_as_well(here: Client) -> None:
    here.post("/compte/confirmer/code", {"code": code_of()})

    assert here.get("/compte/mot-de-passe").status_code == 200


def test_what_a_form_carried_is_not_kept_while_one_confirms(here: Client) -> None:
    here.post("/compte/mot-de-passe", {"password": NEW, "again": NEW})

    assert NEW not in str(dict(here.session))


# --- password


def test_a_new_password_ends_the_others_and_keeps_this_one(here: Client, lawyer: User) -> None:
    elsewhere, key = signed_in(Client(), lawyer), key_of(lawyer)
    confirms(here)

    answer = here.post("/compte/mot-de-passe", {"password": NEW, "again": NEW})

    assert answer.headers["Location"] == "/compte?fait=mot-de-passe"
    assert is_in(here)
    assert not is_in(elsewhere)
    assert not opens_api(key)
    assert User.objects.get(pk=lawyer.pk).check_password(NEW)
    told = Message.objects.filter(to=lawyer.email, subject__startswith="[Accédit]")
    assert [m.subject for m in told] == ["[Accédit] Votre accès a changé"]


def test_a_bad_new_password_is_said_beside_the_field(here: Client, lawyer: User) -> None:
    confirms(here)

    answer = here.post("/compte/mot-de-passe", {"password": "court", "again": "court"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'aria-describedby="id_password_helptext id_password_error"' in page
    assert 'id="id_password_error"' in page
    assert "12 caractères au moins" in page
    assert User.objects.get(pk=lawyer.pk).check_password(cast.PASSWORD)


# --- authenticator and recovery sheet


def secret_shown(client: Client) -> str:
    page = client.get("/compte/application").content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def test_another_authenticator_ends_the_old_one_and_the_others(here: Client, lawyer: User) -> None:
    elsewhere, key, sheet = signed_in(Client(), lawyer), key_of(lawyer), recovery_codes(lawyer)
    confirms(here)

    answer = here.post("/compte/application", {"code": code_of(secret_shown(here))})

    assert answer.headers["Location"] == "/compte/feuille-de-secours"
    assert is_in(here)
    assert not is_in(elsewhere)
    assert not opens_api(key)
    assert not set(sheet) & set(recovery_codes(lawyer))
    stranger = Client()
    stranger.post("/connexion", {"login": lawyer.email, "password": cast.PASSWORD})
    assert stranger.post("/connexion/code", {"code": code_of()}).status_code == 422


def test_the_old_authenticator_stays_until_the_new_one_answers(here: Client, lawyer: User) -> None:
    confirms(here)
    secret = secret_shown(here)

    answer = here.post("/compte/application", {"code": "000000"})

    assert answer.status_code == 422
    assert secret_shown(here) == secret
    stranger = Client()
    stranger.post("/connexion", {"login": lawyer.email, "password": cast.PASSWORD})
    assert stranger.post("/connexion/code", {"code": code_of()}).status_code == 302


def test_the_secret_of_an_authenticator_is_kept_encrypted(lawyer: User) -> None:
    kept = str(list(lawyer.authenticator_set.values_list("data", flat=True)))

    assert SECRET not in kept
    assert len(kept) > 100


def test_a_sheet_is_shown_when_it_is_made_and_not_later(here: Client, lawyer: User) -> None:
    before = recovery_codes(lawyer)
    assert written(before[0]) not in here.get("/compte/feuille-de-secours").content.decode()
    confirms(here)

    here.post("/compte/feuille-de-secours/nouvelle")
    shown = here.get("/compte/feuille-de-secours").content.decode()
    printed = here.get("/compte/feuille-de-secours.pdf")
    here.post("/compte/feuille-de-secours/rangee")
    later = here.get("/compte/feuille-de-secours").content.decode()

    assert printed.content.startswith(b"%PDF-")
    assert here.get("/compte/feuille-de-secours.pdf").status_code == 404
    fresh = recovery_codes(lawyer)
    assert not set(before) & set(fresh)
    assert [code for code in fresh if written(code) not in shown] == []
    assert [code for code in fresh if written(code) in later] == []


def written(code: str) -> str:
    return f"{code[:4]}\u00a0{code[4:]}"


# --- where one is signed in


FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"


def browser(user: User, agent: str) -> Client:
    client = signed_in(Client(headers={"user-agent": agent}), user)
    assert is_in(client)
    return client


def test_one_sees_where_one_is_signed_in_and_ends_a_place(lawyer: User) -> None:
    desk, phone = browser(lawyer, FIREFOX), browser(lawyer, IPHONE)

    page = desk.get("/compte/appareils").content.decode()
    (ending,) = re.findall(
        r'action="(/compte/appareils/\d+/fin)"', page.split("ici, maintenant")[1]
    )
    desk.post(ending)

    assert "Firefox sur Windows" in page
    assert "Safari sur un iPhone" in page
    assert is_in(desk)
    assert not is_in(phone)


WRITES = ("INSERT", "UPDATE", "DELETE", "BEGIN", "SAVEPOINT")


def last_seen(user: User) -> datetime:
    return user.usersession_set.get().last_seen_at


def written_by(client: Client, **headers: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/compte", headers=headers).status_code == 200
    return [one["sql"] for one in asked.captured_queries if one["sql"].startswith(WRITES)]


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Callable[[timedelta], None]:
    """So much time passes for those who note when a place was last used."""
    real, passed = timezone.now, [timedelta()]

    def passes(more: timedelta) -> None:
        passed[0] += more

    monkeypatch.setattr(timezone, "now", lambda: real() + passed[0])
    return passes


def test_a_page_writes_nothing_when_the_last_use_is_less_than_five_minutes_old(
    lawyer: User, passing: Callable[[timedelta], None]
) -> None:
    desk = browser(lawyer, FIREFOX)
    noted = last_seen(lawyer)
    passing(timedelta(minutes=4, seconds=50))

    assert written_by(desk) == []
    assert last_seen(lawyer) == noted


def test_the_last_use_is_noted_again_after_five_minutes(
    lawyer: User, passing: Callable[[timedelta], None]
) -> None:
    desk = browser(lawyer, FIREFOX)
    noted = last_seen(lawyer)
    passing(timedelta(minutes=5))

    assert written_by(desk) != []
    assert last_seen(lawyer) - noted >= timedelta(minutes=5)
    assert written_by(desk) == []
    assert "notée toutes les cinq minutes" in desk.get("/compte/appareils").content.decode()


def test_another_browser_with_the_same_session_is_noted_at_once(lawyer: User) -> None:
    desk = browser(lawyer, FIREFOX)

    written_by(desk, **{"user-agent": IPHONE})

    assert lawyer.usersession_set.get().user_agent == IPHONE


def test_a_page_reads_the_session_and_the_person_once(lawyer: User) -> None:
    desk = browser(lawyer, FIREFOX)

    with CaptureQueriesContext(connection) as asked:
        desk.get("/aide/avocat")

    tables = [re.findall(r'FROM "(\w+)"', one["sql"])[0] for one in asked.captured_queries]
    assert tables == ["django_session", "people_user", "people_firm"]


def test_one_ends_all_the_others(lawyer: User) -> None:
    desk, phone, other = (browser(lawyer, FIREFOX) for _ in range(3))

    desk.post("/compte/appareils/autres/fin")

    assert [is_in(client) for client in (desk, phone, other)] == [True, False, False]


def test_nobody_ends_another_s_session(lawyer: User, gymnase: Gymnase) -> None:
    victim = browser(lawyer, FIREFOX)
    device = lawyer.usersession_set.get().pk
    attacker = signed_in(Client(), gymnase.stranger)

    attacker.post(f"/compte/appareils/{device}/fin")

    assert is_in(victim)


def test_the_page_costs_the_same_with_one_place_and_with_three(lawyer: User) -> None:
    desk = browser(lawyer, FIREFOX)
    alone = queries_of(desk, "/compte/appareils")
    browser(lawyer, IPHONE)
    browser(lawyer, IPHONE)

    assert queries_of(desk, "/compte/appareils") == alone


def test_the_list_of_keys_costs_the_same_with_one_and_with_three(
    here: Client, lawyer: User
) -> None:
    key_of(lawyer)
    alone = queries_of(here, "/compte/cles")
    key_of(lawyer)
    key_of(lawyer)

    assert queries_of(here, "/compte/cles") == alone


def queries_of(client: Client, place: str) -> int:
    client.get(place)
    with CaptureQueriesContext(connection) as asked:
        client.get(place)
    return len(asked)


# --- keys of programs


def makes_key(client: Client, **given: str) -> object:
    return client.post("/compte/cles/nouvelle", {"name": "Sauvegarde", "scope": "read", **given})


def test_a_key_is_shown_once_and_opens_the_api(here: Client, lawyer: User) -> None:
    confirms(here)

    answer = makes_key(here)

    found = re.search(r'data-testid="token">(acc_[^<]+)<', answer.content.decode())
    assert answer.status_code == 201
    assert found
    assert actor_of_token(found[1], door=Door.API).user_id == lawyer.pk
    later = here.get("/compte/cles").content.decode()
    assert "Sauvegarde" in later
    assert found[1] not in later


def test_a_revoked_key_opens_nothing_and_stays_in_the_list(here: Client, lawyer: User) -> None:
    key = key_of(lawyer)
    page = here.get("/compte/cles").content.decode()
    (ending,) = re.findall(r'action="(/compte/cles/[0-9a-f-]+/fin)"', page)

    here.post(ending)

    assert not opens_api(key)
    assert "révoquée" in here.get("/compte/cles").content.decode()


def test_a_key_for_one_case_names_one_of_one_s_own(client: Client, gymnase: Gymnase) -> None:
    here = signed_in(client, gymnase.owner_counsel)
    counsel = User.objects.get(pk=gymnase.owner_counsel.user_id)
    here.post("/compte/confirmer", {"password": cast.PASSWORD + counsel.email[:3]})

    other = makes_key(here, case=str(gymnase.stranger_case.pk))
    own = makes_key(here, case=str(gymnase.case.pk))

    assert (other.status_code, own.status_code) == (422, 201)
    assert ApiToken.objects.get(user=counsel).room_id == gymnase.case.pk


def test_nobody_revokes_another_s_key(lawyer: User, gymnase: Gymnase) -> None:
    key = key_of(lawyer)
    attacker = signed_in(Client(), gymnase.stranger)

    answer = attacker.post(f"/compte/cles/{ApiToken.objects.get().pk}/fin")

    assert answer.status_code == 404
    assert opens_api(key)


def test_a_disabled_person_is_out_at_once(here: Client, lawyer: User) -> None:
    key = key_of(lawyer)
    assert is_in(here)

    accounts.disable(lawyer.pk)

    assert not is_in(here)
    assert not opens_api(key)
    assert here.post("/connexion", {"login": lawyer.email, "password": cast.PASSWORD}).headers[
        "Location"
    ] in {"/connexion/fermee"}
