"""Send what is due, and keep what became of it.

A message is claimed under a row lock, so that two senders never send it twice; it is
sent while the lock is held, and its fate is committed with it. The one window left is
a crash between the server's yes and the commit: the mail may then go twice, never not
at all; its Message-ID is the same both times.
"""

import contextlib
import hashlib
import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from django.conf import settings
from django.db import transaction

from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.shared.fields import email_address
from accedit.shared.kill_points import reach

TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
Transport = Callable[[EmailMessage], str]


class Refused(Exception):
    """The mail server said no for good."""


class NotNow(Exception):
    """The mail server could not be reached, or said to try again."""


class Unwritable(Exception):
    """No mail to this one address can be made of the message: it fails alone, at once."""


def send_next(*, at: datetime, transport: Transport) -> Message | None:
    """Send one message that is due. None when nothing waits."""
    with transaction.atomic():
        message = (
            Message.objects.select_for_update(skip_locked=True)
            .filter(fate=Fate.WAITING, next_try_at__lte=at)
            .order_by("next_try_at", "created_at")
            .first()
        )
        if message is None:
            return None
        message.tries += 1
        try:
            raw = compose(message)
            reach("alert.before_smtp")
            message.digest = hashlib.sha256(raw.as_bytes()).hexdigest()
            message.answer, message.fate = transport(raw)[:2000], Fate.SENT
            reach("alert.after_data")
        except Unwritable as fault:
            message.answer, message.fate = f"message impossible à écrire : {fault}", Fate.FAILED
        except Refused as refused:
            message.answer, message.fate = str(refused)[:2000], Fate.REFUSED
        except NotNow as later:
            message.answer = str(later)[:2000]
            message.next_try_at = at + FIRST_WAIT * 2 ** (message.tries - 1)
            message.fate = Fate.FAILED if message.tries >= TRIES else Fate.WAITING
        message.fate_at = at if message.fate != Fate.WAITING else None
        message.save()
        reach("alert.before_fate")
        return message


def compose(message: Message) -> EmailMessage:
    """The message as it leaves: plain text, one recipient, marked as sent by a program (RFC 3834)."""
    try:
        mail = _composed(message)
        read = BytesHeaderParser(policy=SMTP).parsebytes(mail.as_bytes())
        reached = [one.addr_spec for one in read["To"].addresses]  # some versions refuse to read it
    except (ValueError, LookupError, MessageError) as fault:
        raise Unwritable(str(fault)) from fault
    if reached != [message.to]:
        raise Unwritable("le nom du destinataire change son adresse")
    if sorted(read.keys()) != sorted(mail.keys()):
        raise Unwritable("un champ ajoute une ligne à l'en-tête")
    return mail


def _composed(message: Message) -> EmailMessage:
    name, sender = parseaddr(settings.MAIL_FROM)
    mail = EmailMessage(policy=SMTP)  # whole lines: a bare line feed is refused by many servers
    mail["From"] = Address(name, addr_spec=sender)
    mail["To"] = Address(message.to_name, addr_spec=message.to)
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.pk}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body, cte="quoted-printable")
    return mail


def send_trial(*, to: str, at: datetime, transport: Transport) -> str:
    """A mail outside the outbox, to see whether the settings work: the server's own words.

    Raises `Refused` or `NotNow`.
    """
    trial = Message(
        to=email_address(to),
        to_name=to,
        subject="Essai d'envoi d'Accédit",
        body="Ce message montre que votre plate-forme envoie ses avis.\n",
        created_at=at,
    )
    return transport(compose(trial))


def show_only(_mail: EmailMessage) -> str:
    """The demo's transport: nothing leaves, the mail is read on /courriers."""
    return "Démonstration : montré sur la page Courriers, envoyé à personne."


def by_smtp(mail: EmailMessage) -> str:
    """Hand the mail to the configured server; its own words come back."""
    try:
        server = _connected()
        try:
            words = _handed(mail, server)
            _take_leave(server)
        finally:
            server.close()
    except smtplib.SMTPException as fault:
        raise NotNow(str(fault)) from fault
    except OSError as fault:
        raise NotNow(f"serveur de messagerie injoignable : {fault}") from fault
    return words


def _handed(mail: EmailMessage, server: smtplib.SMTP) -> str:
    _judged(*server.mail(parseaddr(settings.MAIL_FROM)[1]))
    _judged(*server.rcpt(mail["To"].addresses[0].addr_spec))
    return _judged(*server.data(mail.as_bytes()))


def _take_leave(server: smtplib.SMTP) -> None:
    """Whatever the server says to that, it has the mail: it must not be sent again."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.quit()


def _judged(code: int, answer: bytes) -> str:
    words = f"{code} {answer.decode('utf-8', 'replace')}"
    if code >= 500:
        raise Refused(words)
    if code >= 400:
        raise NotNow(words)
    return words


def _connected() -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if settings.SMTP_SECURITY == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.SMTP_HOST, settings.SMTP_PORT, timeout=30, context=secure
        )
    else:
        server = smtplib.SMTP(settings.SMTP_HOST, settings.SMTP_PORT, timeout=30)
    try:
        if settings.SMTP_SECURITY == "starttls":
            server.starttls(context=secure)
        server.ehlo_or_helo_if_needed()
        if settings.SMTP_USER:
            server.login(settings.SMTP_USER, settings.SMTP_PASSWORD)
    except BaseException:
        server.close()
        raise
    return server
