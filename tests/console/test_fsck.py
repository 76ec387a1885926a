"""Each damage that can befall a store is planted by hand, found by `fsck`, and named."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accedit.domain.evidence.operations.signatures import sign_head, signer
from accedit.domain.filing import blobs
from accedit.domain.filing.models import Basket, Deposit
from accedit.domain.filing.operations import baskets
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.checkpoint import sign
from accedit_ledger.note import SigningKey
from accedit_ledger.tree import leaf_hash
from tests import cast
from tests.cast import Gymnase
from tests.store import own, undone


@dataclass(frozen=True)
class House:
    """A store with one case, three deposited pieces and a basket that waits."""

    g: Gymnase
    pieces: list[Deposit]
    basket: Basket
    folder: Path
    origin: str

    @property
    def piece(self) -> Deposit:
        return self.pieces[1]

    @property
    def log(self) -> str:
        return f"(select id from evidence_loghead where origin = '{self.origin}')"

    @property
    def subject(self) -> str:
        return f"Dossier 2026-14, pièce n° {self.piece.number} (dépôt {self.piece.pk})"


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    with django_db_blocker.unblock(), own(tmp_path_factory.mktemp("maison")) as folder:
        g = cast.gymnase()
        box, counsel = g.boxes["demandeur"], g.owner_counsel
        pieces = cast.deposited("a.pdf", "b.pdf", "c.pdf", box=box, by=counsel)
        basket = baskets.open_basket(box=box, actor=counsel, at=cast.NOON)
        baskets.add_file(basket, stored=cast.stored(b"en attente"), name="d.pdf", upload="d")
        sign_head(pieces[0].log_origin)
        yield House(g, pieces, basket, folder, pieces[0].log_origin)


@pytest.fixture
def house(built: House, tmp_path: Path) -> Iterator[House]:
    """The store as it was built, for one test to damage."""
    kept = tmp_path / "garde"
    shutil.copytree(built.folder.parent, kept)
    with undone():
        yield built
    shutil.rmtree(built.folder.parent)
    shutil.copytree(kept, built.folder.parent)


def fsck(*words: str) -> list[dict[str, str]]:
    """The damages found, as `--json` tells them; the exit code says whether there are any."""
    out = StringIO()
    try:
        call_command("fsck", "--json", *words, stdout=out, stderr=StringIO())
        code = 0
    except CommandError as refusal:
        code = refusal.returncode
    answer = json.loads(out.getvalue())
    assert (answer["ok"], code) == ((True, 0) if not answer["damages"] else (False, 1))
    return list(answer["damages"])


def sentences(*words: str) -> list[str]:
    return [damage["sentence"] for damage in fsck(*words)]


def run(order: str, *values: Any) -> None:
    """As whoever has all rights on the database."""
    with connection.cursor() as cursor:
        cursor.execute(order, values)
        assert cursor.rowcount > 0, "nothing was damaged"


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


def total(house: House) -> int:
    return sum(piece.blob.size for piece in house.pieces)


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
    ],
)
def test_an_edited_deposit(house: House, column: str, value: str, word: str) -> None:
    run(f"update filing_deposit set {column} = %s where id = %s", value, house.piece.pk)

    assert sentences()[-1].endswith(
        f"(dépôt {house.piece.pk}) : la fiche et l'entrée {house.piece.log_index} du journal "
        f"{house.origin} ne disent pas la même chose ({word})."
    )


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


# The log


def leaf(house: House) -> str:
    return f"Journal {house.origin}, feuille {house.piece.log_index}"


def test_an_edited_leaf(house: House) -> None:
    run(
        "update evidence_leaf set data = overlay(data placing 'Z'::bytea from 90 for 1)"
        f" where log_id = {house.log} and index = %s",
        house.piece.log_index,
    )

    assert [d["what"] for d in fsck()] == ["leaf"]
    assert sentences()[0].startswith(leaf(house))


def test_a_leaf_edited_with_its_tree_node(house: House) -> None:
    """Whoever edits both still meets the node above them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"select data from evidence_leaf where log_id = {house.log} and index = %s",
            [house.piece.log_index],
        )
        data = bytes(cursor.fetchone()[0])
    edited = data.replace(b'"t":"2', b'"t":"1')
    run(
        f"update evidence_leaf set data = %s where log_id = {house.log} and index = %s",
        edited,
        house.piece.log_index,
    )
    run(
        f"update evidence_treenode set hash = %s where log_id = {house.log} and level = 0"
        " and position = %s",
        leaf_hash(edited),
        house.piece.log_index,
    )

    whats = [d["what"] for d in fsck()]
    assert {"node", "head", "checkpoint", "signer"} <= set(whats)
    assert (
        f"{leaf(house)} porte une heure antérieure à celle de la feuille précédente." in sentences()
    )


@pytest.mark.parametrize(
    ("claim", "value"),
    [("name", '"faux.pdf"'), ("received_at", '"2020-01-01T00:00:00.000Z"'), ("size", "12.5")],
)
def test_an_edited_opening(house: House, claim: str, value: str) -> None:
    run(
        f"update evidence_opening set value = %s::jsonb where log_id = {house.log} and index = %s"
        " and claim = %s",
        value,
        house.piece.log_index,
        claim,
    )

    assert sentences()[0] == (
        f"{leaf(house)} : la mention « {claim} » a été modifiée, la feuille ne la contient pas."
    )


def test_an_edited_line_of_the_roster(house: House) -> None:
    run(
        'update evidence_innerleaf set value = value || \'{"told": "none"}\''
        f" where log_id = {house.log} and index = %s and position = 0",
        house.piece.log_index,
    )

    assert sentences() == [f"{leaf(house)} : une ligne de la liste « roster » a été modifiée."]


def test_an_entry_that_says_another_kind(house: House) -> None:
    run(
        f"update evidence_entry set kind = 'case.closed' where log_id = {house.log} and index = 0",
    )

    assert sentences() == [
        f"Journal {house.origin}, feuille 0 : le registre dit « case.closed », le journal « case.opened »."
    ]


def test_an_entry_that_says_another_hour(house: House) -> None:
    run(
        "update evidence_entry set at = at - interval '1 hour'"
        f" where log_id = {house.log} and index = %s",
        house.piece.log_index,
    )

    assert sentences() == [f"{leaf(house)} : le registre ne dit pas l'heure de la feuille."]


def test_a_deleted_leaf(house: House) -> None:
    run(
        f"delete from evidence_leaf where log_id = {house.log} and index = %s",
        house.piece.log_index,
    )

    assert sentences() == [f"{leaf(house)} manque."]


def test_two_swapped_leaves(house: House) -> None:
    first, second = house.pieces[0].log_index, house.pieces[2].log_index
    run(
        f"""update evidence_leaf a set data = b.data from evidence_leaf b
        where a.log_id = {house.log} and b.log_id = a.log_id
            and a.index in (%s, %s) and b.index = %s + %s - a.index""",
        first,
        second,
        first,
        second,
    )

    assert sentences() == [
        f"Journal {house.origin}, feuille {first} porte le numéro {second} : elle n'est pas à sa place.",
        f"Journal {house.origin}, feuille {second} porte le numéro {first} : elle n'est pas à sa place.",
    ]


@pytest.mark.parametrize("level", [0, 1, 2, 3])
def test_an_edited_tree_node(house: House, level: int) -> None:
    run(
        f"update evidence_treenode set hash = %s where log_id = {house.log} and level = %s"
        " and position = 1",
        bytes(32),
        level,
    )

    first = 1 << level
    assert sentences() == [
        f"Journal {house.origin} : le nœud de l'arbre au-dessus des feuilles {first} à {2 * first - 1} "
        "n'est pas celui que donnent les feuilles."
    ]


def test_a_missing_tree_node(house: House) -> None:
    run(
        f"delete from evidence_treenode where log_id = {house.log} and level = 2 and position = 0",
    )

    assert sentences() == [
        f"Journal {house.origin} : le nœud de l'arbre au-dessus des feuilles 0 à 3 manque."
    ]


def test_an_edited_frontier(house: House) -> None:
    run(f"update evidence_loghead set frontier = set_byte(frontier, 3, 7) where id = {house.log}")

    assert [d["what"] for d in fsck()] == ["head"]


def size_of(house: House) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select size from evidence_loghead where id = {house.log}")
        return int(cursor.fetchone()[0])


def rewound(house: House, *, to: int) -> None:
    """The end of the log taken away with everything in the database that speaks of it."""
    head = house.log
    for table in ("leaf", "opening", "entry"):
        run(f"delete from evidence_{table} where log_id = {head} and index >= %s", to)
    run(f"delete from evidence_treenode where log_id = {head} and (position + 1) << level > %s", to)
    run(f"delete from evidence_checkpoint where log_id = {head} and size > %s", to)
    with connection.cursor() as cursor:
        cursor.execute(f"select level, position, hash from evidence_treenode where log_id = {head}")
        nodes = {(level, position): bytes(h) for level, position, h in cursor.fetchall()}
    frontier, start = b"", 0
    for level in reversed(range(to.bit_length())):
        if to >> level & 1:
            frontier += nodes[level, start >> level]
            start += 1 << level
    run(
        f"update evidence_loghead set size = %s, frontier = %s where origin = '{house.origin}'",
        to,
        frontier,
    )


def test_a_truncated_log_contradicts_the_memory_of_the_signer(house: House) -> None:
    before = size_of(house)
    rewound(house, to=before - 2)

    assert [d["what"] for d in fsck()] == ["signer"]
    assert sentences() == [
        f"Journal {house.origin} : le signataire a signé {before} feuilles, il n'en reste que "
        f"{before - 2}. La fin du journal a été retirée, ou une sauvegarde plus ancienne a été "
        "restaurée."
    ]


def test_a_log_taken_away_whole_is_remembered_by_the_signer(house: House) -> None:
    for table in ("leaf", "opening", "innerleaf", "entry", "treenode", "checkpoint"):
        run(f"delete from evidence_{table} where log_id = {house.log}")
    run("delete from evidence_loghead where origin = %s", house.origin)

    assert sentences()[0].startswith(f"Journal {house.origin} : le signataire a signé ")


def test_a_checkpoint_forged_with_another_key(house: House) -> None:
    name = signer().key.name
    size = size_of(house)
    with connection.cursor() as cursor:
        cursor.execute(
            f"select root from evidence_checkpoint where log_id = {house.log} and size = %s", [size]
        )
        root = bytes(cursor.fetchone()[0])
    note = sign(Head(house.origin, size, root), SigningKey.generate(name))
    run(
        f"update evidence_checkpoint set note = %s where log_id = {house.log} and size = %s",
        note,
        size,
    )

    assert sentences() == [
        f"Journal {house.origin} : l'empreinte signée à la taille {size} ne porte la signature "
        "d'aucune clé connue."
    ]


def test_a_checkpoint_of_another_history(house: House) -> None:
    """Signed by the right key (stolen), for leaves that never were."""
    size = size_of(house)
    note = sign(Head(house.origin, size, bytes(range(32))), signer().key)
    run(
        f"update evidence_checkpoint set note = %s, root = %s where log_id = {house.log} and size = %s",
        note,
        bytes(range(32)),
        size,
    )

    assert sentences() == [
        f"Journal {house.origin} : l'empreinte signée à la taille {size} n'est pas l'empreinte des "
        "feuilles."
    ]


def test_the_memory_of_the_signer_damaged(house: House) -> None:
    for file in (settings.SIGNER_FOLDER / "heads").glob("*.head"):
        file.write_bytes(b"\xff\xfe")

    assert [d["what"] for d in fsck()] == ["signer"]
    assert "n'est pas lisible" in sentences()[0]


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
    for piece in house.pieces:
        aged(blobs.path_of(piece.blob_id), hours=24 * 400)

    fsck("--sweep")

    assert fsck() == []
    assert blobs.path_of(young.key).is_file()


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
