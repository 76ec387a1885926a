"""Two persons, a delay, notice: who lost telephone and sheet comes in again, and nobody for them (G16)."""

import re
from datetime import datetime, timedelta

import pytest

from accedit.domain.cases.operations import recovery
from accedit.domain.cases.operations.recovery import NeedsAnother, SaidAlready, Standing
from accedit.domain.evidence.models import Entry
from accedit.domain.people import access
from accedit.domain.people.access import CodeNotKnown, actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.models import Invitation, Recovery, User
from accedit.domain.people.operations import accounts, factors
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from accedit.shared.refusals import Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
WORDS = "Je l'ai rappelée au numéro de son cabinet, que je connais."


def user_of(who: Actor) -> User:
    return User.objects.get(pk=who.user_id)


def asks(who: Actor) -> Recovery:
    recovery.ask(user_of(who).email or "", at=NOON + MINUTE)
    return Recovery.objects.get(user=who.user_id)


def mails_to(who: Actor) -> list[str]:
    rows = Message.objects.filter(to=user_of(who).email, subject__startswith="[Accédit]")
    return [row.subject.removeprefix("[Accédit] ") for row in rows.order_by("created_at", "pk")]


def last_code(who: Actor) -> str:
    """The code that stops, as the last mail that carries one says it."""
    for row in Message.objects.filter(to=user_of(who).email).order_by("-created_at", "-pk"):
        found = re.search(r"^    ((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})$", row.body, re.MULTILINE)
        if found:
            return found[1]
    raise AssertionError("no mail carries a code")


def approves(row: Recovery, who: Actor, *, at: datetime | None = None) -> Recovery:
    """A minute after the last accord, unless told when."""
    at = at or NOON + MINUTE * (2 + row.approvals.count())
    return recovery.approve(row.pk, words=WORDS, actor=who, at=at)


def test_two_persons_then_the_delay_then_a_code(g: Gymnase) -> None:
    """Given a lawyer who lost all; when her expert and his assistant recognise her; then a day
    later, and not before, everything of hers ends and an invitation leaves."""
    lawyer = g.owner_counsel
    factors.set_authenticator(user_of(lawyer), secret=factors.new_secret())
    epoch = user_of(lawyer).epoch
    row = asks(lawyer)

    assert approves(row, g.expert).opens_at is None
    opened = approves(row, g.assistant, at=NOON + HOUR)

    assert opened.opens_at == NOON + 25 * HOUR
    assert not recovery.open_next(at=NOON + 25 * HOUR - timedelta(seconds=1))
    assert user_of(lawyer).epoch == epoch
    assert recovery.open_next(at=NOON + 25 * HOUR)
    assert not recovery.open_next(at=NOON + 25 * HOUR)
    assert user_of(lawyer).epoch == epoch + 1
    assert user_of(lawyer).authenticator_set.count() == 0
    sent = Invitation.objects.filter(user=lawyer.user_id, used_at=None, replaced_at=None)
    assert [one.address for one in sent] == [user_of(lawyer).email]
    invited = access.invitation(
        last_code(lawyer), address=user_of(lawyer).email or "", at=NOON + 26 * HOUR
    )
    assert invited.user_id == lawyer.user_id


def test_everybody_concerned_hears_of_each_step(g: Gymnase) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, g.assistant)

    assert mails_to(g.owner_counsel) == [
        "On demande à reprendre votre accès",
        "Une personne accepte la reprise d'un accès",
        "Un accès sera rouvert",
    ]
    assert mails_to(g.expert) == [
        "Une personne accepte la reprise d'un accès",
        "Un accès sera rouvert",
    ]
    assert mails_to(g.assistant) == ["Un accès sera rouvert"]
    assert mails_to(g.stranger) == []


def test_each_step_is_in_the_log_of_the_platform(g: Gymnase) -> None:
    before = Entry.objects.filter(kind="admin.acted").count()
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, g.assistant)
    recovery.open_next(at=NOON + 48 * HOUR)

    assert Entry.objects.filter(kind="admin.acted").count() - before == 4


@pytest.mark.parametrize("way", ["signed in", "code", "approver"])
@pytest.mark.parametrize("accords", [0, 1, 2])
def test_it_can_be_stopped_until_the_last_moment(g: Gymnase, way: str, accords: int) -> None:
    row = asks(g.owner_counsel)
    for who in [g.expert, g.assistant][:accords]:
        approves(row, who)

    if way == "signed in":
        recovery.cancel_own(actor=g.owner_counsel, at=NOON + 23 * HOUR)
    elif way == "code":
        recovery.cancel_by_code(
            last_code(g.owner_counsel).lower(),
            address=user_of(g.owner_counsel).email or "",
            at=NOON + 23 * HOUR,
        )
    else:
        recovery.refuse(row.pk, actor=g.expert, at=NOON + 23 * HOUR)

    assert not recovery.open_next(at=NOON + 48 * HOUR)
    assert mails_to(g.owner_counsel)[-1] == "La reprise d'un accès est arrêtée"
    with pytest.raises(NotFound):
        approves(row, g.assistant)


def test_a_code_of_another_or_an_earlier_one_stops_nothing(g: Gymnase) -> None:
    row = asks(g.owner_counsel)
    first = last_code(g.owner_counsel)
    approves(row, g.expert)
    asks(g.architect_counsel)
    own = user_of(g.owner_counsel).email or ""

    for code, address in [
        (first, own),
        (last_code(g.architect_counsel), own),
        (last_code(g.owner_counsel), user_of(g.architect_counsel).email or ""),
        ("", own),
    ]:
        with pytest.raises(CodeNotKnown):
            recovery.cancel_by_code(code, address=address, at=NOON)
    assert Recovery.objects.get(pk=row.pk).cancelled_at is None


def test_one_person_is_not_two(g: Gymnase) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)

    with pytest.raises(SaidAlready):
        approves(row, g.expert)


def test_a_third_accord_moves_nothing(g: Gymnase) -> None:
    User.objects.filter(pk=g.stranger.user_id).update(is_staff=True)
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    until = approves(row, g.assistant).opens_at

    with pytest.raises(SaidAlready):
        approves(row, g.stranger, at=NOON + 10 * HOUR)
    assert Recovery.objects.get(pk=row.pk).opens_at == until


def test_how_one_recognised_somebody_is_said(g: Gymnase) -> None:
    row = asks(g.owner_counsel)

    with pytest.raises(Invalid):
        recovery.approve(row.pk, words="oui   ", actor=g.expert, at=NOON)


def test_two_who_are_neither_expert_nor_operator_are_not_enough(g: Gymnase) -> None:
    """A firm's administrator and an assistant: somebody with a stake of their own must be there."""
    chief = g.engineer_counsels[1]
    User.objects.filter(pk=chief.user_id).update(administers_firm=True)
    row = asks(g.engineer_counsels[0])
    approves(row, chief)

    with pytest.raises(NeedsAnother):
        approves(row, g.assistant)
    assert approves(row, g.expert).opens_at is not None


def test_who_may_recognise_whom(g: Gymnase) -> None:
    """The oracle by hand: rows are who recognises, columns whom."""
    User.objects.filter(pk=g.engineer_counsels[1].user_id).update(administers_firm=True)
    operator = cast.expert(name="Paule Martin", email="paule@expert.example")
    User.objects.filter(pk=operator.user_id).update(is_staff=True)
    who = {
        "expert": g.expert,
        "assistant": g.assistant,
        "chief": g.engineer_counsels[1],
        "colleague": g.architect_counsel,
        "party": g.contractor,
        "stranger": g.stranger,
        "operator": operator,
    }
    whom = {"lawyer": g.engineer_counsels[0], "party": g.contractor, "expert": g.expert}

    table = {(a, b): recovery.standing(who[a], of=user_of(whom[b])) for a in who for b in whom}

    assert {pair: held for pair, held in table.items() if held} == {
        ("expert", "lawyer"): Standing.EXPERT,
        ("expert", "party"): Standing.EXPERT,
        ("assistant", "lawyer"): Standing.ASSISTANT,
        ("assistant", "party"): Standing.ASSISTANT,
        ("assistant", "expert"): Standing.ASSISTANT,
        ("chief", "lawyer"): Standing.FIRM,
        ("operator", "lawyer"): Standing.OPERATOR,
        ("operator", "party"): Standing.OPERATOR,
        ("operator", "expert"): Standing.OPERATOR,
    }


def test_an_unknown_address_leaves_nothing(g: Gymnase) -> None:
    before = (Recovery.objects.count(), Message.objects.count(), Entry.objects.count())

    recovery.ask("personne@nulle-part.example", at=NOON)
    accounts.disable(g.architect_counsel.user_id)
    recovery.ask(user_of(g.architect_counsel).email or "", at=NOON)

    assert (Recovery.objects.count(), Message.objects.count(), Entry.objects.count()) == before


def test_asking_twice_is_asking_once(g: Gymnase) -> None:
    asks(g.owner_counsel)
    asks(g.owner_counsel)

    assert mails_to(g.owner_counsel) == ["On demande à reprendre votre accès"]


def test_somebody_disabled_meanwhile_gets_no_code(g: Gymnase) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, g.assistant)
    accounts.disable(g.owner_counsel.user_id)

    assert recovery.open_next(at=NOON + 48 * HOUR)
    assert Recovery.objects.get(pk=row.pk).cancelled_at is not None
    assert not Invitation.objects.filter(
        user=g.owner_counsel.user_id, used_at=None, replaced_at=None, created_at__gt=NOON
    ).exists()


def test_an_actor_who_is_nobody_any_more_approves_nothing(g: Gymnase) -> None:
    row = asks(g.owner_counsel)
    accounts.disable(g.assistant.user_id)

    with pytest.raises(access.NotSignedIn):
        actor_of(user_of(g.assistant), door=Door.PAGE)
    with pytest.raises(NotFound):
        approves(row, g.stranger)
