"""The expert's space; what is confided to an assistant, and taken back."""

from uuid import uuid4

import pytest
from django.test import Client

from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations import log
from accedit.domain.filing.models import Room
from accedit.domain.filing.operations import rooms
from accedit.domain.people.access import NotSignedIn, actor_of_token
from accedit.domain.people.enums import Covers, Door
from accedit.domain.people.models import Delegation, Invitation, User
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import Gymnase
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db
EVERYTHING = [one.value for one in Covers]


@pytest.fixture
def here(client: Client, gymnase: Gymnase) -> Client:
    """The expert, who has just confirmed that it is her."""
    signed_in(client, gymnase.expert)
    client.post("/compte/confirmer", {"password": cast.PASSWORD})
    return client


def delegation_to(who: Actor) -> Delegation:
    return Delegation.objects.get(delegate=who.user_id, ended_at__isnull=True)


def told(gymnase: Gymnase, kind: str) -> int:
    return Entry.objects.filter(log__origin=log.acts_of(gymnase.case.pk), kind=kind).count()


def test_the_space_says_its_use_and_its_assistants(here: Client, gymnase: Gymnase) -> None:
    Room.objects.filter(pk=gymnase.case.pk).update(used_bytes=2_500_000_000)

    page = here.get("/compte/espace").content.decode()

    for words in (
        "Espace de Anne Vasseur",
        "2,5\u00a0Go sur 10\u00a0Go, soit 25&nbsp;%",
        "Lucie Morel",
    ):
        assert words in page


def test_a_full_space_says_so(here: Client, gymnase: Gymnase) -> None:
    Room.objects.filter(pk=gymnase.case.pk).update(used_bytes=10**10)

    assert "L’espace est plein" in here.get("/compte/espace").content.decode()


def test_the_space_is_the_expert_s_alone(gymnase: Gymnase) -> None:
    for who in (gymnase.assistant, gymnase.owner_counsel, gymnase.contractor):
        assert signed_in(Client(), who).get("/compte/espace").status_code == 404


def test_the_expert_corrects_how_the_space_presents_itself(here: Client, gymnase: Gymnase) -> None:
    given = {
        "name": "Expertises Vasseur",
        "address": "4 place du Marché\r\n76000 Rouen",
        "phone": "02 35 00 00 00",
        "list_number": "expert près la cour d'appel de Rouen",
    }

    here.post("/compte/espace/coordonnees", given)

    page = here.get("/compte/espace").content.decode()
    for words in ("Expertises Vasseur", "4 place du Marché<br>76000 Rouen", "02 35 00 00 00"):
        assert words in page


def test_a_hidden_character_is_refused_and_what_was_typed_stays(here: Client) -> None:
    answer = here.post("/compte/espace/coordonnees", {"name": "Espace\u2028X", "phone": "01"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "un caractère invisible" in page
    assert 'value="01"' in page


# --- confiding


def confides(client: Client, *, email: str, covers: list[str] | None = None) -> object:
    return client.post(
        "/compte/espace/assistants/nouveau",
        {"name": "Karim Benali", "email": email, "covers": covers or EVERYTHING},
    )


def test_a_new_assistant_is_invited_and_the_open_case_tells_it(
    here: Client, gymnase: Gymnase
) -> None:
    email = f"karim.{uuid4().hex[:6]}@expert.example"

    answer = confides(here, email=email, covers=["letters", "invite"])

    user = User.objects.get(email=email)
    assert answer.headers["Location"] == "/compte/espace"
    assert delegation_to(Actor(user.pk, "", user.kind, Door.PAGE)).covers == ["invite", "letters"]
    assert Invitation.objects.filter(user=user).count() == 1
    assert Message.objects.filter(to=email).count() == 1
    assert told(gymnase, "delegation.given") == 1
    assert "invitation envoyée, pas encore utilisée" in here.get("/compte/espace").content.decode()


def test_a_closed_case_tells_nothing_more(here: Client, gymnase: Gymnase) -> None:
    rooms.close_room(gymnase.case.pk, actor=gymnase.expert, at=cast.NOON)

    confides(here, email=f"karim.{uuid4().hex[:6]}@expert.example")

    assert told(gymnase, "delegation.given") == 0


def test_nobody_of_the_directory_becomes_an_assistant(here: Client, gymnase: Gymnase) -> None:
    counsel = User.objects.get(pk=gymnase.owner_counsel.user_id)

    answer = confides(here, email=counsel.email)

    assert answer.status_code == 422
    assert "choisissez-en une autre" in answer.content.decode()
    assert not Delegation.objects.filter(delegate=counsel).exists()


def test_nothing_ticked_is_said_beside_the_boxes(here: Client) -> None:
    answer = here.post(
        "/compte/espace/assistants/nouveau", {"name": "Karim", "email": "k@expert.example"}
    )

    assert answer.status_code == 422
    assert "Cochez au moins une chose" in answer.content.decode()


def test_what_is_confided_changes_and_is_told(here: Client, gymnase: Gymnase) -> None:
    given = delegation_to(gymnase.assistant)

    here.post(f"/compte/espace/assistants/{given.pk}", {"covers": ["letters"]})

    assert delegation_to(gymnase.assistant).covers == ["letters"]
    assert told(gymnase, "delegation.given") == 1


def test_an_assistant_who_leaves_is_out_at_once(here: Client, gymnase: Gymnase) -> None:
    """Sessions and keys end with the role (G5)."""
    assistant = signed_in(Client(), gymnase.assistant)
    key = cast.token_for(gymnase.assistant)
    assert assistant.get("/compte").status_code == 200
    assert actor_of_token(key, door=Door.API).user_id == gymnase.assistant.user_id

    here.post(f"/compte/espace/assistants/{delegation_to(gymnase.assistant).pk}/fin")

    assert assistant.get("/compte").status_code == 302
    with pytest.raises(NotSignedIn):
        actor_of_token(key, door=Door.API)
    assert (
        signed_in(Client(), gymnase.assistant).get(f"/dossiers/{gymnase.case.pk}").status_code
        == 404
    )
    assert told(gymnase, "delegation.ended") == 1


def test_nobody_ends_another_expert_s_delegation(gymnase: Gymnase) -> None:
    given = delegation_to(gymnase.assistant)
    for who, password in (
        (gymnase.stranger, cast.PASSWORD),
        (gymnase.assistant, cast.PASSWORD),
    ):
        client = signed_in(Client(), who)
        client.post("/compte/confirmer", {"password": password})

        assert client.post(f"/compte/espace/assistants/{given.pk}/fin").status_code == 404
        assert client.get(f"/compte/espace/assistants/{given.pk}").status_code == 404
        assert client.post(f"/compte/espace/assistants/{uuid4()}/fin").status_code == 404

    assert delegation_to(gymnase.assistant) == given


def test_confiding_is_confirmed_first(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.expert)

    answer = confides(client, email="karim@expert.example")

    assert answer.headers["Location"].startswith("/compte/confirmer?next=")
    assert not User.objects.filter(email="karim@expert.example").exists()
