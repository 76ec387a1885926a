"""The people of a case: states of the liste de diffusion, invitations, late sides, a party let in."""

from uuid import uuid4

import pytest
from django.test import Client

from accedit.domain.cases.enums import RosterState
from accedit.domain.cases.models import Party, RosterLine
from accedit.domain.people.models import Invitation, User
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in


def page_of(gymnase: Gymnase) -> str:
    return f"/dossiers/{gymnase.case.pk}/personnes"


def line_of(gymnase: Gymnase, name: str) -> RosterLine:
    return RosterLine.objects.get(case=gymnase.case, name=name)


def a_party(**more: str) -> dict[str, str]:
    return {
        "parties": "1",
        "p0-name": "Assureur du Nord",
        "p0-side": "assureur",
        "p0-kind": "company",
        "p0-counsel": "1",
        "p0-c0-name": "Me Tardif",
        "p0-c0-email": "tardif@avocat.example",
        "p0-c0-firm": "",
    } | more


def test_everybody_reads_sides_counsel_states_and_dates(client: Client, gymnase: Gymnase) -> None:
    answer = signed_in(client, gymnase.contractor).get(page_of(gymnase))

    page = words(answer)
    firm = gymnase.engineer_counsels[0].firm
    assert 'data-testid="members"' in answer.content.decode()
    for said in (
        f"Me Inès Carel, {firm}, pour Bureau d'études Novatech",
        "adresse électronique vérifiée par l'invitation",
        "échange électronique accepté A consenti le 16/11/2026, texte « accord-1 »",
        "Menuiserie Fauvel partie par la poste",
        "Assistants de l’expert Lucie Morel",
        "Sols Dubreuil vous",
    ):
        assert said in page
    assert "Renvoyer l’invitation" not in page
    assert "@" not in page


def test_an_invitation_is_renewed_in_one_click(client: Client, db: None) -> None:
    gymnase = cast.gymnase(consents=False)
    line = line_of(gymnase, "Sols Dubreuil")
    User.objects.filter(pk=gymnase.contractor.user_id).update(password="!")
    before = Invitation.objects.filter(user=line.user_id).count()
    signed_in(client, gymnase.assistant)
    assert "Renvoyer l’invitation" in words(client.get(page_of(gymnase)))

    answer = client.post(f"{page_of(gymnase)}/{line.pk}/inviter")

    assert answer.status_code == 302
    assert Invitation.objects.filter(user=line.user_id).count() == before + 1
    assert client.get(f"{page_of(gymnase)}/{line.pk}/inviter").status_code == 405


def test_a_line_of_another_case_and_a_member_who_may_not(client: Client, gymnase: Gymnase) -> None:
    theirs = RosterLine.objects.get(case=gymnase.stranger_case, name="Mme Secrète Inconnue")
    mine = line_of(gymnase, "Sols Dubreuil")

    signed_in(client, gymnase.expert)
    assert client.post(f"{page_of(gymnase)}/{theirs.pk}/inviter").status_code == 404
    signed_in(client, gymnase.stranger)
    mixed = f"/dossiers/{gymnase.case.pk}/personnes/{theirs.pk}/inviter"
    assert client.post(mixed).status_code == 404
    signed_in(client, gymnase.owner_counsel)
    assert client.post(f"{page_of(gymnase)}/{mine.pk}/inviter").status_code == 403


def test_a_defaulting_party_is_served_by_post_from_now_on(client: Client, gymnase: Gymnase) -> None:
    line = line_of(gymnase, "Sols Dubreuil")
    path = f"{page_of(gymnase)}/{line.pk}/defaillante"
    signed_in(client, gymnase.expert)

    before = words(client.get(path))
    client.post(path)

    line.refresh_from_db()
    assert "Elle sera servie par la poste à partir de maintenant" in before
    assert line.state == RosterState.DEFAULTING
    assert "Sols Dubreuil partie Voir comme Sols Dubreuil défaillant" in words(
        client.get(page_of(gymnase))
    )
    counsel = line_of(gymnase, "Me Claire Aubry")
    assert client.post(f"{page_of(gymnase)}/{counsel.pk}/defaillante").status_code == 404
    signed_in(client, gymnase.assistant)
    assert client.post(path).status_code == 403


def test_a_late_side_joins_after_a_last_screen(client: Client, gymnase: Gymnase) -> None:
    path = f"{page_of(gymnase)}/ajouter"
    signed_in(client, gymnase.expert)

    last = words(client.post(path, a_party(do="check")))
    nothing_yet = Party.objects.filter(case=gymnase.case, name="Assureur du Nord").exists()
    answer = client.post(path, a_party(do="open"))
    again = client.post(path, a_party(do="open"))

    assert not nothing_yet
    assert "La partie entre du côté « assureur »" in last
    assert "part par courriel à Me Tardif" in last
    assert "Qui entre lit tout le dossier, y compris les pièces déjà déposées." in last
    assert answer.status_code == 302
    assert again.status_code == 409
    assert Party.objects.filter(case=gymnase.case, name="Assureur du Nord").count() == 1
    assert "Assureur du Nord" in words(client.get(page_of(gymnase)))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"p0-name": "", "p0-side": "assureur"}, "Nom de la partie : ce champ est vide"),
        ({"p0-c0-email": "tardif"}, "L'adresse électronique n'est pas lisible"),
    ],
)
def test_a_wrong_field_keeps_the_rest(
    client: Client, gymnase: Gymnase, typed: dict[str, str], said: str
) -> None:
    answer = signed_in(client, gymnase.expert).post(
        f"{page_of(gymnase)}/ajouter", a_party(do="check", **typed)
    )

    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="Me Tardif"' in answer.content.decode()


def test_nobody_else_adds_a_party(client: Client, gymnase: Gymnase) -> None:
    path = f"{page_of(gymnase)}/ajouter"

    assert (
        signed_in(client, gymnase.owner_counsel).post(path, a_party(do="open")).status_code == 403
    )
    assert_unknown(
        signed_in(client, gymnase.stranger), path, of=gymnase.case.pk, post=a_party(do="open")
    )
    assert not Party.objects.filter(case=gymnase.case, name="Assureur du Nord").exists()


def test_a_counsel_opens_the_case_to_the_party_it_represents(
    client: Client, gymnase: Gymnase
) -> None:
    party = gymnase.parties["Commune de Valmont"]
    path = f"/dossiers/{gymnase.case.pk}/parties/{party.pk}/ouvrir"
    signed_in(client, gymnase.owner_counsel)
    assert path in links(client.get(page_of(gymnase)))

    before = words(client.get(path))
    wrong = client.post(path, {"email": "mairie"})
    answer = client.post(path, {"email": "mairie@valmont.example"})

    assert "La partie que vous représentez recevra une invitation" in before
    assert (wrong.status_code, answer.status_code) == (422, 302)
    party.refresh_from_db()
    assert party.user is not None
    assert party.user.only_room == gymnase.case.pk
    assert Message.objects.filter(to="mairie@valmont.example").count() == 1
    page = client.get(page_of(gymnase))
    assert "Dossier ouvert à la partie par son avocat le" in words(page)
    assert path not in links(page)


@pytest.mark.parametrize("role", ["architect_counsel", "expert", "contractor", "stranger"])
def test_only_the_counsel_of_the_party_opens_it(
    client: Client, gymnase: Gymnase, role: str
) -> None:
    party = gymnase.parties["Commune de Valmont"]
    path = f"/dossiers/{gymnase.case.pk}/parties/{party.pk}/ouvrir"
    signed_in(client, getattr(gymnase, role))

    assert_unknown(client, path, of=party.pk)
    assert_unknown(client, path, of=party.pk, post={"email": "moi@x.example"})


def test_the_page_costs_the_same_with_more_people(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.expert)
    client.get(page_of(gymnase))
    with counted() as few:
        client.get(page_of(gymnase))
    for side in ("assureur", "second assureur"):
        client.post(
            f"{page_of(gymnase)}/ajouter",
            a_party(
                **{
                    "do": "open",
                    "p0-side": side,
                    "p0-name": side.title(),
                    "p0-c0-email": f"{uuid4().hex[:6]}@avocat.example",
                }
            ),
        )

    with counted() as more:
        page = client.get(page_of(gymnase))

    assert "Second Assureur" in words(page)
    assert len(more) == len(few)
