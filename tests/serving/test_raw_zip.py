"""A folder as a ZIP: what the asker may download, decided, entered, sent, entered."""

import csv
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zipfile import ZipFile

import httpx
import pytest
from django.conf import settings

from accedit.domain.evidence.models import Entry, InnerLeaf
from accedit.domain.filing import blobs
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Deposit, Node
from accedit.domain.filing.operations import archiving, places, rooms, scrubbing, withdrawals
from accedit.domain.filing.operations.rooms import AlreadySo
from accedit.domain.filing.reckoning import path_name, path_names
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.machine.processes import waited_for
from accedit.serving.zipping import LIMIT, Zipping
from tests import cast
from tests.api.told import UNKNOWN, entries, opened, problem
from tests.cast import NOON, Gymnase
from tests.front import ask, browser, client
from tests.serving import served
from tests.serving.served import Line, Served


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def pieces(people: Gymnase) -> dict[str, Deposit]:
    """Two of the town, one of which is archived; two of the architect, one of them withdrawn; one
    in a reserved folder that Sols Dubreuil alone was given."""
    town, architect = people.boxes["demandeur"], people.boxes["architecte"]
    a, b = cast.deposited("a.pdf", "b.pdf", box=town, by=people.owner_counsel)
    c, d = cast.deposited("=cmd.pdf", "d.pdf", box=architect, by=people.architect_counsel)
    archiving.archive(b.node_id, actor=people.expert, at=NOON)
    withdrawals.withdraw(d.node_id, reason="Erreur", actor=people.expert, at=NOON)
    return {"a": a, "b": b, "c": c, "d": d}


def root(people: Gymnase) -> Node:
    return Node.objects.select_related("room").get(room=people.case.pk, kind="root")


def zip_of(node: object) -> str:
    return f"/api/v1/nodes/{node}/zip"


def unzipped(content: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {info.filename: archive.read(info) for info in archive.infolist()}


@pytest.fixture
def reader(people: Gymnase) -> Iterator[httpx.Client]:
    with client(token=cast.token_for(people.contractor)) as api:
        yield api


def test_the_whole_room_as_a_party_downloads_it(
    people: Gymnase, pieces: dict[str, Deposit], reader: httpx.Client
) -> None:
    answer = reader.get(zip_of(root(people).pk))

    boxes, archives = "Boîtes aux lettres", "Dossiers archives"
    town, architect = people.boxes["demandeur"], people.boxes["architecte"]
    found = unzipped(answer.content)
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert set(found) == {
        "MANIFESTE.csv",
        f"{boxes}/{town.folder.name}/a.pdf",
        f"{archives}/{town.archive.name}/b.pdf",
        f"{boxes}/{architect.folder.name}/=cmd.pdf",
    }
    assert found[f"{boxes}/{town.folder.name}/a.pdf"] == b"contenu de a.pdf"


def test_the_list_says_what_is_in_it_and_runs_nothing(
    people: Gymnase, pieces: dict[str, Deposit], reader: httpx.Client
) -> None:
    found = unzipped(reader.get(zip_of(people.boxes["architecte"].folder_id)).content)

    text = found["MANIFESTE.csv"].decode("utf-8-sig")
    head, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=";")
    content = found["=cmd.pdf"]
    assert head[:4] == ["Chemin", "Nom d'origine", "Pièce n°", "Intitulé"]
    assert rows == [
        [
            "'=cmd.pdf",
            "'=cmd.pdf",
            pieces["c"].number,
            "",
            "architecte",
            "16/11/2026 12:00:01",
            str(len(content)),
            hashlib.sha256(content).hexdigest(),
            "",
        ]
    ]


def test_the_expert_has_what_is_withdrawn_too_and_the_list_says_so(
    people: Gymnase, pieces: dict[str, Deposit]
) -> None:
    with client(token=cast.token_for(people.expert)) as api:
        found = unzipped(api.get(zip_of(people.boxes["architecte"].folder_id)).content)

    assert set(found) == {"MANIFESTE.csv", "=cmd.pdf", "d.pdf"}
    assert "retirée de la diffusion" in found["MANIFESTE.csv"].decode()


def test_the_opening_is_entered_once_before_the_first_byte_and_how_much_left_after(
    people: Gymnase, pieces: dict[str, Deposit]
) -> None:
    """I19: the reader leaves at once, and is known to have opened."""
    box = people.boxes["demandeur"].folder_id
    given = f"Bearer {cast.token_for(people.architect_counsel)}".encode()
    before = len(entries(people, "reads"))

    whole = ask("GET", zip_of(box), headers=[(b"authorization", given)])
    ask("GET", zip_of(box), headers=[(b"authorization", given)], leave_after=1)

    first, sent, second, cut = entries(people, "reads")[before:]
    size = len(b"contenu de a.pdf")
    manifest = unzipped(whole.body)["MANIFESTE.csv"]
    assert (first["kind"], first["form"], first["count"], first["size"]) == (
        "bundle.downloaded",
        "zip",
        1,
        size,
    )
    assert first["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert first["manifest_root"] == second["manifest_root"]
    assert (sent["kind"], sent["sent"], sent["completed"]) == (
        "bundle.delivered",
        len(whole.body),
        True,
    )
    assert (cut["kind"], cut["completed"]) == ("bundle.delivered", False)


def test_the_pieces_of_a_bundle_are_named_in_its_entry(
    people: Gymnase, pieces: dict[str, Deposit], reader: httpx.Client
) -> None:
    reader.get(zip_of(people.boxes["architecte"].folder_id))

    entry = Entry.objects.filter(kind="bundle.downloaded").latest("at")
    lines = InnerLeaf.objects.filter(log=entry.log, index=entry.index).values_list(
        "value", flat=True
    )
    assert list(lines) == [
        {"piece_id": str(pieces["c"].node_id), "sha256": pieces["c"].blob.sha256}
    ]
    assert opened(entry.log.origin, entry.index)["pieces"]["size"] == 1


@pytest.fixture
def altered(people: Gymnase, pieces: dict[str, Deposit]) -> Iterator[Deposit]:
    """A second piece of the town, one byte of which was changed on the disk."""
    (piece,) = cast.deposited("g.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)
    path = blobs.path_of(piece.blob_id)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    yield piece
    path.write_bytes(whole)
    scrubbing.scrub(at=NOON, every=timedelta(hours=1))
    withdrawals.withdraw(piece.node_id, reason="Essai", actor=people.expert, at=NOON)


@pytest.mark.attack("K4", "rest")
def test_k4_bytes_that_changed_are_left_out_and_the_list_says_so(
    people: Gymnase, altered: Deposit, reader: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    box = people.boxes["demandeur"].folder_id
    before = unzipped(reader.get(zip_of(box)).content)  # the control: nothing was found yet
    scrubbing.scrub(at=NOON, every=timedelta(hours=1))
    caplog.clear()

    after = unzipped(reader.get(zip_of(box)).content)

    text = after["MANIFESTE.csv"].decode("utf-8-sig")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=";")
    told = entries(people, "reads", "bundle.downloaded")[-1]
    assert set(before) == {"MANIFESTE.csv", "a.pdf", "g.pdf"}
    assert set(after) == {"MANIFESTE.csv", "a.pdf"}
    assert {row["Chemin"]: (row["SHA-256"], row["Remarque"]) for row in rows} == {
        "a.pdf": (hashlib.sha256(b"contenu de a.pdf").hexdigest(), ""),
        "g.pdf": (altered.blob.sha256, "octets altérés : non remis"),
    }
    assert (told["count"], told["size"]) == (1, len(after["a.pdf"]))
    assert str(altered.blob_id) in caplog.text


@pytest.mark.attack("K4", "rest")
def test_k4_a_folder_of_changed_bytes_alone_gives_no_bundle_and_no_entry(
    people: Gymnase, pieces: dict[str, Deposit], reader: httpx.Client
) -> None:
    alone = people.boxes["architecte"].folder_id
    pieces_of_it = Deposit.objects.filter(box__folder=alone).values_list("blob_id", flat=True)
    kept = {blobs.path_of(key): blobs.path_of(key).read_bytes() for key in pieces_of_it}
    for path in kept:
        path.write_bytes(b"")
    before = len(entries(people, "reads"))
    try:
        answer = reader.get(zip_of(alone))
    finally:
        for path, whole in kept.items():
            path.write_bytes(whole)

    assert problem(answer) == (503, "unavailable")
    assert "ne sont plus ceux qui ont été déposés" in answer.text
    assert len(entries(people, "reads")) == before


def test_a_reserved_place_is_told_in_its_own_log(
    people: Gymnase, pieces: dict[str, Deposit]
) -> None:
    """Its pieces are out for whoever does not read there; for whoever does, two entries."""
    box = people.boxes["bureau d'études"]
    cast.deposited("e.pdf", box=box, by=people.engineer_counsels[0])
    Node.objects.filter(pk=box.folder_id).update(sealed=True)
    try:
        with client(token=cast.token_for(people.contractor)) as api:
            without = unzipped(api.get(zip_of(root(people).pk)).content)
            alone = api.get(zip_of(box.folder_id))
        with client(token=cast.token_for(people.expert)) as api:
            whole = unzipped(api.get(zip_of(root(people).pk)).content)
    finally:
        Node.objects.filter(pk=box.folder_id).update(sealed=False)

    downloads = Entry.objects.filter(kind="bundle.downloaded", actor=people.expert.user_id)
    last = list(downloads.order_by("-at").values_list("log__origin", flat=True)[:2])
    assert not any(name.endswith("e.pdf") for name in without)
    assert problem(alone) == (404, "not_found")
    assert any(name.endswith("e.pdf") for name in whole)
    assert sorted("/s/" in origin for origin in last) == [False, True]


def test_what_gives_no_bundle(people: Gymnase, pieces: dict[str, Deposit]) -> None:
    empty = people.boxes["menuisier"].folder_id
    before = len(entries(people, "reads"))
    with (
        client(token=cast.token_for(people.contractor)) as member,
        client(token=cast.token_for(people.stranger)) as stranger,
        client() as nobody,
    ):
        answers = {
            "an empty box": member.get(zip_of(empty)),
            "a piece": member.get(zip_of(pieces["a"].node_id)),
            "an unknown id": member.get(zip_of(UNKNOWN)),
            "a stranger": stranger.get(zip_of(root(people).pk)),
            "nobody": nobody.get(zip_of(root(people).pk)),
            "another verb": member.post(zip_of(empty)),
        }
        head = member.head(zip_of(root(people).pk))

    assert {who: problem(answer) for who, answer in answers.items()} == {
        "an empty box": (422, "invalid"),
        "a piece": (422, "invalid"),
        "an unknown id": (404, "not_found"),
        "a stranger": (404, "not_found"),
        "nobody": (401, "unauthenticated"),
        "another verb": (405, "invalid"),
    }
    assert (head.status_code, head.content) == (200, b"")
    assert len(entries(people, "reads")) == before


def test_a_browser_fetches_it_by_ticket_on_the_other_origin(
    people: Gymnase, pieces: dict[str, Deposit]
) -> None:
    box = people.boxes["demandeur"].folder_id
    with browser(people.contractor) as pages:
        sent = pages.get(f"/dossiers/{people.case.pk}/dossier/{box}/telecharger")
    with client(base_url=settings.CONTENT_URL) as outside:
        answer = outside.get(sent.headers["location"])
        as_a_piece = outside.get(sent.headers["location"].replace("/lots/", "/contenu/"))

    assert sent.headers["location"].startswith(f"{settings.CONTENT_URL}/lots/")
    assert set(unzipped(answer.content)) == {"MANIFESTE.csv", "a.pdf"}
    assert as_a_piece.status_code == 404


@pytest.fixture(scope="module")
def house(committed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served.houses(tmp_path_factory.mktemp("zip")) as found:
        yield found[0]


@pytest.fixture(scope="module")
def large(people: Gymnase) -> list[Deposit]:
    """Four pieces of 15 MiB."""
    return cast.deposited(
        *(f"{n}.b" for n in range(4)),
        box=people.boxes["entreprise"],
        by=people.contractor,
        content=lambda name: name.encode() * (5 << 20),
    )


def drained(line: Line) -> bytes:
    return b"".join(iter(lambda: line.read(1 << 20), b""))


def let_out(people: Gymnase, large: list[Deposit], who: Actor) -> None:
    rooms.let_out(User.objects.get(pk=who.user_id), room=people.case.room, at=NOON)


def second_withdrawn(people: Gymnase, large: list[Deposit], who: Actor) -> None:
    withdrawals.withdraw(large[1].node_id, reason="x", actor=people.expert, at=NOON)


def second_altered(people: Gymnase, large: list[Deposit], who: Actor) -> None:
    """One byte of it, of which the size says nothing, found while the first is on its way (K4)."""
    flipped(large[1])
    scrubbing.scrub(at=NOON, every=timedelta(hours=1))


def flipped(piece: Deposit) -> None:
    with blobs.path_of(piece.blob_id).open("r+b") as file:
        (first,) = file.read(1)
        file.seek(0)
        file.write(bytes([first ^ 1]))


@pytest.mark.parametrize(
    ("end", "most"), [(let_out, 4 << 20), (second_withdrawn, 16 << 20), (second_altered, 16 << 20)]
)
def test_a_right_that_ends_on_the_way_cuts_the_zip(
    people: Gymnase,
    large: list[Deposit],
    house: Served,
    end: Callable[[Gymnase, list[Deposit], Actor], None],
    most: int,
) -> None:
    """I12, A14: the first piece is on its way to a slow reader when the right to it, or to the
    second, ends. What is cut has no end: it is no ZIP."""
    who = people.engineer_counsels[1]

    def told() -> int:
        return len(entries(people, "reads", "bundle.delivered"))

    given = f"Authorization: Bearer {cast.token_for(who)}"
    line = house.opened("GET", zip_of(people.boxes["entreprise"].folder_id), given, window=1 << 16)
    before, closed = line.read(1 << 20), told()

    end(people, large, who)
    if end is let_out:
        assert waited_for(lambda: told() > closed, seconds=5)
    after = drained(line)
    assert waited_for(lambda: told() > closed, seconds=5)
    house.hang_up()
    rooms.let_in(User.objects.get(pk=who.user_id), room=people.case.room, at=NOON)
    if end is second_altered:
        second_altered(people, large, who)  # turned back
    with suppress(AlreadySo):
        withdrawals.restore(large[1].node_id, reason="", actor=people.expert, at=NOON)

    assert line.status == 200
    assert entries(people, "reads", "bundle.delivered")[-1]["completed"] is False
    assert len(before + after) < most
    with pytest.raises(zipfile.BadZipFile):
        ZipFile(io.BytesIO(before + after))


def test_the_same_line_without_an_end_of_the_right_brings_the_whole(
    people: Gymnase, large: list[Deposit], house: Served
) -> None:
    """The negative control of the cuts; and the server's memory does not follow the size."""
    given = f"Authorization: Bearer {cast.token_for(people.engineer_counsels[0])}"
    path = zip_of(people.boxes["entreprise"].folder_id)
    drained(house.opened("GET", path, given, "Connection: close"))
    before = house.memory()

    body = drained(house.opened("GET", path, given, "Connection: close"))

    assert len(body) > 60 << 20
    assert house.memory() - before < 24 << 20
    house.hang_up()


# The container itself


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("/etc/passwd", "_etc_passwd"),
        ("..", "_"),
        ("C:\\x", "C__x"),
        ("CON.pdf", "_CON.pdf"),
        ("a\u202efdp.exe", "a[U+202E]fdp.exe"),
        ("a?.pdf ", "a_.pdf"),
        ("", "_"),
        ("été.pdf", "été.pdf"),
    ],
)
def test_a_name_is_one_safe_step_of_a_path(name: str, shown: str) -> None:
    assert path_name(name) == shown


def test_names_that_a_computer_takes_for_one_get_a_suffix() -> None:
    names = ["a.pdf", "A.PDF", "a.pdf", "MANIFESTE.csv", "e\u0301", "é", "a (2).pdf"]

    found = path_names(names, taken=["MANIFESTE.csv"])

    assert found == [
        "a.pdf",
        "A (2).PDF",
        "a (3).pdf",
        "MANIFESTE (2).csv",
        "e\u0301",
        "é (2)",
        "a (2) (2).pdf",
    ]


def written(*members: tuple[str, bytes], size: int | None = None) -> bytes:
    zipping = Zipping()
    for path, content in members:
        zipping.begin(path, size=len(content) if size is None else size, at=datetime.now(UTC))
        zipping.write(content)
    zipping.close()
    return zipping.taken(least=0)


def test_members_are_plain_files_with_names_in_utf_8() -> None:
    with ZipFile(io.BytesIO(written(("dossier/été.pdf", b"abc"), ("b", b"")))) as archive:
        infos = archive.infolist()

    assert [info.filename for info in infos] == ["dossier/été.pdf", "b"]
    assert infos[0].flag_bits & 0x800
    assert {(info.external_attr >> 16) & 0o170000 for info in infos} == {0o100000}


def test_a_member_announced_beyond_four_gigabytes_has_sizes_of_eight_octets() -> None:
    small, large = written(("a", b"x")), written(("a", b"x"), size=LIMIT + 1)

    assert (small[4], large[4]) == (20, 45)  # version needed: 45 is ZIP64
    with ZipFile(io.BytesIO(large)) as archive:
        assert archive.read("a") == b"x"


def test_memory_does_not_grow_with_what_passes() -> None:
    zipping, block, most = Zipping(), bytes(1 << 20), 0
    zipping.begin("large", size=64 << 20, at=datetime.now(UTC))
    tracemalloc.start()
    for _ in range(64):
        zipping.write(block)
        most = max(most, len(zipping.taken()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    zipping.close()

    assert peak < 8 << 20
    assert most < 2 << 20


def test_a_folder_that_is_hidden_hides_its_place_but_not_from_the_root(
    people: Gymnase, pieces: dict[str, Deposit]
) -> None:
    """An entry point goes with the room, under its own name; above it nothing is told."""
    above = Node.objects.select_related("room").get(
        room=people.case.pk, parent__kind="root", name__startswith="1."
    )
    secret = places.plant(above, name="Secret", at=NOON, sealed=True)
    box = people.boxes["bureau d'études"]
    cast.deposited("f.pdf", box=box, by=people.engineer_counsels[0])
    user = User.objects.get(pk=people.contractor.user_id)
    Node.objects.filter(pk=box.folder_id).update(parent=secret)
    rooms.settle_scope(box.folder_id)
    rooms.grant(
        Node.objects.select_related("room").get(pk=box.folder_id),
        to=user,
        rights=[Right.DOWNLOAD],
        by=people.expert.user_id,
        at=NOON,
    )
    with client(token=cast.token_for(people.contractor)) as api:
        room = set(unzipped(api.get(zip_of(root(people).pk)).content))
        folder = api.get(zip_of(above.pk))

    assert f"{box.folder.name}/f.pdf" in room
    assert not any("Secret" in name for name in room)
    assert problem(folder) == (422, "invalid")
