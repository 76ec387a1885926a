"""H5: one person sends so many invitations in an hour; past that they are told to wait, in words."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accedit.domain.people.operations.pacing import TooManyInvitations, count_invitation
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def test_past_the_cap_one_waits_for_the_end_of_the_hour(settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = 2
    who = cast.expert(name="Anne Vasseur", email="anne@expert.example")
    other = cast.expert(name="Bruno Lambert", email="bruno@expert.example")
    for minutes in (0, 10):
        count_invitation(who, at=NOON + timedelta(minutes=minutes))

    with pytest.raises(TooManyInvitations) as refused:
        count_invitation(who, at=NOON + timedelta(minutes=20))
    count_invitation(other, at=NOON + timedelta(minutes=20))
    count_invitation(who, at=NOON + timedelta(hours=1))

    assert refused.value.code == "rate_limited"
    assert refused.value.for_people() == (
        "Vous avez envoyé 2 invitations en une heure. Rien n'est fait de ce que vous demandez "
        "maintenant : recommencez dans 40 minutes."
    )


def test_going_on_makes_nobody_wait_longer(settings: Settings) -> None:
    settings.INVITATIONS_PER_HOUR = 1
    who = cast.expert(name="Anne Vasseur", email="anne@expert.example")
    count_invitation(who, at=NOON)
    for minutes in (1, 30, 59):
        with pytest.raises(TooManyInvitations):
            count_invitation(who, at=NOON + timedelta(minutes=minutes))

    count_invitation(who, at=NOON + timedelta(hours=1))
