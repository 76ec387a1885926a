"""Rows H5, H7: a burst of deposits is few mails and tells everybody of everything; whoever says
« je n'ai rien reçu » is answered by what the mail server said, word for word."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from typing import Any
from uuid import UUID, uuid4

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.utils import timezone
from pytest_django import Settings

from accedit.domain.alerts.followers import log_fates
from accedit.domain.alerts.models import Notice
from accedit.domain.cases import queries as cases
from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.models import Case
from accedit.domain.filing.models import Basket
from accedit.domain.people.rights import Actor
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import sending
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest
from tests.cast import Gymnase
from tests.post.mailbox import Mailbox, serving

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
CAP, BURST, MEMBERS = 2, 6, 6
NO_SUCH = "550 5.1.1 no such user here"


# H5: a burst of deposits, a burst of invitations


def wrong(people: Gymnase, *, cap: int) -> list[str]:
    """What a burst within one hour did that it must not: too many mails, an avis lost or told twice."""
    notices = Notice.objects.filter(room_id=people.case.pk, message__isnull=False)
    each = notices.values_list("addressee__name", "message").distinct()
    mails = Counter(name for name, _ in each)
    found = [f"{name}: {count} mails" for name, count in mails.items() if count > cap + 1]
    told = Counter(notices.values_list("basket_id", "addressee_id"))
    baskets = Basket.objects.filter(box__folder__room=people.case.pk).exclude(deposited_at=None)
    members = notices.values_list("addressee_id", flat=True).distinct()
    expected = {(basket.pk, member) for basket in baskets for member in members}
    found += [f"lost: {one}" for one in expected - set(told)]
    return found + [f"twice: {one}" for one, count in told.items() if count > 1]


@doors
@pytest.mark.attack("H5", "pages", "rest")
def test_h5_a_burst_of_deposits_is_few_mails_and_loses_nothing(
    acts: Acts, committed: None, settings: Settings
) -> None:
    settings.ALERT_MAILS_PER_HOUR = CAP
    people = cast.gymnase(at=timezone.now())
    burst(acts, people)

    assert wrong(people, cap=CAP) == []
    gathered = Message.objects.filter(reference=people.case.pk, subject__contains="dépôts depuis")
    assert gathered.count() == MEMBERS
    assert {one.notices.count() for one in gathered} == {BURST - CAP}


def test_the_look_at_a_burst_sees_too_many_mails_and_an_avis_lost(
    committed: None, settings: Settings
) -> None:
    """Negative control: without the cap, and with one avis taken away."""
    settings.ALERT_MAILS_PER_HOUR = 10**6
    people = cast.gymnase(at=timezone.now())
    burst(Rest(), people)
    lost = Notice.objects.filter(room_id=people.case.pk, addressee__name="Me Hugo Blin")[0]
    lost.delete()

    found = wrong(people, cap=CAP)

    assert sorted(one for one in found if "mails" in one) == sorted(
        f"{name}: {BURST - (name == 'Me Hugo Blin')} mails" for name in names(people)
    )
    assert [one for one in found if "mails" not in one] == [
        f"lost: {(lost.basket_id, lost.addressee_id)}"
    ]


def burst(acts: Acts, people: Gymnase) -> None:
    for n in range(BURST):
        made = acts.deposit(people.owner_counsel, people.boxes["demandeur"], name=f"{n}.pdf")
        assert made.status < 400, made.said


def names(people: Gymnase) -> set[str]:
    return {who.name for who in people.everyone} - {people.assistant.name}


@doors
@pytest.mark.attack("H5", "pages", "rest")
def test_h5_invitations_past_the_cap_are_refused_in_words_and_nothing_is_half_done(
    acts: Acts, committed: None, settings: Settings
) -> None:
    settings.INVITATIONS_PER_HOUR = 2
    who = cast.expert(name="Ève Noël", email=f"eve.{uuid4().hex}@expert.example")
    opened = [opened_with_a_lawyer(acts, who) for _ in range(3)]
    settings.INVITATIONS_PER_HOUR = 3
    again = opened_with_a_lawyer(acts, who)

    assert [status < 400 for status, _ in opened] == [True, True, False]
    status, said = opened[2]
    assert status == 429
    assert "Vous avez envoyé 2 invitations en une heure." in said
    assert again[0] < 400
    assert Case.objects.filter(room__owner=who.user_id).count() == 3


def opened_with_a_lawyer(acts: Acts, who: Actor) -> tuple[int, str]:
    """A new case with one lawyer who was never here: status and words of the answer."""
    word = uuid4().hex
    with acts.client(who) as door:
        if isinstance(acts, Rest):
            counsel = {"name": "Me Aubry", "email": f"{word}@avocat.example", "firm": word}
            party = {"name": "Valmont", "side": "demandeur", "kind": "company", "counsel": counsel}
            case = {"template": "unofficial", "title": word, "reference": word}
            answer = door.post("/api/v1/cases", json=case | {"parties": [party]})
        else:
            form = {"template": "unofficial", "title": word, "reference": word}
            form |= {"ticket": uuid4().hex, "parties": "1", "p0-name": "Valmont"}
            form |= {"p0-side": "demandeur", "p0-kind": "company", "p0-counsel": "1"}
            form |= {"p0-c0-name": "Me Aubry", "p0-c0-email": f"{word}@avocat.example"}
            form |= {"p0-c0-firm": word, "do": "open"}
            answer = door.post("/dossiers/nouveau", data=form)
    return answer.status_code, answer.text.replace("&#x27;", "'")


# H7: « je n'ai rien reçu »


@dataclass
class Picky(Mailbox):
    """A mail server that knows everybody but the addresses in `unknown`."""

    unknown: Sequence[str] = ()

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if address in self.unknown:
            return NO_SUCH
        return await super().handle_RCPT(server, session, envelope, address, options)


@pytest.fixture
def mailbox(settings: Settings) -> Iterator[Picky]:
    with serving(Picky()) as box:
        assert isinstance(box, Picky)
        settings.SMTP_HOST, settings.SMTP_PORT = "127.0.0.1", box.port
        settings.SMTP_SECURITY, settings.SMTP_USER = "none", ""
        settings.MAIL_FROM = "Accédit <avis@accedit.example>"
        yield box


def follow(mailbox: Mailbox) -> dict[UUID, bytes]:
    """What the follower does; the bytes that the server took, by the message they are of."""
    at = timezone.now()
    while sending.send_next(at=at, transport=sending.by_smtp):
        pass
    log_fates(at=at, most=1000)
    make_tasks(at=at)
    taken = {}
    while not mailbox.received.empty():
        content = mailbox.received.get().content
        assert isinstance(content, bytes)
        name = message_from_bytes(content, policy=default)["Message-ID"]
        taken[UUID(name.strip("<>").partition("@")[0])] = content
    return taken


@doors
@pytest.mark.attack("H7", "pages", "rest")
def test_h7_what_the_mail_server_said_is_kept_and_shown_for_each_avis(
    acts: Acts, committed: None, mailbox: Picky
) -> None:
    people, gone = told_but_one(acts, mailbox)
    taken = follow(mailbox)
    notices = Notice.objects.filter(room_id=people.case.pk, message__isnull=False)
    messages = {one.addressee.name: one.message for one in notices.select_related("message")}

    assert set(messages) == names(people)
    for name, message in messages.items():
        assert message is not None
        if name == gone.name:
            assert (message.fate, message.answer) == (Fate.REFUSED, NO_SUCH)
            assert message.pk not in taken
        else:
            assert (message.fate, message.answer) == (Fate.SENT, "250 2.0.0 queued as 4711")
            assert message.digest == hashlib.sha256(taken[message.pk]).hexdigest()
    shown(acts, people, messages=messages, gone=gone)
    tasks = [(task.kind, task.subject) for task in cases.open_tasks(people.case)]
    assert [one for one in tasks if one[0] == TaskKind.MAIL_REFUSED] == [
        (TaskKind.MAIL_REFUSED, gone.name)
    ]


def told_but_one(acts: Acts, mailbox: Picky) -> tuple[Gymnase, Actor]:
    """A deposit in a fresh case, of which the address of one member is unknown to the server."""
    Message.objects.filter(fate=Fate.WAITING).update(
        fate=Fate.SENT
    )  # what others of this file left
    people = cast.gymnase(at=timezone.now())
    gone = people.architect_counsel
    made = acts.deposit(people.owner_counsel, people.boxes["demandeur"], name="a.pdf")
    assert made.status < 400, made.said
    notice = Notice.objects.get(room_id=people.case.pk, addressee__user=gone.user_id)
    assert notice.message is not None
    mailbox.unknown = [notice.message.to]
    return people, gone


def shown(acts: Acts, people: Gymnase, *, messages: Any, gone: Actor) -> None:
    """Through the door: the address, the answer and the digest; and the refusal as a task or an event."""
    if isinstance(acts, Rest):
        told = {one["claims"]["recipient"]["name"]: one for one in fates(acts, people)}
        assert set(told) == set(messages)
        for name, message in messages.items():
            claims = told[name]["claims"]
            assert (claims["address"], claims["answer"]) == (message.to, message.answer)
            assert claims["message_sha256"] == message.digest
            if name != gone.name:
                assert (told[name]["kind"], claims["queue_id"]) == ("alert.sent", "4711")
        assert told[gone.name]["kind"] == "alert.refused"
        return
    with acts.client(people.expert) as pages:
        page = pages.get(f"/dossiers/{people.case.pk}/courriers").text
        case = pages.get(f"/dossiers/{people.case.pk}").text
    for message in messages.values():
        assert (message.to in page, message.answer in page) == (True, True)
        assert f"<code>{message.digest}</code>" in page
    assert "Un avis qui n&#x27;est pas parvenu, à faire connaître autrement" in case


def fates(acts: Rest, people: Gymnase) -> list[dict[str, Any]]:
    """The fates of avis in the journal, as the expert reads it."""
    found, cursor = [], ""
    with acts.client(people.expert) as api:
        while True:
            page = api.get(f"/api/v1/cases/{people.case.pk}/journal{cursor}").json()
            found += [one for one in page["items"] if one["kind"] in KINDS]
            if not page["next_cursor"]:
                return found
            cursor = f"?cursor={page['next_cursor']}"


KINDS = {"alert.sent", "alert.refused", "alert.failed"}


@pytest.mark.attack("H7", "pages", "rest")
def test_h7_the_digest_convicts_a_mail_that_is_not_the_one_sent(
    committed: None, mailbox: Picky
) -> None:
    """Negative control: one byte more, and it is no longer what the log says was sent."""
    people, _ = told_but_one(Rest(), mailbox)
    mailbox.unknown = []
    taken = follow(mailbox)
    message = Notice.objects.get(
        room_id=people.case.pk, addressee__user=people.contractor.user_id
    ).message
    assert message is not None

    assert hashlib.sha256(taken[message.pk]).hexdigest() == message.digest
    assert hashlib.sha256(taken[message.pk] + b" ").hexdigest() != message.digest
