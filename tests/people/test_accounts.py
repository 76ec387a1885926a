"""Accounts, tokens and delegations: who is somebody, and how at once they are nobody."""

from uuid import uuid4

import pytest
from django.core.exceptions import ObjectDoesNotExist

from accedit.domain.people import access, queries
from accedit.domain.people.access import NotSignedIn
from accedit.domain.people.enums import Covers, Door, PersonKind, Scope
from accedit.domain.people.models import ApiToken, Firm, User
from accedit.domain.people.operations import accounts, delegations, tokens
from accedit.domain.people.operations.accounts import AddressTaken
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, PASSWORD, expert

pytestmark = pytest.mark.django_db


def address(word: str = "aubry") -> str:
    return f"{word}.{uuid4().hex[:8]}@avocat.example"


def lawyer(**more: str) -> User:
    return accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email=address(),
        password=PASSWORD,
        at=NOON,
        **more,  # type: ignore[arg-type]
    )


def private(email: str, *, room: object = None) -> User:
    return accounts.enter_person(
        name="Sols Dubreuil",
        kind=PersonKind.PRIVATE,
        email=email,
        only_room=room or uuid4(),  # type: ignore[arg-type]
        at=NOON,
    )


# One identity, or one account a case


def test_a_professional_has_one_account_whatever_is_typed_about_them_later() -> None:
    first, new = accounts.professional(
        name="Me Claire Aubry", email="Aubry@Avocat.Example", firm=None, at=NOON
    )

    again, fresh = accounts.professional(
        name="Maître AUBRY", email=" aubry@avocat.example", firm=Firm(name="Autre"), at=NOON
    )

    assert (new, fresh) == (True, False)
    assert again == first
    assert (again.name, again.firm) == ("Me Claire Aubry", None)


def test_two_professionals_cannot_have_one_address() -> None:
    known = lawyer()

    with pytest.raises(AddressTaken):
        accounts.enter_person(
            name="Autre", kind=PersonKind.EXPERT, email=(known.email or "").upper(), at=NOON
        )


def test_a_private_person_has_one_account_for_each_case() -> None:
    mail, room = address("dubreuil"), uuid4()
    first = private(mail, room=room)

    second = private(mail)

    assert first != second
    with pytest.raises(AddressTaken):
        private(mail, room=room)


def test_a_private_person_may_have_the_address_of_a_professional() -> None:
    """A lawyer who is a party in a case of their own keeps both apart."""
    known = lawyer()

    assert private(known.email or "") != known
    assert User.objects.get_by_natural_key(known.email) == known


def test_a_private_account_is_not_found_by_its_address_alone() -> None:
    one = private(address("dubreuil"))

    with pytest.raises(ObjectDoesNotExist):
        User.objects.get_by_natural_key(one.email)


def test_a_firm_is_one_however_it_is_written_and_never_signs_in() -> None:
    first = accounts.firm_named("Cabinet É. Carel")

    assert accounts.firm_named("cabinet E\u0301. CAREL ") == first
    assert accounts.firm_named("  ") is None
    assert not hasattr(first, "password")


def test_an_act_names_the_person_and_then_the_firm() -> None:
    user = lawyer()
    user.firm = accounts.firm_named("Cabinet Aubry")

    claim = access.actor_of(user, door=Door.PAGE).claim()

    assert claim == {
        "id": str(user.pk),
        "name": "Me Claire Aubry",
        "role": "professional",
        "firm": "Cabinet Aubry",
    }


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00", "x" * 201])
def test_a_name_is_one_readable_line(name: str) -> None:
    with pytest.raises(Invalid):
        accounts.enter_person(name=name, kind=PersonKind.PROFESSIONAL, at=NOON)


# Tokens


def test_a_token_is_its_person_and_never_more() -> None:
    user, room = lawyer(), uuid4()

    _, secret = tokens.create_token(
        user, name="synchro", scope=Scope.DEPOSIT, room_id=room, at=NOON
    )

    actor = access.actor_of_token(secret, door=Door.API)
    assert (actor.user_id, actor.scope, actor.only_room, actor.door) == (
        user.pk,
        Scope.DEPOSIT,
        room,
        Door.API,
    )


def test_the_secret_of_a_token_is_kept_nowhere() -> None:
    token, secret = tokens.create_token(lawyer(), name="x", scope=Scope.READ, at=NOON)

    row = str(ApiToken.objects.filter(pk=token.pk).values().get())

    assert secret not in row
    assert secret.removeprefix("acc_") not in row
    assert len(secret) >= 43


@pytest.mark.parametrize(
    "end",
    [
        lambda user, token: tokens.revoke_token(token, at=NOON),
        lambda user, token: accounts.disable(user.pk),
        lambda user, token: accounts.end_all_access(user.pk),
        lambda user, token: accounts.change_password(user, password="autre " + PASSWORD),
    ],
    ids=["revoked", "disabled", "all access ended", "password changed"],
)
def test_each_of_these_alone_ends_a_token_at_once(end) -> None:  # type: ignore[no-untyped-def]
    """G5, I21."""
    user = lawyer()
    token, secret = tokens.create_token(user, name="x", scope=Scope.MANAGE, at=NOON)
    assert access.actor_of_token(secret, door=Door.API).user_id == user.pk

    end(user, token)

    with pytest.raises(NotSignedIn):
        access.actor_of_token(secret, door=Door.API)


@pytest.mark.parametrize("secret", ["", "acc_", "acc_" + "x" * 43, "Bearer", "\x00", "é"])
def test_what_is_no_token_is_nobody(secret: str) -> None:
    with pytest.raises(NotSignedIn):
        access.actor_of_token(secret, door=Door.API)


def test_a_token_made_after_the_others_ended_works() -> None:
    user = lawyer()
    accounts.end_all_access(user.pk)
    user.refresh_from_db()

    _, secret = tokens.create_token(user, name="x", scope=Scope.READ, at=NOON)

    assert access.actor_of_token(secret, door=Door.API).user_id == user.pk


def test_the_token_of_a_private_person_opens_their_case_only() -> None:
    room = uuid4()
    _, secret = tokens.create_token(
        private(address("dubreuil"), room=room), name="x", scope=Scope.MANAGE, at=NOON
    )

    assert access.actor_of_token(secret, door=Door.API).only_room == room


def test_somebody_else_s_token_does_not_exist() -> None:
    token, _ = tokens.create_token(lawyer(), name="x", scope=Scope.READ, at=NOON)
    other = access.actor_of(lawyer(), door=Door.PAGE)

    with pytest.raises(NotFound):
        access.own_token(token.pk, asker=other)
    assert list(queries.tokens(asker=other)) == []


# Disabled


def test_whoever_is_disabled_is_nobody() -> None:
    user = lawyer()
    accounts.disable(user.pk)
    user.refresh_from_db()

    with pytest.raises(NotSignedIn):
        access.actor_of(user, door=Door.PAGE)


def test_the_session_of_before_ends_with_the_epoch() -> None:
    user = lawyer()
    before = user.get_session_auth_hash()

    accounts.end_all_access(user.pk)
    user.refresh_from_db()

    assert user.get_session_auth_hash() != before


# Delegations


def test_an_assistant_does_what_the_delegation_names_until_it_ends() -> None:
    anne = expert(name="Anne", email=address("anne"))
    user = accounts.enter_person(
        name="Lucie", kind=PersonKind.ASSISTANT, email=address("lucie"), at=NOON
    )
    space, lucie = User.objects.get(pk=anne.user_id).space, access.actor_of(user, door=Door.PAGE)
    delegations.delegate(space=space, to=user, covers=[Covers.INVITE], at=NOON)

    def covered(act: Covers) -> bool:
        return access.covered(lucie, owner_id=anne.user_id, act=act)

    during = {act: covered(act) for act in Covers}
    delegations.end(space=space, of=user, at=NOON)

    assert during == {act: act is Covers.INVITE for act in Covers}
    assert not any(covered(act) for act in Covers)
    with pytest.raises(Forbidden):
        access.space_of(lucie)


def test_a_new_delegation_replaces_the_old_one() -> None:
    anne = expert(name="Anne", email=address("anne"))
    user = accounts.enter_person(
        name="Lucie", kind=PersonKind.ASSISTANT, email=address("lucie"), at=NOON
    )
    space = User.objects.get(pk=anne.user_id).space
    delegations.delegate(space=space, to=user, covers=[Covers.INVITE, Covers.LETTERS], at=NOON)

    delegations.delegate(space=space, to=user, covers=[Covers.LETTERS], at=NOON)

    assert access.delegates_of([anne.user_id]) == {
        anne.user_id: {user.pk: frozenset({Covers.LETTERS})}
    }


def test_a_token_that_reads_covers_no_act_even_for_the_expert() -> None:
    anne = expert(name="Anne", email=address("anne"))
    secret = cast.token_for(anne, scope=Scope.READ)
    reading = access.actor_of_token(secret, door=Door.API)

    assert not any(access.covered(reading, owner_id=anne.user_id, act=act) for act in Covers)
    with pytest.raises(Forbidden):
        access.space_of(reading)


# The directory


def test_the_directory_shows_professionals_to_experts_and_nobody_else() -> None:
    anne = expert(name="Anne Zéphyrine", email=address("anne"))
    user, other = lawyer(), private(address("dubreuil"))
    gone = lawyer()
    accounts.disable(gone.pk)

    found = {person.pk for person in queries.directory(asker=anne, words="aubry claire")}
    everybody = {person.pk for person in queries.directory(asker=anne)}

    assert user.pk in found
    assert gone.pk not in found
    assert other.pk not in everybody
    for asker in (user, other):
        with pytest.raises(Forbidden):
            queries.directory(asker=access.actor_of(asker, door=Door.PAGE))
