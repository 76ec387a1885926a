"""The follower as a process of its own: woken by a commit, stopped by SIGTERM, whatever it does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import outbox
from tests.front import committed
from tests.post.mailbox import Mailbox, serving

__all__ = ["committed"]


NAME = "suiveur"


@dataclass(frozen=True)
class Process:
    running: "subprocess.Popen[bytes]"

    def stopped(self) -> tuple[int, float]:
        """Its exit code after SIGTERM, and how long it took."""
        began = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        code = self.running.wait(30)
        return code, time.monotonic() - began


@contextmanager
def following(box: Mailbox) -> Iterator[Process]:
    state = connection.settings_dict
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "accedit.settings.test",
        "DATABASE_URL": f"postgresql://{state['USER']}@/{state['NAME']}?host={state['HOST']}"
        f"&application_name={NAME}",
        "ACCEDIT_DATA": str(settings.DATA),
        "ACCEDIT_SMTP_HOST": "127.0.0.1",
        "ACCEDIT_SMTP_PORT": str(box.port),
        "ACCEDIT_SMTP_SECURITY": "none",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    running = subprocess.Popen([sys.executable, "-m", "django", "follow"], env=environment)
    try:
        yield Process(running)
    finally:
        running.kill()
        running.wait()


def queued(to: str) -> Message:
    return outbox.queue(to=to, to_name="Aubry", subject="Avis", body="Bonjour", at=timezone.now())


@pytest.fixture(autouse=True)
def _only_ours(committed: None) -> Iterator[None]:
    """Mails that other tests have left are not sent here, and ours are left to nobody."""
    waiting = Message.objects.filter(fate=Fate.WAITING)
    waiting.update(fate=Fate.FAILED, answer="d'un autre essai")
    yield
    waiting.update(fate=Fate.FAILED, answer="d'un autre essai")


def test_a_mail_leaves_as_soon_as_it_is_committed_and_sigterm_ends_it_all() -> None:
    with serving(Mailbox()) as box, following(box) as follower:
        first = queued("premier@avocat.example")
        assert box.received.get(timeout=60).rcpt_tos == ["premier@avocat.example"]

        second = queued("second@avocat.example")
        began = time.monotonic()
        assert box.received.get(timeout=60).rcpt_tos == ["second@avocat.example"]
        took = time.monotonic() - began
        code, stop = follower.stopped()

    assert took < 2
    assert (code, stop < 2) == (0, True)
    assert fates(first, second) == [Fate.SENT, Fate.SENT]


def test_sigterm_does_not_wait_for_a_mail_server_that_hangs() -> None:
    """The mail under way is given a second; then it waits for the next follower."""
    with serving(Mailbox(hanging=True)) as box, following(box) as follower:
        message = queued("lent@avocat.example")
        assert box.reached.wait(60)

        code, stop = follower.stopped()

    assert (code, stop < 2) == (0, True)
    assert fates(message) == [Fate.WAITING]


def test_a_mail_wakes_whoever_listens_when_it_is_committed_and_not_before() -> None:
    state = connection.settings_dict
    place = f"postgresql://{state['USER']}@/{state['NAME']}?host={state['HOST']}"
    with psycopg.connect(place, autocommit=True) as link:
        link.execute("listen accedit_outbox")
        with transaction.atomic():
            queued("repris@avocat.example")
            transaction.set_rollback(True)
        with transaction.atomic():
            queued("valide@avocat.example")
            before = list(link.notifies(timeout=0, stop_after=1))
        after = list(link.notifies(timeout=30, stop_after=1))

    assert (len(before), len(after)) == (0, 1)


def test_a_database_that_went_away_is_found_again() -> None:
    with serving(Mailbox()) as box, following(box) as follower:
        queued("avant@avocat.example")
        assert box.received.get(timeout=60).rcpt_tos == ["avant@avocat.example"]

        with connection.cursor() as cursor:
            cursor.execute(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where datname = current_database() and application_name = %s",
                [NAME],
            )
            cut = cursor.fetchone()[0]
        queued("apres@avocat.example")

        while (told := box.received.get(timeout=60).rcpt_tos) == ["avant@avocat.example"]:
            pass  # cut between the server's yes and our commit: it may go twice, never not at all
        assert told == ["apres@avocat.example"]
        assert follower.stopped()[0] == 0
    assert cut == 1


def fates(*messages: Message) -> list[Fate]:
    for message in messages:
        message.refresh_from_db()
    return [Fate(message.fate) for message in messages]
