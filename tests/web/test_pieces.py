"""The list of pieces, one piece, its receipt, its withdrawal."""

import io

import pytest
from django.test import Client

from accedit.domain.documents.operations import previews
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import boxes, readings, rooms, withdrawals
from accedit.domain.people.models import User
from accedit_ledger.receipt import verify_receipt
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, counted, links, words
from tests.web.sessions import signed_in


@pytest.fixture
def piece(gymnase: Gymnase) -> Deposit:
    return cast.deposited("devis.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]


def test_the_list_says_number_title_side_depositor_day_and_size(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    cast.deposited(
        "note.pdf", box=gymnase.boxes["bureau d'études"], by=gymnase.engineer_counsels[1]
    )

    answer = signed_in(client, gymnase.contractor).get(f"/dossiers/{gymnase.case.pk}/pieces")

    page = words(answer)
    firm = gymnase.engineer_counsels[1].firm
    assert "2 pièces" in page
    assert f"Pièce n° 1 note.pdf bureau d'études Me Omar Diallo, {firm} 16/11/2026 12 h 00" in (
        page.replace("\u00a0", " ")
    )
    assert page.index("note.pdf") < page.index("devis.pdf")
    assert f"/pieces/{piece.node_id}/contenu" in links(answer)
    assert f"/depots/{piece.pk}/recu" in links(answer)


def test_a_piece_is_shown_without_its_picture_while_the_renderer_is_busy(
    client: Client, gymnase: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    piece = cast.deposited(
        "devis.pdf",
        box=gymnase.boxes["demandeur"],
        by=gymnase.owner_counsel,
        content=lambda _: b"%PDF-1.7 devis",
    )[0]
    monkeypatch.setattr(previews, "PATIENCE", 0)
    signed_in(client, gymnase.expert)

    held = [previews._places.acquire(timeout=0) for _ in range(64)]
    try:
        answer = client.get(f"/pieces/{piece.node_id}")
    finally:
        for one in held:
            if one:
                previews._places.release()

    assert answer.status_code == 200
    assert "L’aperçu n’est pas encore prêt" in words(answer)
    assert "n’a pas d’aperçu" not in words(answer)
    assert piece.blob.sha256 in words(answer)


def test_the_files_of_one_basket_stay_in_order(client: Client, gymnase: Gymnase) -> None:
    names = [f"piece-{rank:02}.pdf" for rank in range(1, 13)]
    cast.deposited(*names, box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)

    page = words(signed_in(client, gymnase.expert).get(f"/dossiers/{gymnase.case.pk}/pieces"))

    shown = [page.index(name) for name in reversed(names)]
    assert shown == sorted(shown)


def test_the_list_is_filtered_by_side_and_by_words_and_counted(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    cast.deposited("plan.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    cast.deposited("devis.pdf", box=gymnase.boxes["architecte"], by=gymnase.architect_counsel)
    path = f"/dossiers/{gymnase.case.pk}/pieces"
    side = gymnase.boxes["demandeur"].side
    signed_in(client, gymnase.owner_counsel)

    def count(query: str) -> str:
        return (
            words(client.get(f"{path}?{query}"))
            .partition(" pour ce choix")[0]
            .rpartition("  ")[2][-9:]
        )

    assert count(f"partie={side}").endswith("2 pièces")
    assert count("mots=devis").endswith("2 pièces")
    assert count(f"partie={side}&mots=devis").endswith("1 pièce")
    assert "Aucune pièce ne répond à ce choix." in words(client.get(f"{path}?mots=absent"))
    assert client.get(f"{path}?partie=nimporte&suite=quoi").status_code == 422


def test_fifty_a_page_and_the_filter_is_kept(client: Client, gymnase: Gymnase) -> None:
    names = [f"piece-{rank:02}.pdf" for rank in range(1, 54)]
    cast.deposited(*names, box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    signed_in(client, gymnase.owner_counsel)

    first = client.get(f"/dossiers/{gymnase.case.pk}/pieces?ordre=numero&mots=piece")
    more = next(link for link in links(first) if "suite=" in link).replace("&amp;", "&")
    second = words(client.get(f"/dossiers/{gymnase.case.pk}/pieces{more}"))

    assert "53 pièces" in words(first)
    assert "piece-50.pdf" in words(first)
    assert "piece-51.pdf" not in words(first)
    assert "mots=piece&ordre=numero&suite=" in more
    assert "piece-51.pdf" in second
    assert "piece-50.pdf" not in second


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("rapport\u202efdp.exe", "rapport[U+202E]fdp.exe"),
        ("p\u0430ye.pdf", "p\u0430ye.pdf"),
        ("a\u200bb.pdf", "a[U+200B]b.pdf"),
    ],
)
def test_a_name_that_deceives_is_shown_in_clear_with_a_warning(
    client: Client, gymnase: Gymnase, name: str, shown: str
) -> None:
    deposit = cast.deposited(name, box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    signed_in(client, gymnase.expert)

    for path in (f"/dossiers/{gymnase.case.pk}/pieces", f"/pieces/{deposit.node_id}"):
        page = client.get(path)
        assert shown in words(page)
        assert "\u202e" not in page.content.decode()
        assert "nom trompeur" in words(page) or "caractères cachés" in words(page)


def test_markup_in_a_name_is_only_a_name(client: Client, gymnase: Gymnase) -> None:
    name = "<img src=x onerror=alert(1)>{{7*7}}.pdf"
    deposit = cast.deposited(name, box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    signed_in(client, gymnase.expert)

    for path in (
        f"/dossiers/{gymnase.case.pk}",
        f"/dossiers/{gymnase.case.pk}/pieces",
        f"/dossiers/{gymnase.case.pk}/journal",
        f"/pieces/{deposit.node_id}",
    ):
        page = client.get(path).content.decode()
        assert "<img src=x" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;{{7*7}}.pdf" in page


def test_a_piece_says_what_is_certain(client: Client, gymnase: Gymnase, piece: Deposit) -> None:
    page = words(signed_in(client, gymnase.contractor).get(f"/pieces/{piece.node_id}"))

    assert "Pièce n° 1" in page
    assert f"Empreinte SHA-256 {piece.blob.sha256}" in page
    assert "boîte aux lettres de la Commune de Valmont" in page
    assert "lundi 16 novembre 2026" in page
    assert "Cette pièce n’a pas d’aperçu" in page
    assert "Retirer de la diffusion" not in page


def test_a_picture_is_shown_page_by_page_from_the_other_origin(
    client: Client, gymnase: Gymnase, piece: Deposit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "pages", lambda deposit: 3)

    signed_in(client, gymnase.contractor)
    answer = client.get(f"/pieces/{piece.node_id}?page=2")

    content = answer.content.decode()
    assert 'src="http://127.0.0.1:8000/contenu/' in content
    assert "Page 2 sur 3" in words(answer)
    assert {"?page=1", "?page=3"} <= set(links(answer))
    assert "Aperçu fabriqué par la plate-forme ; l’empreinte du fichier fait foi." in words(answer)
    assert "Page 3 sur 3" in words(client.get(f"/pieces/{piece.node_id}?page=99"))


def test_the_download_goes_to_the_other_origin_with_a_ticket(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    answer = signed_in(client, gymnase.contractor).get(f"/pieces/{piece.node_id}/contenu")

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("http://127.0.0.1:8000/contenu/")


def test_the_expert_sees_who_opened_it_and_the_others_only_themselves(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    for who in (gymnase.architect_counsel, gymnase.contractor):
        readings.open_content(piece.node_id, asker=who, at=cast.NOON, preview=False)
    path = f"/pieces/{piece.node_id}"

    expert = words(signed_in(client, gymnase.expert).get(path))
    contractor = words(signed_in(client, gymnase.contractor).get(path))

    assert "Me Hugo Blin" in expert
    assert "Sols Dubreuil – téléchargée" in expert
    assert "Sols Dubreuil – téléchargée" in contractor
    assert "Me Hugo Blin" not in contractor


def test_withdrawing_names_who_could_read_then_cuts_at_once(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    path = f"/pieces/{piece.node_id}"
    signed_in(client, gymnase.expert)

    last = words(client.get(f"{path}/retirer"))
    empty = client.post(f"{path}/retirer", {"motif": " "})
    done = client.post(f"{path}/retirer", {"motif": "confidentiel"})

    assert "Qui pouvait la lire jusqu’ici : 7 personnes" in last
    for name in ("Me Hugo Blin", "Sols Dubreuil", "Lucie Morel"):
        assert name in last
    assert empty.status_code == 422
    assert "dites pourquoi cette pièce est retirée" in words(empty)
    assert done.status_code == 302
    assert "Vous seul pouvez encore la lire. Motif : confidentiel" in words(client.get(path))
    signed_in(client, gymnase.architect_counsel)
    theirs = client.get(path)
    assert "Elle n’est plus ouverte à la lecture" in words(theirs)
    assert piece.blob.sha256 not in words(theirs)
    assert client.get(f"{path}/contenu").status_code == 403
    assert client.get(f"/depots/{piece.pk}/recu").status_code == 404
    listed = client.get(f"/dossiers/{gymnase.case.pk}/pieces")
    assert "retirée de la diffusion" in words(listed)
    assert f"{path}/contenu" not in links(listed)


def test_restored_it_is_read_again(client: Client, gymnase: Gymnase, piece: Deposit) -> None:
    withdrawals.withdraw(piece.node_id, reason="erreur", actor=gymnase.expert, at=cast.NOON)
    path = f"/pieces/{piece.node_id}"
    signed_in(client, gymnase.expert)

    last = words(client.get(f"{path}/remettre"))
    client.post(f"{path}/remettre", {"motif": ""})

    assert "Qui pourra la lire de nouveau : 7 personnes" in last
    page = words(signed_in(client, gymnase.architect_counsel).get(path))
    assert piece.blob.sha256 in page


@pytest.mark.parametrize("role", ["assistant", "owner_counsel"])
def test_nobody_but_the_expert_withdraws(
    client: Client, gymnase: Gymnase, piece: Deposit, role: str
) -> None:
    signed_in(client, getattr(gymnase, role))
    path = f"/pieces/{piece.node_id}/retirer"

    assert client.get(path).status_code == 403
    assert client.post(path, {"motif": "à moi"}).status_code == 403
    assert Node.objects.get(pk=piece.node_id).withdrawn_at is None


def test_the_receipt_is_the_depositors_and_the_readers_alone(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    path = f"/depots/{piece.pk}/recu"

    answer = signed_in(client, gymnase.owner_counsel).get(path)

    verdict = verify_receipt(answer.content, file=io.BytesIO(b"contenu de devis.pdf"), known=[])
    assert (verdict.valid, verdict.file_matches) == (True, True)
    assert answer.headers["Content-Disposition"].startswith(
        'attachment; filename="recepisse-piece-1-'
    )
    assert_unknown(signed_in(client, gymnase.stranger), path, of=piece.pk)
    attestation = signed_in(client, gymnase.owner_counsel).get(f"/depots/{piece.pk}/attestation")
    assert attestation.content.startswith(b"%PDF-")


@pytest.mark.parametrize("page", ["", "/contenu", "/retirer", "/remettre"])
def test_a_stranger_and_a_former_member_do_not_know_the_piece(
    client: Client, gymnase: Gymnase, piece: Deposit, page: str
) -> None:
    path = f"/pieces/{piece.node_id}{page}"
    blin = User.objects.get(pk=gymnase.architect_counsel.user_id)
    rooms.let_out(blin, room=gymnase.case.room, at=cast.NOON)

    assert_unknown(signed_in(client, gymnase.stranger), path, of=piece.node_id)
    assert_unknown(signed_in(client, gymnase.architect_counsel), path, of=piece.node_id)


def test_the_list_costs_the_same_for_one_piece_and_for_three(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    path = f"/dossiers/{gymnase.case.pk}/pieces"
    signed_in(client, gymnase.expert)
    client.get(path)
    with counted() as one:
        client.get(path)
    cast.deposited("b.pdf", box=gymnase.boxes["architecte"], by=gymnase.architect_counsel)
    cast.deposited("c.pdf", box=gymnase.boxes["entreprise"], by=gymnase.contractor)

    with counted() as three:
        client.get(path)

    assert len(three) == len(one)


def test_a_late_piece_is_marked_wherever_it_is_named(client: Client, gymnase: Gymnase) -> None:
    box = gymnase.boxes["demandeur"]
    boxes.set_due(box.folder_id, due_at=cast.NOON, actor=gymnase.expert, at=cast.NOON)
    box.refresh_from_db()
    late = cast.deposited("dire.pdf", box=box, by=gymnase.owner_counsel)[0]
    signed_in(client, gymnase.expert)

    assert "dire.pdf hors délai" in words(client.get(f"/dossiers/{gymnase.case.pk}/pieces"))
    assert "À l’expert d’apprécier." in words(client.get(f"/pieces/{late.node_id}"))
    assert "hors délai" in words(client.get(f"/dossiers/{gymnase.case.pk}"))
