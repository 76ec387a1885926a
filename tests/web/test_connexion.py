"""Sign in with password and code, forget the password; the doors that stay shut meanwhile."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, RequestFactory, override_settings
from django.utils import timezone

from accedit.domain.people.access import NotSignedIn, actor_of_token
from accedit.domain.people.enums import Channel, Door, PersonKind
from accedit.domain.people.models import User
from accedit.domain.people.operations import accounts, factors, invitations, tokens
from accedit.domain.people.queries import recovery_codes
from accedit.domain.post.models import Message
from accedit.interfaces.web.accounts import AccountAdapter
from accedit.interfaces.web.signed_in import FACTOR
from tests import cast
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
        password=cast.PASSWORD,
        at=cast.NOON,
    )
    factors.set_authenticator(user, secret=SECRET)
    return user


def gives_password(client: Client, password: str = cast.PASSWORD, **more: str) -> object:
    given = {"login": "Aubry@avocat.example", "password": password, **more}
    return client.post("/connexion", given)


def gives_code(client: Client, code: str | None = None) -> object:
    return client.post("/connexion/code", {"code": code or code_of()})


def is_in(client: Client) -> bool:
    return client.get("/compte").status_code == 200


def went(answer: object) -> str:
    assert answer.status_code == 302
    return answer.headers["Location"]


# --- password, code, trust


def test_password_then_code_then_one_is_in(client: Client, lawyer: User) -> None:
    assert went(gives_password(client)) == "/connexion/code"
    assert went(gives_code(client)) == "/connexion/confiance"
    assert went(client.post("/connexion/confiance", {"action": "none"})) == "/dossiers"

    assert is_in(client)


def test_one_goes_on_to_the_page_that_was_asked_for(client: Client, lawyer: User) -> None:
    asked = went(client.get("/compte/appareils"))

    gives_password(client, next="/compte/appareils")
    gives_code(client)

    assert asked == "/connexion?next=/compte/appareils"
    assert went(client.post("/connexion/confiance", {"action": "none"})) == "/compte/appareils"


@pytest.mark.parametrize(
    "place", ["https://mal.example/", "//mal.example", "/\\mal.example", "javascript:alert(1)"]
)
def test_one_does_not_go_on_to_another_site(client: Client, lawyer: User, place: str) -> None:
    gives_password(client, next=place)
    gives_code(client)

    assert went(client.post("/connexion/confiance", {"action": "none"})) == "/dossiers"


def test_password_alone_opens_nothing(client: Client, lawyer: User) -> None:
    gives_password(client)

    assert went(client.get("/compte")) == "/connexion?next=/compte"


def test_the_code_before_the_trust_page_opens_nothing(client: Client, lawyer: User) -> None:
    gives_password(client)
    gives_code(client)

    assert not is_in(client)


@pytest.mark.parametrize(
    ("login", "password"),
    [("aubry@avocat.example", "pas le bon"), ("inconnu@avocat.example", cast.PASSWORD)],
)
def test_an_unknown_address_and_a_wrong_password_get_the_same_page(
    client: Client, lawyer: User, login: str, password: str
) -> None:
    answer = client.post("/connexion", {"login": login, "password": password})

    page = re.sub(r'value="[^"]*"|[A-Za-z0-9]{64}', "", answer.content.decode())
    assert answer.status_code == 422
    assert "Cette adresse et ce mot de passe ne vont pas ensemble" in page
    assert login not in page


def test_a_code_serves_once(lawyer: User) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        gives_password(client)
    code = code_of()

    assert went(gives_code(first, code)) == "/connexion/confiance"
    answer = gives_code(second, code)

    assert answer.status_code == 422
    assert "il a déjà servi" in answer.content.decode()


def test_a_recovery_code_replaces_the_telephone_once(lawyer: User) -> None:
    code = recovery_codes(lawyer)[0]
    first, second = Client(), Client()
    for client in (first, second):
        gives_password(client)

    assert went(gives_code(first, f"{code[:4]} {code[4:]}")) == "/connexion/confiance"
    assert gives_code(second, code).status_code == 422
    assert code not in recovery_codes(lawyer)


def test_a_trusted_computer_is_not_asked_the_code_again(client: Client, lawyer: User) -> None:
    gives_password(client)
    gives_code(client)
    client.post("/connexion/confiance", {"action": "trust"})
    client.post("/deconnexion")

    assert not is_in(client)
    assert went(gives_password(client)) == "/dossiers"
    assert is_in(client)


def test_trust_ends_with_the_authenticator(client: Client, lawyer: User) -> None:
    gives_password(client)
    gives_code(client)
    client.post("/connexion/confiance", {"action": "trust"})
    client.post("/deconnexion")

    factors.set_authenticator(lawyer, secret=factors.new_secret())

    assert went(gives_password(client)) == "/connexion/code"


def test_who_has_no_authenticator_is_told_what_to_do(client: Client) -> None:
    accounts.enter_person(
        name="Me Sans Téléphone",
        kind=PersonKind.PROFESSIONAL,
        email="aubry@avocat.example",
        password=cast.PASSWORD,
        at=cast.NOON,
    )

    place = went(gives_password(client))

    assert place == "/connexion/sans-application"
    assert "un nouveau code d’invitation" in client.get(place).content.decode()
    assert not is_in(client)


def test_a_session_without_a_second_factor_is_left_and_one_signs_in_again(
    client: Client, lawyer: User
) -> None:
    client.force_login(lawyer)

    assert went(client.get("/compte")) == "/connexion?next=/compte"
    assert client.get("/connexion").status_code == 200
    assert went(gives_password(client)) == "/connexion/code"


@pytest.mark.parametrize(("linked", "kept"), [(True, True), (False, False)])
def test_signing_in_without_an_authenticator_leaves_the_session_shut(
    rf: RequestFactory, lawyer: User, linked: bool, kept: bool
) -> None:
    """Whatever step was missed before: the last one looks again (G4)."""
    if not linked:
        lawyer.authenticator_set.all().delete()
    request = rf.post("/connexion")
    request.session = SessionStore()

    AccountAdapter(request).login(request, lawyer)

    assert (FACTOR in request.session) is kept


def test_wrong_passwords_slow_one_network_down_and_not_the_person(lawyer: User) -> None:
    """On the last day nobody shuts the opponent out by typing wrong passwords (G3)."""
    attacker = Client(REMOTE_ADDR="2001:db8:bad::1")
    answers = [gives_password(attacker, "pas le bon").content.decode() for _ in range(7)]

    assert "Trop d&#x27;essais de suite" in answers[-1]
    assert went(gives_password(Client(REMOTE_ADDR="2001:db8:900d::1"))) == "/connexion/code"


def test_the_demo_shows_its_people_and_nothing_else_does(
    client: Client, lawyer: User, tmp_path: object
) -> None:
    (tmp_path / "demo.json").write_text(
        '{"people": [{"role": "counsel", "name": "Me Claire Aubry", "email": "aubry@avocat.example",'
        f' "password": "{cast.PASSWORD}", "totp_secret": "{SECRET}", "token": "x"}}]}}'
    )

    with override_settings(DATA=tmp_path, DEMO=True):
        shown = client.get("/connexion").content.decode()
        gives_password(client)
        code = client.get("/connexion/code").content.decode()
    with override_settings(DATA=tmp_path, DEMO=False):
        hidden = Client().get("/connexion").content.decode()
        no_code = client.get("/connexion/code").content.decode()

    assert cast.PASSWORD in shown
    assert re.search(r"affiche maintenant <strong[^>]*>\d{6}<", code)
    assert cast.PASSWORD not in hidden
    assert "affiche maintenant" not in no_code


# --- signing out


def test_looking_at_the_page_does_not_sign_out(client: Client, lawyer: User) -> None:
    signed_in(client, lawyer)

    assert client.get("/deconnexion").status_code == 200
    assert is_in(client)
    assert went(client.post("/deconnexion")) == "/connexion"
    assert not is_in(client)


# --- a forgotten password (G6, G7)


def asks_reset(client: Client, email: str, **extra: str) -> object:
    return client.post("/connexion/oublie", {"email": email}, **extra)


def link_in(message: Message) -> str:
    found = re.search(r"http://localhost:8000(/connexion/oublie/\S+)", message.body)
    assert found
    return found[1]


def opens(client: Client, link: str) -> str:
    return went(client.get(link))


def test_a_known_and_an_unknown_address_get_the_same_answer(lawyer: User) -> None:
    known = asks_reset(Client(), lawyer.email)
    unknown = asks_reset(Client(), "inconnu@avocat.example")

    assert went(known) == went(unknown) == "/connexion/oublie/envoye"
    assert [message.to for message in Message.objects.all()] == [lawyer.email]


def test_a_new_password_ends_every_session_and_token_and_the_code_is_still_asked(
    client: Client, lawyer: User
) -> None:
    elsewhere = signed_in(Client(), lawyer)
    _, key = tokens.create_token(lawyer, name="essai", scope="manage", at=cast.NOON)
    asks_reset(client, lawyer.email)

    form = opens(client, link_in(Message.objects.get()))
    done = client.post(form, {"password1": NEW, "password2": NEW})

    assert went(done) == "/connexion/oublie/change"
    assert not is_in(client)
    assert not is_in(elsewhere)
    assert not opens_api(key)
    assert "pas ensemble" in gives_password(client).content.decode()
    assert went(gives_password(client, NEW)) == "/connexion/code"


def opens_api(key: str) -> bool:
    try:
        actor_of_token(key, door=Door.API)
    except NotSignedIn:
        return False
    return True


def test_the_link_is_made_from_the_setting_whatever_host_is_asked(
    client: Client, lawyer: User
) -> None:
    asks_reset(client, lawyer.email, headers={"host": "mal.example"})

    body = Message.objects.get().body
    assert "mal.example" not in body
    assert re.findall(r"https?://\S+", body) == [
        f"http://localhost:8000{link_in(Message.objects.get())}"
    ]


def test_the_key_of_the_link_leaves_the_address_at_once(client: Client, lawyer: User) -> None:
    asks_reset(client, lawyer.email)

    form = opens(client, link_in(Message.objects.get()))

    assert form.endswith("-set-password")
    assert client.get(form).status_code == 200


def test_a_scanner_that_opens_the_link_uses_nothing_up(client: Client, lawyer: User) -> None:
    asks_reset(client, lawyer.email)
    link = link_in(Message.objects.get())

    for _ in range(3):
        scanner = Client()
        scanner.get(opens(scanner, link))

    done = client.post(opens(client, link), {"password1": NEW, "password2": NEW})
    assert went(done) == "/connexion/oublie/change"


def test_a_link_serves_once(client: Client, lawyer: User) -> None:
    asks_reset(client, lawyer.email)
    link = link_in(Message.objects.get())
    client.post(opens(client, link), {"password1": NEW, "password2": NEW})

    answer = Client().get(link)

    assert "Ce lien ne sert plus" in answer.content.decode()


@override_settings(PASSWORD_RESET_TIMEOUT=-1)
def test_a_link_is_over_after_its_time(client: Client, lawyer: User) -> None:
    asks_reset(client, lawyer.email)

    assert "Ce lien ne sert plus" in client.get(link_in(Message.objects.get())).content.decode()


def test_a_disabled_person_gets_no_link_and_an_earlier_one_is_dead(
    client: Client, lawyer: User
) -> None:
    asks_reset(client, lawyer.email)
    link = link_in(Message.objects.get())

    accounts.disable(lawyer.pk)
    answer = asks_reset(client, lawyer.email)

    assert went(answer) == "/connexion/oublie/envoye"
    assert Message.objects.count() == 1
    assert "Ce lien ne sert plus" in client.get(link).content.decode()


def test_a_person_disabled_while_choosing_changes_nothing(client: Client, lawyer: User) -> None:
    asks_reset(client, lawyer.email)
    form = opens(client, link_in(Message.objects.get()))

    accounts.disable(lawyer.pk)
    answer = client.post(form, {"password1": NEW, "password2": NEW})

    assert "Ce lien ne sert plus" in answer.content.decode()
    assert not User.objects.get(pk=lawyer.pk).check_password(NEW)


def test_who_never_used_the_invitation_is_sent_back_to_it(client: Client) -> None:
    anne = cast.expert(name="Anne Vasseur", email="anne@expert.example")
    user = accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email="aubry@avocat.example",
        at=cast.NOON,
    )
    invitations.invite(user, actor=anne, channel=Channel.MAIL, about="X", at=timezone.now())

    asks_reset(client, "aubry@avocat.example")

    last = Message.objects.latest("created_at")
    assert last.subject == "[Accédit] Votre accès attend encore votre code"
    assert "http://localhost:8000/invitation" in last.body
    assert "/connexion/oublie/" not in last.body


def test_two_private_accounts_of_one_address_keep_different_passwords(client: Client) -> None:
    """The password says in which case one enters."""
    people = [
        accounts.enter_person(
            name=f"M. Louis Petit {n}",
            kind=PersonKind.PRIVATE,
            email="petit@maison.example",
            only_room=f"00000000-0000-4000-8000-00000000000{n}",
            password=f"mot de passe du dossier {n}",
            at=cast.NOON,
        )
        for n in (1, 2)
    ]
    asks_reset(client, "petit@maison.example")
    links = [link_in(message) for message in Message.objects.order_by("created_at")]
    own = next(link for link in links if people[0].pk.hex in link)

    taken = "mot de passe du dossier 2"
    answer = client.post(opens(client, own), {"password1": taken, "password2": taken})

    assert len(links) == 2
    assert "choisissez ici un autre mot de passe" in answer.content.decode()
    assert people[0].check_password("mot de passe du dossier 1")


# --- sessions and headers (G7, G8)


def test_the_session_has_another_name_after_signing_in(client: Client, lawyer: User) -> None:
    client.get("/connexion")
    session = client.session
    session["kept"] = "before"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before

    gives_password(client)
    gives_code(client)
    client.post("/connexion/confiance", {"action": "none"})

    assert client.session.session_key != before
    assert client.session[FACTOR] == lawyer.epoch
    thief = Client()
    thief.cookies["sessionid"] = before
    assert not is_in(thief)


def test_cookies_are_kept_from_scripts_and_from_other_sites(client: Client, lawyer: User) -> None:
    gives_password(client)
    gives_code(client)
    client.post("/connexion/confiance", {"action": "trust"})

    flags = {
        name: (bool(cookie["httponly"]), cookie["samesite"])
        for name, cookie in client.cookies.items()
        if name != "csrftoken"
    }
    assert flags == dict.fromkeys(("sessionid", "mfa_trusted", "appareil"), (True, "Lax"))


def test_over_https_cookies_are_secure_and_bound_to_the_host() -> None:
    code = (
        "from accedit.settings import prod as p\n"
        "print(p.SESSION_COOKIE_NAME, p.SESSION_COOKIE_SECURE, p.CSRF_COOKIE_NAME,"
        " p.CSRF_COOKIE_SECURE, p.MFA_TRUST_COOKIE_NAME, p.SECURE_HSTS_SECONDS > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "ACCEDIT_BASE_URL": "https://pieces.exemple.example",
            "ACCEDIT_SECRET_KEY": "x",
            "PYTHONPATH": "src",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "__Host-session True __Host-csrf True __Host-confiance True"


def test_a_forged_form_is_refused_even_the_one_that_signs_in(lawyer: User) -> None:
    """Another site signs nobody in, under its own account or theirs (G8)."""
    strict = Client(enforce_csrf_checks=True)

    answer = gives_password(strict)

    assert answer.status_code == 403
    assert "resté ouvert trop longtemps" in answer.content.decode()


def test_a_reset_link_lasts_two_hours() -> None:
    assert timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) == timedelta(hours=2)
