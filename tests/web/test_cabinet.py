"""« Mon cabinet »: its people, and nothing of their cases (G13, A20)."""

import re

import pytest
from django.test import Client

from accedit.domain.cases.models import Mandate
from accedit.domain.evidence.models import Entry
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door, PersonKind
from accedit.domain.people.models import Colleague, User
from accedit.domain.people.operations import accounts, firms
from accedit.domain.people.operations.accounts import FirmIsNobody
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from accedit.shared.refusals import Invalid
from tests import cast
from tests.cast import NOON, Gymnase
from tests.web.reading import words
from tests.web.sessions import signed_in

pytestmark = pytest.mark.django_db


def user_of(who: Actor) -> User:
    return User.objects.get(pk=who.user_id)


def chief_of(gymnase: Gymnase) -> Actor:
    """Me Diallo administers the firm of Me Carel; Me Blin another one."""
    chief = gymnase.engineer_counsels[1]
    firms.name_administrator(user_of(chief), actor=None, at=NOON)
    return actor_of(user_of(chief), door=Door.PAGE)


def entered(gymnase: Gymnase, who: Actor) -> Client:
    client = signed_in(Client(), who)
    email = user_of(who).email or ""
    answer = client.post("/compte/confirmer", {"password": cast.PASSWORD + email[:3]})
    assert answer.status_code == 302
    return client


def test_the_people_of_the_firm_and_nothing_of_their_cases(gymnase: Gymnase) -> None:
    chief = chief_of(gymnase)

    page = signed_in(Client(), chief).get("/cabinet")

    shown = words(page)
    assert "Me Inès Carel" in shown
    assert "Me Omar Diallo" in shown
    for canary in (
        "Me Hugo Blin",
        gymnase.case.room.title,
        gymnase.case.room.reference,
        "Novatech",
        str(gymnase.case.pk),
    ):
        assert canary not in page.content.decode()


def test_for_anybody_else_there_is_no_such_page(gymnase: Gymnase) -> None:
    colleague = user_of(gymnase.engineer_counsels[0])
    chief_of(gymnase)
    for who in (
        gymnase.expert,
        gymnase.assistant,
        gymnase.engineer_counsels[0],
        gymnase.contractor,
    ):
        client = signed_in(Client(), who)
        client.post(
            "/compte/confirmer", {"password": cast.PASSWORD + (user_of(who).email or "")[:3]}
        )
        client.post("/compte/confirmer", {"password": cast.PASSWORD})
        answers = [
            client.get("/cabinet"),
            client.post("/cabinet/inviter", {"name": "X", "email": "x@y.example"}),
            client.post(f"/cabinet/{colleague.pk}/depart"),
            client.post(f"/cabinet/{colleague.pk}/administrateur"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 4
    assert user_of(gymnase.engineer_counsels[0]).is_active


def test_nobody_of_another_firm_is_reached(gymnase: Gymnase) -> None:
    """A20: the id of somebody else's colleague is an id that was never given."""
    client = entered(gymnase, chief_of(gymnase))
    for who in (gymnase.architect_counsel, gymnase.expert, gymnase.contractor):
        for act in ("depart", "administrateur"):
            assert client.post(f"/cabinet/{who.user_id}/{act}").status_code == 404
        assert user_of(who).is_active
        assert not user_of(who).administers_firm


def test_a_known_and_an_unknown_address_are_invited_alike(gymnase: Gymnase) -> None:
    """G1: the answer, and the page after it, tell nothing of whether somebody was known."""
    client = entered(gymnase, chief_of(gymnase))
    known = user_of(gymnase.architect_counsel).email or ""
    answers, pages = [], []
    for email in (known, "nouvelle@avocat.example"):
        answers.append(client.post("/cabinet/inviter", {"name": "Me Léa Roux", "email": email}))
        page = words(client.get("/cabinet")).replace(email, "ADRESSE")
        pages.append(re.findall(r"Me Léa Roux, ADRESSE Invitée le", page))

    assert [a.status_code for a in answers] == [302, 302]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    assert pages[0] == pages[1] == ["Me Léa Roux, ADRESSE Invitée le"]
    assert {m.to for m in Message.objects.filter(to__in=[known, "nouvelle@avocat.example"])} == {
        known,
        "nouvelle@avocat.example",
    }


@pytest.mark.parametrize(("said", "joins"), [("oui", True), ("non", False), ("", False)])
def test_the_person_answers_and_nobody_for_them(gymnase: Gymnase, said: str, joins: bool) -> None:
    chief = chief_of(gymnase)
    blin = gymnase.architect_counsel
    row = firms.propose(
        user_of(chief), name="Me Blin", email=user_of(blin).email or "", actor=chief, at=NOON
    )
    stranger = signed_in(Client(), gymnase.owner_counsel)

    assert stranger.post(f"/compte/cabinet/{row.pk}", {"reponse": "oui"}).status_code == 404
    here = signed_in(Client(), blin)
    assert "vous propose de vous inscrire" in words(here.get("/compte"))
    here.post(f"/compte/cabinet/{row.pk}", {"reponse": said})

    assert (user_of(blin).firm_id == user_of(chief).firm_id) is joins
    assert here.post(f"/compte/cabinet/{row.pk}", {"reponse": "oui"}).status_code == 404


def test_a_leaver_has_no_way_in_and_the_expert_hears_of_it(gymnase: Gymnase) -> None:
    client = entered(gymnase, chief_of(gymnase))
    carel = gymnase.engineer_counsels[0]
    elsewhere, key = signed_in(Client(), carel), cast.token_for(carel)

    assert client.get(f"/cabinet/{carel.user_id}/depart").status_code == 200
    assert elsewhere.get("/compte").status_code == 200
    client.post(f"/cabinet/{carel.user_id}/depart")

    assert elsewhere.get("/compte").status_code == 302
    asked = Client().get("/api/v1/cases", headers={"authorization": f"Bearer {key}"})
    assert asked.status_code == 401
    (mail,) = Message.objects.filter(
        to=user_of(gymnase.expert).email, subject__contains="remplacer"
    )
    assert "Bureau d'études Novatech" in mail.body
    page = words(signed_in(Client(), gymnase.expert).get(f"/dossiers/{gymnase.case.pk}/personnes"))
    assert (
        page.count("accès fermé : à remplacer".replace(" :", "\u00a0:"))
        + page.count("accès fermé : à remplacer")
        == Mandate.objects.filter(counsel=carel.user_id, until=None).count()
    )


def test_the_acts_of_a_firm_are_in_the_log_with_the_person(gymnase: Gymnase) -> None:
    chief = chief_of(gymnase)
    before = Entry.objects.filter(kind="admin.acted").count()
    row = firms.propose(
        user_of(chief), name="Me Roux", email="roux@avocat.example", actor=chief, at=NOON
    )
    firms.answer(row, accepted=True, actor=actor_of(row.user, door=Door.PAGE), at=NOON)
    firms.part_with(row.user, actor=chief, at=NOON)

    assert Entry.objects.filter(kind="admin.acted").count() - before == 3


@pytest.mark.parametrize(
    "name", ["Cabinet Carel", "SCP Blin et associés", "SELARL X", "cabinet", "  CABINET  Y"]
)
def test_a_firm_is_no_person(name: str) -> None:
    """G13: an account that bears a firm's name could act without anybody answering for it."""
    with pytest.raises(FirmIsNobody):
        accounts.enter_person(
            name=name, kind=PersonKind.PROFESSIONAL, email="x@avocat.example", at=NOON
        )


def test_the_very_name_of_the_firm_is_no_person_either() -> None:
    firm = accounts.firm_named("Blin Associés")

    with pytest.raises(FirmIsNobody):
        accounts.enter_person(
            name="blin  associés", kind=PersonKind.PROFESSIONAL, firm=firm, at=NOON
        )
    assert accounts.enter_person(
        name="Me Blin", kind=PersonKind.PROFESSIONAL, firm=firm, at=NOON
    ).firm


def test_who_is_of_no_firm_administers_none(gymnase: Gymnase) -> None:
    with pytest.raises(Invalid):
        firms.name_administrator(user_of(gymnase.expert), actor=None, at=NOON)
    assert Colleague.objects.count() == 0
