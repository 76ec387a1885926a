"""The console's commands: the answer alone on the standard output, a refusal in one sentence."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import Settings

from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.people import access as people
from accedit.domain.people.enums import Door, Scope
from accedit.domain.people.models import Space, User
from accedit.domain.people.operations import accounts, invitations
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Message
from tests import cast
from tests.cast import Gymnase

SECRET = "quatre mots sans rapport 84"


def ran(name: str, *words: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def refused(name: str, *words: str) -> tuple[str, int]:
    with pytest.raises(CommandError) as refusal:
        call_command(name, *words, stdout=StringIO(), stderr=StringIO())
    return str(refusal.value), refusal.value.returncode


def test_the_token_stands_alone_on_the_standard_output(g: Gymnase) -> None:
    address = User.objects.get(pk=g.owner_counsel.user_id).email or ""

    out, err = ran("create_token", "--user", address.upper(), "--name=essai", "--scope=deposit")

    actor = people.actor_of_token(out.removesuffix("\n"), door=Door.API)
    assert (actor.user_id, actor.scope, actor.only_room) == (
        g.owner_counsel.user_id,
        Scope.DEPOSIT,
        None,
    )
    assert err == ""


def test_a_token_may_open_one_case_only(g: Gymnase) -> None:
    address = User.objects.get(pk=g.owner_counsel.user_id).email or ""

    out, _ = ran(
        "create_token", "--user", address, "--name=x", "--scope=read", "--case", str(g.case.pk)
    )

    assert people.actor_of_token(out.strip(), door=Door.API).only_room == g.case.pk


def test_a_token_for_nobody_or_for_a_case_that_is_closed_to_them_is_refused(g: Gymnase) -> None:
    address = User.objects.get(pk=g.owner_counsel.user_id).email or ""
    words = ["create_token", "--name=x", "--scope=read", "--user"]

    assert refused(*words, "personne@nulle-part.example") == (
        "Aucun compte ouvert n'a l'adresse personne@nulle-part.example : vérifiez-la, ou invitez "
        "d'abord cette personne.",
        1,
    )
    assert refused(*words, address, "--case", str(g.stranger_case.pk)) == (
        f"{g.owner_counsel.name} n'a pas accès au dossier {g.stranger_case.pk} : rien n'est créé.",
        1,
    )
    assert refused(*words, address, "--case", "gymnase") == (
        "« gymnase » n'est pas l'identifiant d'un dossier : copiez-le depuis l'adresse de sa page.",
        1,
    )


def test_a_disabled_person_gets_no_token(g: Gymnase) -> None:
    user = User.objects.get(pk=g.owner_counsel.user_id)
    accounts.disable(user.pk)

    sentence, code = refused("create_token", "--user", user.email or "", "--name=x", "--scope=read")

    assert (sentence[:20], code) == ("Aucun compte ouvert ", 1)


def test_a_private_person_of_two_cases_needs_the_case(g: Gymnase) -> None:
    contractor = User.objects.get(pk=g.contractor.user_id)
    elsewhere = User.objects.get(only_room=g.stranger_case.pk)
    accounts.let_in(elsewhere, email=contractor.email or "", password=SECRET, level="address")  # type: ignore[arg-type]
    words = ["create_token", "--user", contractor.email or "", "--name=x", "--scope=read"]

    sentence, code = refused(*words)
    out, _ = ran(*words, "--case", str(g.case.pk))

    assert (sentence[:24], code) == ("Plusieurs accès portent ", 1)
    assert people.actor_of_token(out.strip(), door=Door.API).user_id == contractor.pk


@pytest.mark.django_db
def test_the_first_expert_gets_a_code_that_opens_their_space_once() -> None:
    address = f"durand.{uuid4().hex[:8]}@expert.example"

    out, _ = ran(
        "create_expert", f"--email={address}", "--name=Jean Durand", "--space=Expertises Durand"
    )

    code, at = out.removesuffix("\n"), timezone.now()
    invitation = people.invitation(code, address=address, at=at)
    user = invitations.use(invitation, email=address, password=SECRET, at=at)
    assert user.check_password(SECRET)
    assert Space.objects.get(expert=user).name == "Expertises Durand"
    with pytest.raises(people.CodeNotKnown):
        people.invitation(code, address=address, at=at)


@pytest.mark.django_db
def test_the_code_of_the_first_expert_works_with_their_address_only() -> None:
    address = f"durand.{uuid4().hex[:8]}@expert.example"
    out, _ = ran("create_expert", f"--email={address}", "--name=Jean Durand", "--space=Espace")

    with pytest.raises(people.CodeNotKnown):
        people.invitation(out.strip(), address="autre@expert.example", at=timezone.now())


@pytest.mark.django_db
def test_an_expert_may_be_given_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"durand.{uuid4().hex[:8]}@expert.example"
    monkeypatch.setattr("sys.stdin", StringIO(SECRET + "\n"))

    out, _ = ran(
        "create_expert", f"--email={address}", "--name=Jean Durand", "--space=Espace", "--password"
    )

    assert out == ""
    assert User.objects.get(email=address).check_password(SECRET)


def test_a_weak_password_or_a_taken_address_creates_nobody(
    g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = User.objects.get(pk=g.expert.user_id).email
    monkeypatch.setattr("sys.stdin", StringIO("azerty\n"))
    before = User.objects.count()

    sentence, code = refused(
        "create_expert", "--email=neuf@expert.example", "--name=N", "--space=E", "--password"
    )
    again, _ = refused("create_expert", f"--email={taken}", "--name=N", "--space=E")

    assert code == 1
    assert "12 caractères" in sentence
    assert again.startswith("Cette adresse électronique est celle d'une autre personne")
    assert User.objects.count() == before


def test_verify_log_counts_the_leaves_of_one_case(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    origin = log.acts_of(g.case.pk)

    out, _ = ran("verify_log", "--case", str(g.case.pk))
    said, _ = ran("verify_log", "--case", str(g.case.pk), "--json")

    assert out == f"{origin} : {evidence.size(origin)} feuilles, intact\n"
    assert json.loads(said) == {"ok": True, "logs": 1, "damages": []}
    assert refused("verify_log", "--case", str(uuid4()))[1] == 1


def test_one_turn_of_the_follower_sends_logs_and_makes_tasks(
    g: Gymnase, settings: Settings
) -> None:
    settings.DEMO = True
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    waiting = Message.objects.filter(fate=Fate.WAITING).count()

    ran("follow", "--once")

    kinds = [
        told.kind
        for told in evidence.entries(
            log.acts_of(g.case.pk), asker=g.expert.user_id, seen_nodes=None, size=200
        ).items
    ]
    assert waiting > 7
    assert Message.objects.filter(fate=Fate.WAITING).count() == 0
    assert kinds.count("alert.sent") == kinds.count("alert.queued") == 6
    assert g.case.tasks.filter(kind="serve_by_post").count() == 1


def test_a_second_turn_of_the_follower_changes_nothing(g: Gymnase, settings: Settings) -> None:
    settings.DEMO = True
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    ran("follow", "--once")
    size = evidence.size(log.acts_of(g.case.pk))

    ran("follow", "--once")

    assert evidence.size(log.acts_of(g.case.pk)) == size
    assert g.case.tasks.count() == 1


def test_after_a_restoration_each_log_says_so(own_store: Path) -> None:
    g = cast.gymnase()
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    origin = log.acts_of(g.case.pk)
    made_at = (timezone.now() - timedelta(days=1)).replace(microsecond=0)
    size = evidence.size(origin)

    ran("after_restore", f"--made-at={made_at.isoformat()}")

    told = evidence.entry(origin, index=size)
    assert told is not None
    assert told.kind == "restore.done"
    assert told.claims["backup_made_at"] == log.stamp(made_at)
    assert told.claims["last_sizes"] == [{"log": origin, "size": size}]


def test_a_date_that_cannot_be_read_is_refused() -> None:
    assert refused("after_restore", "--made-at=hier") == (
        "« hier » n'est pas une date : 2026-11-22T03:00:00+00:00.",
        1,
    )
