"""The steps of the follower, one turn at a time, at hours of our choosing."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pytest_django import Settings

from accedit.domain.alerts.models import Notice
from accedit.domain.evidence.models import Checkpoint
from accedit.domain.evidence.operations.keeping import sign_grown
from accedit.domain.filing.operations import readings
from accedit.domain.post import queries as post
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import sending
from accedit.interfaces.console import following
from accedit.interfaces.console.following import Follower
from tests import cast
from tests.cast import NOON, Gymnase


@pytest.fixture(autouse=True)
def nothing_else_waits(g: Gymnase) -> None:
    """What other tests left to send is not of this one."""
    Message.objects.filter(fate=Fate.WAITING).update(fate=Fate.SENT)
    Notice.objects.filter(fate_logged_at=None).update(fate_logged_at=NOON)


def follower(*, transport: sending.Transport = sending.show_only) -> Follower:
    return Follower(hour=lambda: NOON + timedelta(days=1), transport=transport)


def test_one_turn_does_all_that_waits_and_the_next_nothing(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    waiting = post.still_waiting()
    one = follower()

    counts = [one.once(), one.once()]

    assert waiting > 0
    assert post.still_waiting() == 0
    assert counts[0] > waiting
    assert counts[1] == 0


def test_readings_are_signed_a_little_later(g: Gymnase) -> None:
    """Nobody waits for them; but the signer then remembers them."""
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    opened = readings.open_content(piece.node_id, asker=g.contractor, at=NOON, preview=True)

    follower().once()

    assert Checkpoint.objects.get(log__origin=opened.origin).size == opened.index + 1
    assert sign_grown() == 0


@pytest.mark.parametrize(
    ("later", "turns"),
    [(timedelta(seconds=59), 1), (timedelta(minutes=1), 2)],
)
def test_heads_are_signed_once_a_minute(later: timedelta, turns: int) -> None:
    hours = [NOON, NOON + later]
    one = Follower(hour=lambda: hours[0], transport=sending.show_only)
    due = [one._is_time("sign", every=following.SIGNS)]
    hours.pop(0)

    due.append(one._is_time("sign", every=following.SIGNS))

    assert due.count(True) == turns


def test_a_step_with_a_bug_does_not_stop_the_others(
    g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*, at: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(following, "log_fates", broken)
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    one = follower()
    monkeypatch.setattr(one, "_wait", lambda: None)

    one._turn()

    assert post.still_waiting() == 0
    assert g.case.tasks.count() == 1


def test_told_to_stop_it_sends_nothing_more(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    waiting = post.still_waiting()
    sent: list[object] = []
    one = follower()

    def stopping_after(count: int) -> Callable[[object], str]:
        def send(mail: object) -> str:
            sent.append(mail)
            one.stopping = len(sent) == count
            return "250 ok"

        return send

    one.transport = stopping_after(2)
    one.once()

    assert (len(sent), post.still_waiting()) == (2, waiting - 2)


def test_the_demo_shows_mails_and_sends_none(settings: Settings) -> None:
    settings.DEMO = True
    shown = following.transport()
    settings.DEMO = False

    assert (shown, following.transport()) == (sending.show_only, sending.by_smtp)
