"""Two persons, a delay, notice: who lost telephone and sheet comes in again, and nobody for them (G16)."""

import re
from datetime import datetime, timedelta

import pytest

from accedit.domain.cases.enums import PartyKind, Template
from accedit.domain.cases.models import RosterLine
from accedit.domain.cases.operations import recovery, roster
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import CounselDraft, PartyDraft
from accedit.domain.cases.operations.recovery import (
    NeedsAnother,
    OfOneOffice,
    SaidAlready,
    Standing,
)
from accedit.domain.evidence.models import Entry
from accedit.domain.people import access
from accedit.domain.people.access import CodeNotKnown, actor_of
from accedit.domain.people.enums import Covers, Door
from accedit.domain.people.models import Invitation, Recovery, User
from accedit.domain.people.operations import accounts, delegations, factors
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


@pytest.fixture
def operator() -> Actor:
    found = cast.expert(name="Paule Martin", email="paule@expert.example")
    User.objects.filter(pk=found.user_id).update(is_staff=True)
    return found


def names(expert: Actor, who: Actor, *, at: datetime = NOON) -> RosterLine:
    """`expert` opens a case of their own and enters `who` as counsel, who says nothing."""
    party = PartyDraft(
        "SCI des Tilleuls",
        "demandeur",
        PartyKind.COMPANY,
        counsel=[CounselDraft(user_of(who).name, user_of(who).email or "")],
    )
    draft = CaseDraft(
        template=Template.JUDICIAL_CIVIL,
        title="Affaire ouverte pour la forme",
        reference="FORME-1",
        court="Tribunal judiciaire de Paris",
        register_number="RG 26/09999",
        parties=[party],
    )
    case = open_case(draft, actor=expert, at=at)
    return RosterLine.objects.get(case=case, user=who.user_id)


def approves(row: Recovery, who: Actor, *, at: datetime | None = None) -> Recovery:
    """A minute after the last accord, unless told when."""
    at = at or NOON + MINUTE * (2 + row.approvals.count())
    return recovery.approve(row.pk, words=WORDS, actor=who, at=at)


def test_two_persons_then_the_delay_then_a_code(g: Gymnase, operator: Actor) -> None:
    """Given a lawyer who lost all; when her expert and the operator recognise her; then a day
    later, and not before, everything of hers ends and an invitation leaves."""
    lawyer = g.owner_counsel
    factors.set_authenticator(user_of(lawyer), secret=factors.new_secret())
    epoch = user_of(lawyer).epoch
    row = asks(lawyer)

    assert approves(row, g.expert).opens_at is None
    opened = approves(row, operator, at=NOON + HOUR)

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


def test_everybody_concerned_hears_of_each_step(g: Gymnase, operator: Actor) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, operator)

    assert mails_to(g.owner_counsel) == [
        "On demande à reprendre votre accès",
        "Une personne accepte la reprise d'un accès",
        "Un accès sera rouvert",
    ]
    assert mails_to(g.expert) == [
        "Une personne accepte la reprise d'un accès",
        "Un accès sera rouvert",
    ]
    assert mails_to(operator) == ["Un accès sera rouvert"]
    assert mails_to(g.stranger) == []


def test_each_step_is_in_the_log_of_the_platform(g: Gymnase, operator: Actor) -> None:
    before = Entry.objects.filter(kind="admin.acted").count()
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, operator)
    recovery.open_next(at=NOON + 48 * HOUR)

    assert Entry.objects.filter(kind="admin.acted").count() - before == 4


@pytest.mark.parametrize("way", ["signed in", "code", "approver"])
@pytest.mark.parametrize("accords", [0, 1, 2])
def test_it_can_be_stopped_until_the_last_moment(
    g: Gymnase, operator: Actor, way: str, accords: int
) -> None:
    row = asks(g.owner_counsel)
    for who in [g.expert, operator][:accords]:
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
        approves(row, operator)


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


def test_a_third_accord_moves_nothing(g: Gymnase, operator: Actor) -> None:
    User.objects.filter(pk=g.stranger.user_id).update(is_staff=True)
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    until = approves(row, operator).opens_at

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


def test_who_may_recognise_whom(g: Gymnase, operator: Actor) -> None:
    """The oracle by hand: rows are who recognises, columns whom."""
    User.objects.filter(pk=g.engineer_counsels[1].user_id).update(administers_firm=True)
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

    table = {
        (a, b): recovery.standing(who[a], of=user_of(whom[b]), before=NOON + MINUTE)
        for a in who
        for b in whom
    }

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


def test_somebody_disabled_meanwhile_gets_no_code(g: Gymnase, operator: Actor) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)
    approves(row, operator)
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


@pytest.mark.parametrize("when", [NOON - HOUR, NOON + HOUR])
def test_naming_somebody_in_a_case_gives_no_standing(g: Gymnase, when: datetime) -> None:
    """Given a stranger, an expert, who enters a lawyer in a case of his own, before or after she
    asks; when she says nothing to it; then he and his assistant see nothing, approve nothing and
    stop nothing."""
    helper = cast.assistant_of(g.stranger, name="Ugo Blanc", email="ugo@expert.example")
    names(g.stranger, g.owner_counsel, at=when)
    row = asks(g.owner_counsel)

    assert recovery.requests(asker=g.stranger) == recovery.requests(asker=helper) == []
    for who in (g.stranger, helper):
        with pytest.raises(NotFound):
            approves(row, who)
        with pytest.raises(NotFound):
            recovery.refuse(row.pk, actor=who, at=NOON + HOUR)


@pytest.mark.parametrize("given", [True, False])
@pytest.mark.parametrize(("answered", "counts"), [(0, True), (1, False), (2, False)])
def test_a_case_counts_once_answered_before_the_request(
    g: Gymnase, given: bool, answered: int, counts: bool
) -> None:
    """Accepted or refused, she knows that expert; in the minute of the request or later, no."""
    line = names(g.stranger, g.owner_counsel)
    at = NOON + answered * MINUTE
    roster.answer_consent(line, given=given, actor=g.owner_counsel, at=at)
    asks(g.owner_counsel)

    assert bool(recovery.requests(asker=g.stranger)) is counts


@pytest.mark.parametrize(("minutes", "counts"), [(-5, True), (5, False)])
def test_a_deposit_made_before_the_request_counts(minutes: int, counts: bool) -> None:
    g = cast.gymnase(consents=False)
    box, at = g.boxes["demandeur"], NOON + MINUTE * minutes
    cast.deposited("piece.pdf", box=box, by=g.owner_counsel, at=at)
    asks(g.owner_counsel)

    assert bool(recovery.requests(asker=g.expert)) is counts


@pytest.mark.parametrize(("minutes", "counts"), [(-5, True), (5, False)])
def test_a_party_who_used_the_invitation_of_the_case_is_known(minutes: int, counts: bool) -> None:
    """The account was made for this case alone; a professional's was not, and must answer."""
    g = cast.gymnase(consents=False)
    for who in (g.contractor, g.owner_counsel):
        Invitation.objects.filter(user=who.user_id).update(used_at=NOON + MINUTE * minutes)
        asks(who)

    known = [one.recovery.user_id for one in recovery.requests(asker=g.expert)]
    assert known == ([g.contractor.user_id] if counts else [])


def test_an_expert_and_their_own_assistant_are_one_for_a_professional(
    g: Gymnase, operator: Actor
) -> None:
    row = asks(g.owner_counsel)
    approves(row, g.expert)

    with pytest.raises(OfOneOffice):
        approves(row, g.assistant)
    assert approves(row, operator).opens_at is not None


def test_an_assistant_who_answers_first_does_not_keep_the_expert_out(g: Gymnase) -> None:
    """Both are noted and count for one; the administrator of her firm is the second."""
    lawyer, chief = g.engineer_counsels
    User.objects.filter(pk=chief.user_id).update(administers_firm=True)
    row = asks(lawyer)
    approves(row, g.assistant)

    assert approves(row, g.expert).opens_at is None
    assert approves(row, chief).opens_at is not None
    assert recovery.open_next(at=NOON + 48 * HOUR)
    assert Recovery.objects.get(pk=row.pk).opened_at is not None


def test_an_expert_and_their_assistant_are_two_for_a_party(g: Gymnase) -> None:
    row = asks(g.contractor)
    approves(row, g.expert)

    assert approves(row, g.assistant).opens_at is not None
    assert recovery.open_next(at=NOON + 48 * HOUR)
    assert Recovery.objects.get(pk=row.pk).opened_at is not None


@pytest.mark.parametrize("how", ["disabled", "standing lost", "became her assistant"])
def test_an_accord_that_holds_no_more_makes_the_request_wait(
    g: Gymnase, operator: Actor, how: str
) -> None:
    """The first approver of two, then; with the accord of a third, the delay begins anew."""
    User.objects.filter(pk=g.engineer_counsels[1].user_id).update(administers_firm=True)
    lawyer, chief = g.engineer_counsels
    row = asks(lawyer)
    approves(row, chief)
    approves(row, g.expert)
    if how == "disabled":
        accounts.disable(chief.user_id)
    elif how == "standing lost":
        User.objects.filter(pk=chief.user_id).update(administers_firm=False)
    else:
        space = user_of(g.expert).space
        delegations.delegate(space=space, to=user_of(chief), covers=list(Covers), at=NOON)

    assert recovery.open_next(at=NOON + 48 * HOUR)
    assert not recovery.open_next(at=NOON + 49 * HOUR)
    assert Recovery.objects.get(pk=row.pk).opened_at is None
    assert mails_to(lawyer)[-1] == "La reprise d'un accès attend un accord"
    assert approves(row, operator, at=NOON + 50 * HOUR).opens_at == NOON + 74 * HOUR
    assert recovery.open_next(at=NOON + 74 * HOUR)
    assert Recovery.objects.get(pk=row.pk).opened_at is not None
