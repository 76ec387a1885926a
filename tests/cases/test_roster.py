"""The liste de diffusion: consent asked, answered and changed; letters, tasks; the journal."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.alerts.models import Addressee, Notice
from accedit.domain.cases import access, queries, stages
from accedit.domain.cases.enums import RosterState, TaskKind
from accedit.domain.cases.followers import make_tasks
from accedit.domain.cases.models import Consent, RosterLine
from accedit.domain.cases.operations import roster
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import access as filing
from accedit.domain.filing.operations import readings
from accedit.domain.people.access import CodeNotKnown
from accedit.domain.people.access import invitation as invited
from accedit.domain.people.enums import Covers
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import delegations
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter, Message
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase
from tests.people.test_invitations import code_in


def line(g: Gymnase, name: str) -> RosterLine:
    return next(one for one in queries.roster(g.case) if one.name == name)


def state(g: Gymnase, name: str) -> tuple[str, str]:
    one = line(g, name)
    return one.state, one.addressee.how


def told(g: Gymnase, *kinds: str) -> list[Told]:
    page = evidence.entries(
        log.acts_of(g.case.pk), asker=g.expert.user_id, seen_nodes=None, kinds=kinds, size=500
    )
    return list(page.items)[::-1]


def journal(g: Gymnase, *, asker: Actor) -> list[Told]:
    within = filing.room(g.case.pk, asker=asker)
    return list(queries.journal(g.case.pk, within=within, asker=asker, size=500).items)


# Consent (CPC 748-2)


def answered(g: Gymnase, name: str, *, given: bool, by: Actor) -> None:
    roster.answer_consent(line(g, name), given=given, actor=by, at=NOON)


@pytest.mark.parametrize(
    ("given", "after", "kind"),
    [
        (True, (RosterState.CONSENTING, How.MAIL), "consent.given"),
        (False, (RosterState.BY_POST, How.POST), "consent.refused"),
    ],
)
def test_an_answer_is_recorded_shown_and_followed(
    g: Gymnase, given: bool, after: tuple[str, str], kind: str
) -> None:
    RosterLine.objects.filter(case=g.case, name="Sols Dubreuil").update(state=RosterState.INVITED)
    Addressee.objects.filter(pk=line(g, "Sols Dubreuil").addressee_id).update(how=How.BOTH)
    before = len(told(g, kind))

    answered(g, "Sols Dubreuil", given=given, by=g.contractor)

    (*_, entry) = told(g, kind)
    assert state(g, "Sols Dubreuil") == after
    assert len(told(g, kind)) == before + 1
    assert entry.claims["member"]["name"] == "Sols Dubreuil"
    assert entry.claims["text_version"] == stages.CONSENT_VERSION
    assert entry.actor_id == g.contractor.user_id
    assert queries.consents(g.case)[line(g, "Sols Dubreuil").pk].given is given


def test_consent_taken_back_is_said_as_such_and_each_answer_stays(g: Gymnase) -> None:
    answered(g, "Sols Dubreuil", given=False, by=g.contractor)
    answered(g, "Sols Dubreuil", given=True, by=g.contractor)

    kinds = [e.kind for e in told(g, "consent.given", "consent.refused", "consent.withdrawn")]
    rows = Consent.objects.filter(line=line(g, "Sols Dubreuil")).order_by("pk")
    assert kinds[-2:] == ["consent.withdrawn", "consent.given"]
    assert [row.given for row in rows] == [True, False, True]


def test_without_consent_a_deposit_makes_a_letter_and_a_task(g: Gymnase) -> None:
    answered(g, "Sols Dubreuil", given=False, by=g.contractor)

    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    make_tasks(at=NOON)

    notice = Notice.objects.get(addressee=line(g, "Sols Dubreuil").addressee)
    tasks = {(task.kind, task.subject) for task in queries.open_tasks(g.case)}
    assert notice.message is None
    assert notice.letter is not None
    assert tasks == {
        (TaskKind.SERVE_BY_POST, "Sols Dubreuil"),
        (TaskKind.SERVE_BY_POST, "Menuiserie Fauvel"),
    }


def test_without_consent_one_still_reads_what_one_may_read(g: Gymnase) -> None:
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    answered(g, "Sols Dubreuil", given=False, by=g.contractor)

    assert filing.node(piece.node_id, asker=g.contractor).node == piece.node


def test_one_answers_for_oneself(g: Gymnase) -> None:
    assert access.own_line(g.case.pk, asker=g.contractor).name == "Sols Dubreuil"
    for who in (g.stranger, g.assistant):
        with pytest.raises(NotFound):
            access.own_line(g.case.pk, asker=who)


# Defaulting, letters


def test_a_party_that_does_not_answer_is_served_by_post(g: Gymnase) -> None:
    roster.mark_defaulting(line(g, "Sols Dubreuil"), actor=g.expert, at=NOON)

    (entry,) = told(g, "party.state_changed")
    assert state(g, "Sols Dubreuil") == (RosterState.DEFAULTING, How.POST)
    assert (entry.claims["before"], entry.claims["after"]) == ("consenting", "defaulting")
    with pytest.raises(Invalid):
        roster.mark_defaulting(line(g, "Anne Vasseur"), actor=g.expert, at=NOON)


def letter_of(g: Gymnase) -> Letter:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    make_tasks(at=NOON)
    found = Notice.objects.get(room_id=g.case.pk, letter__isnull=False).letter
    assert found is not None
    return found


def test_the_day_a_letter_is_posted_is_entered_and_ends_its_task(g: Gymnase) -> None:
    letter = letter_of(g)

    roster.letter_printed(letter, at=NOON)
    roster.letter_posted(letter, case=g.case, on=date(2026, 11, 17), actor=g.assistant, at=NOON)

    letter.refresh_from_db()
    (entry,) = told(g, "letter.posted")
    assert (letter.printed_at, letter.posted_on) == (NOON, date(2026, 11, 17))
    assert entry.claims["posted_on"] == "2026-11-17"
    assert entry.claims["recipient"]["name"] == "Menuiserie Fauvel"
    assert list(queries.open_tasks(g.case)) == []
    assert make_tasks(at=NOON) == 0


def test_letters_are_for_the_expert_and_whoever_it_is_confided_to(g: Gymnase) -> None:
    letter = letter_of(g)

    assert access.letter(g.case.pk, letter.pk, asker=g.assistant) == letter
    with pytest.raises(Forbidden):
        access.letter(g.case.pk, letter.pk, asker=g.owner_counsel)
    with pytest.raises(NotFound):
        access.letter(g.stranger_case.pk, letter.pk, asker=g.stranger)
    delegations.delegate(
        space=g.case.room.space,
        to=User.objects.get(pk=g.assistant.user_id),
        covers=[Covers.INVITE],
        at=NOON,
    )
    with pytest.raises(Forbidden):
        access.letter(g.case.pk, letter.pk, asker=g.assistant)


# Invited again


def test_a_new_code_in_one_click_kills_the_old_one(g: Gymnase) -> None:
    user = User.objects.get(pk=g.contractor.user_id)
    User.objects.filter(pk=user.pk).update(password="!inutilisable")

    for days in (0, 1):
        roster.invite_again(
            line(g, "Sols Dubreuil"), actor=g.assistant, at=NOON + timedelta(days=days)
        )

    codes = [
        code_in(Message.objects.get(pk=i.message_id).body)
        for i in Invitation.objects.filter(user=user).order_by("created_at")
        if i.message_id
    ]
    later = NOON + timedelta(days=1)
    with pytest.raises(CodeNotKnown):
        invited(codes[-2], address=user.email or "", at=later)
    assert invited(codes[-1], address=user.email or "", at=later).user == user
    assert told(g, "invitation.sent")[-1].claims["invitee"]["name"] == "Sols Dubreuil"


def test_a_party_served_by_post_has_no_access_to_open(g: Gymnase) -> None:
    with pytest.raises(Invalid):
        roster.invite_again(line(g, "Menuiserie Fauvel"), actor=g.expert, at=NOON)


# The journal: the trade's words, and only what is one's own to see


def test_the_expert_sees_all_and_a_party_what_concerns_it(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    whole, own = journal(g, asker=g.expert), journal(g, asker=g.contractor)

    size = evidence.size(log.acts_of(g.case.pk))
    assert [entry.index for entry in whole] == list(range(size))[::-1]
    assert {e.claims["recipient"]["id"] for e in own if e.kind == "alert.queued"} == {
        str(line(g, "Sols Dubreuil").addressee_id)
    }
    assert {e.claims["invitee"]["name"] for e in own if e.kind == "invitation.sent"} == {
        "Sols Dubreuil"
    }
    assert "deposit.accepted" in {e.kind for e in own}
    assert {e.kind for e in own} < {e.kind for e in whole}


def test_one_line_of_the_journal_is_the_same_line_or_none(g: Gymnase) -> None:
    """I15: a single access answers as the list does."""
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    within = filing.room(g.case.pk, asker=g.contractor)
    seen = {entry.index for entry in journal(g, asker=g.contractor)}

    for index in range(evidence.size(log.acts_of(g.case.pk)) + 2):
        entry = queries.journal_entry(g.case.pk, index=index, within=within, asker=g.contractor)
        assert (entry is not None) == (index in seen)


def test_readings_are_the_expert_s_to_see_and_each_one_s_own(g: Gymnase) -> None:
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    for who in (g.contractor, g.architect_counsel):
        readings.open_content(piece.node_id, asker=who, at=NOON, preview=False)

    def readers(asker: Actor) -> list[str]:
        within = filing.room(g.case.pk, asker=asker)
        found = queries.readings(piece.node_id, within=within, asker=asker)
        return [entry.claims["actor"]["name"] for entry in found]

    assert readers(g.expert) == ["Me Hugo Blin", "Sols Dubreuil"]
    assert readers(g.contractor) == ["Sols Dubreuil"]
    assert readers(g.owner_counsel) == []


def test_a_change_that_is_undone_leaves_no_entry(g: Gymnase) -> None:
    before = evidence.size(log.acts_of(g.case.pk))

    with transaction.atomic():
        answered(g, "Sols Dubreuil", given=False, by=g.contractor)
        transaction.set_rollback(True)

    assert evidence.size(log.acts_of(g.case.pk)) == before
    assert state(g, "Sols Dubreuil") == (RosterState.CONSENTING, How.MAIL)
