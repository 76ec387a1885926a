"""H5: a burst of deposits is a few mails and one more, and nobody is told less."""

import os
import re
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accedit.domain.alerts import queries
from accedit.domain.alerts.followers import log_fates
from accedit.domain.alerts.models import Addressee, Gathering, Notice
from accedit.domain.cases import queries as cases
from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.followers import make_tasks
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.filing.operations import boxes
from accedit.domain.people.rights import Actor
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from accedit.domain.post.operations import sending
from tests import cast
from tests.cast import NOON, Gymnase

SOAK = bool(os.environ.get("ACCEDIT_SOAK"))
HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
MEMBERS = 6


def burst(
    g: Gymnase,
    count: int,
    *,
    at: datetime = NOON,
    box: str = "demandeur",
    by: Actor | None = None,
    pieces: int = 1,
    apart: timedelta = timedelta(seconds=20),
) -> None:
    """`count` baskets, one after the other; each is deposited two seconds after it is opened."""
    for n in range(count):
        names = [f"{at:%H%M}-{n}-{m}.pdf" for m in range(pieces)]
        cast.deposited(
            *names, box=g.boxes[box], by=by or g.owner_counsel, at=at + n * apart - 2 * SECOND
        )


def of(g: Gymnase, name: str) -> Addressee:
    return Addressee.objects.get(room_id=g.case.pk, name=name)


def mails_to(g: Gymnase, name: str = "Me Hugo Blin") -> list[Message]:
    """The mails of deposit to this person, oldest first."""
    told = Notice.objects.filter(addressee=of(g, name), message__isnull=False)
    return list(Message.objects.filter(notices__in=told).distinct().order_by("created_at"))


def told_by(message: Message) -> int:
    return message.notices.count()


def send_all(*, at: datetime) -> list[Message]:
    sent = []
    while (one := sending.send_next(at=at, transport=sending.show_only)) is not None:
        sent.append(one)
    return sent


def test_forty_deposits_are_six_mails_and_one_that_tells_of_the_thirty_four_others(
    g: Gymnase,
) -> None:
    burst(g, 40, pieces=2)

    for name in (line.name for line in queries.roster(g.case.pk) if line.user_id):
        *alone, gathered = mails_to(g, name)
        assert [told_by(one) for one in alone] == [1] * 6
        assert told_by(gathered) == 34
        assert [one.next_try_at for one in alone] == [one.created_at for one in alone]
        assert gathered.next_try_at == NOON + HOUR
    assert Notice.objects.filter(room_id=g.case.pk, message__isnull=False).count() == 40 * MEMBERS
    assert Notice.objects.filter(room_id=g.case.pk, gathered=True).count() == 34 * MEMBERS


def test_the_letters_are_one_for_each_basket_as_before(g: Gymnase) -> None:
    burst(g, 9)

    told = Notice.objects.filter(addressee=of(g, "Menuiserie Fauvel"))
    assert told.values("letter").distinct().count() == 9
    assert list(told.values_list("gathered", flat=True)) == [False] * 9


def test_the_gathered_mail_says_how_many_whose_where_and_when(g: Gymnase) -> None:
    burst(g, 9, pieces=2)
    burst(g, 1, box="architecte", by=g.architect_counsel, at=NOON + 10 * MINUTE)

    mail = mails_to(g)[-1]
    firm = g.architect_counsel.firm
    first_firm = f" ({g.owner_counsel.firm})" if g.owner_counsel.firm else ""
    assert mail.subject == (
        "[Dossier 2026-14] 4 dépôts depuis 12 h 02 — Gymnase municipal, parquet déformé"
    )
    assert mail.body.startswith(
        "Bonjour,\n\n4 dépôts dans ce dossier depuis le 16/11/2026 à 12 h 02 (heure de Paris) :\n\n"
        f"    partie « demandeur » : 3 dépôts, 6 pièces, par Me Claire Aubry{first_firm}, à 12 h 02\n"
        f"    partie « architecte » : 1 dépôt, 1 pièce, par Me Hugo Blin ({firm}), à 12 h 10\n\n"
    )
    assert "Dossier : 2026-14 — Gymnase municipal, parquet déformé\n" in mail.body
    assert f"Pour lire les pièces : http://localhost:8000/dossiers/{g.case.pk}\n" in mail.body
    assert "voie électronique agréée" in mail.body
    assert ".pdf" not in mail.subject + mail.body


def test_the_gathered_mail_ends_with_the_checkpoint_of_its_last_deposit(g: Gymnase) -> None:
    burst(g, 8)

    mail = mails_to(g)[-1]
    lines = re.findall(
        r"Empreinte du journal, à conserver :\n(\S+)\n(\d+)\n\S+\nClé du journal : \S+\n\Z",
        mail.body,
    )
    entries = evidence.entries(
        log.acts_of(g.case.pk),
        asker=g.expert.user_id,
        seen_nodes=None,
        kinds=["deposit.accepted"],
        size=500,
    ).items
    assert lines == [(log.acts_of(g.case.pk), str(max(one.index for one in entries) + 1))]


def test_late_deposits_are_counted_in_the_gathered_mail(g: Gymnase) -> None:
    burst(g, 7)
    box = g.boxes["demandeur"]
    boxes.set_due(box.folder_id, due_at=NOON, actor=g.expert, at=NOON - timedelta(days=1))
    box.refresh_from_db()

    burst(g, 1, at=NOON + 5 * MINUTE)

    mail = mails_to(g)[-1]
    assert "2 dépôts depuis 12 h 02 (hors délai)" in mail.subject
    assert "de 12 h 02 à 12 h 05, dont 1 hors délai : à l'expert d'apprécier\n" in mail.body


def test_it_waits_for_the_end_of_the_hour_then_each_avis_has_its_own_fate(g: Gymnase) -> None:
    burst(g, 10)
    early = send_all(at=NOON + HOUR - SECOND)
    late = send_all(at=NOON + HOUR)

    log_fates(at=NOON + HOUR, most=1000)

    gathered = mails_to(g)[-1]
    assert Counter(told_by(one) for one in early if one.notices.exists()) == {1: 6 * MEMBERS}
    assert [told_by(one) for one in late] == [4] * MEMBERS
    told = list(
        evidence.entries(
            log.acts_of(g.case.pk),
            asker=g.expert.user_id,
            seen_nodes=None,
            kinds=["alert.sent"],
            size=500,
        ).items
    )
    assert len({one.claims["alert_id"] for one in told}) == len(told) == 10 * MEMBERS
    ours = [one.claims for one in told if one.claims["recipient"]["name"] == "Me Hugo Blin"]
    assert Counter(one["message_sha256"] for one in ours)[gathered.digest] == 4
    assert {one["address"] for one in ours} == {gathered.to}


def test_when_the_hour_is_over_mails_leave_at_once_again(g: Gymnase) -> None:
    burst(g, 8)
    burst(g, 8, at=NOON + HOUR)

    mails = mails_to(g)

    assert [told_by(one) for one in mails] == [1] * 6 + [2] + [1] * 6 + [2]
    assert [one.next_try_at for one in mails[6::7]] == [NOON + HOUR, NOON + 2 * HOUR]


def test_a_calm_case_never_waits(g: Gymnase) -> None:
    for hours in range(5):
        burst(g, 6, at=NOON + hours * HOUR)

    assert Gathering.objects.count() == 0


def test_the_cap_is_a_setting(g: Gymnase, settings: Settings) -> None:
    settings.ALERT_MAILS_PER_HOUR = 2

    burst(g, 5)

    assert [told_by(one) for one in mails_to(g)] == [1, 1, 3]


def test_two_cases_of_one_person_are_counted_apart(g: Gymnase) -> None:
    other = cast.gymnase()
    burst(g, 8)
    burst(other, 1)

    assert [told_by(one) for one in mails_to(other)] == [1]


def test_what_was_tried_is_not_added_to(g: Gymnase) -> None:
    """A mail that the server may have taken keeps what it said; the next avis gets another."""
    burst(g, 8)
    Message.objects.filter(pk=mails_to(g)[-1].pk).update(tries=1)
    before = mails_to(g)[-1].body

    burst(g, 2, at=NOON + 30 * MINUTE)

    first, second = mails_to(g)[-2:]
    assert (first.body, told_by(first), told_by(second)) == (before, 2, 2)


def test_a_gathered_mail_that_is_refused_makes_one_task(g: Gymnase) -> None:
    burst(g, 10)
    Message.objects.filter(pk=mails_to(g)[-1].pk).update(fate=Fate.REFUSED, fate_at=NOON)

    for _ in range(2):
        make_tasks(at=NOON)

    tasks = Counter((task.kind, task.subject) for task in cases.open_tasks(g.case))
    assert tasks[(TaskKind.MAIL_REFUSED, "Me Hugo Blin")] == 1
    log_fates(at=NOON, most=1000)
    told = evidence.entries(
        log.acts_of(g.case.pk),
        asker=g.expert.user_id,
        seen_nodes=None,
        kinds=["alert.refused"],
        size=500,
    )
    assert len(told.items) == 4


def test_a_deposit_that_is_rolled_back_adds_nothing(g: Gymnase) -> None:
    burst(g, 8)
    before = [(one.subject, one.body, told_by(one)) for one in mails_to(g)]

    with transaction.atomic():
        burst(g, 1, at=NOON + 5 * MINUTE)
        transaction.set_rollback(True)

    assert [(one.subject, one.body, told_by(one)) for one in mails_to(g)] == before


@pytest.mark.skipif(not SOAK, reason="make soak")
@pytest.mark.django_db
def test_ten_thousand_deposits_are_one_mail_more_in_each_hour() -> None:
    g, count = cast.gymnase(), int(os.environ.get("ACCEDIT_DEPOSITS", "10000"))
    began = timezone.now()
    burst(g, count, apart=timedelta(seconds=1))
    took = (timezone.now() - began).total_seconds()
    hours = -(-count // 3600)

    for name in (line.name for line in queries.roster(g.case.pk) if line.user_id):
        told = [told_by(one) for one in mails_to(g, name)]
        assert sum(told) == count
        assert len(told) == 7 * hours
    send_all(at=NOON + (hours + 1) * HOUR)
    while log_fates(at=NOON + (hours + 1) * HOUR, most=1000):
        pass
    notices = Notice.objects.filter(room_id=g.case.pk, message__isnull=False)
    assert notices.filter(fate_logged_at=None).count() == 0
    assert notices.values("basket_id", "addressee_id").distinct().count() == count * MEMBERS
    assert max(len(one.body) for one in mails_to(g)) < 5000
    print(f"\n{count} deposits in {took:.0f} s, {took / count * 1000:.1f} ms each")
