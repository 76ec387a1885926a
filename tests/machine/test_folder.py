"""The data folder: ours is opened, an empty one is made, anybody else's is left alone."""

from pathlib import Path

import pytest

from accedit.machine import folder
from accedit.machine.refusals import MachineRefusal


@pytest.mark.parametrize("exists", [True, False])
def test_a_missing_or_empty_folder_is_made_for_its_owner_alone(
    tmp_path: Path, *, exists: bool
) -> None:
    path = tmp_path / "data"
    if exists:
        path.mkdir(mode=0o755)

    made = folder.made(path, kind=folder.DEMO)

    assert (made.kind, made.loaded) == (folder.DEMO, False)
    assert path.stat().st_mode & 0o777 == 0o700
    assert (path / "accedit.json").stat().st_mode & 0o777 == 0o600


def test_ours_is_opened_as_it_is(tmp_path: Path) -> None:
    made = folder.made(tmp_path / "data", kind=folder.DEMO)
    made.mark_loaded()
    (made.path / "kept").write_text("kept")

    again = folder.made(tmp_path / "data", kind=folder.DEMO)

    assert again.loaded
    assert (again.path / "kept").read_text() == "kept"


def test_a_folder_that_holds_something_else_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.odt").write_text("years of work")

    with pytest.raises(MachineRefusal, match="contient déjà autre chose"):
        folder.made(tmp_path, kind=folder.DEMO)

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.odt"]


def test_a_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")

    with pytest.raises(MachineRefusal, match="contient déjà autre chose"):
        folder.made(tmp_path / "data", kind=folder.DEMO)


@pytest.mark.parametrize(
    ("first", "then", "words"),
    [
        (folder.REAL, folder.DEMO, "contient de vraies données"),
        (folder.DEMO, folder.REAL, "dossier d’une démonstration"),
    ],
)
def test_a_demo_and_real_use_do_not_mix(tmp_path: Path, first: str, then: str, words: str) -> None:
    folder.made(tmp_path, kind=first)

    with pytest.raises(MachineRefusal, match=words):
        folder.made(tmp_path, kind=then)


def test_a_command_needs_a_folder_that_was_made(tmp_path: Path) -> None:
    with pytest.raises(MachineRefusal, match="accedit init"):
        folder.existing(tmp_path / "absent")


def test_a_damaged_marker_is_said(tmp_path: Path) -> None:
    (tmp_path / "accedit.json").write_text("{")

    with pytest.raises(MachineRefusal, match="illisible"):
        folder.existing(tmp_path)


def test_two_do_not_serve_the_same_folder(tmp_path: Path) -> None:
    data = folder.made(tmp_path / "data", kind=folder.REAL)
    assert not folder.is_held(data.path)

    folder.held(data)

    assert folder.is_held(data.path)
    with pytest.raises(MachineRefusal, match="déjà en marche"):
        folder.held(data)


def test_a_demo_cut_short_is_thrown_away(tmp_path: Path) -> None:
    data = folder.made(tmp_path / "data", kind=folder.DEMO)
    (data.path / "postgres").mkdir()
    (data.path / "demo.json").write_text("{}")

    folder.emptied(data)

    assert [path.name for path in data.path.iterdir()] == ["accedit.json"]


@pytest.mark.parametrize("kind", [folder.DEMO, folder.REAL])
def test_nothing_that_somebody_worked_in_is_thrown_away(tmp_path: Path, kind: str) -> None:
    data = folder.made(tmp_path / "data", kind=kind)
    data.mark_loaded()
    (data.path / "blobs").mkdir()

    with pytest.raises(MachineRefusal, match="contient des données"):
        folder.emptied(folder.existing(data.path))

    assert (data.path / "blobs").is_dir()


def test_the_default_is_the_environments_then_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACCEDIT_DATA", str(tmp_path / "given"))
    given = folder.default_path()
    monkeypatch.delenv("ACCEDIT_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))

    assert given == tmp_path / "given"
    assert folder.default_path() == tmp_path / "share" / "accedit"
