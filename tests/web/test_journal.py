"""The journal by pages: what each may see of it, and the proof behind a line."""

import pytest
from django.test import Client

from accedit.domain.cases.models import RosterLine
from accedit.domain.cases.operations import roster
from accedit.domain.evidence.models import Entry
from accedit.domain.filing.operations import places, rooms
from accedit.domain.people.models import User
from accedit_ledger.receipt import verify_receipt
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in


def page_of(gymnase: Gymnase) -> str:
    return f"/dossiers/{gymnase.case.pk}/journal"


def index_of(gymnase: Gymnase, kind: str) -> int:
    return (
        Entry.objects.filter(log__origin__contains=str(gymnase.case.pk), kind=kind)
        .latest("index")
        .index
    )


@pytest.fixture
def told(gymnase: Gymnase) -> Gymnase:
    cast.deposited("devis.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    return gymnase


def test_the_journal_speaks_newest_first(client: Client, told: Gymnase) -> None:
    answer = signed_in(client, told.contractor).get(page_of(told))

    page = words(answer)
    deposit = "Me Claire Aubry a déposé la pièce n° 1, « devis.pdf », dans la boîte aux lettres de la Commune de Valmont."
    opened = "Le dossier 2026-14 « Gymnase municipal, parquet déformé » est ouvert, devant Tribunal judiciaire de Paris. Expert : Anne Vasseur."
    assert 'data-testid="journal"' in answer.content.decode()
    assert deposit in page
    assert "Sols Dubreuil a accepté l'échange électronique." in page
    assert page.index(deposit) < len(page) - len(opened)


def test_each_sees_their_own_avis_and_nobody_elses_address(client: Client, told: Gymnase) -> None:
    mine = words(signed_in(client, told.contractor).get(page_of(told)))
    every = words(signed_in(client, told.expert).get(page_of(told)))

    assert "préparé pour Sols Dubreuil, à l'adresse dubreuil." in mine
    assert "blin." not in mine
    assert "préparé pour Me Hugo Blin, à l'adresse blin." in every


def test_the_filters_are_plain_words(client: Client, told: Gymnase) -> None:
    signed_in(client, told.expert)

    pieces = words(client.get(f"{page_of(told)}?voir=pieces"))
    sent = words(client.get(f"{page_of(told)}?voir=envois"))

    assert "a déposé la pièce n° 1" in pieces
    assert "avis de dépôt" not in pieces
    assert "Une lettre (1 pièce) est à imprimer pour Menuiserie Fauvel." in sent
    assert "a déposé la pièce" not in sent


def test_fifty_lines_a_page(client: Client, gymnase: Gymnase) -> None:
    line = RosterLine.objects.get(case=gymnase.case, user=gymnase.contractor.user_id)
    for rank in range(51):
        roster.answer_consent(line, given=rank % 2 == 0, actor=gymnase.contractor, at=cast.NOON)
    signed_in(client, gymnase.contractor)

    first = client.get(f"{page_of(gymnase)}?voir=personnes")
    more = next(link for link in links(first) if "suite=" in link).replace("&amp;", "&")

    assert first.content.decode().count("<time ") == 50
    assert more.startswith("?voir=personnes&suite=")
    assert client.get(page_of(gymnase) + more).status_code == 200


def test_a_line_says_what_it_affirms_and_gives_its_proof(client: Client, told: Gymnase) -> None:
    index = index_of(told, "deposit.accepted")
    signed_in(client, told.contractor)
    assert f"{page_of(told)}/{index}" in links(client.get(page_of(told)))

    page = words(client.get(f"{page_of(told)}/{index}"))
    proof = client.get(f"{page_of(told)}/{index}/preuve")

    assert "Numéro de la pièce 1" in page
    assert "Déposant Me Claire Aubry" in page
    verdict = verify_receipt(proof.content, file=None, known=[])
    assert (verdict.valid, verdict.index) == (True, index)


@pytest.mark.parametrize("page", ["", "/preuve"])
def test_a_line_that_is_not_ones_own_does_not_exist(
    client: Client, told: Gymnase, page: str
) -> None:
    theirs = Entry.objects.filter(
        log__origin__contains=str(told.case.pk),
        kind="alert.queued",
        about=told.architect_counsel.user_id,
    )[0].index
    signed_in(client, told.contractor)

    hidden = client.get(f"{page_of(told)}/{theirs}{page}")
    beyond = client.get(f"{page_of(told)}/999999{page}")

    assert (hidden.status_code, beyond.status_code) == (404, 404)
    assert words(hidden) == words(beyond)
    assert client.get(f"{page_of(told)}/{2**62}{page}").status_code in (404, 422)
    signed_in(client, told.expert)
    assert client.get(f"{page_of(told)}/{theirs}{page}").status_code == 200


def test_what_happens_in_the_working_space_stays_there(client: Client, told: Gymnase) -> None:
    space = told.case.room.nodes.get(name="Espace de travail de l'expert")
    places.create_folder(space.pk, name="Brouillon secret", actor=told.expert, at=cast.NOON)

    for who in (told.contractor, told.owner_counsel):
        assert "secret" not in words(signed_in(client, who).get(page_of(told)))


@pytest.mark.parametrize("page", ["", "/0", "/0/preuve"])
def test_a_stranger_and_a_former_member(client: Client, told: Gymnase, page: str) -> None:
    path = page_of(told) + page
    blin = User.objects.get(pk=told.architect_counsel.user_id)
    assert signed_in(client, told.architect_counsel).get(path).status_code == 200
    rooms.let_out(blin, room=told.case.room, at=cast.NOON)

    assert_unknown(client, path, of=told.case.pk)
    assert_unknown(signed_in(client, told.stranger), path, of=told.case.pk)


def test_the_journal_costs_the_same_for_few_and_for_many_lines(
    client: Client, told: Gymnase
) -> None:
    signed_in(client, told.expert)
    client.get(page_of(told))
    with counted() as few:
        client.get(page_of(told))
    cast.deposited("b.pdf", "c.pdf", box=told.boxes["architecte"], by=told.architect_counsel)

    with counted() as many:
        client.get(page_of(told))

    assert len(many) == len(few)
