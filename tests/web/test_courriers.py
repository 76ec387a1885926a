"""What was sent: fates of the avis, letters to print and posted, the demo's mails."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.models import RosterLine, Task
from accedit.domain.cases.operations import counsel
from accedit.domain.cases.operations.parties import CounselDraft
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.post.models import Letter, Message
from accedit.shared.refusals import PARIS
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in


@pytest.fixture
def deposited(gymnase: Gymnase) -> Gymnase:
    """Two pieces by Me Aubry: six mails and one letter, of which one is sent and one refused."""
    cast.deposited(
        "a.pdf", "b.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel, at=now()
    )
    refused(gymnase.contractor.name, fate="refused", answer="550 5.1.1 no such user")
    refused(gymnase.expert.name, fate="sent", answer="250 2.0.0 queued as A1")
    make_tasks(at=now())
    return gymnase


def now() -> datetime:
    return timezone.now()


def refused(name: str, *, fate: str, answer: str) -> None:
    Message.objects.filter(to_name=name, subject__contains="pièces déposées").update(
        fate=fate, answer=answer, fate_at=now()
    )


def page_of(gymnase: Gymnase) -> str:
    return f"/dossiers/{gymnase.case.pk}/courriers"


def letter_of(gymnase: Gymnase) -> Letter:
    return Letter.objects.get(reference=gymnase.case.pk, to_name="Menuiserie Fauvel")


def test_the_expert_sees_each_fate_with_address_and_the_servers_words(
    client: Client, deposited: Gymnase
) -> None:
    page = words(signed_in(client, deposited.expert).get(page_of(deposited)))

    assert "Me Claire Aubry a déposé 2 pièces dans la boîte aux lettres de la Commune" in page
    assert "Sols Dubreuil refusé par le serveur de messagerie dubreuil." in page
    assert "Réponse du serveur : « 550 5.1.1 no such user »" in page
    assert "Anne Vasseur remis au serveur de messagerie anne." in page
    assert "Me Hugo Blin en attente d'envoi blin." in page
    assert "Menuiserie Fauvel lettre à imprimer et à poster" in page
    assert "ne veut pas dire reçu ni lu" in page


def test_a_member_sees_only_what_was_sent_to_them(client: Client, deposited: Gymnase) -> None:
    page = words(signed_in(client, deposited.contractor).get(page_of(deposited)))

    assert "Sols Dubreuil refusé par le serveur de messagerie" in page
    for absent in ("Hugo Blin", "Anne Vasseur remis", "Fauvel", "550", "@"):
        assert absent not in page


def test_a_member_who_was_told_nothing_is_told_so(client: Client, gymnase: Gymnase) -> None:
    page = words(signed_in(client, gymnase.contractor).get(page_of(gymnase)))

    assert "Aucun avis ne vous a encore été adressé dans ce dossier." in page


def test_a_letter_is_read_printed_and_noted_as_posted(client: Client, deposited: Gymnase) -> None:
    letter = letter_of(deposited)
    path = f"/dossiers/{deposited.case.pk}/lettres/{letter.pk}"
    signed_in(client, deposited.assistant)
    assert path in links(client.get(page_of(deposited)))

    sheet = words(client.get(path))
    pdf = client.get(f"{path}/pdf")
    today = timezone.localdate(timezone=PARIS).isoformat()
    done = client.post(
        f"/dossiers/{deposited.case.pk}/lettres/postees",
        {"lettre": [str(letter.pk)], "jour": today},
    )

    assert "12 rue des Lilas 76000 Rouen" in sheet
    assert "Me Claire Aubry a déposé 2 pièces" in sheet
    assert pdf.content.startswith(b"%PDF-")
    letter.refresh_from_db()
    assert (done.status_code, str(letter.posted_on)) == (302, today)
    assert not Task.objects.filter(kind="serve_by_post", done_at__isnull=True).exists()
    assert "Menuiserie Fauvel lettre postée le" in words(client.get(page_of(deposited)))


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("", "Le jour de la poste n'est pas lisible"),
        ("2100-01-01", "ne peut être ni avant la lettre, ni après aujourd'hui"),
        ("2020-01-01", "ne peut être ni avant la lettre, ni après aujourd'hui"),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    client: Client, deposited: Gymnase, day: str, said: str
) -> None:
    letter = letter_of(deposited)

    answer = signed_in(client, deposited.expert).post(
        f"/dossiers/{deposited.case.pk}/lettres/postees",
        {"lettre": [str(letter.pk)], "jour": day},
    )

    letter.refresh_from_db()
    assert (answer.status_code, letter.posted_on) == (422, None)
    assert said in words(answer)


def test_a_letter_without_an_address_is_said_and_completed(
    client: Client, gymnase: Gymnase
) -> None:
    """Given a party served by post whose address nobody gave; when whoever prints gives it; then
    the letter that waited has it, and so will the next; the log says that, not where."""
    line = RosterLine.objects.get(case=gymnase.case, name="Menuiserie Fauvel")
    lists.write_to(line.addressee, address="")
    box, lawyer = gymnase.boxes["demandeur"], gymnase.owner_counsel
    cast.deposited("a.pdf", box=box, by=lawyer, at=now())
    form = f"/dossiers/{gymnase.case.pk}/personnes/{line.pk}/adresse"
    signed_in(client, gymnase.assistant)

    before = client.get(page_of(gymnase))
    people = client.get(f"/dossiers/{gymnase.case.pk}/personnes")
    empty = client.post(form, {"adresse": "  "})
    done = client.post(form, {"adresse": "3 quai Vauban\n76000 Rouen"})
    cast.deposited("b.pdf", box=box, by=lawyer, at=now())

    assert "Adresse postale manquante : Menuiserie Fauvel." in words(before)
    assert form in links(before)
    assert form in links(people)
    assert "adresse postale manquante complétez-la" in words(people)
    assert empty.status_code == 422
    assert "Adresse postale : écrivez la rue, le code postal et la ville." in words(empty)
    assert done.status_code == 302
    letters = Letter.objects.filter(reference=gymnase.case.pk, to_name="Menuiserie Fauvel")
    assert [one.address for one in letters] == ["3 quai Vauban\n76000 Rouen"] * 2
    assert "manquante" not in words(client.get(page_of(gymnase)))
    (entry,) = evidence.entries(
        log.acts_of(gymnase.case.pk),
        asker=gymnase.expert.user_id,
        seen_nodes=None,
        kinds=["address.recorded"],
        size=5,
    ).items
    assert entry.claims["recipient"]["name"] == "Menuiserie Fauvel"
    assert "Vauban" not in str(entry.claims)


def test_a_lawyer_s_letter_does_not_go_to_the_party(client: Client, gymnase: Gymnase) -> None:
    """Given a lawyer who prefers the post and whose client has an address; then it is said that
    the lawyer's own is missing."""
    party = gymnase.parties["Commune de Valmont"]
    counsel.join(
        gymnase.case.pk,
        party.pk,
        draft=CounselDraft("Me Rose Tellier", "tellier@avocat.example"),
        actor=gymnase.expert,
        at=now(),
    )
    page = words(signed_in(client, gymnase.expert).get(page_of(gymnase)))

    assert "Adresse postale manquante : Me Rose Tellier." in page


def test_only_who_prints_letters_says_where_they_go(client: Client, gymnase: Gymnase) -> None:
    line = RosterLine.objects.get(case=gymnase.case, name="Menuiserie Fauvel")
    form = f"/dossiers/{gymnase.case.pk}/personnes/{line.pk}/adresse"

    answers = [
        signed_in(client, who).post(form, {"adresse": "ailleurs"}).status_code
        for who in (gymnase.owner_counsel, gymnase.contractor, gymnase.stranger)
    ]

    line.addressee.refresh_from_db()
    assert answers == [403, 403, 404]
    assert line.addressee.address == "12 rue des Lilas\n76000 Rouen"


def test_no_letter_ticked_is_said(client: Client, deposited: Gymnase) -> None:
    answer = signed_in(client, deposited.expert).post(
        f"/dossiers/{deposited.case.pk}/lettres/postees", {"jour": "2026-11-24"}
    )

    assert answer.status_code == 422
    assert "Cochez les lettres qui ont été postées." in words(answer)


def test_letters_are_the_experts_and_of_this_case(client: Client, deposited: Gymnase) -> None:
    letter = letter_of(deposited)
    path = f"/dossiers/{deposited.case.pk}/lettres/{letter.pk}"
    for who in (deposited.owner_counsel, deposited.contractor):
        signed_in(client, who)
        assert client.get(path).status_code == 403
        assert client.get(f"{path}/pdf").status_code == 403
    signed_in(client, deposited.stranger)
    assert_unknown(client, path, of=deposited.case.pk)
    mixed = f"/dossiers/{deposited.stranger_case.pk}/lettres/{letter.pk}"
    assert client.get(mixed).status_code == 404
    posted = client.post(
        f"/dossiers/{deposited.stranger_case.pk}/lettres/postees",
        {"lettre": [str(letter.pk)], "jour": "2026-11-24"},
    )
    assert posted.status_code == 404


def test_the_page_costs_the_same_for_one_act_and_for_three(
    client: Client, deposited: Gymnase
) -> None:
    signed_in(client, deposited.expert)
    client.get(page_of(deposited))
    with counted() as one:
        client.get(page_of(deposited))
    for rank in range(2):
        cast.deposited(
            "c.pdf",
            box=deposited.boxes["architecte"],
            by=deposited.architect_counsel,
            at=now() + timedelta(minutes=rank),
        )

    with counted() as three:
        client.get(page_of(deposited))

    assert len(three) == len(one)


def test_the_mails_of_the_demo_are_shown_by_recipient(
    client: Client, deposited: Gymnase, settings: Settings
) -> None:
    settings.DEMO = True
    address = Message.objects.filter(to_name="Sols Dubreuil")[0].to
    signed_in(client, deposited.expert)

    everything = words(client.get("/courriers"))
    theirs = words(client.get(f"/courriers?a={address}"))

    assert "Hugo Blin" in everything
    assert "2 pièces déposées" in theirs
    assert "À Me Hugo Blin" not in theirs


def test_outside_the_demo_there_are_no_such_pages(client: Client, deposited: Gymnase) -> None:
    assert signed_in(client, deposited.expert).get("/courriers").status_code == 404
