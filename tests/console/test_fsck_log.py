"""Each damage that can befall a log is planted by hand, found by `fsck`, and named."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connection

from accedit.domain.evidence.operations.signatures import signer
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.checkpoint import sign
from accedit_ledger.note import SigningKey
from accedit_ledger.tree import leaf_hash
from tests.console.house import House, built, fsck, house, run, sentences

__all__ = ["built", "house"]


def leaf(house: House) -> str:
    return f"Journal {house.origin}, feuille {house.piece.log_index}"


def test_an_edited_leaf(house: House) -> None:
    run(
        "update evidence_leaf set data = set_byte(data, 90, get_byte(data, 90) # 1)"
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
        'update evidence_innerleaf set value = value || \'{"told": "personne"}\''
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
    flipped = "set_byte(frontier, 3, get_byte(frontier, 3) # 1)"
    run(f"update evidence_loghead set frontier = {flipped} where id = {house.log}")

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
        "update evidence_loghead set size = %s, frontier = %s, last_at = (select at from"
        f" evidence_entry where log_id = {head} and index = %s) where origin = '{house.origin}'",
        to,
        frontier,
        to - 1,
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


# What stands beyond the end, or speaks of something else


@pytest.mark.parametrize("table", ["leaf", "opening", "entry"])
def test_a_row_beyond_the_end(house: House, table: str) -> None:
    end = size_of(house)
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table more on commit drop as select * from evidence_{table}"
            f" where log_id = {house.log} and index = 0 limit 1"
        )
        cursor.execute("update more set index = %s, id = id + 1000000", [end])
        cursor.execute(f"insert into evidence_{table} overriding system value select * from more")

    assert sentences() == [
        f"Journal {house.origin}, feuille {end} est au-delà de la fin du journal."
    ]


def test_a_tree_node_beyond_the_end(house: House) -> None:
    end = size_of(house)
    run(
        "insert into evidence_treenode (log_id, level, position, hash)"
        f" select {house.log}, 0, %s, '\\x00'",
        end,
    )

    assert sentences() == [
        f"Journal {house.origin} : un nœud de l'arbre est au-delà de la fin du journal."
    ]


def test_a_head_rewound_while_its_signatures_stayed(house: House) -> None:
    """Without the signer's memory, what was signed still says that leaves are missing."""
    before = size_of(house)
    with connection.cursor() as cursor:
        cursor.execute(
            f"create temporary table signed on commit drop as select * from evidence_checkpoint where log_id = {house.log}"
        )
    rewound(house, to=before - 2)
    run("insert into evidence_checkpoint overriding system value select * from signed")
    for file in (settings.SIGNER_FOLDER / "heads").glob("*.head"):
        file.unlink()

    assert sentences() == [
        f"Journal {house.origin} : {before} feuilles ont été signées, il n'en reste que {before - 2}. "
        "La fin du journal a été retirée."
    ]


def test_a_missing_entry(house: House) -> None:
    run(
        f"delete from evidence_entry where log_id = {house.log} and index = %s",
        house.piece.log_index,
    )

    assert f"{leaf(house)} : sa ligne du registre manque." in sentences()


def test_a_missing_node_of_a_leaf(house: House) -> None:
    run(f"delete from evidence_treenode where log_id = {house.log} and level = 0 and position = 0")

    assert sentences() == [
        f"Journal {house.origin} : le nœud de l'arbre au-dessus des feuilles 0 à 0 manque."
    ]


def test_leaves_of_another_log(house: House) -> None:
    """A whole log given another name: each leaf says where it belongs."""
    other = house.origin.replace(str(house.g.case.pk), str(uuid4()))
    run("update evidence_loghead set origin = %s where origin = %s", other, house.origin)

    said = f"Journal {other}, feuille 0 appartient à un autre journal ({house.origin})."
    assert said in sentences()


def test_a_signed_head_that_says_another_size_than_its_row(house: House) -> None:
    size = size_of(house)
    run(
        f"update evidence_checkpoint set size = %s where log_id = {house.log} and size = %s",
        size - 1,
        size,
    )

    assert sentences() == [
        f"Journal {house.origin} : l'empreinte signée à la taille {size - 1} ne dit pas ce que dit la "
        "table."
    ]


def test_an_opening_with_a_value_that_no_log_can_hold(house: House) -> None:
    run(
        f"update evidence_opening set value = %s::jsonb where log_id = {house.log} and index = 0"
        " and claim = 'title'",
        "1e400",
    )

    assert sentences() == [
        f"Journal {house.origin}, feuille 0 : la mention « title » a été modifiée, la feuille ne la "
        "contient pas."
    ]


def test_lines_of_a_list_taken_away_are_no_damage_and_added_ones_are(house: House) -> None:
    rows = f"log_id = {house.log} and index = {house.piece.log_index}"
    run(f"delete from evidence_innerleaf where {rows} and position = 2")
    erased = sentences()
    run(f"update evidence_innerleaf set position = 99 where {rows} and position = 3")

    assert erased == []
    assert sentences() == [f"{leaf(house)} : une ligne de la liste « roster » a été modifiée."]


def test_a_line_at_a_place_that_its_list_has_not(house: House) -> None:
    """As many lines as the list says, and one of them beyond its end."""
    rows = f"log_id = {house.log} and index = {house.piece.log_index}"
    run(f"update evidence_innerleaf set position = 50 where {rows} and position = 7")

    assert sentences() == [f"{leaf(house)} : une ligne de la liste « roster » a été modifiée."]


def test_a_list_in_another_order(house: House) -> None:
    rows = f"log_id = {house.log} and index = {house.piece.log_index}"
    run(f"update evidence_innerleaf set position = 50 where {rows} and position = 0")
    run(f"update evidence_innerleaf set position = 0 where {rows} and position = 1")
    run(f"update evidence_innerleaf set position = 1 where {rows} and position = 50")

    assert sentences() == [f"{leaf(house)} : une ligne de la liste « roster » a été modifiée."]
