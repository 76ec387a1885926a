"""The pages on which somebody leaves, and a lawyer comes in another's place."""

from django.test import Client

from accedit.domain.cases import queries
from accedit.domain.cases.models import RosterLine
from accedit.domain.filing.operations import rooms
from tests import cast
from tests.cast import NOON, Gymnase
from tests.web.reading import assert_unknown, links, words
from tests.web.sessions import signed_in


def line_of(g: Gymnase, name: str) -> RosterLine:
    return next(one for one in queries.roster(g.case) if one.name == name)


def test_the_expert_lets_somebody_out_after_reading_what_they_lose(
    client: Client, gymnase: Gymnase
) -> None:
    people = f"/dossiers/{gymnase.case.pk}/personnes"
    here = f"{people}/{line_of(gymnase, 'Me Claire Aubry').pk}/retirer"
    signed_in(client, gymnase.expert)

    assert here in links(client.get(people))
    shown = words(client.get(here))
    silent = client.post(here, {"motif": " "})
    done = client.post(here, {"motif": "Fin de mandat", "adresse": "1 place\n76000 Rouen"})

    assert f"Ses droits propres sur « {gymnase.boxes['demandeur'].folder.name} »" in shown
    assert "Commune de Valmont n’aura plus personne dans ce dossier" in shown
    assert silent.status_code == 422
    assert done.headers["Location"] == people
    page = words(client.get(people))
    assert "Me Claire Aubry" not in page
    assert "Sans avocat." in page
    assert client.get(here).status_code == 404
    journal = words(client.get(f"/dossiers/{gymnase.case.pk}/journal"))
    assert "Anne Vasseur a retiré Me Claire Aubry du dossier. Motif : Fin de mandat." in (
        journal.replace("\u00a0", " ")
    )
    signed_in(client, gymnase.owner_counsel)
    assert client.get(f"/dossiers/{gymnase.case.pk}").status_code == 404


def test_a_lawyer_takes_the_place_of_another(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    people = f"/dossiers/{gymnase.case.pk}/personnes"
    party = gymnase.parties["Commune de Valmont"]
    here = f"/dossiers/{gymnase.case.pk}/parties/{party.pk}/avocat"
    typed = {
        "nom": "Me Nadia Petit",
        "email": "petit@avocat.example",
        "cabinet": "Cabinet Petit",
        "remplace": str(gymnase.owner_counsel.user_id),
    }
    signed_in(client, gymnase.expert)

    assert here in links(client.get(people))
    form = words(client.get(here))
    wrong = client.post(here, typed | {"do": "check", "email": "petit"})
    last = words(client.post(here, typed | {"do": "check"}))
    again = client.post(here, typed | {"do": "back"})
    done = client.post(here, typed | {"do": "join"})

    assert "succède à Me Claire Aubry" in form
    assert wrong.status_code == 422
    assert "Me Claire Aubry n’agit plus pour ce côté" in last
    assert "lit tout le dossier, y compris les pièces déjà déposées" in last
    assert 'value="petit@avocat.example"' in again.content.decode()
    assert done.headers["Location"] == people
    page = words(client.get(people))
    assert "Me Nadia Petit, Cabinet Petit, pour Commune de Valmont" in page
    assert "Me Claire Aubry" not in page
    journal = words(client.get(f"/dossiers/{gymnase.case.pk}/journal")).replace("\u00a0", " ")
    assert "Avocat du côté « demandeur » : Me Nadia Petit succède à Me Claire Aubry" in journal


def test_nobody_else_lets_out_or_changes_counsel(client: Client, gymnase: Gymnase) -> None:
    line = line_of(gymnase, "Sols Dubreuil")
    party = gymnase.parties["Commune de Valmont"]
    out = f"/dossiers/{gymnase.case.pk}/personnes/{line.pk}/retirer"
    lawyer = f"/dossiers/{gymnase.case.pk}/parties/{party.pk}/avocat"
    typed = {"do": "join", "nom": "Me N", "email": "n@x.example", "motif": "x"}

    for who in (gymnase.assistant, gymnase.owner_counsel):
        signed_in(client, who)
        for address in (out, lawyer):
            assert client.get(address).status_code == 403
            assert client.post(address, typed).status_code == 403
            assert address not in links(client.get(f"/dossiers/{gymnase.case.pk}/personnes"))
    signed_in(client, gymnase.stranger)
    assert_unknown(client, out, of=line.pk, post=typed)
    assert_unknown(client, lawyer, of=party.pk, post=typed)
    assert line_of(gymnase, "Sols Dubreuil").left_at is None


def test_a_closed_case_lets_nobody_out(client: Client, gymnase: Gymnase) -> None:
    here = f"/dossiers/{gymnase.case.pk}/personnes/{line_of(gymnase, 'Sols Dubreuil').pk}/retirer"
    rooms.close_room(gymnase.case.pk, actor=gymnase.expert, at=NOON)
    signed_in(client, gymnase.expert)

    assert "Ce dossier est clos" in words(client.get(here))
    assert client.post(here, {"motif": "x"}).status_code == 409
