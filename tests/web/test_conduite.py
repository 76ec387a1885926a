"""What the expert alone decides: closing, reopening, the date limite."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from accedit.domain.filing.models import Box, Room
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import assert_unknown, words
from tests.web.sessions import signed_in

ACTS = ["clore", "rouvrir", "limites"]


def room(gymnase: Gymnase) -> Room:
    return Room.objects.get(pk=gymnase.case.room_id)


def test_closing_is_said_before_then_done_then_shown(client: Client, gymnase: Gymnase) -> None:
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.expert)

    before = words(client.get(f"{path}/clore"))
    assert room(gymnase).closed_at is None
    answer = client.post(f"{path}/clore", {"motif": "Rapport déposé"})

    assert "Plus rien ne pourra y être déposé, rangé ni changé" in before
    assert (answer.status_code, room(gymnase).closed_at is not None) == (302, True)
    page = words(client.get(path))
    assert "Ce dossier est clos depuis le" in page
    assert "Rouvrir le dossier" in page
    assert "Déposer" not in page
    again = client.post(f"{path}/clore", {})
    assert (again.status_code, "Ce dossier est déjà clos." in words(again)) == (409, True)


def test_reopened_everything_is_as_before(client: Client, gymnase: Gymnase) -> None:
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.expert)
    client.post(f"{path}/clore", {})

    answer = client.post(f"{path}/rouvrir", {})

    assert (answer.status_code, room(gymnase).closed_at) == (302, None)
    assert client.post(f"{path}/rouvrir", {}).status_code == 409


def test_a_closed_case_is_read_and_nothing_in_it_is_changed(
    client: Client, gymnase: Gymnase
) -> None:
    piece = cast.deposited("a.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)[0]
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.expert).post(f"{path}/clore", {})

    assert client.post(f"{path}/limites", {"jour": "2100-01-01"}).status_code in (409, 422)
    signed_in(client, gymnase.owner_counsel)
    for page in ("", "/pieces", "/personnes", "/courriers", "/journal"):
        assert client.get(path + page).status_code == 200
        assert f"{path}/deposer" not in client.get(path + page).content.decode()
    assert client.get(f"/pieces/{piece.node_id}").status_code == 200


def test_a_date_limite_is_the_last_day_in_time(client: Client, gymnase: Gymnase) -> None:
    path = f"/dossiers/{gymnase.case.pk}/limites"
    chosen = gymnase.boxes["demandeur"]
    signed_in(client, gymnase.expert)

    answer = client.post(path, {"jour": "2026-09-30", "boite": [str(chosen.folder_id)]})

    dues = dict(Box.objects.filter(folder__room=room(gymnase)).values_list("pk", "due_at"))
    assert answer.status_code == 302
    assert dues.pop(chosen.pk) == datetime(2026, 9, 30, 22, 0, tzinfo=UTC)
    assert set(dues.values()) == {None}
    assert "jusqu'au 30/09/2026 inclus" in words(client.get(path))

    client.post(path, {"jour": "", "boite": [str(chosen.folder_id)]})

    chosen.refresh_from_db()
    assert chosen.due_at is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"jour": "30 septembre"}, "Le jour n'est pas lisible"),
        ({"jour": "9999-12-31", "boite": ["x"]}, "Le jour n'est pas lisible"),
        ({"jour": "2026-09-30"}, "Cochez au moins une boîte aux lettres."),
    ],
)
def test_what_is_not_readable_is_said(
    client: Client, gymnase: Gymnase, typed: dict[str, object], said: str
) -> None:
    answer = signed_in(client, gymnase.expert).post(f"/dossiers/{gymnase.case.pk}/limites", typed)

    assert answer.status_code == 422
    assert said in words(answer)


def test_a_box_of_another_case_cannot_be_named(client: Client, gymnase: Gymnase) -> None:
    theirs = Box.objects.get(folder__room=gymnase.stranger_case.room)

    answer = signed_in(client, gymnase.expert).post(
        f"/dossiers/{gymnase.case.pk}/limites",
        {"jour": "2026-09-30", "boite": [str(theirs.folder_id)]},
    )

    theirs.refresh_from_db()
    assert (answer.status_code, theirs.due_at) == (422, None)


@pytest.mark.parametrize("act", ACTS)
def test_nobody_but_the_expert(client: Client, gymnase: Gymnase, act: str) -> None:
    path = f"/dossiers/{gymnase.case.pk}/{act}"
    for who in (gymnase.assistant, gymnase.owner_counsel, gymnase.contractor):
        signed_in(client, who)
        assert client.get(path).status_code == 403
        assert client.post(path, {"jour": ""}).status_code == 403
    signed_in(client, gymnase.stranger)
    assert_unknown(client, path, of=gymnase.case.pk)
    assert_unknown(client, path, of=gymnase.case.pk, post={"motif": "x"})
    assert room(gymnase).closed_at is None
