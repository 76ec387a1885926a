"""The rights of a case on pages: seen, shown before they change, explained, looked at as another."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from accedit.domain.cases.operations import groups as case_groups
from accedit.domain.evidence.models import Entry
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Grant, Node
from accedit.domain.filing.operations import grants, places, rooms, seals
from accedit.domain.people.models import Group
from accedit.domain.people.rights import Actor
from tests import cast
from tests.cast import NOON, Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in


def folder(g: Gymnase, name: str = "2. Convocations") -> Node:
    return Node.objects.get(room=g.case.room, name=name)


def at(g: Gymnase, *parts: object) -> str:
    return "/".join([f"/dossiers/{g.case.pk}", *map(str, parts)])


def word(who: Actor) -> str:
    return f"user:{who.user_id}"


def mark_of(answer: object) -> str:
    found = re.search(r'name="vu" value="([0-9a-f]+)"', getattr(answer, "content", b"").decode())
    assert found
    return found[1]


def test_a_right_is_given_after_its_effect_was_shown(client: Client, gymnase: Gymnase) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    address = at(gymnase, "droits", node.pk, "donner")
    to = {"a": word(gymnase.contractor)}
    assert "Sols Dubreuil" in words(page.get(address))
    assert "Naviguer" in words(page.get(address, to))

    shown = page.post(address, to | {"droit": ["modify"], "do": "check"})

    assert "Ce que ce changement ouvrira 2. Convocations" in words(shown)
    assert "Sols Dubreuil : modifier" in words(shown)
    assert "Ce qu’il fermera Rien : personne ne perd de droit." in words(shown)
    assert not Grant.objects.filter(node=node).exists()

    done = page.post(address, to | {"droit": ["modify"], "do": "confirm", "vu": mark_of(shown)})

    assert (done.status_code, done["Location"]) == (302, at(gymnase, "droits", node.pk))
    place = words(page.get(at(gymnase, "droits", node.pk)))
    assert (
        "Donné ici Droits donnés ici À qui Droits Par qui, quand Agir Sols Dubreuil modifier Anne Vasseur"
        in place
    )
    assert "Vient de plus haut" in place
    assert "naviguer, consulter, télécharger, modifier" in place


def test_if_something_moved_since_the_effect_is_shown_again(
    client: Client, gymnase: Gymnase
) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    address = at(gymnase, "droits", node.pk, "donner")
    to = {"a": word(gymnase.contractor), "droit": ["modify"]}
    mark = mark_of(page.post(address, to | {"do": "check"}))
    grants.give(
        node.pk, to=word(gymnase.owner_counsel), rights=[Right.ADD], actor=gymnase.expert, at=NOON
    )

    again = page.post(address, to | {"do": "confirm", "vu": mark})

    assert again.status_code == 409
    assert "ont changé pendant que vous regardiez" in words(again)
    assert not Grant.objects.filter(node=node, user=gymnase.contractor.user_id).exists()
    done = page.post(address, to | {"do": "confirm", "vu": mark_of(again)})
    assert done.status_code == 302
    assert page.post(address, to | {"do": "confirm"}).status_code == 409  # nothing was shown


def test_nothing_ticked_takes_back(client: Client, gymnase: Gymnase) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    grants.give(
        node.pk, to=word(gymnase.contractor), rights=[Right.ADD], actor=gymnase.expert, at=NOON
    )
    address = at(gymnase, "droits", node.pk, "donner")

    shown = page.post(address, {"a": word(gymnase.contractor), "do": "check"})
    page.post(address, {"a": word(gymnase.contractor), "do": "confirm", "vu": mark_of(shown)})

    assert "Donné ici désormais rien" in words(shown)
    assert not Grant.objects.filter(node=node).exists()


def test_sealing_names_those_who_lose_and_unsealing_those_who_gain(
    client: Client, gymnase: Gymnase
) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    address = at(gymnase, "droits", node.pk, "reserver")
    shown = page.get(address)
    assert "Me Claire Aubry : naviguer, consulter, télécharger" in words(shown)

    assert page.post(address, {"do": "seal", "vu": mark_of(shown)}).status_code == 302

    node.refresh_from_db()
    assert node.sealed
    assert "rien de ce qui est donné plus haut n’y parvient" in words(
        page.get(at(gymnase, "droits", node.pk))
    )
    assert_unknown(
        signed_in(Client(), gymnase.owner_counsel),
        at(gymnase, "dossier", node.pk),
        of=node.pk,
    )
    opened = page.get(address)
    assert "Ce que ce changement ouvrira" in words(opened)
    assert page.post(address, {"do": "unseal", "vu": mark_of(opened)}).status_code == 302


def test_a_seal_over_pieces_is_confirmed_reader_by_reader(client: Client, gymnase: Gymnase) -> None:
    cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    node, page = folder(gymnase, "Boîtes aux lettres"), signed_in(client, gymnase.expert)
    address = at(gymnase, "droits", node.pk, "reserver")
    mark = mark_of(page.get(address))

    refused = page.post(address, {"do": "seal", "vu": mark})

    assert refused.status_code == 409
    assert "confirmez chacun" in words(refused)
    everyone = [str(who.user_id) for who in gymnase.everyone]
    done = page.post(address, {"do": "seal", "vu": mark, "perd": everyone})
    assert done.status_code == 302


def test_a_group_is_made_filled_and_used(client: Client, gymnase: Gymnase) -> None:
    page = signed_in(client, gymnase.expert)
    made = page.post(at(gymnase, "groupes"), {"nom": "Techniciens"})
    group = Group.objects.get(name="Techniciens")
    assert made["Location"] == at(gymnase, "groupes", group.pk)
    grants.give(
        folder(gymnase).pk,
        to=f"group:{group.pk}",
        rights=[Right.ADD],
        actor=gymnase.expert,
        at=NOON,
    )
    who = gymnase.engineer_counsels[0]
    address = f"{at(gymnase, 'groupes', group.pk, 'changer')}?personne={who.user_id}"

    shown = page.get(address)
    assert f"{who.name}, {who.firm} : ajouter" in words(shown)
    assert page.post(address, {"vu": mark_of(shown)}).status_code == 302

    assert f"{who.name}, {who.firm} · Faire sortir" in words(
        page.get(at(gymnase, "groupes", group.pk))
    )
    told = words(page.get(at(gymnase, "journal")))
    assert "Le groupe « Techniciens » sur « 2. Convocations » a changé (ajouter)" in told.replace(
        "\u00a0", " "
    )
    own = words(page.get(f"{at(gymnase, 'journal')}?espace={group.pk}")).replace("\u00a0", " ")
    assert f"a fait entrer {who.name} dans le groupe « Techniciens »" in own
    leaving = page.get(f"{address}&sens=sort")
    assert "Ce qu’il fermera 2. Convocations" in words(leaving)
    assert page.post(f"{address}&sens=sort", {"vu": mark_of(leaving)}).status_code == 302
    assert not group.memberships.exists()
    assert page.post(at(gymnase, "groupes"), {"nom": "TECHNICIENS"}).status_code == 409
    renamed = page.post(at(gymnase, "groupes", group.pk), {"nom": "Ingénieurs"})
    assert renamed.status_code == 302


def test_the_group_of_the_roster_follows_the_roster(client: Client, gymnase: Gymnase) -> None:
    page = signed_in(client, gymnase.expert)
    group = gymnase.case.group
    address = f"{at(gymnase, 'groupes', group.pk, 'changer')}?personne={gymnase.contractor.user_id}&sens=sort"

    answer = page.post(address, {"vu": mark_of(page.get(address))})

    assert answer.status_code == 403
    assert group.memberships.filter(user=gymnase.contractor.user_id).exists()
    assert "suit la liste de diffusion" in words(page.get(at(gymnase, "groupes", group.pk)))


def test_why_with_the_grant_who_gave_it_and_when(client: Client, gymnase: Gymnase) -> None:
    piece = cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    address = at(gymnase, "pourquoi", piece.node_id)
    page = signed_in(client, gymnase.expert)

    asked = words(page.get(f"{address}?personne={gymnase.contractor.user_id}"))

    assert (
        "Consulter : donné au groupe « Liste de diffusion 2026-14 » sur « Gymnase municipal, "
        "parquet déformé », par Anne Vasseur, le lundi 16 novembre 2026, 12 h 00."
    ) in asked.replace("\u00a0", " ")
    assert "Gérer : personne ne l'a donné" in asked.replace("\u00a0", " ")
    assert "Modifier : une pièce déposée ne se modifie" in asked.replace("\u00a0", " ")
    mine = words(page.get(f"{address}?personne={gymnase.expert.user_id}")).replace("\u00a0", " ")
    assert "Consulter : l’expert a tous les droits" in mine
    assert "une pièce déposée ne se modifie ni ne se supprime, par personne" in mine
    lucie = words(page.get(f"{address}?personne={gymnase.assistant.user_id}"))
    assert "Anne Vasseur l’a chargé d’agir pour lui" in lucie

    lawyer = signed_in(Client(), gymnase.owner_counsel)
    assert "Vos droits ici, et d’où ils viennent" in words(lawyer.get(address))
    others = {
        lawyer.get(f"{address}?personne={other}").status_code
        for other in (gymnase.contractor.user_id, gymnase.stranger.user_id, uuid4())
    }
    assert others == {403}
    unknown = page.get(f"{address}?personne={gymnase.stranger.user_id}")
    assert unknown.status_code == 404


def test_why_not_names_the_seal_and_the_day_one_left(client: Client, gymnase: Gymnase) -> None:
    from accedit.domain.people.models import User  # noqa: PLC0415

    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    inner = places.create_folder(node.pk, name="Reçues", actor=gymnase.expert, at=NOON)
    seals.seal(node.pk, actor=gymnase.expert, at=NOON)
    grants.give(
        inner.pk, to=word(gymnase.contractor), rights=[Right.BROWSE], actor=gymnase.expert, at=NOON
    )
    left = User.objects.get(pk=gymnase.architect_counsel.user_id)
    rooms.let_out(left, room=gymnase.case.room, at=NOON)
    address = at(gymnase, "pourquoi", inner.pk)

    sealed = words(page.get(f"{address}?personne={gymnase.contractor.user_id}"))
    gone = words(page.get(f"{address}?personne={left.pk}"))
    own = words(signed_in(Client(), gymnase.contractor).get(address))

    assert "un espace réservé arrête ce qui est donné plus haut (« 2. Convocations »)" in (
        sealed.replace("\u00a0", " ")
    )
    assert "Elle a quitté le dossier le lundi 16 novembre 2026" in gone
    assert "n'est plus, membre de ce dossier depuis le 16/11/2026" in gone
    assert "2. Convocations" not in own
    assert "réservé" not in own


def test_seen_as_a_member_the_case_is_what_that_member_sees(
    client: Client, gymnase: Gymnase
) -> None:
    node = folder(gymnase)
    secret = places.create_folder(node.pk, name="Secret médical", actor=gymnase.expert, at=NOON)
    seals.seal(secret.pk, actor=gymnase.expert, at=NOON)
    cast.deposited("a.pdf", "b.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    page, entries = signed_in(client, gymnase.expert), Entry.objects.count()
    home = at(gymnase, "comme", gymnase.contractor.user_id)

    seen = page.get(home)
    listed = page.get(f"{home}/pieces")
    inside = page.get(f"{home}/dossier/{node.pk}")

    for answer in (seen, listed, inside):
        said = words(answer)
        assert "Vous voyez le dossier comme le voit Sols Dubreuil." in said
        assert "Secret médical" not in said
        assert "<form" not in answer.content.decode().partition("<main")[2]
        assert [a for a in links(answer) if a.startswith(("/pieces/", "/depots/"))] == []
    assert "2 pièces en tout" in words(seen)
    assert "Secret médical" in words(page.get(at(gymnase)))
    assert page.get(f"{home}/dossier/{secret.pk}").status_code == 404
    assert Entry.objects.count() == entries
    for address in (home, f"{home}/pieces", f"{home}/dossier/{node.pk}"):
        assert page.post(address).status_code == 405
    assert page.get(at(gymnase, "comme", gymnase.stranger.user_id)).status_code == 404
    assert page.get(at(gymnase, "comme", uuid4())).status_code == 404


def test_a_folder_is_renamed_on_its_page(client: Client, gymnase: Gymnase) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.assistant)
    address = at(gymnase, "dossier", node.pk, "renommer")

    assert page.post(address, {"nom": "a/b"}).status_code == 422
    assert page.post(address, {"nom": "2. Réunions"}).status_code == 302
    assert signed_in(Client(), gymnase.owner_counsel).get(address).status_code == 403

    node.refresh_from_db()
    assert node.name == "2. Réunions"


def test_the_sealed_space_has_its_journal_and_its_proofs(client: Client, gymnase: Gymnase) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)
    seals.seal(node.pk, actor=gymnase.expert, at=NOON)
    places.create_folder(node.pk, name="Secret", actor=gymnase.expert, at=NOON)

    own = page.get(f"{at(gymnase, 'journal')}?espace={node.pk}")
    line = page.get(f"{at(gymnase, 'journal', 0)}?espace={node.pk}")
    proof = page.get(f"{at(gymnase, 'journal', 0, 'preuve')}?espace={node.pk}")

    assert "a créé le dossier de rangement « Secret »" in words(own).replace("\u00a0", " ")
    assert f"/s/{node.pk}/acts" in words(line)
    assert (proof.status_code, proof["Content-Type"]) == (200, "application/zip")
    assert "Secret" not in words(page.get(at(gymnase, "journal")))
    lawyer = signed_in(Client(), gymnase.owner_counsel)
    for address in ("journal", "journal/0", "journal/0/preuve"):
        assert lawyer.get(f"{at(gymnase, address)}?espace={node.pk}").status_code == 404
        assert lawyer.get(f"{at(gymnase, address)}?espace={uuid4()}").status_code == 404
    assert "Espace réservé" not in words(lawyer.get(at(gymnase, "journal")))


OWNER_ONLY = [
    "droits",
    "droits/{node}",
    "droits/{node}/donner",
    "droits/{node}/reserver",
    "groupes",
    "comme/{user}",
    "comme/{user}/pieces",
    "comme/{user}/dossier/{node}",
]


@pytest.mark.parametrize("address", OWNER_ONLY)
def test_the_pages_of_the_expert_are_the_experts(
    client: Client, gymnase: Gymnase, address: str
) -> None:
    made = case_groups.make_group(gymnase.case.pk, name="G", actor=gymnase.expert, at=NOON)
    filled = at(gymnase, address.format(node=folder(gymnase).pk, user=gymnase.contractor.user_id))
    for who in (gymnase.assistant, gymnase.owner_counsel, gymnase.contractor):
        page = signed_in(Client(), who)
        assert page.get(filled).status_code == 403
        assert "/droits" not in " ".join(links(page.get(at(gymnase))))
        assert page.get(at(gymnase, "groupes", made.pk)).status_code == 403
    assert signed_in(client, gymnase.expert).get(filled).status_code == 200
    assert_unknown(signed_in(Client(), gymnase.stranger), filled, of=gymnase.case.pk)


def test_the_pages_cost_the_same_whatever_the_room(client: Client, gymnase: Gymnase) -> None:
    node, page = folder(gymnase), signed_in(client, gymnase.expert)

    def cost() -> list[int]:
        found = []
        for address in ("droits", f"droits/{node.pk}", f"droits/{node.pk}/reserver"):
            with counted() as asked:
                assert page.get(at(gymnase, address)).status_code == 200
            found.append(len(asked))
        return found

    cost()  # what is fetched once in a process is fetched
    few = cost()
    for rank in range(12):
        inner = places.create_folder(node.pk, name=f"{rank}", actor=gymnase.expert, at=NOON)
        grants.give(
            inner.pk,
            to=word(gymnase.contractor),
            rights=[Right.ADD],
            actor=gymnase.expert,
            at=NOON,
        )

    assert cost() == few
    assert max(few) <= 31
