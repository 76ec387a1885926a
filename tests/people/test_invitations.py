"""Invitations: one use, seven days, the old one dies with the new, bound to its address; and
whoever tries a wrong one learns nothing."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from uuid import uuid4

import pytest
from django.db import connection

from accedit.domain.people import access
from accedit.domain.people.access import CodeNotKnown
from accedit.domain.people.enums import Channel, IdentityLevel, PersonKind
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import accounts, invitations
from accedit.domain.people.operations.accounts import AddressTaken, PasswordOfAnother
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter, Message
from accedit.shared.refusals import Refusal
from tests.cast import NOON, expert

PASSWORD = "cinq mots sans aucun rapport"
A_WEEK = timedelta(days=7)


def anne() -> Actor:
    return expert(name="Anne Vasseur", email=f"anne.{uuid4().hex[:8]}@expert.example")


def lawyer(address: str | None = None) -> User:
    return accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email=address or f"aubry.{uuid4().hex[:8]}@avocat.example",
        at=NOON,
    )


def by_mail(user: User, *, at: datetime = NOON) -> str:
    """Invites by mail; the code as the mail carries it."""
    invitation = invitations.invite(
        user, actor=anne(), channel=Channel.MAIL, about="2026-14 — Gymnase", at=at
    )
    assert invitation.message_id is not None
    return code_in(Message.objects.get(pk=invitation.message_id).body)


def by_letter(user: User, *, at: datetime = NOON) -> str:
    invitation = invitations.invite(
        user, actor=anne(), channel=Channel.LETTER, about="2026-14 — Gymnase", at=at
    )
    assert invitation.message_id is not None
    return code_in(Letter.objects.get(pk=invitation.message_id).body)


def code_in(body: str) -> str:
    (code,) = re.findall(r"^    ((?:[0-9A-Z]{4}-){3}[0-9A-Z]{4})$", body, re.MULTILINE)
    return str(code)


def used(code: str, *, address: str, at: datetime = NOON, password: str = PASSWORD) -> User:
    invitation = access.invitation(code, address=address, at=at)
    return invitations.use(invitation, email=address, password=password, at=at)


def refusal_of(act: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as refusal:
        act()
    return f"{type(refusal.value).__name__} {refusal.value.code} {refusal.value.for_people()}"


@pytest.mark.django_db
class TestOne:
    def test_a_code_lets_its_person_in(self) -> None:
        user = lawyer()

        entered = used(by_mail(user), address=user.email or "")

        assert entered == user
        assert entered.check_password(PASSWORD)
        assert entered.identity == IdentityLevel.ADDRESS

    def test_a_letter_s_code_sets_the_address_of_who_had_none(self) -> None:
        user = accounts.enter_person(
            name="Sols Dubreuil", kind=PersonKind.PRIVATE, only_room=uuid4(), at=NOON
        )

        entered = used(by_letter(user), address=" Patron@Sols.Example ")

        assert (entered.email, entered.identity) == ("patron@sols.example", IdentityLevel.LETTER)

    def test_using_it_ends_whatever_was_open_before(self) -> None:
        user = lawyer()

        entered = used(by_mail(user), address=user.email or "")

        assert entered.epoch == user.epoch + 1

    def test_wrong_used_replaced_old_and_bound_elsewhere_all_sound_the_same(self) -> None:
        """H1: nothing in the answer tells which it was, nor whether the person exists."""
        address = f"aubry.{uuid4().hex[:8]}@avocat.example"
        user = lawyer(address)
        replaced = by_mail(user)
        spent = by_mail(user)
        used(spent, address=address)
        other = lawyer()
        disabled = lawyer()
        of_disabled = by_mail(disabled)
        accounts.disable(disabled.pk)
        too_late = by_mail(other)

        answers = {
            refusal_of(partial(access.invitation, code, address=given, at=at))
            for code, given, at in [
                ("0000-0000-0000-0000", address, NOON),
                ("", address, NOON),
                ("'; drop table people_invitation; --", address, NOON),
                (replaced, address, NOON),
                (spent, address, NOON),
                (too_late, other.email or "", NOON + A_WEEK),
                (too_late, address, NOON),
                (too_late, "personne@nulle-part.example", NOON),
                (too_late, "", NOON),
                (of_disabled, disabled.email or "", NOON),
            ]
        }

        assert len(answers) == 1
        assert access.invitation(too_late, address=other.email or "", at=NOON).user == other

    def test_it_lasts_seven_days_to_the_second(self) -> None:
        user = lawyer()
        code, address = by_mail(user), user.email or ""

        last = NOON + A_WEEK - timedelta(seconds=1)
        assert access.invitation(code, address=address, at=last).user == user
        with pytest.raises(CodeNotKnown):
            access.invitation(code, address=address, at=NOON + A_WEEK)

    def test_one_reached_in_time_and_used_too_late_is_refused(self) -> None:
        user = lawyer()
        invitation = access.invitation(by_mail(user), address=user.email or "", at=NOON)

        with pytest.raises(CodeNotKnown):
            invitations.use(invitation, email=user.email or "", password=PASSWORD, at=NOON + A_WEEK)

    def test_a_new_code_kills_the_old_one(self) -> None:
        user = lawyer()
        old = by_mail(user)

        new = by_mail(user, at=NOON + timedelta(days=1))

        with pytest.raises(CodeNotKnown):
            access.invitation(old, address=user.email or "", at=NOON + timedelta(days=1))
        assert used(new, address=user.email or "", at=NOON + timedelta(days=2)) == user

    def test_looking_at_a_code_uses_nothing_up(self) -> None:
        """H2: only `use` consumes it, however often it is looked at."""
        user = lawyer()
        code, address = by_mail(user), user.email or ""

        for _ in range(5):
            access.invitation(code, address=address, at=NOON)

        assert used(code, address=address) == user

    def test_the_code_is_kept_nowhere_but_in_its_mail(self) -> None:
        user = lawyer()
        code = access.tidy_code(by_mail(user))

        row = str(Invitation.objects.filter(user=user).values().get())

        assert code not in row
        assert access.digest(code) in row

    @pytest.mark.parametrize(
        "typed",
        [
            lambda code: code.lower(),
            lambda code: code.replace("-", ""),
            lambda code: code.replace("-", " "),
            lambda code: f"  {code}\n",
            lambda code: code.replace("0", "O").replace("1", "l"),
            lambda code: code.replace("1", "I").replace("0", "o"),
        ],
    )
    def test_a_code_is_read_however_it_is_typed(self, typed: Callable[[str], str]) -> None:
        user = lawyer()

        assert used(typed(by_mail(user)), address=(user.email or "").upper()) == user

    def test_codes_are_long_and_never_alike(self) -> None:
        codes = {invitations.new_code() for _ in range(1000)}

        assert len(codes) == 1000
        assert {len(code) for code in codes} == {16}
        assert set("".join(codes)) <= set(invitations.ALPHABET)

    def test_the_link_in_the_mail_carries_no_code(self) -> None:
        user = lawyer()
        by_mail(user)
        body = Message.objects.get(to=user.email).body

        (link,) = re.findall(r"https?://\S+", body)

        assert link == "http://localhost:8000/invitation"

    def test_a_mail_s_code_cannot_give_the_account_another_address(self) -> None:
        user = lawyer()
        invitation = access.invitation(by_mail(user), address=user.email or "", at=NOON)

        with pytest.raises(CodeNotKnown):
            invitations.use(invitation, email="pirate@ailleurs.example", password=PASSWORD, at=NOON)

        user.refresh_from_db()
        assert not user.has_usable_password()

    def test_a_refusal_leaves_the_code_good(self) -> None:
        """The address is taken, or the password opens another case: choose again, same code."""
        taken = lawyer()
        person = accounts.enter_person(name="Me Blin", kind=PersonKind.PROFESSIONAL, at=NOON)
        code = by_letter(person)

        with pytest.raises(AddressTaken):
            used(code, address=taken.email or "")

        assert used(code, address="blin.neuf@avocat.example") == person

    def test_two_private_accounts_of_one_address_have_two_passwords(self) -> None:
        """The password says which case one enters."""
        address = f"dubreuil.{uuid4().hex[:8]}@sols.example"
        first, second = (
            accounts.enter_person(
                name="Sols Dubreuil",
                kind=PersonKind.PRIVATE,
                email=address,
                only_room=uuid4(),
                at=NOON,
            )
            for _ in range(2)
        )
        used(by_mail(first), address=address)
        code = by_mail(second)

        with pytest.raises(PasswordOfAnother):
            used(code, address=address)

        assert used(code, address=address, password=PASSWORD + " bis") == second


def test_of_two_who_come_at_once_one_gets_in(committed: None) -> None:
    user = lawyer()
    code, address = by_mail(user), user.email or ""
    found = [access.invitation(code, address=address, at=NOON) for _ in range(8)]

    def attempt(rank: int) -> str | None:
        try:
            invitations.use(found[rank], email=address, password=f"{PASSWORD} {rank}", at=NOON)
        except CodeNotKnown:
            return None
        else:
            return f"{PASSWORD} {rank}"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        winners = [password for password in threads.map(attempt, range(8)) if password]

    user.refresh_from_db()
    assert len(winners) == 1
    assert user.check_password(winners[0])
