"""To deposit by pages: the basket, the last screen, the receipt; for oneself and on behalf."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client

from accedit.domain.evidence.models import Checkpoint
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Basket, BasketItem, Deposit
from accedit.domain.filing.operations import boxes, rooms
from accedit.domain.people.models import Membership, User
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from accedit_ledger.receipt import verify_receipt
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, words
from tests.web.sessions import signed_in


def basket_of(
    who: Actor, *names: str, gymnase: Gymnase, side: str = "demandeur"
) -> tuple[Basket, list[BasketItem]]:
    basket = cast.baskets.open_basket(box=gymnase.boxes[side], actor=who, at=cast.NOON)
    items = [
        cast.baskets.add_file(
            basket, stored=cast.stored(name.encode()), name=name, upload=uuid4().hex
        )[0]
        for name in names
    ]
    return basket, items


def test_whoever_has_one_box_goes_straight_to_its_basket(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.contractor)

    first = client.get(f"/dossiers/{gymnase.case.pk}/deposer")
    again = client.get(f"/dossiers/{gymnase.case.pk}/deposer")

    basket = Basket.objects.get(owner=gymnase.contractor.user_id)
    assert first.headers["Location"] == again.headers["Location"] == f"/paniers/{basket.pk}"
    page = client.get(f"/paniers/{basket.pk}")
    assert "Boîte aux lettres de Sols Dubreuil · partie « entreprise »" in words(page)
    assert "Le panier est vide." in words(page)
    for testid in ("basket", "drop-zone"):
        assert f'data-testid="{testid}"' in page.content.decode()


def test_whoever_has_two_boxes_chooses_and_no_other_box_can_be_named(
    client: Client, gymnase: Gymnase
) -> None:
    blin = User.objects.get(pk=gymnase.architect_counsel.user_id)
    second = gymnase.boxes["entreprise"].folder
    rooms.grant(second, to=blin, rights=[Right.ADD], by=gymnase.expert.user_id, at=cast.NOON)
    path = f"/dossiers/{gymnase.case.pk}/deposer"
    signed_in(client, gymnase.architect_counsel)

    page = words(client.get(path))
    chosen = client.post(path, {"boite": str(second.pk)})
    foreign = client.post(path, {"boite": str(gymnase.boxes["demandeur"].folder_id)})

    assert "Déposer pour « architecte »" in page
    assert "Déposer pour « entreprise »" in page
    basket = Basket.objects.get(owner=blin)
    assert chosen.headers["Location"] == f"/paniers/{basket.pk}"
    assert basket.box_id == gymnase.boxes["entreprise"].pk
    assert foreign.status_code == 404


def test_a_reader_without_a_box_is_told_so(client: Client, gymnase: Gymnase) -> None:
    blin = User.objects.get(pk=gymnase.architect_counsel.user_id)
    rooms.revoke(gymnase.boxes["architecte"].folder, of=blin)

    page = words(
        signed_in(client, gymnase.architect_counsel).get(f"/dossiers/{gymnase.case.pk}/deposer")
    )

    assert "aucune boîte aux lettres ne vous y est ouverte" in page


def test_files_are_put_in_order_titled_and_numbered(client: Client, gymnase: Gymnase) -> None:
    basket, (one, two, three) = basket_of(
        gymnase.owner_counsel, "a.pdf", "b.pdf", "c.pdf", gymnase=gymnase
    )
    signed_in(client, gymnase.owner_counsel)
    path = f"/paniers/{basket.pk}"
    typed = {
        "item": [str(one.pk), str(two.pk), str(three.pk)],
        f"title-{one.pk}": "Contrat",
        f"number-{two.pk}": "12 bis",
    }

    client.post(path, typed | {"do": f"up:{three.pk}"})
    client.post(path, {"do": f"remove:{one.pk}"})

    left = [(i.name, i.title, i.number) for i in BasketItem.objects.filter(basket=basket)]
    assert left == [("c.pdf", "", ""), ("b.pdf", "", "12 bis")]
    assert 'placeholder="suivant : 13"' in client.get(path).content.decode()


def test_an_empty_file_is_said_and_taken(client: Client, gymnase: Gymnase) -> None:
    """Given a file of no byte beside a plain one; when it is shown; then it is said, twice, and
    deposited all the same: whoever deposits decides."""
    basket, _ = basket_of(gymnase.owner_counsel, "plein.pdf", gymnase=gymnase)
    cast.baskets.add_file(basket, stored=cast.stored(b""), name="vide.pdf", upload="vide")
    signed_in(client, gymnase.owner_counsel)
    last = f"/paniers/{basket.pk}/confirmer"

    shown, before = words(client.get(f"/paniers/{basket.pk}")), words(client.get(last))
    client.post(last)

    assert "vide.pdf 0 octet ce fichier est vide : vérifiez-le" in shown.replace("\u00a0", " ")
    said = "ce fichier est vide : vérifiez-le"
    assert (shown.count(said), before.count(said)) == (1, 1)
    assert [one.name for one in basket.deposits.order_by("number_key")] == ["plein.pdf", "vide.pdf"]


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("number", "douze", "Le numéro de pièce « douze » n'est pas lisible"),
        ("title", "x" * 201, "Intitulé de la pièce : 200 caractères au plus."),
    ],
)
def test_what_is_not_readable_is_said_beside_the_file_and_nothing_typed_is_lost(
    client: Client, gymnase: Gymnase, field: str, typed: str, said: str
) -> None:
    basket, (one, two) = basket_of(gymnase.owner_counsel, "a.pdf", "b.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    answer = client.post(
        f"/paniers/{basket.pk}",
        {
            "item": [str(two.pk), str(one.pk)],
            f"{field}-{one.pk}": typed,
            f"title-{two.pk}": "Un titre gardé",
            "do": "continue",
        },
    )

    content = answer.content.decode()
    assert answer.status_code == 422
    assert said in words(answer)
    assert f'value="{typed}"' in content
    assert 'value="Un titre gardé"' in content
    assert content.index("b.pdf") < content.index("a.pdf")


def test_a_number_taken_is_said_before_the_last_screen(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    basket, (one, two) = basket_of(gymnase.owner_counsel, "b.pdf", "c.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    taken = client.post(f"/paniers/{basket.pk}", {f"number-{one.pk}": "1", "do": "continue"})
    twice = client.post(
        f"/paniers/{basket.pk}",
        {f"number-{one.pk}": "7", f"number-{two.pk}": "7", "do": "continue"},
    )

    assert (taken.status_code, twice.status_code) == (422, 422)
    assert "La pièce n° 1 existe déjà pour cette partie." in words(taken)
    assert "Le numéro 7 est donné deux fois dans ce panier." in words(twice)


def test_the_last_screen_names_case_box_side_pieces_and_people(
    client: Client, gymnase: Gymnase
) -> None:
    cast.deposited("avant.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    basket, _ = basket_of(gymnase.owner_counsel, "devis.pdf", "plan.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    answer = client.get(f"/paniers/{basket.pk}/confirmer")

    page = words(answer)
    assert 'data-testid="confirm-deposit"' in answer.content.decode()
    for said in (
        "Dossier 2026-14 — Gymnase municipal, parquet déformé",
        "Boîte aux lettres de la Commune de Valmont, partie « demandeur »",
        "Déposer et prévenir 7 personnes",
        "personne ne pourra les changer ni les effacer",
        "Pièce n° 2 devis.pdf",
        "Pièce n° 3 plan.pdf",
        "Me Hugo Blin – par courriel",
        "Menuiserie Fauvel – par courrier (lettre à imprimer) ; sans accès au dossier en ligne",
        "Peut aussi lire, sans avis : Lucie Morel.",
    ):
        assert said in page
    assert "hors délai" not in page


def test_the_number_promised_is_the_number_of_those_told(client: Client, gymnase: Gymnase) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "devis.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)
    promised = words(client.get(f"/paniers/{basket.pk}/confirmer"))

    client.post(f"/paniers/{basket.pk}/confirmer")

    mails = Message.objects.filter(reference=basket.pk).count()
    assert "Déposer et prévenir 7 personnes" in promised
    assert mails + 1 == 7  # and one letter


def test_deposited_it_says_when_which_numbers_and_gives_receipts(
    client: Client, gymnase: Gymnase
) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "devis.pdf", "plan.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    answer = client.post(f"/paniers/{basket.pk}/confirmer")
    twice = client.post(f"/paniers/{basket.pk}/confirmer")

    deposits = list(Deposit.objects.filter(basket=basket).order_by("log_index"))
    assert answer.headers["Location"] == twice.headers["Location"] == f"/paniers/{basket.pk}/recu"
    assert [(d.number, d.name) for d in deposits] == [("1", "devis.pdf"), ("2", "plan.pdf")]
    done = client.get(f"/paniers/{basket.pk}/recu")
    page = words(done)
    assert 'data-testid="receipt"' in done.content.decode()
    assert "2 pièces déposées dans la boîte aux lettres de la Commune de Valmont" in page
    assert "Avis de dépôt pour 7 personnes : 6 en attente d’envoi, 1 lettre" in page
    receipt = client.get(f"/depots/{deposits[0].pk}/recu")
    verdict = verify_receipt(receipt.content, file=None, known=[])
    assert receipt.headers["Content-Type"] == "application/zip"
    assert (verdict.valid, verdict.sha256) == (True, deposits[0].blob.sha256)
    for page_before in ("", "/confirmer"):
        again = client.get(f"/paniers/{basket.pk}{page_before}")
        assert again.headers["Location"] == f"/paniers/{basket.pk}/recu"


def test_the_head_is_signed_before_it_is_said_to_be_done(client: Client, gymnase: Gymnase) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "devis.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    client.post(f"/paniers/{basket.pk}/confirmer")

    deposit = Deposit.objects.get(basket=basket)
    checkpoint = Checkpoint.objects.get(log__origin=deposit.log_origin)
    assert checkpoint.size > deposit.log_index


def test_after_the_date_limite_it_is_accepted_and_said_before_and_after(
    client: Client, gymnase: Gymnase
) -> None:
    box = gymnase.boxes["demandeur"]
    past = datetime(2026, 10, 31, 23, 0, tzinfo=UTC)
    boxes.set_due(box.folder_id, due_at=past, actor=gymnase.expert, at=cast.NOON)
    basket, _ = basket_of(gymnase.owner_counsel, "dire.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    before = words(client.get(f"/paniers/{basket.pk}/confirmer"))
    client.post(f"/paniers/{basket.pk}/confirmer")
    after = words(client.get(f"/paniers/{basket.pk}/recu"))

    assert (
        "La date limite (jusqu'au 31/10/2026 inclus) est passée : la pièce sera marquée « hors délai »."
        in before
    )
    assert "hors délai" in after


def test_an_empty_basket_is_not_deposited(client: Client, gymnase: Gymnase) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)

    answer = client.post(f"/paniers/{basket.pk}", {"do": "continue"})

    assert answer.status_code == 422
    assert "Le panier est vide : ajoutez au moins un fichier." in words(answer)
    assert client.get(f"/paniers/{basket.pk}/confirmer").status_code == 302
    assert client.post(f"/paniers/{basket.pk}/confirmer").headers["Location"] == (
        f"/paniers/{basket.pk}"
    )


def test_a_case_closed_meanwhile_refuses_and_keeps_the_files(
    client: Client, gymnase: Gymnase
) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "a.pdf", gymnase=gymnase)
    rooms.close_room(gymnase.case.pk, actor=gymnase.expert, at=cast.NOON)
    signed_in(client, gymnase.owner_counsel)

    answer = client.post(f"/paniers/{basket.pk}/confirmer")
    start = client.get(f"/dossiers/{gymnase.case.pk}/deposer")

    assert (answer.status_code, start.status_code) == (409, 409)
    assert "est clos depuis le 16/11/2026" in words(answer)
    assert BasketItem.objects.filter(basket=basket).count() == 1
    assert not Deposit.objects.filter(basket=basket).exists()


def test_nobody_else_has_a_basket(client: Client, gymnase: Gymnase) -> None:
    basket, _ = basket_of(
        gymnase.engineer_counsels[0], "a.pdf", gymnase=gymnase, side="bureau d'études"
    )
    for who in (gymnase.engineer_counsels[1], gymnase.expert, gymnase.stranger):
        signed_in(client, who)
        for page in ("", "/confirmer", "/recu"):
            assert_unknown(client, f"/paniers/{basket.pk}{page}", of=basket.pk)
        assert_unknown(client, f"/paniers/{basket.pk}/confirmer", of=basket.pk, post={"a": "b"})
    assert not Deposit.objects.filter(basket=basket).exists()


def test_a_former_member_deposits_nothing(client: Client, gymnase: Gymnase) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "a.pdf", gymnase=gymnase)
    user = User.objects.get(pk=gymnase.owner_counsel.user_id)
    rooms.let_out(user, room=gymnase.case.room, at=cast.NOON)
    Membership.objects.filter(user=user).delete()
    signed_in(client, gymnase.owner_counsel)

    assert_unknown(client, f"/paniers/{basket.pk}", of=basket.pk)
    assert_unknown(client, f"/paniers/{basket.pk}/confirmer", of=basket.pk, post={"a": "b"})
    assert not Deposit.objects.filter(basket=basket).exists()


def test_the_basket_and_the_last_screen_cost_the_same_for_one_file_and_for_three(
    client: Client, gymnase: Gymnase
) -> None:
    basket, _ = basket_of(gymnase.owner_counsel, "a.pdf", gymnase=gymnase)
    signed_in(client, gymnase.owner_counsel)
    costs: dict[str, list[int]] = {}
    for more in ((), ("b.pdf", "c.pdf")):
        basket_of(gymnase.owner_counsel, *more, gymnase=gymnase)
        for page in ("", "/confirmer"):
            client.get(f"/paniers/{basket.pk}{page}")
            with counted() as queries:
                client.get(f"/paniers/{basket.pk}{page}")
            costs.setdefault(page, []).append(len(queries))

    assert costs[""][0] == costs[""][1]
    assert costs["/confirmer"][0] == costs["/confirmer"][1]


def test_fourteen_exhibits_take_four_clicks_after_the_list(
    client: Client, gymnase: Gymnase
) -> None:
    """Each page gives the next address: case, deposit, [one drag], continue, deposit."""
    signed_in(client, gymnase.owner_counsel)
    case = client.get(f"/dossiers/{gymnase.case.pk}").content.decode()
    assert f'<a class="button" href="/dossiers/{gymnase.case.pk}/deposer">' in case
    basket = UUID(client.get(f"/dossiers/{gymnase.case.pk}/deposer").headers["Location"][9:])
    basket_of(gymnase.owner_counsel, *[f"piece-{n}.pdf" for n in range(1, 15)], gymnase=gymnase)

    go_on = client.post(f"/paniers/{basket}", {"do": "continue"})
    done = client.post(go_on.headers["Location"])

    assert done.headers["Location"] == f"/paniers/{basket}/recu"
    assert Deposit.objects.filter(basket=basket).count() == 14
