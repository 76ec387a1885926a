"""What came by post, mail or hand is entered on behalf of a party, by the expert or the assistant."""

import pytest
from django.test import Client

from accedit.domain.cases.models import Party
from accedit.domain.filing.models import Basket, Deposit
from accedit.domain.people.rights import Actor
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import words
from tests.web.sessions import signed_in


def on_behalf(party: Party, **more: str) -> dict[str, str]:
    return {"partie": str(party.pk), "moyen": "post", "recu_le": "2026-11-14"} | more


@pytest.mark.parametrize("role", ["expert", "assistant"])
def test_the_expert_or_the_assistant_enters_what_came_by_post(
    client: Client, gymnase: Gymnase, role: str
) -> None:
    fauvel = gymnase.parties["Menuiserie Fauvel"]
    who: Actor = getattr(gymnase, role)
    signed_in(client, who)

    answer = client.post(f"/dossiers/{gymnase.case.pk}/deposer", on_behalf(fauvel))

    basket = Basket.objects.get(owner=who.user_id)
    assert answer.headers["Location"] == f"/paniers/{basket.pk}"
    cast.baskets.add_file(basket, stored=cast.stored(), name="lettre.pdf", upload="u")
    last = words(client.get(f"/paniers/{basket.pk}/confirmer"))
    client.post(f"/paniers/{basket.pk}/confirmer")
    said = "Pour le compte de Menuiserie Fauvel, reçue par la poste le 14/11/2026"
    assert said in last
    deposit = Deposit.objects.get(basket=basket)
    assert (deposit.on_behalf_of, deposit.depositor_name) == (fauvel.pk, who.name)
    piece = words(client.get(f"/pieces/{deposit.node_id}"))
    assert "pour le compte de Menuiserie Fauvel (reçue par la poste le 14/11/2026)" in piece


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"partie": ""}, "Choisissez la partie pour le compte de qui vous déposez."),
        ({"moyen": "pigeon"}, "Dites comment les pièces vous sont parvenues."),
        ({"recu_le": "hier"}, "Donnez le jour où vous les avez reçues."),
        ({"recu_le": "2100-01-01"}, "Ce jour n'est pas encore venu."),
    ],
)
def test_on_behalf_what_is_missing_is_said_beside_its_field(
    client: Client, gymnase: Gymnase, typed: dict[str, str], said: str
) -> None:
    signed_in(client, gymnase.expert)
    form = on_behalf(gymnase.parties["Menuiserie Fauvel"], **typed)

    answer = client.post(f"/dossiers/{gymnase.case.pk}/deposer", form)

    assert answer.status_code == 422
    assert said in words(answer)
    assert not Basket.objects.filter(owner=gymnase.expert.user_id).exists()


def test_a_party_of_another_case_cannot_be_named(client: Client, gymnase: Gymnase) -> None:
    theirs = Party.objects.get(case=gymnase.stranger_case)

    answer = signed_in(client, gymnase.expert).post(
        f"/dossiers/{gymnase.case.pk}/deposer", on_behalf(theirs)
    )

    assert answer.status_code == 422
    assert "Secrète" not in words(answer)


def test_a_lawyer_enters_nothing_on_behalf(client: Client, gymnase: Gymnase) -> None:
    signed_in(client, gymnase.owner_counsel)

    client.post(
        f"/dossiers/{gymnase.case.pk}/deposer", on_behalf(gymnase.parties["Menuiserie Fauvel"])
    )

    basket = Basket.objects.get(owner=gymnase.owner_counsel.user_id)
    assert (basket.box_id, basket.on_behalf_of) == (gymnase.boxes["demandeur"].pk, None)
