"""K4: bytes found changed are told to whom they concern, by the follower, without anybody asking."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit
from accedit.domain.people.models import User
from accedit.domain.post.operations import sending
from accedit.interfaces.console.following import Follower
from tests import cast
from tests.cast import Gymnase
from tests.web.reading import words
from tests.web.sessions import signed_in

SAYS = "Une pièce n'est plus lisible telle qu'elle a été déposée, prévenez l'exploitant : n° "


@pytest.fixture
def piece(gymnase: Gymnase) -> Iterator[Deposit]:
    (made,) = cast.deposited("toit.pdf", box=gymnase.boxes["demandeur"], by=gymnase.owner_counsel)
    yield made
    blobs.path_of(made.blob_id).unlink(missing_ok=True)


def flipped(piece: Deposit) -> None:
    path = blobs.path_of(piece.blob_id)
    whole = path.read_bytes()
    path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])


def followed(days: int) -> None:
    """One turn of a follower that was just started, `days` from now."""
    hour = timezone.now() + timedelta(days=days)
    Follower(hour=lambda: hour, transport=sending.show_only).once()


@pytest.mark.attack("K4", "pages")
def test_k4_the_expert_is_told_to_warn_whoever_runs_the_platform(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    told = []
    for turn in range(4):  # whole, changed, put back, changed
        if turn:
            flipped(piece)
        followed(turn)
        told.append(words(signed_in(client, gymnase.expert).get("/dossiers")))

    whole, changed, put_back, again = (f"{SAYS}{piece.number}" in page for page in told)
    assert (whole, changed, put_back, again) == (False, True, False, True)


def test_k4_what_was_ended_by_hand_is_not_told_again_at_each_turn(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    flipped(piece)
    followed(0)
    path = f"/dossiers/{gymnase.case.pk}"
    signed_in(client, gymnase.expert)
    (task,) = gymnase.case.tasks.filter(kind="piece_damaged")

    client.post(f"{path}/taches", {"tache": [str(task.pk)]})
    followed(1)

    assert SAYS not in words(client.get(path))


@pytest.mark.attack("K4", "pages")
def test_k4_whoever_runs_the_platform_sees_how_many_and_no_name(
    client: Client, gymnase: Gymnase, piece: Deposit
) -> None:
    User.objects.filter(pk=gymnase.stranger.user_id).update(is_staff=True)
    signed_in(client, gymnase.stranger)
    followed(0)
    before = words(client.get("/plateforme"))
    flipped(piece)
    followed(1)

    after = words(client.get("/plateforme"))

    heading = "Fichiers qui ne sont plus tels qu’ils ont été déposés"
    assert f"{heading} aucun connu" in before
    assert f"{heading} 1" in after
    for word in ("toit.pdf", "Valmont", "Gymnase"):
        assert word not in after
