"""A folder is moved on pages: where to, what it opens and closes, then done."""

import re

import pytest
from django.test import Client

from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places
from tests.cast import NOON, Gymnase
from tests.web.reading import assert_unknown, links, words
from tests.web.sessions import signed_in


def top(g: Gymnase, name: str) -> Node:
    return Node.objects.select_related("room").get(
        room=g.case.pk, parent__kind="root", name__startswith=name
    )


@pytest.fixture
def notes(gymnase: Gymnase) -> Node:
    return places.plant(top(gymnase, "4."), name="Notes", at=NOON)


def test_the_expert_moves_a_folder_after_seeing_what_it_closes(
    client: Client, gymnase: Gymnase, notes: Node
) -> None:
    reserve = top(gymnase, "Espace")
    folder = f"/dossiers/{gymnase.case.pk}/dossier/{notes.pk}"
    signed_in(client, gymnase.expert)

    assert f"{folder}/deplacer" in links(client.get(folder))
    choice = words(client.get(f"{folder}/deplacer"))
    shown = client.post(f"{folder}/deplacer", {"do": "check", "vers": reserve.pk})
    mark = re.search(r'name="vu" value="(\w+)"', shown.content.decode())
    assert mark is not None
    done = client.post(f"{folder}/deplacer", {"do": "move", "vers": reserve.pk, "vu": mark[1]})

    assert "À la racine du dossier" in choice
    assert "Boîte aux lettres de" not in choice
    assert "Sols Dubreuil" in words(shown).partition("Ce qu’il fermera")[2]
    assert done.headers["Location"] == folder
    assert Node.objects.get(pk=notes.pk).parent == reserve
    journal = words(client.get(f"/dossiers/{gymnase.case.pk}/journal"))
    assert "Anne Vasseur a déplacé" in journal


def test_what_is_not_chosen_or_has_changed_is_told(
    client: Client, gymnase: Gymnase, notes: Node
) -> None:
    here = f"/dossiers/{gymnase.case.pk}/dossier/{notes.pk}/deplacer"
    signed_in(client, gymnase.expert)

    nowhere = client.post(here, {"do": "check"})
    stale = client.post(here, {"do": "move", "vers": top(gymnase, "5.").pk, "vu": "x"})

    assert (nowhere.status_code, stale.status_code) == (422, 409)
    assert "relisez" in words(stale)
    assert Node.objects.get(pk=notes.pk).parent == top(gymnase, "4.")


def test_nobody_else_moves(client: Client, gymnase: Gymnase, notes: Node) -> None:
    here = f"/dossiers/{gymnase.case.pk}/dossier/{notes.pk}/deplacer"
    wanted = {"do": "move", "vers": str(top(gymnase, "5.").pk)}

    for who in (gymnase.assistant, gymnase.owner_counsel):
        signed_in(client, who)
        assert client.get(here).status_code == 403
        assert client.post(here, wanted).status_code == 403
    signed_in(client, gymnase.stranger)
    assert_unknown(client, here, of=notes.pk, post=wanted)
    assert Node.objects.get(pk=notes.pk).parent == top(gymnase, "4.")
