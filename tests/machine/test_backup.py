"""A backup is whole or is not; a restored installation is the one that was saved."""

import io
import json
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from accedit.machine import backup, folder, restore
from accedit.machine.place import Place, reached
from accedit.machine.refusals import MachineRefusal
from accedit_ledger.tree import Frontier

AT = datetime(2026, 11, 24, 14, 25, tzinfo=UTC)
BLOB = "blobs/0f/8f/0f8fad5bd9cb469fa16570867728950e"
HASHES = bytes(range(32))


@pytest.fixture(scope="module", autouse=True)
def no_external_database() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("DATABASE_URL", raising=False)
        yield


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory, no_external_database: None) -> Iterator[Place]:
    """A small installation: two tables, a log of one leaf, a blob, a signer, a secret."""
    place = reached(folder.made(tmp_path_factory.mktemp("saved") / "data", kind=folder.REAL))
    files = {
        "accedit.toml": "port = 8000\n",
        "secrets/secret_key": "s" * 50,
        "signer/cle": "a key",
        f"signer/heads/{'a' * 64}.head": "one head",
        f"signer/heads/{'a' * 64}.lock": "",
        "statique/main.css": "body {}",
        BLOB: "the bytes of a piece",
        "blobs/arrivees/half": "half a piece",
    }
    for name, content in files.items():
        (place.folder.path / name).parent.mkdir(parents=True, exist_ok=True)
        (place.folder.path / name).write_text(content)
    with psycopg.connect(place.owner_url) as link:
        link.execute("CREATE TABLE pieces (name text)")
        link.execute("INSERT INTO pieces VALUES ('dire n° 3.pdf'), ('devis.pdf')")
        link.execute("CREATE TABLE evidence_loghead (origin text, size bigint, frontier bytea)")
        link.execute(
            "INSERT INTO evidence_loghead VALUES ('expert.fr/e/1/acts', 1, %s), ('empty', 0, '')",
            [HASHES],
        )
        link.execute("COMMENT ON SCHEMA public IS 'prepared'")
    yield place
    assert place.cluster is not None
    place.cluster.stop()


def made(place: Place, target: Path) -> Path:
    backup.written(place, target, at=AT)
    return target


def manifest_of(file: Path) -> Any:
    with tarfile.open(file) as archive:
        content = archive.extractfile("manifest.json")
        assert content is not None
        return json.load(content)


def rewritten(file: Path, *, changed: dict[str, bytes], without: str = "") -> Path:
    """The archive with other bytes under some names, as a bad disk or hand would leave it."""
    copy = file.with_name("rewritten.tar")
    with tarfile.open(file) as old, tarfile.open(copy, "w") as new:
        for entry in old:
            if entry.name == without:
                continue
            content = old.extractfile(entry)
            assert content is not None
            kept = changed.pop(entry.name, content.read())
            entry.size = len(kept)
            new.addfile(entry, io.BytesIO(kept))
        for name, kept in changed.items():
            stray = tarfile.TarInfo(name)
            stray.size = len(kept)
            new.addfile(stray, io.BytesIO(kept))
    return copy


def test_the_manifest_says_what_is_there_and_where_each_log_stands(
    saved: Place, tmp_path: Path
) -> None:
    file = made(saved, tmp_path / "saved.tar")

    manifest = manifest_of(file)
    assert [one["path"] for one in manifest["files"]] == [
        "signer/cle",
        f"signer/heads/{'a' * 64}.head",
        "secrets/secret_key",
        "accedit.toml",
        "accedit.json",
        "base.dump",
        BLOB,
    ]
    assert manifest["counts"] == {"evidence_loghead": 2, "pieces": 2}
    assert manifest["heads"] == [
        {
            "origin": "expert.fr/e/1/acts",
            "size": 1,
            "root": Frontier(1, (HASHES,)).root().hex(),
        }
    ]
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_database_comes_after_the_signer_and_before_the_blobs(
    saved: Place, tmp_path: Path
) -> None:
    with tarfile.open(made(saved, tmp_path / "saved.tar")) as archive:
        names = archive.getnames()

    assert names.index("signer/cle") < names.index("base.dump") < names.index(BLOB)
    assert names[-1] == "manifest.json"


def test_nothing_but_the_file_remains_and_nothing_half_made(saved: Place, tmp_path: Path) -> None:
    folder_for_backups = tmp_path / "backups"
    folder_for_backups.mkdir()

    target = backup.named(folder_for_backups, at=AT)
    made(saved, target)

    assert [path.name for path in folder_for_backups.iterdir()] == [
        "accedit-2026-11-24T142500Z.tar"
    ]


def test_a_backup_that_fails_leaves_nothing(
    saved: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "out").mkdir()
    monkeypatch.setattr(backup, "tool_path", lambda place, name: "/bin/false")

    with pytest.raises(MachineRefusal, match="pg_dump"):
        made(saved, tmp_path / "out" / "saved.tar")

    assert list((tmp_path / "out").iterdir()) == []


def test_an_existing_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "saved.tar").write_text("the only backup")

    with pytest.raises(MachineRefusal, match="existe déjà"):
        backup.named(tmp_path / "saved.tar", at=AT)


def test_what_is_restored_is_what_was_saved(saved: Place, tmp_path: Path) -> None:
    file = made(saved, tmp_path / "saved.tar")
    before = manifest_of(file)

    manifest = restore.unpacked(file, tmp_path / "again")
    place = reached(folder.existing(tmp_path / "again"))
    restore._load(place)
    restore._compare(place, manifest)
    again = manifest_of(made(place, tmp_path / "again.tar"))
    assert place.cluster is not None
    place.cluster.stop()

    def without_dump(manifest: Any) -> Any:
        """The dump's own bytes hold the hour at which it was made."""
        return manifest | {"files": [f for f in manifest["files"] if f["path"] != "base.dump"]}

    assert without_dump(again) == without_dump(before)
    assert (tmp_path / "again" / BLOB).read_text() == "the bytes of a piece"


def test_rights_and_static_files_are_made_afresh_after_a_restore(
    saved: Place, tmp_path: Path
) -> None:
    restore.unpacked(made(saved, tmp_path / "saved.tar"), tmp_path / "again")
    place = reached(folder.existing(tmp_path / "again"))
    restore._load(place)

    with psycopg.connect(place.owner_url) as link:
        row = link.execute("SELECT obj_description('public'::regnamespace)").fetchone()
    assert place.cluster is not None
    place.cluster.stop()

    assert row == (None,)


@pytest.mark.parametrize(
    ("changed", "without"),
    [
        ({BLOB: b"the bytes of a pieCe"}, ""),
        ({BLOB: b"shorter"}, ""),
        ({"base.dump": b"PGDMP"}, ""),
        ({"signer/cle": b"another key"}, ""),
        ({"blobs/11/11/" + "1" * 32: b"a stray"}, ""),
        ({"../../etc/cron.d/x": b"* * * * * root"}, ""),
        ({"/etc/passwd": b"root"}, ""),
        ({"secrets/../../x": b"x"}, ""),
        ({"signer/..": b"x"}, ""),
        ({"signer/heads": b"x"}, ""),
        ({"statique/main.js": b"alert()"}, ""),
        ({"manifest.json": b"{}"}, ""),
        ({"manifest.json": b"not json"}, ""),
        ({"manifest.json": b"[]"}, ""),
        ({}, BLOB),
        ({}, "manifest.json"),
        ({}, "base.dump"),
    ],
)
def test_a_damaged_or_forged_backup_is_refused_whole(
    saved: Place, tmp_path: Path, changed: dict[str, bytes], without: str
) -> None:
    file = rewritten(made(saved, tmp_path / "saved.tar"), changed=dict(changed), without=without)

    with pytest.raises(MachineRefusal, match="incomplète ou abîmée"):
        restore.unpacked(file, tmp_path / "arrival")

    assert not (tmp_path / "x").exists()


def test_a_backup_cut_at_any_place_is_refused(saved: Place, tmp_path: Path) -> None:
    whole = made(saved, tmp_path / "saved.tar").read_bytes()
    manifest_starts = whole.index(b"manifest.json")

    for place, length in enumerate([0, 100, 512, 5000, manifest_starts, manifest_starts + 600]):
        cut = tmp_path / f"cut-{place}.tar"
        cut.write_bytes(whole[:length])
        with pytest.raises(MachineRefusal, match="incomplète ou abîmée"):
            restore.unpacked(cut, tmp_path / f"arrival-{place}")


def test_a_link_in_the_archive_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "link.tar"
    with tarfile.open(file, "w") as archive:
        link = tarfile.TarInfo("secrets/secret_key")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/shadow"
        archive.addfile(link)

    with pytest.raises(MachineRefusal, match="incomplète ou abîmée"):
        restore.unpacked(file, tmp_path / "arrival")
