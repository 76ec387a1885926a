"""To open a case by the page: the form, the last screen, what was done."""

from uuid import uuid4

import pytest
from django.test import Client

from accedit.domain.cases.models import Case, Mandate, Party
from accedit.domain.filing.models import Box
from accedit.domain.people.models import Invitation, User
from accedit.domain.post.models import Letter
from accedit.interfaces.web.forms.parties import PartyRow, apply_button, read_parties
from tests.cast import Gymnase
from tests.web.reading import words
from tests.web.sessions import signed_in

PATH = "/dossiers/nouveau"


def form(**more: str) -> dict[str, str]:
    return {
        "ticket": uuid4().hex,
        "template": "judicial_civil",
        "title": "Chaufferie du lycée",
        "reference": "2026-41",
        "court": "Tribunal judiciaire de Rouen",
        "register_number": "RG 26/00077",
        "parties": "3",
        "p0-name": "Région Nord",
        "p0-side": "demandeur",
        "p0-kind": "public_body",
        "p0-counsel": "2",
        "p0-c0-name": "Me Ravel",
        "p0-c0-email": "ravel@avocat.example",
        "p0-c0-firm": "Cabinet Ravel",
        "p0-c1-name": "Me Sorel",
        "p0-c1-email": "sorel@avocat.example",
        "p0-c1-firm": "Cabinet Ravel",
        "p1-name": "Thermique SA",
        "p1-side": "installateur",
        "p1-kind": "company",
        "p1-by_post": "1",
        "p1-address": "3 rue du Port\r\n76000 Rouen",
        "p1-counsel": "1",
        "p2-name": "M. Voisin",
        "p2-side": "voisin",
        "p2-kind": "person",
        "p2-email": "",
        "p2-address": "4 rue du Port\n76000 Rouen",
        "p2-counsel": "0",
    } | more


def test_the_form_shows_the_regimes_in_words(client: Client, gymnase: Gymnase) -> None:
    page = words(signed_in(client, gymnase.expert).get(PATH))

    for said in (
        "Expertise judiciaire civile",
        "Expertise conventionnelle (expert choisi d'un commun accord)",
        "Expertise officieuse (pour un seul client)",
        "Ajouter une partie",
        "Par la poste",
    ):
        assert said in page


def test_a_row_more_or_less_loses_nothing(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.expert)

    party = client.post(PATH, form(do="party"))
    counsel = client.post(PATH, form(do="counsel:2"))
    less = client.post(PATH, form(do="less:1"))

    for answer in (party, counsel, less):
        assert answer.status_code == 200
        assert 'value="Chaufferie du lycée"' in answer.content.decode()
        assert 'value="ravel@avocat.example"' in answer.content.decode()
    assert 'name="p3-name"' in party.content.decode()
    assert 'name="p2-c0-email"' in counsel.content.decode()
    assert "Thermique SA" not in less.content.decode()
    assert not Case.objects.filter(room__reference="2026-41").exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"title": " "}, "Intitulé du dossier : ce champ est vide, remplissez-le."),
        ({"reference": ""}, "Référence : ce champ est vide, remplissez-le."),
        ({"template": "autre"}, "Choisissez le cadre de l'expertise."),
        ({"p0-c0-email": "ravel@"}, "L'adresse électronique n'est pas lisible"),
        ({"p0-c1-name": ""}, "Nom de l'avocat : ce champ est vide"),
        ({"p0-side": ""}, "Côté : ce champ est vide"),
        ({"p1-address": ""}, "Adresse postale : elle est nécessaire pour écrire à la partie."),
        ({"p2-address": ""}, "Donnez un avocat, une adresse électronique, ou cochez"),
        ({"parties": "0"}, "Ajoutez au moins une partie, avec son nom et son côté."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_stays(
    client: Client, gymnase: Gymnase, wrong: dict[str, str], said: str
) -> None:
    answer = signed_in(client, gymnase.expert).post(PATH, form(do="check", **wrong))

    assert answer.status_code == 422
    assert said in words(answer)
    assert 'value="RG 26/00077"' in answer.content.decode()


def test_the_last_screen_says_in_three_lines_what_will_happen(
    client: Client, gymnase: Gymnase
) -> None:
    answer = signed_in(client, gymnase.expert).post(PATH, form(do="check"))

    page = words(answer)
    assert "Ouvrir le dossier « Chaufferie du lycée »" in page
    assert "9 dossiers de rangement, et 3 boîtes aux lettres avec leurs archives" in page
    assert "2 personnes reçoivent par courriel une invitation" in page
    assert "1 lettre d’invitation sera à imprimer." in page
    assert "1 partie est servie par la poste." in page
    assert "Un dossier ouvert ne s’efface pas : il se clôt." in page
    assert not Case.objects.filter(room__reference="2026-41").exists()


def test_opened_once_however_often_the_button_is_pressed_and_told(
    client: Client, gymnase: Gymnase
) -> None:
    signed_in(client, gymnase.expert)
    sent = form(do="open")

    first, second = client.post(PATH, sent), client.post(PATH, sent)

    case = Case.objects.get(room__reference="2026-41")
    assert first.headers["Location"] == second.headers["Location"] == f"/dossiers/{case.pk}/ouvert"
    assert (case.court, case.register_number) == ("Tribunal judiciaire de Rouen", "RG 26/00077")
    assert sorted(m.counsel.name for m in Mandate.objects.filter(party__case=case)) == [
        "Me Ravel",
        "Me Sorel",
    ]
    assert Box.objects.filter(folder__room=case.room).count() == 3
    assert Invitation.objects.filter(room_id=case.pk).count() == 3
    done = words(client.get(f"/dossiers/{case.pk}/ouvert"))
    assert "3 boîtes aux lettres" in done
    assert "1. Mission et décisions" in done
    assert "Me Ravel, avocat – invitation envoyée par courriel à ravel@avocat.example" in done
    assert "Thermique SA, partie – par la poste" in done
    assert "M. Voisin, partie – lettre d’invitation à imprimer" in done
    assert Letter.objects.filter(reference=case.pk).count() == 1


def test_a_lawyer_of_the_directory_is_known_by_the_address_alone(
    client: Client, gymnase: Gymnase
) -> None:
    aubry = User.objects.get(pk=gymnase.owner_counsel.user_id)
    signed_in(client, gymnase.expert)
    sent = form(
        **{"do": "open", "p0-c0-email": str(aubry.email), "p0-c0-name": "", "p0-c0-firm": ""}
    )

    client.post(PATH, sent)

    party = Party.objects.get(case__room__reference="2026-41", name="Région Nord")
    assert Mandate.objects.filter(party=party, counsel=aubry).exists()
    assert f'<option value="{aubry.email}"' in client.get(PATH).content.decode()


def test_an_assistant_opens_and_a_lawyer_does_not(client: Client, gymnase: Gymnase) -> None:
    opened = signed_in(client, gymnase.assistant).post(PATH, form(do="open"))

    assert opened.status_code == 302
    assert Case.objects.get(room__reference="2026-41").room.owner_id == gymnase.expert.user_id
    for who in (gymnase.owner_counsel, gymnase.contractor):
        signed_in(client, who)
        assert client.get(PATH).status_code == 403
        assert client.post(PATH, form(do="open", reference="2026-42")).status_code == 403
    assert not Case.objects.filter(room__reference="2026-42").exists()


def test_what_a_program_may_post_adds_no_endless_rows() -> None:
    rows = read_parties({"parties": "999", "p0-counsel": "9999999"})

    assert len(rows) == 60
    for button in ("less:", "less:99", "counsel:x", "less:0-7", "", "party:9"):
        apply_button([PartyRow()], button)


def test_names_that_would_break_a_line_are_refused(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.expert)

    answer = client.post(PATH, form(**{"do": "open", "p0-name": "Région\r\nBcc: x@y.fr"}))

    assert answer.status_code == 422
    assert "un caractère invisible interdit s'y trouve" in words(answer)
