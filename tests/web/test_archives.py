"""Pieces put away on pages: the last screen says where, who gains, and that nobody loses."""

import re

import pytest
from django.test import Client

from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import archiving, rooms, seals
from accedit.domain.filing.queries import archives
from accedit.domain.people.models import User
from tests import cast
from tests.cast import NOON, Gymnase
from tests.web.reading import assert_unknown, links, words
from tests.web.sessions import signed_in


@pytest.fixture
def pieces(gymnase: Gymnase) -> list[Deposit]:
    return cast.deposited(
        "a.pdf", "b.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel
    )


def parents(pieces: list[Deposit]) -> list[object]:
    return [Node.objects.get(pk=piece.node_id).parent_id for piece in pieces]


def mark_in(answer: object) -> str:
    found = re.search(r'name="vu" value="([0-9a-f]+)"', getattr(answer, "content", b"").decode())
    assert found
    return found[1]


def test_the_expert_puts_one_piece_away_from_its_page(
    client: Client, gymnase: Gymnase, pieces: list[Deposit]
) -> None:
    piece, box = pieces[0], gymnase.boxes["demandeur"]
    signed_in(client, gymnase.expert)
    here = f"/pieces/{piece.node_id}/archiver"

    assert here in links(client.get(f"/pieces/{piece.node_id}"))
    page = client.get(here)
    shown = words(page)
    done = client.post(here, {"do": "archive", "vu": mark_in(page)})

    assert "Rien : les mêmes personnes lisent avant et après." in shown
    assert f"à « {box.archive.name} »" in shown
    assert done.headers["Location"] == f"/pieces/{piece.node_id}"
    assert parents(pieces) == [box.archive_id, box.folder_id]
    page = client.get(f"/pieces/{piece.node_id}")
    assert f"Rangée dans {box.archive.name}" in words(page)
    assert here not in links(page)
    assert "Cette pièce est déjà rangée aux archives." in words(client.get(here))


def test_several_pieces_of_a_box_go_together(
    client: Client, gymnase: Gymnase, pieces: list[Deposit]
) -> None:
    box = gymnase.boxes["demandeur"]
    newcomer = User.objects.get(pk=gymnase.stranger.user_id)
    rooms.let_in(newcomer, room=gymnase.case.room, at=NOON)
    rooms.grant(box.archive, to=newcomer, rights=[Right.READ], by=gymnase.expert.user_id, at=NOON)
    folder = f"/dossiers/{gymnase.case.pk}/dossier/{box.folder_id}"
    ids = [str(piece.node_id) for piece in pieces]
    signed_in(client, gymnase.expert)

    assert f"{folder}/archiver" in links(client.get(folder))
    none = client.post(f"{folder}/archiver", {"do": "check"})
    check = client.post(f"{folder}/archiver", {"do": "check", "piece": ids})
    shown, act = words(check), {"do": "archive", "vu": mark_in(check)}
    fewer = client.post(f"{folder}/archiver", act | {"piece": ids[:1]})
    done = client.post(f"{folder}/archiver", act | {"piece": ids})

    assert (none.status_code, "Cochez au moins une pièce" in words(none)) == (422, True)
    assert fewer.status_code == 409
    assert "Ranger 2 pièces aux archives" in shown
    assert "1 personne de plus pourra lire : Bruno Lambert" in shown
    assert done.headers["Location"] == f"/dossiers/{gymnase.case.pk}/dossier/{box.archive_id}"
    assert parents(pieces) == [box.archive_id] * 2
    assert "Il n’y a plus de pièce à ranger" in words(client.get(f"{folder}/archiver"))


def test_where_somebody_would_lose_it_the_screen_names_them_and_has_no_button(
    client: Client, gymnase: Gymnase, pieces: list[Deposit]
) -> None:
    box = gymnase.boxes["demandeur"]
    Node.objects.filter(pk=box.archive_id).update(sealed=True)
    here = f"/pieces/{pieces[0].node_id}/archiver"
    signed_in(client, gymnase.expert)

    shown = client.get(here)
    forced = client.post(here, {"do": "archive"})

    assert "Sols Dubreuil" in words(shown)
    assert 'value="archive"' not in shown.content.decode()
    assert forced.status_code == 409
    assert parents(pieces) == [box.folder_id] * 2


def test_what_changed_in_another_tab_is_shown_before_anything_is_done(
    client: Client, gymnase: Gymnase, pieces: list[Deposit]
) -> None:
    box = gymnase.boxes["demandeur"]
    here = f"/pieces/{pieces[0].node_id}/archiver"
    signed_in(client, gymnase.expert)
    shown = client.get(here)
    newcomer = User.objects.get(pk=gymnase.stranger.user_id)
    rooms.let_in(newcomer, room=gymnase.case.room, at=NOON)
    rooms.grant(box.archive, to=newcomer, rights=[Right.READ], by=gymnase.expert.user_id, at=NOON)

    stale = client.post(here, {"do": "archive", "vu": mark_in(shown)})
    stayed = parents(pieces)
    done = client.post(here, {"do": "archive", "vu": mark_in(stale)})

    assert "Rien : les mêmes personnes lisent avant et après." in words(shown)
    assert (stale.status_code, stayed) == (409, [box.folder_id] * 2)
    assert "1 personne de plus pourra lire : Bruno Lambert" in words(stale)
    assert done.status_code == 302
    assert parents(pieces) == [box.archive_id, box.folder_id]


def test_the_line_of_a_reserved_journal_is_linked_for_those_who_may_see_it(
    client: Client, gymnase: Gymnase
) -> None:
    """Deposited in a reserved space, archived out of it: who gains the piece has no such line."""
    boxes = Node.objects.get(room=gymnase.case.room, name="Boîtes aux lettres")
    seals.seal(boxes.pk, actor=gymnase.expert, at=NOON)
    box = gymnase.boxes["demandeur"]
    (piece,) = cast.deposited("secret.pdf", box=box, by=gymnase.owner_counsel)
    gaining = archives.change(box=box).gained
    archiving.archive(piece.node_id, actor=gymnase.expert, at=NOON, gaining=gaining)
    line = f"/dossiers/{gymnase.case.pk}/journal/{piece.log_index}?espace={boxes.pk}"

    signed_in(client, gymnase.expert)
    expert = links(client.get(f"/pieces/{piece.node_id}"))
    followed = client.get(line)
    signed_in(client, gymnase.contractor)
    page = client.get(f"/pieces/{piece.node_id}")

    assert (line in expert, followed.status_code) == (True, 200)
    assert page.status_code == 200
    assert str(boxes.pk) not in page.content.decode()
    assert "Ligne n°" not in words(page).replace("\u00a0", " ")
    assert client.get(line).status_code == 404


def test_nobody_else_archives(client: Client, gymnase: Gymnase, pieces: list[Deposit]) -> None:
    here = f"/pieces/{pieces[0].node_id}/archiver"
    box = gymnase.boxes["demandeur"]
    batch = f"/dossiers/{gymnase.case.pk}/dossier/{box.folder_id}/archiver"

    for who in (gymnase.assistant, gymnase.owner_counsel):
        signed_in(client, who)
        assert client.get(here).status_code == 403
        assert client.post(here, {"do": "archive"}).status_code == 403
        assert client.post(batch, {"do": "archive", "piece": pieces[0].node_id}).status_code == 403
        assert here not in links(client.get(f"/pieces/{pieces[0].node_id}"))
    signed_in(client, gymnase.stranger)
    assert_unknown(client, here, of=pieces[0].node_id)
    assert_unknown(client, batch, of=box.folder_id)
    assert parents(pieces) == [box.folder_id] * 2
