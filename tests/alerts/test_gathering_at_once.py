"""H5, with several threads: really committed, so that each sees what the others write."""

import threading

import pytest
from django.db import connection

from accedit.domain.people.rights import Actor
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import sending
from tests import cast
from tests.alerts.test_gathering import HOUR, MINUTE, SECOND, burst, mails_to, send_all, told_by
from tests.cast import NOON, Gymnase
from tests.front import committed

__all__ = ["committed"]


@pytest.fixture
def g(committed: None) -> Gymnase:
    return cast.gymnase()


def test_two_deposits_at_once_are_both_in_the_same_mail(g: Gymnase) -> None:
    burst(g, 7)
    pairs = [
        ("demandeur", g.owner_counsel),
        ("architecte", g.architect_counsel),
        ("bureau d'études", g.engineer_counsels[0]),
        ("entreprise", g.contractor),
    ]
    ready = threading.Barrier(len(pairs))

    def deposit(box: str, by: Actor) -> None:
        ready.wait(10)
        burst(g, 3, at=NOON + 10 * MINUTE, box=box, by=by)
        connection.close()

    threads = [threading.Thread(target=deposit, args=pair) for pair in pairs]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)

    assert [told_by(one) for one in mails_to(g)] == [1] * 6 + [13]
    (mail,) = mails_to(g)[6:]
    assert mail.body.count(" : 3 dépôts, 3 pièces, par ") == 3
    assert mail.body.count(" : 4 dépôts, 4 pièces, par Me Claire Aubry") == 1
    assert mail.subject.startswith("[Dossier 2026-14] 13 dépôts depuis 12 h 02")


def test_a_mail_that_is_being_sent_is_not_added_to(g: Gymnase) -> None:
    """The deposit neither waits for the mail server nor changes what it is being given."""
    burst(g, 8)
    gathered = mails_to(g)[-1]
    held, leave = threading.Event(), threading.Event()

    def slow(_: object) -> str:
        held.set()
        assert leave.wait(30)
        return "250 OK"

    def send() -> None:
        Message.objects.exclude(pk=gathered.pk).update(fate=Fate.SENT)
        sending.send_next(at=NOON + HOUR, transport=slow)
        connection.close()

    sender = threading.Thread(target=send)
    sender.start()
    try:
        assert held.wait(10)
        burst(g, 1, at=NOON + HOUR - SECOND)  # its hour was read just before the end
    finally:
        leave.set()
        sender.join(30)

    *_, first, second = mails_to(g)
    assert (first.pk, first.body, first.fate) == (gathered.pk, gathered.body, Fate.SENT)
    assert (told_by(first), told_by(second), second.fate) == (2, 1, Fate.WAITING)
    assert [one.pk for one in send_all(at=NOON + HOUR) if one.to == second.to] == [second.pk]
