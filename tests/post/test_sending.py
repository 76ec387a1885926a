"""What becomes of each mail: sent with the server's own words kept, refused, tried again, failed."""

import email
import email.policy
import hashlib
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pytest_django import Settings

from accedit.domain.post import queries
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import outbox, sending
from accedit.domain.post.operations.sending import NotNow, Refused
from accedit.shared.fields import email_address
from accedit.shared.refusals import Invalid
from tests.cast import NOON
from tests.post.mailbox import Mailbox, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Mailbox]:
    """The mail server that the settings name."""
    with serving(Mailbox()) as box:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", box.port
        settings.SMTP_SECURITY, settings.SMTP_USER = "none", ""
        settings.MAIL_FROM = "Accédit <avis@accedit.example>"
        yield box


def queued(
    *, to: str = "aubry@avocat.example", name: str = "Me Claire Aubry", subject: str = "Un avis"
) -> Message:
    return outbox.queue(
        to=to, to_name=name, subject=subject, body="Bonjour,\n\nUne pièce.\n", at=NOON
    )


def sent(message: Message) -> Message:
    message.refresh_from_db()
    return message


def test_a_mail_taken_by_the_server_is_sent_and_its_words_are_kept(mailbox: Mailbox) -> None:
    message = queued()

    assert sending.send_next(at=NOON, transport=sending.by_smtp) == message

    envelope = mailbox.received.get(timeout=10)
    after = sent(message)
    assert (after.fate, after.fate_at, after.tries) == (Fate.SENT, NOON, 1)
    assert after.answer == "250 2.0.0 queued as 4711"
    assert envelope.mail_from == "avis@accedit.example"
    assert envelope.rcpt_tos == ["aubry@avocat.example"]
    assert sending.send_next(at=NOON, transport=sending.by_smtp) is None


def test_the_digest_kept_is_that_of_the_bytes_that_left(mailbox: Mailbox) -> None:
    message = queued()
    sending.send_next(at=NOON, transport=sending.by_smtp)

    content = mailbox.received.get(timeout=10).content
    assert isinstance(content, bytes)

    assert sent(message).digest == hashlib.sha256(content).hexdigest()
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_the_mail_says_who_when_and_that_a_program_wrote_it(mailbox: Mailbox) -> None:
    message = queued(name="Me Élodie Œuvrard")
    sending.send_next(at=NOON, transport=sending.by_smtp)

    mail = parsed(mailbox.received.get(timeout=10).content)

    assert mail["From"] == "Accédit <avis@accedit.example>"
    assert mail["To"] == "Me Élodie Œuvrard <aubry@avocat.example>"
    assert mail["Subject"] == "Un avis"
    assert mail["Message-ID"] == f"<{message.pk}@accedit.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Mon, 16 Nov 2026 11:00:00 +0000"
    assert mail.get_content() == "Bonjour,\r\n\r\nUne pièce.\r\n"
    assert list(mail.iter_attachments()) == []


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_mail_refused_for_good_is_not_tried_again(mailbox: Mailbox, where: str) -> None:
    setattr(mailbox, where, "550 5.1.1 no such user here")
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)

    after = sent(message)
    assert (after.fate, after.fate_at, after.tries) == (Fate.REFUSED, NOON, 1)
    assert after.answer == "550 5.1.1 no such user here"
    assert sending.send_next(at=NOON + timedelta(days=9), transport=sending.by_smtp) is None


@pytest.mark.parametrize("where", ["rcpt", "data"])
def test_a_mail_put_off_is_tried_again_a_little_later(mailbox: Mailbox, where: str) -> None:
    setattr(mailbox, where, "451 4.7.1 greylisted, come back")
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)
    waiting = sent(message)
    too_soon = sending.send_next(at=NOON + timedelta(seconds=59), transport=sending.by_smtp)
    setattr(mailbox, where, "250 OK")
    sending.send_next(at=NOON + timedelta(minutes=1), transport=sending.by_smtp)

    assert (waiting.fate, waiting.tries) == (Fate.WAITING, 1)
    assert waiting.answer == "451 4.7.1 greylisted, come back"
    assert waiting.next_try_at == NOON + timedelta(minutes=1)
    assert too_soon is None
    assert (sent(message).fate, sent(message).tries) == (Fate.SENT, 2)
    assert mailbox.received.qsize() == 1


def test_a_server_that_cannot_be_reached_is_tried_eight_times_then_given_up(
    settings: Settings,
) -> None:
    with serving(Mailbox()) as box:
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", box.port
    settings.SMTP_SECURITY, settings.SMTP_USER = "none", ""
    message, at, waits = queued(), NOON, []

    while message.fate == Fate.WAITING:
        sending.send_next(at=at, transport=sending.by_smtp)
        waits.append(sent(message).next_try_at - at)
        at = message.next_try_at

    assert waits[:7] == [timedelta(minutes=2**n) for n in range(7)]
    assert (message.fate, message.tries) == (Fate.FAILED, 8)
    assert message.answer.startswith("serveur de messagerie injoignable")


def test_a_server_that_hangs_up_in_the_middle_is_tried_again(mailbox: Mailbox) -> None:
    mailbox.data = "421 4.3.2 going down"
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert (sent(message).fate, mailbox.received.qsize()) == (Fate.WAITING, 0)


@pytest.mark.parametrize("leave", ["500 what?", ""], ids=["refused", "cut"])
def test_a_mail_that_the_server_has_is_sent_however_it_takes_leave(
    mailbox: Mailbox, leave: str
) -> None:
    mailbox.quit = leave
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert (sent(message).fate, mailbox.received.qsize()) == (Fate.SENT, 1)


def test_a_sender_that_is_refused_is_refused_for_good(mailbox: Mailbox) -> None:
    mailbox.mail = "553 not your address"
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert (sent(message).fate, sent(message).answer) == (Fate.REFUSED, "553 not your address")


def test_one_mail_that_fails_does_not_hold_up_the_others(mailbox: Mailbox) -> None:
    first, second = queued(to="absent@avocat.example"), queued(to="present@avocat.example")
    mailbox.rcpt = "451 later"
    sending.send_next(at=NOON, transport=sending.by_smtp)
    mailbox.rcpt = "250 OK"

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert (sent(first).fate, sent(second).fate) == (Fate.WAITING, Fate.SENT)
    assert queries.still_waiting() == 1


def test_the_oldest_goes_first() -> None:
    first, second = queued(), queued()

    went = [sending.send_next(at=NOON, transport=sending.show_only) for _ in range(3)]

    assert went == [first, second, None]


def test_an_unreadable_message_fails_alone() -> None:
    """What no mail can be made of is said once, and does not stop the queue for ever."""
    bad, good = queued(), queued()
    Message.objects.filter(pk=bad.pk).update(to="pas une adresse")

    sending.send_next(at=NOON, transport=sending.show_only)
    sending.send_next(at=NOON, transport=sending.show_only)

    assert (sent(bad).fate, sent(good).fate) == (Fate.FAILED, Fate.SENT)
    assert sent(bad).answer != ""


def test_a_name_that_would_change_the_address_is_never_written(mailbox: Mailbox) -> None:
    """Whatever the table holds: the address that the mail says is the one that was given."""
    bad = queued()
    Message.objects.filter(pk=bad.pk).update(to_name="=?utf-8?q?x=0D=0ABcc:_tous@presse.example?=")

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert (sent(bad).fate, mailbox.asked) == (Fate.FAILED, [])


def test_a_trial_says_the_server_s_words_and_leaves_nothing_behind(mailbox: Mailbox) -> None:
    words = sending.send_trial(to="moi@expert.example", at=NOON, transport=sending.by_smtp)

    assert words == "250 2.0.0 queued as 4711"
    assert mailbox.received.get(timeout=10).rcpt_tos == ["moi@expert.example"]
    assert Message.objects.count() == 0


def test_a_trial_that_is_refused_says_so(mailbox: Mailbox) -> None:
    mailbox.rcpt = "554 relay denied"

    with pytest.raises(Refused, match="554 relay denied"):
        sending.send_trial(to="moi@expert.example", at=NOON, transport=sending.by_smtp)


def test_a_password_that_the_server_does_not_take_is_not_a_fate(
    mailbox: Mailbox, settings: Settings
) -> None:
    """Our own settings are wrong: the mail waits, nobody is told that it was refused."""
    settings.SMTP_USER, settings.SMTP_PASSWORD = "moi", "faux"
    message = queued()

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert sent(message).fate == Fate.WAITING
    with pytest.raises(NotNow):
        sending.send_trial(to="moi@expert.example", at=NOON, transport=sending.by_smtp)


# H4: names, subjects and addresses that would write a header or add a recipient

NAMES = [
    "Aubry\r\nBcc: tous@presse.example",
    "Aubry\nBcc: tous@presse.example",
    "Aubry\rX: y",
    "Aubry\x00",
    "Aubry\u2028Bcc: tous@presse.example",
    "a@x.example, b@y.example",
    'Aubry" <tous@presse.example>, "',
    "=?utf-8?q?Aubry=0D=0ABcc:_tous@presse.example?=",
    "Aubry; tous@presse.example",
    "(Aubry) <x@y>",
    "rapport\u202efdp.exe",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "é" * 400,
    "e" + "\u0301" * 300,
    "",
    " ",
    ",",
    ";:",
    "🇫🇷",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_writes_one_header_and_adds_no_recipient(mailbox: Mailbox, name: str) -> None:
    queued(name=name, subject=f"Avis {name}")

    sending.send_next(at=NOON, transport=sending.by_smtp)

    envelope = mailbox.received.get(timeout=10)
    mail = parsed(envelope.content)
    assert envelope.rcpt_tos == mailbox.asked == ["aubry@avocat.example"]
    assert [address.addr_spec for address in mail["To"].addresses] == ["aubry@avocat.example"]
    assert headers(mail) == sorted(
        ["Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "MIME-Version",
         "Message-ID", "Subject", "To"]
    )  # fmt: skip


ADDRESSES = [
    "a@x.example,b@y.example",
    "a@x.example b@y.example",
    "a@x.example\r\nBcc: b@y.example",
    "a@x.example\nb@y.example",
    "a@x.example\x00",
    '"a b"@x.example',
    '"a@y.example"@x.example',
    "Nom <a@x.example>",
    "<a@x.example>",
    "a@[127.0.0.1]",
    "a@exämple.example",
    "a@x",
    "a@",
    "@x.example",
    "a",
    "",
    "a@@x.example",
    "a@x.example>",
    "a(b)@x.example",
    "a@x..example",
    "a@-x.example",
    "é@x.example",
    "a@x.example;b@y.example",
    ".a@x.example",
    "a.@x.example",
    "a..b@x.example",
    "%0d%0aRCPT TO:<b@y.example>@x",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_what_is_not_one_plain_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid):
        queued(to=address)

    assert Message.objects.count() == 0


@pytest.mark.parametrize(
    "address",
    ["a@x.example", "A.B-C+d_e@Sub.X.Example", "o'hara@x.example", "a&b@x.example", "x" * 64 + "@y.example",
     "a.b.c@x.example"],
)  # fmt: skip
def test_every_address_that_is_accepted_can_be_written_to(mailbox: Mailbox, address: str) -> None:
    queued(to=address)

    sending.send_next(at=NOON, transport=sending.by_smtp)

    assert mailbox.received.get(timeout=10).rcpt_tos == [address.lower()]


@given(text=st.text(max_size=80))
@examples(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
def test_whatever_the_name_the_mail_is_one_mail(text: str) -> None:
    message = Message(
        pk=uuid4(),
        to="a@x.example",
        to_name=outbox.one_line(text, most=200),
        subject=outbox.one_line(text, most=300),
        body="corps",
        created_at=NOON,
    )

    mail = parsed(sending.compose(message).as_bytes())

    assert [address.addr_spec for address in mail["To"].addresses] == ["a@x.example"]
    assert len(headers(mail)) == 9
    assert mail.get_content() == "corps\r\n"


@given(text=st.from_regex(r"[^@]{1,20}@[^@]{1,20}", fullmatch=True))
@examples(max_examples=300, deadline=None, derandomize=True)
def test_an_accepted_address_survives_the_mail_library(text: str) -> None:
    try:
        address = email_address(text)
    except Invalid:
        return
    mail = sending.compose(
        Message(pk=uuid4(), to=address, to_name="", subject="s", body="b", created_at=NOON)
    )

    assert [one.addr_spec for one in mail["To"].addresses] == [address]


def parsed(content: object) -> EmailMessage:
    assert isinstance(content, bytes)
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def headers(mail: EmailMessage) -> list[str]:
    """Without what the receiving server puts on top."""
    return sorted(name for name in mail if not name.startswith("X-"))
