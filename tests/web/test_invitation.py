"""An invitation, from the code to the case; and everybody who must not get in by it (H1, H2)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.models import Case
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import PartyDraft
from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations import log
from accedit.domain.people.models import Invitation, User
from accedit.domain.post.models import Letter, Message
from tests import cast
from tests.web.codes import code_of

pytestmark = pytest.mark.django_db
PASSWORD = "quatre mots sans rapport"
ONE_SENTENCE = "Ce code ne peut pas être utilisé avec cette adresse."


@pytest.fixture
def invited() -> Case:
    """A contractor invited by mail, a neighbour invited by a letter."""
    word = uuid4().hex[:6]
    anne = cast.expert(name="Anne Vasseur", email=f"anne.{word}@expert.example")
    return open_case(
        CaseDraft(
            template=Template.AMICABLE_CONVENED,
            title="Pompe à chaleur bruyante",
            reference="2026-31",
            parties=[
                PartyDraft(
                    "Sols Dubreuil", "entreprise", PartyKind.COMPANY, email=address("mail", word)
                ),
                PartyDraft(
                    "Mme Rose Hervé",
                    "voisine",
                    PartyKind.PERSON,
                    address="3 rue Basse, 76000 Rouen",
                ),
            ],
        ),
        actor=anne,
        at=timezone.now(),
    )


def address(kind: str, word: str) -> str:
    return f"{kind}.{word}@maison.example"


def mailed(case: Case) -> tuple[str, str]:
    """The address and the code of the mail of invitation."""
    message = Message.objects.get(to__startswith="mail.", subject__contains=case.room.reference)
    return message.to, code_in(message.body)


def posted(case: Case) -> str:
    return code_in(Letter.objects.get(to_name="Mme Rose Hervé").body)


def code_in(text: str) -> str:
    found = re.search(r"\b[0-9A-Z]{4}(-[0-9A-Z]{4}){3}\b", text)
    assert found
    return found[0]


def begins(client: Client, *, email: str, code: str) -> None:
    first = client.post("/invitation", {"email": email, "code": code})
    assert (first.status_code, first.headers["Location"]) == (302, "/invitation/mot-de-passe")
    second = client.post("/invitation/mot-de-passe", {"password": PASSWORD, "again": PASSWORD})
    assert (second.status_code, second.headers["Location"]) == (302, "/invitation/application")


def secret_shown(client: Client) -> str:
    page = client.get("/invitation/application").content.decode()
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


def finishes(client: Client, secret: str) -> object:
    return client.post("/invitation/application", {"code": code_of(secret)})


def test_the_code_of_a_mail_opens_the_account_and_leads_to_the_case(
    client: Client, invited: Case
) -> None:
    email, code = mailed(invited)

    begins(client, email=email.upper(), code=code.lower().replace("-", " "))
    answer = finishes(client, secret_shown(client))

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/compte/feuille-de-secours"
    sheet = client.get("/compte/feuille-de-secours").content.decode()
    assert len(re.findall(r"<li><code>\d{4}\xa0\d{4}</code></li>", sheet)) == 10
    put_away = client.post("/compte/feuille-de-secours/rangee")
    assert put_away.headers["Location"] == f"/dossiers/{invited.pk}"
    user = User.objects.get(email=email)
    assert (user.identity, user.has_usable_password()) == ("address", True)


def test_a_letter_lets_one_choose_the_address(client: Client, invited: Case) -> None:
    begins(client, email="rose@maison.example", code=posted(invited))
    finishes(client, secret_shown(client))

    user = User.objects.get(name="Mme Rose Hervé")
    assert (user.email, user.identity) == ("rose@maison.example", "letter")


def test_the_use_is_in_the_journal_of_the_case(client: Client, invited: Case) -> None:
    email, code = mailed(invited)

    begins(client, email=email, code=code)
    finishes(client, secret_shown(client))

    entry = Entry.objects.get(log__origin=log.acts_of(invited.pk), kind="invitation.used")
    assert entry.actor == User.objects.get(email=email).pk


def test_looking_consumes_nothing(client: Client, invited: Case) -> None:
    """A scanner opens the link of the mail as often as it likes, and posts the form as it found it."""
    email, code = mailed(invited)

    for _ in range(3):
        scanner = Client()
        page = scanner.get("/invitation")
        scanner.post("/invitation", {"email": "", "code": ""})

    assert page.status_code == 200
    assert Invitation.objects.filter(used_at__isnull=False).count() == 0
    begins(client, email=email, code=code)
    assert finishes(client, secret_shown(client)).status_code == 302


def test_nothing_of_what_was_given_is_in_an_address_or_readable_in_the_session(
    client: Client, invited: Case
) -> None:
    email, code = mailed(invited)

    begins(client, email=email, code=code)

    kept = str(dict(client.session))
    assert PASSWORD not in kept
    assert code not in kept
    page = client.get("/invitation/application")
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "private, no-store"


@pytest.mark.attack("H1", "pages")
@pytest.mark.parametrize(
    "wrong", ["another address", "another code", "used", "too old", "replaced"]
)
def test_each_wrong_try_gets_the_same_answer(client: Client, invited: Case, wrong: str) -> None:
    email, code = mailed(invited)
    if wrong == "another address":
        email = "autre@maison.example"
    elif wrong == "another code":
        code = "0000-0000-0000-0000"
    elif wrong == "used":
        other = Client()
        begins(other, email=email, code=code)
        finishes(other, secret_shown(other))
    elif wrong == "too old":
        Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    else:
        Invitation.objects.update(replaced_at=timezone.now())

    answer = client.post("/invitation", {"email": email, "code": code})

    assert answer.status_code == 422
    assert sentence_of(answer.content.decode()) == (
        f"{ONE_SENTENCE} Vérifiez les deux, ou demandez à l&#x27;expert un nouveau code : il l&#x27;envoie en un clic."
    )


def sentence_of(page: str) -> str:
    found = re.search(r'id="refus">([^<]+)<', page)
    assert found
    return found[1]


@pytest.mark.attack("H1", "pages")
def test_of_two_tabs_one_gets_in(invited: Case) -> None:
    email, code = mailed(invited)
    left, right = Client(), Client()
    for tab in (left, right):
        begins(tab, email=email, code=code)
    secret = secret_shown(right)

    finishes(left, secret_shown(left))
    answer = finishes(right, secret)

    assert answer.status_code == 422
    assert ONE_SENTENCE in answer.content.decode()
    assert right.get("/compte").status_code == 302
    assert Entry.objects.filter(kind="invitation.used").count() == 1


def test_the_last_step_posted_again_is_refused(client: Client, invited: Case) -> None:
    email, code = mailed(invited)
    begins(client, email=email, code=code)
    secret = secret_shown(client)
    finishes(client, secret)

    answer = finishes(client, secret)

    assert answer.status_code == 422
    assert ONE_SENTENCE in answer.content.decode()


def test_a_wrong_code_of_the_application_opens_nothing(client: Client, invited: Case) -> None:
    email, code = mailed(invited)
    begins(client, email=email, code=code)
    secret = secret_shown(client)

    answer = client.post("/invitation/application", {"code": "000000"})

    assert answer.status_code == 422
    assert secret_shown(client) == secret
    assert not User.objects.get(email=email).has_usable_password()


def test_steps_are_not_jumped(client: Client, invited: Case) -> None:
    email, code = mailed(invited)

    assert client.get("/invitation/mot-de-passe").headers["Location"] == "/invitation"
    assert client.get("/invitation/application").headers["Location"] == "/invitation"
    client.post("/invitation", {"email": email, "code": code})
    assert client.get("/invitation/application").headers["Location"] == "/invitation"


@pytest.mark.parametrize(
    ("password", "again", "sentence"),
    [
        ("court", "court", "12 caractères au moins"),
        ("motdepasse123456", "autre chose", "ne sont pas les mêmes"),
        ("sols dubreuil", "sols dubreuil", "ressemble trop à votre nom"),
    ],
)
def test_a_bad_password_is_refused_beside_the_field(
    client: Client, invited: Case, password: str, again: str, sentence: str
) -> None:
    email, code = mailed(invited)
    client.post("/invitation", {"email": email, "code": code})

    answer = client.post("/invitation/mot-de-passe", {"password": password, "again": again})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_guessing_is_slowed_and_the_right_code_still_opens(client: Client, invited: Case) -> None:
    email, code = mailed(invited)

    answers = [
        Client(REMOTE_ADDR=f"2001:db8:{n}::1").post(
            "/invitation", {"email": email, "code": "0000-0000-0000-0000"}
        )
        for n in range(8)
    ]

    assert [answer.status_code for answer in answers] == [422] * 6 + [429] * 2
    begins(client, email=email, code=code)


def test_one_network_is_slowed_whatever_addresses_it_takes(invited: Case) -> None:
    """A /64 counts as one: a machine there has as many addresses as it likes (G2)."""
    answers = [
        Client(REMOTE_ADDR=f"2001:db8:1:1::{n:x}").post(
            "/invitation", {"email": f"a{n}@b.example", "code": "0000-0000-0000-0000"}
        )
        for n in range(1, 23)
    ]

    assert [answer.status_code for answer in answers] == [422] * 20 + [429] * 2
