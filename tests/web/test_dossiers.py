"""The list of one's cases, the page of a case, its folders."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accedit.domain.cases.enums import PartyKind, RosterState, Template
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.models import Consent, RosterLine, Task
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import boxes, rooms
from accedit.domain.people.models import Membership, User
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in

LIMIT = datetime(2100, 9, 30, 22, 0, tzinfo=UTC)  # midnight in Paris: the day before is the last


def leaves(gymnase: Gymnase, who: cast.Actor) -> None:
    """`who` is taken out of the room."""
    user = User.objects.get(pk=who.user_id)
    rooms.let_out(user, room=gymnase.case.room, at=cast.NOON)


def test_a_lawyer_sees_their_cases_and_nobody_elses(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", "b.pdf", box=gymnase.boxes["architecte"], by=gymnase.architect_counsel)
    boxes.set_due(
        gymnase.boxes["demandeur"].folder_id, due_at=LIMIT, actor=gymnase.expert, at=cast.NOON
    )

    page = words(signed_in(client, gymnase.owner_counsel).get("/dossiers"))

    assert "2026-14 Gymnase municipal, parquet déformé" in page
    assert "Expertise judiciaire civile · expert : Anne Vasseur" in page
    assert "2 pièces · dépôt jusqu'au 30/09/2100 inclus" in page
    assert "Me Hugo Blin a déposé 2 pièces dans la boîte aux lettres de M. Paul Bertin" in page
    assert "SECRET" not in page
    assert "Ouvrir un dossier" not in page


def test_a_private_party_goes_straight_to_its_one_case(client: Client, gymnase: Gymnase) -> None:
    answer = signed_in(client, gymnase.contractor).get("/dossiers")

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/dossiers/{gymnase.case.pk}")


def test_an_expert_without_a_case_is_told_what_will_be_there(client: Client, db: None) -> None:
    alone = cast.expert(name="Seule", email=f"seule.{uuid4().hex[:6]}@expert.example")

    page = words(signed_in(client, alone).get("/dossiers"))

    assert "Aucun dossier ici pour l’instant." in page
    assert "Ouvrir un premier dossier" in page


def test_what_waits_is_said_in_one_line_a_case(client: Client, gymnase: Gymnase) -> None:

    for name in ("a.pdf", "b.pdf"):
        cast.deposited(name, box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    make_tasks(at=timezone.now())

    page = words(signed_in(client, gymnase.expert).get("/dossiers"))

    assert "Ce qui vous attend À faire 2 lettres à imprimer et à poster : Menuiserie Fauvel" in page


def test_an_open_basket_and_an_open_question_wait_for_their_owner(client: Client, db: None) -> None:
    gymnase = cast.gymnase(consents=False)
    basket = cast.baskets.open_basket(
        box=gymnase.boxes["demandeur"], actor=gymnase.owner_counsel, at=cast.NOON
    )
    cast.baskets.add_file(basket, stored=cast.stored(), name="a.pdf", upload="u")

    mine = words(signed_in(client, gymnase.owner_counsel).get("/dossiers"))
    others = words(signed_in(client, gymnase.architect_counsel).get("/dossiers"))

    assert "Acceptez-vous l’échange électronique dans le dossier 2026-14" in mine
    assert "1 fichier en attente, boîte aux lettres de la Commune de Valmont" in mine
    assert "fichier en attente" not in others


def test_the_list_costs_the_same_for_one_case_and_for_three(
    client: Client, gymnase: Gymnase
) -> None:
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    signed_in(client, gymnase.owner_counsel)
    client.get("/dossiers")
    with counted() as one:
        client.get("/dossiers")
    email = User.objects.get(pk=gymnase.owner_counsel.user_id).email
    for rank in range(2):
        case = open_case(
            CaseDraft(
                template=Template.AMICABLE_CONVENED,
                title=f"Autre {rank}",
                reference=f"2026-2{rank}",
                parties=[
                    PartyDraft(
                        "M. Autre",
                        "demandeur",
                        PartyKind.PERSON,
                        counsel=[CounselDraft("Me Claire Aubry", str(email))],
                    )
                ],
            ),
            actor=gymnase.expert,
            at=cast.NOON + timedelta(days=rank + 1),
        )
        cast.deposited("b.pdf", box=cast.boxes_of(case)["demandeur"], by=gymnase.owner_counsel)

    with counted() as three:
        page = client.get("/dossiers")

    assert "Autre 1" in words(page)
    assert len(three) == len(one)


def test_the_page_of_a_case_says_who_where_until_when(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("devis.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    boxes.set_due(
        gymnase.boxes["demandeur"].folder_id, due_at=LIMIT, actor=gymnase.expert, at=cast.NOON
    )

    answer = signed_in(client, gymnase.owner_counsel).get(f"/dossiers/{gymnase.case.pk}")

    page = words(answer)
    assert answer.content.decode().count('data-testid="box"') == 5
    assert "Boîte aux lettres de la Commune de Valmont la vôtre Partie : demandeur" in page
    assert "1 pièce · jusqu'au 30/09/2100 inclus" in page
    assert "Y dépose : Me Claire Aubry." in page
    assert "Pièce n° 1 — devis.pdf" in page
    assert "Partie servie par la poste" in page
    assert "Anne Vasseur, expert près la cour d'appel de Paris" in page
    assert "01 23 45 67 89" in page
    assert "Cette plate-forme ne remplace ni la voie électronique agréée" in page
    assert "n'arrête pas le délai" not in page
    assert "localhost/journal+" in page
    assert "Espace de travail de l'expert" not in page
    assert "Clore le dossier" not in page


def test_an_amicable_case_says_that_the_time_limit_still_runs(
    client: Client, gymnase: Gymnase
) -> None:
    page = words(signed_in(client, gymnase.stranger).get(f"/dossiers/{gymnase.stranger_case.pk}"))

    assert "Cette expertise n'arrête pas le délai pour agir en justice." in page


def test_the_expert_sees_their_working_space_and_what_they_decide(
    client: Client, gymnase: Gymnase
) -> None:
    page = words(signed_in(client, gymnase.expert).get(f"/dossiers/{gymnase.case.pk}"))

    assert "Espace de travail de l'expert réservé" in page
    for act in ("Fixer une date limite", "Ajouter une partie", "Clore le dossier"):
        assert act in page


def test_the_page_of_a_case_costs_the_same_with_more_pieces(
    client: Client, gymnase: Gymnase
) -> None:
    signed_in(client, gymnase.expert)
    path = f"/dossiers/{gymnase.case.pk}"
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    client.get(path)
    with counted() as one:
        client.get(path)
    for side, who in (
        ("demandeur", gymnase.owner_counsel),
        ("architecte", gymnase.architect_counsel),
        ("bureau d'études", gymnase.engineer_counsels[0]),
    ):
        cast.deposited("b.pdf", "c.pdf", "d.pdf", box=gymnase.boxes[side], by=who)

    with counted() as more:
        client.get(path)

    assert len(more) == len(one)


@pytest.mark.parametrize(
    "page", ["", "/pieces", "/deposer", "/personnes", "/courriers", "/journal"]
)
def test_a_stranger_and_a_former_member_learn_nothing(
    client: Client, gymnase: Gymnase, page: str
) -> None:
    path = f"/dossiers/{gymnase.case.pk}{page}"
    assert signed_in(client, gymnase.architect_counsel).get(path).status_code in (200, 302)
    leaves(gymnase, gymnase.architect_counsel)

    assert_unknown(client, path, of=gymnase.case.pk)
    assert_unknown(signed_in(client, gymnase.stranger), path, of=gymnase.case.pk)


def test_consent_is_answered_once_with_its_version_and_may_change(client: Client, db: None) -> None:
    gymnase = cast.gymnase(consents=False)
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.contractor)
    assert "Votre réponse est attendue Échange électronique J'accepte de recevoir" in words(
        client.get(path)
    )

    answer = client.post(f"{path}/accord", {"reponse": "oui"})

    line = RosterLine.objects.get(case=gymnase.case, user=gymnase.contractor.user_id)
    consent = Consent.objects.get(line=line)
    assert (answer.status_code, line.state) == (302, RosterState.CONSENTING)
    assert (consent.given, consent.text_version) == (True, "accord-1")
    assert "Votre réponse est attendue" not in words(client.get(path))

    client.post(f"{path}/accord", {"reponse": "non", "retour": "personnes"})

    line.refresh_from_db()
    assert line.state == RosterState.BY_POST


def test_a_stranger_answers_no_question(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.stranger)

    assert_unknown(
        client,
        f"/dossiers/{gymnase.case.pk}/accord",
        of=gymnase.case.pk,
        post={"reponse": "non"},
    )


def folder_of(gymnase: Gymnase, name: str) -> Node:
    return Node.objects.get(room=gymnase.case.room, name=name)


def test_a_folder_shows_what_it_holds_and_who_may_add_to_it(
    client: Client, gymnase: Gymnase
) -> None:
    folder = folder_of(gymnase, "2. Convocations")
    path = f"/dossiers/{gymnase.case.pk}/dossier/{folder.pk}"

    signed_in(client, gymnase.expert)
    answer = client.post(path, {"nom": "Réunion du 3 décembre"})
    again = client.post(path, {"nom": "réunion du 3 décembre"})
    page = words(client.get(path))

    assert answer.status_code == 302
    assert again.status_code == 409
    assert "Un dossier de ce nom existe déjà à cet endroit" in words(again)
    assert 'value="réunion du 3 décembre"' in again.content.decode()
    assert "Réunion du 3 décembre" in page
    lawyer = words(signed_in(client, gymnase.owner_counsel).get(path))
    assert "Réunion du 3 décembre" in lawyer
    assert "Créer" not in lawyer
    assert client.post(path, {"nom": "Le mien"}).status_code == 403


def test_the_working_space_and_a_node_of_another_case_do_not_exist(
    client: Client, gymnase: Gymnase
) -> None:
    space = folder_of(gymnase, "Espace de travail de l'expert")
    other = open_case(
        CaseDraft(template=Template.UNOFFICIAL, title="Un autre", reference="2026-99"),
        actor=gymnase.expert,
        at=cast.NOON,
    )
    elsewhere = Node.objects.filter(room=other.room, kind="folder")[0]
    at = f"/dossiers/{gymnase.case.pk}/dossier"

    signed_in(client, gymnase.owner_counsel)
    assert_unknown(client, f"{at}/{space.pk}", of=space.pk)
    signed_in(client, gymnase.stranger)
    mixed = f"/dossiers/{gymnase.stranger_case.pk}/dossier/{space.pk}"
    assert client.get(mixed).status_code == 404
    signed_in(client, gymnase.expert)
    assert client.get(f"{at}/{space.pk}").status_code == 200
    assert client.get(f"/dossiers/{other.pk}/dossier/{elsewhere.pk}").status_code == 200
    assert client.get(f"{at}/{elsewhere.pk}").status_code == 404


def test_the_band_names_the_case_on_each_of_its_pages(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.owner_counsel)
    for page in ("", "/pieces", "/personnes", "/courriers", "/journal"):
        answer = client.get(f"/dossiers/{gymnase.case.pk}{page}")
        content = answer.content.decode()
        assert f'class="band band-{gymnase.case.colour}"' in content
        assert "Gymnase municipal, parquet déformé" in content
        assert f"/dossiers/{gymnase.case.pk}/deposer" in links(answer)


def test_what_nothing_else_ends_is_ended_by_hand(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    Message.objects.filter(to_name="Sols Dubreuil").update(fate="refused", answer="550 inconnu")
    make_tasks(at=timezone.now())
    tasks = {task.kind: task for task in Task.objects.filter(case=gymnase.case)}
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.expert)
    assert "n'est pas parvenu, à faire connaître autrement : Sols Dubreuil" in words(
        client.get(path)
    )

    client.post(f"{path}/taches", {"tache": [str(task.pk) for task in tasks.values()]})

    for task in tasks.values():
        task.refresh_from_db()
    assert tasks["mail_refused"].done_at is not None
    assert tasks["serve_by_post"].done_at is None
    signed_in(client, gymnase.owner_counsel)
    assert client.post(f"{path}/taches", {}).status_code == 403


def test_with_the_right_to_add_alone_only_the_name_and_ones_own_receipts_show(
    client: Client, gymnase: Gymnase
) -> None:
    mine = cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    cast.deposited("secret.pdf", box=gymnase.boxes["architecte"], by=gymnase.architect_counsel)
    Membership.objects.filter(user=gymnase.owner_counsel.user_id).delete()
    signed_in(client, gymnase.owner_counsel)

    answer = client.get(f"/dossiers/{gymnase.case.pk}")

    page = words(answer)
    assert "Boîte aux lettres de la Commune de Valmont" in page
    assert "Vous y déposez ; ce qu’elle contient ne vous est pas ouvert." in page
    assert f"/depots/{mine.pk}/recu" in links(answer)
    assert client.get(f"/depots/{mine.pk}/recu").status_code == 200
    for absent in ("secret.pdf", "M. Paul Bertin", "Convocations"):
        assert absent not in page
    assert "secret" not in words(client.get(f"/dossiers/{gymnase.case.pk}/pieces"))


def test_a_box_is_read_in_the_order_of_the_numbers(client: Client, gymnase: Gymnase) -> None:
    box, lawyer = gymnase.boxes["demandeur"], gymnase.owner_counsel
    names = [f"{letter}.pdf" for letter in "zyxwvutsrqpo"]
    cast.deposited(*names, box=box, by=lawyer)

    page = words(
        signed_in(client, gymnase.expert).get(
            f"/dossiers/{gymnase.case.pk}/dossier/{box.folder_id}"
        )
    )

    shown = [page.index(name) for name in names]
    assert shown == sorted(shown)
