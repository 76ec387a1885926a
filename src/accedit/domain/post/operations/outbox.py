"""Put a message or a letter in the outbox, in the transaction of the fact it tells."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import connection

from accedit.domain.post.models import Letter, Message
from accedit.shared.fields import displayed, email_address

CHANNEL = "accedit_outbox"


def queue(
    *, to: str, to_name: str, subject: str, body: str, at: datetime, reference: UUID | None = None
) -> Message:
    """One mail to one address. What is no single plain address is refused (`Invalid`)."""
    message = drafted(
        to=to, to_name=to_name, subject=subject, body=body, at=at, reference=reference
    )
    queue_all([message])
    return message


def queue_all(messages: Sequence[Message]) -> None:
    """The follower is woken when the transaction commits, and not if it does not."""
    if not messages:
        return
    Message.objects.bulk_create(messages)
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [CHANNEL])


def drafted(
    *,
    to: str,
    to_name: str,
    subject: str,
    body: str,
    at: datetime,
    reference: UUID | None = None,
    leaves_at: datetime | None = None,
) -> Message:
    """A mail for `queue_all`, refused here if it must be. It leaves at once, or not before `leaves_at`."""
    return Message(
        to=email_address(to),
        to_name=one_line(to_name, most=200),
        subject=one_line(subject, most=300),
        body=body,
        created_at=at,
        next_try_at=leaves_at or at,
        reference=reference,
    )


def prepare_letter(
    *,
    to_name: str,
    address: str,
    subject: str,
    body: str,
    at: datetime,
    reference: UUID | None = None,
) -> Letter:
    return Letter.objects.create(
        to_name=one_line(to_name, most=200),
        address=address,
        subject=one_line(subject, most=300),
        body=body,
        created_at=at,
        reference=reference,
    )


def address_letters(ids: Collection[UUID], *, address: str) -> None:
    """Those that are not posted yet; a letter that has left says where it went."""
    Letter.objects.filter(pk__in=ids, posted_on__isnull=True).update(address=address)


def mark_printed(letter: Letter, *, at: datetime) -> None:
    Letter.objects.filter(pk=letter.pk, printed_at__isnull=True).update(printed_at=at)


def mark_posted(letter: Letter, *, on: object) -> None:
    Letter.objects.filter(pk=letter.pk).update(posted_on=on)


def one_line(text: str, *, most: int) -> str:
    """One line whatever was typed: a header is never written from two.

    « =? » begins what mail programs decode (RFC 2047), line ends included: it is taken apart.
    """
    line = " ".join(displayed(text).split())
    while "=?" in line:
        line = line.replace("=?", "= ?")
    return line[:most]
