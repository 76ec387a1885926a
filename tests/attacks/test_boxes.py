"""Rows B: nobody overwrites, undoes, truncates, back-dates, or deposits for somebody else."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from django.utils import timezone

from accedit.domain.evidence.models import Entry
from accedit.domain.evidence.operations import log
from accedit.domain.filing import access
from accedit.domain.filing.models import BasketItem, Box, Deposit, Node
from accedit.domain.filing.operations import baskets, boxes
from accedit.domain.people.rights import Actor
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest, token
from tests.attacks.browser import browser, session_of
from tests.cast import Gymnase
from tests.front import GONE, ask

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages


def leaves(box: Box, kind: str = "deposit.accepted") -> int:
    origin = log.acts_of(box.folder.room_id)
    return Entry.objects.filter(log__origin=origin, kind=kind).count()


def arrivals() -> list[Path]:
    return list((Path(settings.BLOB_FOLDER) / "arrivees").glob("*"))


@doors
@pytest.mark.attack("B3", "pages", "rest")
def test_b3_after_the_receipt_nothing_is_undone(acts: Acts, people: Gymnase) -> None:
    """Each way to take back that the door has, by the depositor: refused; the piece is there."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    piece = acts.deposit(who, box, name="ne pas défaire.pdf").deposits[0]
    address = (
        f"/api/v1/nodes/{piece.node_id}" if acts.name == "rest" else f"/pieces/{piece.node_id}"
    )

    with acts.client(who) as asked:
        tries = {
            "withdraw": asked.post(f"{address}/withdraw", json={"reason": "erreur"}),
            "retirer": asked.post(f"{address}/retirer", data={"motif": "erreur", "do": "confirm"}),
            "remettre": asked.post(f"{address}/remettre", data={"motif": "erreur"}),
            "delete": asked.delete(address),
            "put": asked.put(address, content=b"autre"),
            "content": asked.put(f"{address}/content", content=b"autre"),
            "item": asked.post(
                f"/paniers/{piece.basket_id}", data={"do": f"remove:{piece.node_id}"}
            ),
        }

    assert {name: answer.status_code < 300 for name, answer in tries.items()} == dict.fromkeys(
        tries, False
    )
    assert Deposit.objects.get(pk=piece.pk).blob.sha256 == piece.blob.sha256
    node = Node.objects.get(pk=piece.node_id)
    assert (node.withdrawn_at, node.parent_id) == (None, box.folder_id)


@pytest.mark.attack("B5", "rest")
@pytest.mark.parametrize("sent", [0, 1, 7, 4096, 99_999])
def test_b5_a_program_that_breaks_off_leaves_nothing(sent: int, people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    before = (Deposit.objects.count(), leaves(box), arrivals())

    answer = ask(
        "POST",
        f"/api/v1/nodes/{box.folder_id}/deposits?name=coupe.pdf",
        headers=[
            (b"authorization", f"Bearer {token(who.user_id, who)}".encode()),
            (b"content-length", b"100000"),
        ],
        body=[b"x" * sent, GONE],
    )

    assert answer.status is None or answer.status >= 400
    assert (Deposit.objects.count(), leaves(box), arrivals()) == before


@pytest.mark.attack("B5", "pages")
@pytest.mark.parametrize("sent", [0, 1, 7, 4096, 99_999])
def test_b5_a_browser_that_breaks_off_leaves_nothing(sent: int, people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    basket = baskets.open_basket(box=box, actor=who, at=timezone.now())
    before = (BasketItem.objects.count(), Deposit.objects.count(), arrivals())
    with browser(who) as pages:
        csrf = pages.headers["X-CSRFToken"]

    answer = ask(
        "POST",
        f"/paniers/{basket.pk}/fichiers",
        headers=[
            (b"cookie", _cookies(who, csrf)),
            (b"x-csrftoken", csrf.encode()),
            (b"origin", settings.BASE_URL.encode()),
            (b"sec-fetch-site", b"same-origin"),
            (b"x-file-name", b"coupe.pdf"),
            (b"x-upload-id", uuid4().hex.encode()),
            (b"content-type", b"application/octet-stream"),
            (b"content-length", b"100000"),
        ],
        body=[b"x" * sent, GONE],
    )

    assert answer.status is None or answer.status >= 400
    assert (BasketItem.objects.count(), Deposit.objects.count(), arrivals()) == before


def _cookies(who: Actor, csrf: str) -> bytes:
    names = settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME
    return f"{names[0]}={session_of(who)}; {names[1]}={csrf}".encode()


@doors
@pytest.mark.attack("B6", "pages", "rest")
def test_b6_twenty_who_finish_at_once_make_one_piece(acts: Acts, people: Gymnase) -> None:
    box, who = people.boxes["architecte"], people.architect_counsel
    upload, answers, before = uuid4().hex, [], leaves(box)
    if isinstance(acts, Rest):
        token(who.user_id, who)

        def finish() -> None:
            answers.append(acts.deposit(who, box, name="une fois.pdf", upload=upload).status)
            connections.close_all()

        found: dict[str, Any] = {"upload": upload}
    else:
        basket = baskets.open_basket(box=box, actor=who, at=timezone.now())
        baskets.add_file(basket, stored=cast.stored(), name="une fois.pdf", upload=upload)

        def finish() -> None:
            with browser(who) as pages:
                answers.append(pages.post(f"/paniers/{basket.pk}/confirmer").status_code)
            connections.close_all()

        found = {"basket": basket, "upload__endswith": upload}

    threads = [threading.Thread(target=finish) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(set(answers)) in ([200, 201], [302])
    assert Deposit.objects.filter(box=box, **found).count() == 1
    assert leaves(box) == before + 1


@doors
@pytest.mark.attack("B7", "pages", "rest")
def test_b7_nobody_deposits_into_the_box_of_another_side(acts: Acts, people: Gymnase) -> None:
    box = people.boxes["architecte"]
    before = Deposit.objects.filter(box=box).count()

    member = acts.deposit(people.owner_counsel, box, name="chez l'autre.pdf")
    stranger = acts.deposit(people.stranger, box, name="chez l'autre.pdf")

    assert member.status in (403, 404)
    assert stranger.status == 404
    assert Deposit.objects.filter(box=box).count() == before


@doors
@pytest.mark.attack("B8", "pages", "rest")
def test_b8_only_our_hour_counts(acts: Acts, people: Gymnase) -> None:
    box, who = people.boxes["demandeur"], people.owner_counsel
    start = timezone.now()

    piece = acts.deposit(
        who,
        box,
        name="antidatée.pdf",
        content=b"Date: Thu, 01 Jan 2015 00:00:00 GMT",
        mtime="2015-01-01",
        received_at="2015-01-01T00:00:00Z",
        received_from="2015-01-01T00:00:00Z",
    ).deposits[0]

    end = timezone.now()
    entry = Entry.objects.get(log__origin=piece.log_origin, index=piece.log_index)
    assert start <= piece.received_from <= piece.received_at <= end
    assert start - timedelta(seconds=1) <= entry.at <= end + timedelta(seconds=1)


@doors
@pytest.mark.parametrize(("after_now", "late"), [(-1, True), (0, True), (3600, False)])
@pytest.mark.attack("B9", "pages", "rest")
def test_b9_late_is_accepted_and_marked(
    acts: Acts, after_now: int, late: bool, people: Gymnase
) -> None:
    box, who = people.boxes["bureau d'études"], people.engineer_counsels[0]
    due = timezone.now() + timedelta(seconds=after_now)
    boxes.set_due(box.folder_id, due_at=due, actor=people.expert, at=timezone.now())

    outcome = acts.deposit(who, box, name="à l'heure dite.pdf")

    assert outcome.status < 400
    assert outcome.deposits[0].late is late


@doors
@pytest.mark.attack("B13", "pages", "rest")
def test_b13_a_forged_depositor_is_not_read(acts: Acts, people: Gymnase) -> None:
    box, who, other = people.boxes["demandeur"], people.owner_counsel, people.architect_counsel
    forged = {
        "depositor": str(other.user_id),
        "depositor_id": str(other.user_id),
        "owner": str(other.user_id),
        "user": str(other.user_id),
        "actor": str(other.user_id),
    }

    piece = acts.deposit(who, box, name="pour un autre.pdf", **forged).deposits[0]

    assert (piece.depositor_id, piece.depositor_name) == (who.user_id, who.name)
    assert piece.basket.owner_id == who.user_id


@doors
@pytest.mark.attack("B13", "pages", "rest")
def test_b13_a_party_does_not_deposit_on_behalf(acts: Acts, people: Gymnase) -> None:
    """The expert's form, filled by a lawyer: no piece is entered for the party by post."""
    box, who = people.boxes["menuisier"], people.owner_counsel
    party = people.parties["Menuiserie Fauvel"]
    before = Deposit.objects.filter(box=box).count()
    said: dict[str, Any] = {
        "on_behalf": str(party.pk),
        "means": "post",
        "received_on": "2026-11-10",
    }

    if isinstance(acts, Rest):
        status = acts.deposit(who, box, name="au nom de.pdf", **said).status
    else:
        with browser(who) as pages:
            form = {"partie": str(party.pk), "moyen": "post", "recu_le": "2026-11-10"}
            answer = pages.post(f"/dossiers/{box.folder.room_id}/deposer", data=form)
        status = 404 if "/paniers/" not in answer.headers.get("location", "") else 0
        own = answer.headers.get("location", "").rsplit("/", 1)[-1]
        if not status:
            assert access.basket(own, asker=who).box_id == people.boxes["demandeur"].pk
            status = 403

    assert status in (403, 404)
    assert Deposit.objects.filter(box=box).count() == before
