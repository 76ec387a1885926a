"""Each damage that can befall pieces and their tree is planted by hand, found, and named."""

import os
import shutil
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accedit.domain.filing import blobs
from accedit.domain.filing.operations import deposits, sweeping
from accedit.domain.filing.operations.deposits import Arrived
from accedit.domain.filing.queries import checks
from tests import cast
from tests.console.house import House, built, fsck, house, run, sentences, total

__all__ = ["built", "house"]

STRANGER = "00000000-0000-4000-8000-000000000000"  # nobody's identifier


def test_a_clean_store_has_no_damage(house: House) -> None:
    assert fsck() == []


def test_the_words_of_a_clean_store(house: House) -> None:
    out, err = StringIO(), StringIO()

    call_command("fsck", stdout=out, stderr=err)

    assert out.getvalue() == ""
    assert err.getvalue() == "Pièces, fichiers, arborescence et journaux s'accordent.\n"


def test_one_byte_of_a_piece_flipped(house: House) -> None:
    path = blobs.path_of(house.piece.blob_id)
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)

    assert sentences() == [
        f"{house.subject} : son fichier {house.piece.blob_id} a été modifié : ses octets ne donnent "
        "plus l'empreinte gardée."
    ]
    assert sentences("--quick") == []


def test_the_file_of_a_piece_missing(house: House) -> None:
    blobs.path_of(house.piece.blob_id).unlink()

    assert sentences() == [f"{house.subject} : son fichier {house.piece.blob_id} manque."]
    assert sentences("--quick") == sentences()


def test_the_file_of_a_piece_cut_short(house: House) -> None:
    path = blobs.path_of(house.piece.blob_id)
    size = path.stat().st_size
    os.truncate(path, size - 1)

    assert sentences("--quick") == [
        f"{house.subject} : son fichier {house.piece.blob_id} fait {size - 1} octets au lieu de {size}."
    ]


def test_a_deposit_whose_row_of_bytes_is_gone(house: House) -> None:
    run("delete from filing_blob where id = %s", house.piece.blob_id)

    assert [d["what"] for d in fsck()] == ["blob_row", "sum"]
    assert sentences()[0] == f"{house.subject} : la fiche de son fichier manque."


def test_an_orphan_deposit_with_no_node_and_no_entry(house: House) -> None:
    node, place = uuid4(), 10**6
    run(
        "update filing_deposit set node_id = %s, log_index = %s where id = %s",
        node,
        place,
        house.piece.pk,
    )

    subject = f"Dossier ?, pièce n° {house.piece.number} (dépôt {house.piece.pk})"
    assert sentences() == [
        f"{subject} : sa place dans l'arborescence manque.",
        f"{subject} : l'entrée {place} du journal {house.origin} n'est pas celle d'un dépôt.",
        f"Journal {house.origin}, feuille {house.piece.log_index} : le journal dit un dépôt dont la "
        "fiche manque.",
        f"Élément {house.piece.node_id} (fichier) : la fiche de son dépôt manque.",
        f"Dossier 2026-14 : le compte des octets dit {total(house)}, ses pièces font "
        f"{total(house) - house.piece.blob.size}.",
    ]


def test_a_deposit_taken_away_whole(house: House) -> None:
    """Row, node and bytes are gone without a trace but one: the log."""
    run("delete from filing_deposit where id = %s", house.piece.pk)
    run("delete from filing_node where id = %s", house.piece.node_id)
    run("delete from filing_blob where id = %s", house.piece.blob_id)
    run(
        "update filing_room set used_bytes = used_bytes - %s where id = %s",
        house.piece.blob.size,
        house.g.case.pk,
    )
    blobs.path_of(house.piece.blob_id).unlink()

    assert sentences() == [
        f"Journal {house.origin}, feuille {house.piece.log_index} : le journal dit un dépôt dont la "
        "fiche manque."
    ]


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [
        ("number", "7", "numéro de pièce"),
        ("name", "autre.pdf", "nom du fichier"),
        ("title", "Autre intitulé", "intitulé"),
        ("depositor_id", STRANGER, "déposant"),
        ("on_behalf_of", STRANGER, "pour le compte de"),
        ("received_from", "2026-11-15T11:00:00Z", "heure du premier octet"),
        ("received_at", "2026-11-15T11:00:00Z", "heure du dernier octet"),
        ("late", "true", "hors délai"),
        ("side", STRANGER, "partie"),
    ],
)
def test_an_edited_deposit(house: House, column: str, value: str, word: str) -> None:
    run(f"update filing_deposit set {column} = %s where id = %s", value, house.piece.pk)

    assert sentences()[-1].endswith(
        f"(dépôt {house.piece.pk}) : la fiche et l'entrée {house.piece.log_index} du journal "
        f"{house.origin} ne disent pas la même chose ({word})."
    )


def test_a_piece_that_is_no_longer_kept_as_one(house: House) -> None:
    run("update filing_node set evidence = false where id = %s", house.piece.node_id)

    assert sentences() == [f"{house.subject} : elle n'est plus rangée comme pièce de sa partie."]


def test_a_rank_that_does_not_follow_its_number(house: House) -> None:
    run("update filing_deposit set number_key = number_key + 1 where id = %s", house.piece.pk)

    assert sentences() == [f"{house.subject} : son rang ne suit plus son numéro."]


def test_a_row_of_bytes_that_no_deposit_names(house: House) -> None:
    key = uuid4()
    run(
        "insert into filing_blob (id, sha256, size, stored_at) values (%s, %s, 1, now())",
        key,
        "0" * 64,
    )

    assert sentences() == [f"Fichier {key} : sa fiche ne nomme aucun dépôt."]


def test_a_wrong_depth(house: House) -> None:
    run("update filing_node set depth = depth + 1 where id = %s", house.piece.node_id)

    assert sentences() == [
        f"Élément {house.piece.node_id} (fichier) : sa profondeur n'est pas la bonne."
    ]


def test_a_piece_replaced_with_its_row(house: House) -> None:
    """Bytes and row agree with each other; only the log remembers what was deposited."""
    content = b"une autre piece"
    other = cast.stored(content)
    shutil.move(blobs.path_of(other.key), blobs.path_of(house.piece.blob_id))
    run(
        "update filing_blob set sha256 = %s, size = %s where id = %s",
        other.sha256,
        other.size,
        house.piece.blob_id,
    )
    run(
        "update filing_room set used_bytes = used_bytes - %s + %s where id = %s",
        house.piece.blob.size,
        other.size,
        house.g.case.pk,
    )

    said = (
        f"{house.subject} : la fiche et l'entrée {house.piece.log_index} du journal {house.origin}"
    )
    assert sorted(sentences()) == [
        f"{said} ne disent pas la même chose (empreinte SHA-256).",
        f"{said} ne disent pas la même chose (taille).",
    ]


# The tree of the room


def folder_of(house: House, name: str) -> UUID:
    with connection.cursor() as cursor:
        cursor.execute(
            "select id from filing_node where room_id = %s and name = %s", [house.g.case.pk, name]
        )
        found: UUID = cursor.fetchone()[0]
        return found


def test_a_wrong_scope(house: House) -> None:
    box = house.g.boxes["architecte"].folder_id
    run("update filing_node set scope_id = %s where id = %s", box, house.piece.node_id)

    assert sentences() == [
        f"Élément {house.piece.node_id} (fichier) : le lieu dont il tient ses droits n'est pas celui "
        "que donne l'arborescence."
    ]


def test_a_cycle(house: House) -> None:
    boxes, archives = folder_of(house, "Boîtes aux lettres"), folder_of(house, "Dossiers archives")
    run("update filing_node set parent_id = %s where id = %s", archives, boxes)
    run("update filing_node set parent_id = %s where id = %s", boxes, archives)

    assert {
        f"Élément {boxes} (dossier de rangement) : il n'est rattaché à la racine d'aucun dossier.",
        f"Élément {house.piece.node_id} (fichier) : il n'est rattaché à la racine d'aucun dossier.",
    } < set(sentences())


def test_a_piece_moved_to_the_room_of_another_case(house: House) -> None:
    other = house.g.stranger_case.pk
    run("update filing_node set room_id = %s where id = %s", other, house.piece.node_id)

    assert (
        f"Élément {house.piece.node_id} (fichier) : il n'est rattaché à la racine d'aucun dossier."
        in sentences()
    )


def test_a_piece_moved_to_the_box_of_another_side(house: House) -> None:
    box = house.g.boxes["architecte"].folder_id
    run(
        "update filing_node set parent_id = %s, scope_id = %s where id = %s",
        box,
        box,
        house.piece.node_id,
    )

    assert sentences() == [
        f"Élément {house.piece.node_id} (fichier) : cette pièce n'est ni dans la boîte ni dans les "
        "archives de sa partie."
    ]


def test_a_grant_on_nothing(house: House) -> None:
    run("update filing_grant set node_id = gen_random_uuid() where rights = '{add}'")

    assert {d["what"] for d in fsck()} == {"grant"}


def test_bytes_miscounted(house: House) -> None:
    run("update filing_room set used_bytes = used_bytes + 1 where id = %s", house.g.case.pk)

    assert sentences() == [
        f"Dossier 2026-14 : le compte des octets dit {total(house) + 1}, ses pièces font {total(house)}."
    ]


# What waits, and what became nothing


def test_a_basket_whose_bytes_are_gone(house: House) -> None:
    (item,) = house.basket.items.all()
    blobs.path_of(item.blob_id).unlink()

    assert sentences() == [f"Panier {house.basket.pk} : son fichier {item.blob_id} manque."]


def aged(path: Path, *, hours: float) -> None:
    past = (timezone.now() - timedelta(hours=hours)).timestamp()
    os.utime(path, (past, past))


def test_a_file_on_its_way_in_is_no_damage(house: House) -> None:
    aged(blobs.path_of(cast.stored().key), hours=23)

    assert fsck() == []


def test_the_bytes_of_a_basket_are_no_orphans_however_old(house: House) -> None:
    (item,) = house.basket.items.all()
    aged(blobs.path_of(item.blob_id), hours=24 * 400)

    assert fsck() == []
    assert fsck("--sweep") == []
    assert blobs.path_of(item.blob_id).is_file()


def test_an_old_orphan_is_named_and_swept(house: House) -> None:
    orphan = cast.stored(b"personne ne le nomme")
    aged(blobs.path_of(orphan.key), hours=25)

    assert sentences() == [
        f"Fichier {orphan.key.hex} (20 octets) : aucune pièce ni aucun panier ne le nomme depuis plus "
        "de 24 heures. « accedit fsck --sweep » l'enlève."
    ]
    assert fsck("--sweep") == []
    assert not blobs.path_of(orphan.key).exists()
    assert fsck() == []


def test_a_sweep_takes_no_piece_and_no_young_file(house: House) -> None:
    young = cast.stored(b"en chemin")
    by_a_program, _ = deposits.deposit_one(
        box=house.g.boxes["demandeur"],
        actor=house.g.owner_counsel,
        arrived=Arrived(stored=cast.stored(b"sans panier"), name="e.pdf"),
        at=cast.NOON,
    )
    for piece in [*house.pieces, by_a_program]:
        aged(blobs.path_of(piece.blob_id), hours=24 * 400)

    fsck("--sweep")

    assert fsck() == []
    assert blobs.path_of(young.key).is_file()


def test_each_file_is_looked_up_once_more_before_it_goes(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A list made a moment ago may name what has become a piece meanwhile."""
    piece = house.piece
    listed = checks.Orphan(piece.blob_id.hex, piece.blob_id, piece.blob.size)
    monkeypatch.setattr(checks, "orphans", lambda *, before: iter([listed]))

    swept = sweeping.sweep(at=timezone.now())

    assert (swept.files, swept.octets) == (0, 0)
    assert blobs.path_of(piece.blob_id).is_file()


def test_a_broken_upload_is_swept_after_a_day(house: House) -> None:
    arrivals = house.folder / "arrivees"
    with blobs.Receiving(received_from=cast.NOON) as broken:
        broken.write(b"debut")
        (old,) = arrivals.iterdir()
        aged(old, hours=25)
        with blobs.Receiving(received_from=cast.NOON) as under_way:
            under_way.write(b"debut")

            fsck("--sweep")

            (left,) = arrivals.iterdir()
    assert left != old


def test_a_file_that_is_no_blob_is_named_and_left(house: House) -> None:
    stray = house.folder / "ab" / "cd"
    stray.mkdir(parents=True, exist_ok=True)
    (stray / "notes.txt").write_text("a lire")
    aged(stray / "notes.txt", hours=25)

    assert [d["where"] for d in fsck()] == ["blob notes.txt"]
    fsck("--sweep")
    assert (stray / "notes.txt").is_file()


def test_one_case_is_checked_alone(house: House) -> None:
    blobs.path_of(house.piece.blob_id).unlink()

    assert sentences("--case", str(house.g.stranger_case.pk)) == []
    assert len(sentences("--case", str(house.g.case.pk))) == 1
