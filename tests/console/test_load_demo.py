"""The demo is whole, made up, and made by the operations that people use."""

import json
import stat
from collections.abc import Iterator
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from accedit.domain.cases import access as cases
from accedit.domain.cases import queries as lists
from accedit.domain.cases.enums import RosterState, TaskKind, Template
from accedit.domain.evidence import queries as log_entries
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.receipts import receipt
from accedit.domain.evidence.operations.signatures import verifier_key
from accedit.domain.filing import blobs
from accedit.domain.filing.models import Deposit
from accedit.domain.people.access import actor_of, actor_of_token
from accedit.domain.people.enums import Door, Scope
from accedit.domain.people.models import User
from accedit.domain.people.rights import Actor
from accedit.domain.post import queries as post
from accedit.shared.refusals import NotFound
from accedit_ledger.receipt import verify_receipt

SUMS = ("98 058,84", "66 000,00", "13 200,00", "11 361,82")


@pytest.fixture(scope="module")
def demo(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, Any]]:
    """Loaded once for all the tests below, which only look; then undone."""
    folder = tmp_path_factory.mktemp("demo")
    own = {name: folder / name for name in ("BLOB_FOLDER", "SIGNER_FOLDER", "PREVIEW_FOLDER")}
    around = transaction.atomic()
    around._from_testcase = True  # type: ignore[attr-defined]  # as Django's own test cases do: a durable block may stand in it
    with django_db_blocker.unblock(), override_settings(DEMO=True, **own), around:
        call_command("load_demo", "--out", str(folder / "demo.json"), stderr=StringIO())
        yield json.loads((folder / "demo.json").read_text()) | {"file": folder / "demo.json"}
        transaction.set_rollback(True)


def player(demo: dict[str, Any], role: str) -> dict[str, str]:
    return next(one for one in demo["people"] if one["role"] == role)


def actor(demo: dict[str, Any], role: str) -> Actor:
    return actor_of_token(player(demo, role)["token"], door=Door.API)


def case_ids(demo: dict[str, Any]) -> list[UUID]:
    return [UUID(case["id"]) for case in demo["cases"]]


def deposits() -> list[Deposit]:
    return list(Deposit.objects.select_related("node__room", "blob", "box", "basket"))


def text_of(deposit: Deposit) -> list[str]:
    document = pypdfium2.PdfDocument(blobs.path_of(deposit.blob_id).read_bytes())
    try:
        return [page.get_textpage().get_text_range() for page in document]
    finally:
        document.close()


def is_pdf(deposit: Deposit) -> bool:
    return blobs.path_of(deposit.blob_id).read_bytes().startswith(b"%PDF")


def test_the_file_is_as_promised_and_for_its_owner_alone(demo: dict[str, Any]) -> None:
    assert stat.S_IMODE(demo["file"].stat().st_mode) == 0o600
    assert sorted(demo) == ["base_url", "cases", "file", "people"]
    assert {tuple(sorted(case)) for case in demo["cases"]} == {("id", "root_id", "title")}
    assert {tuple(sorted(one)) for one in demo["people"]} == {
        ("email", "name", "password", "role", "token", "totp_secret")
    }
    assert {one["role"] for one in demo["people"]} == {
        *("expert", "assistant", "counsel", "party", "stranger")
    }


def test_everybody_signs_in_with_what_the_file_gives(demo: dict[str, Any]) -> None:
    for one in demo["people"]:
        user = User.objects.get(email=one["email"])
        kept = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)

        assert len(one["password"]) >= 12
        assert user.check_password(one["password"])
        assert decrypt(kept.data["secret"]) == one["totp_secret"]
        assert Authenticator.objects.filter(
            user=user, type=Authenticator.Type.RECOVERY_CODES
        ).exists()


def test_the_tokens_act_for_their_people_as_far_as_their_role_goes(demo: dict[str, Any]) -> None:
    scopes = {role: actor(demo, role).scope for role in ("expert", "assistant", "stranger")}
    scopes |= {role: actor(demo, role).scope for role in ("counsel", "party")}

    assert scopes == {
        "expert": Scope.MANAGE,
        "assistant": Scope.MANAGE,
        "stranger": Scope.MANAGE,
        "counsel": Scope.DEPOSIT,
        "party": Scope.DEPOSIT,
    }


def test_every_page_of_every_document_says_that_it_is_made_up(demo: dict[str, Any]) -> None:
    papers = [one for one in deposits() if is_pdf(one)]
    silent = [
        (one.name, rank)
        for one in papers
        for rank, words in enumerate(text_of(one), start=1)
        if "reconstitution" not in words.lower()
    ]

    assert len(papers) == 22
    assert silent == []


def test_the_sums_of_the_dispute_stand_in_its_documents(demo: dict[str, Any]) -> None:
    words = "\n".join(
        page.replace("\u202f", " ").replace("\xa0", " ")
        for one in deposits()
        if is_pdf(one) and one.node.room_id == case_ids(demo)[0]
        for page in text_of(one)
    )

    assert [amount for amount in SUMS if amount not in words] == []
    assert "17/03/2009" in words


def test_the_pieces_show_what_can_happen_to_a_piece(demo: dict[str, Any]) -> None:
    main = [one for one in deposits() if one.node.room_id == case_ids(demo)[0]]
    numbers = {
        side: [
            one.number
            for one in sorted(main, key=lambda d: d.number_key)
            if one.box.side_name == side
        ]
        for side in {one.box.side_name for one in main}
    }

    assert numbers == {
        "maître de l'ouvrage": [str(rank) for rank in range(1, 13)],
        "architecte": ["1", "2", "3"],
        "bureau d'études": ["12", "12 bis", "13"],
        "parqueteur": ["1", "2"],
        "gros œuvre": ["1"],
    }
    assert {one.title for one in main if one.late} == {
        *("Lettre de M. Dubosc", "Photo prise avec mon téléphone")
    }
    assert [one.basket.means for one in main if one.on_behalf_of] == ["post"]
    assert [one.title for one in main if one.node.withdrawn_at] == ["Courrier à Me Delahaye"]
    assert max(len(one.name) for one in main) > 150
    assert [one.name for one in main if not is_pdf(one)] == [
        "Plan de repérage des lames déformées.png",
        "IMG_2041.png",
    ]


def test_all_but_one_have_answered_and_letters_and_tasks_wait(demo: dict[str, Any]) -> None:
    entered = cases.case(case_ids(demo)[0], asker=actor(demo, "expert"))
    states = {line.name: line.state for line in lists.roster(entered.case)}
    letters = post.letters([entered.case.pk])

    assert {name for name, state in states.items() if state == RosterState.INVITED} == {
        "Me Youssef Achard"
    }
    assert {name for name, state in states.items() if state == RosterState.BY_POST} == {
        "SARL Gros-Œuvre du Vexin"
    }
    assert letters.filter(posted_on__isnull=False).count() == 1
    assert {task.kind for task in lists.open_tasks(entered.case)} == {TaskKind.SERVE_BY_POST}
    assert lists.open_tasks(entered.case).count() == letters.filter(posted_on=None).count()


def test_one_lawyer_has_one_identity_in_both_cases(demo: dict[str, Any]) -> None:
    lawyer = actor_of(User.objects.get(name="Me Inès Lemoine"), door=Door.PAGE)

    seen = lists.cases(asker=lawyer).items

    assert {case.pk for case in seen} == set(case_ids(demo))
    assert {case.template for case in seen} == {
        Template.JUDICIAL_CIVIL,
        Template.AMICABLE_CONVENED,
    }


def test_the_stranger_and_the_expert_know_nothing_of_each_other(demo: dict[str, Any]) -> None:
    own = lists.cases(asker=actor(demo, "stranger")).items

    assert [case.room.title for case in own] == ["Chaudière à granulés du hameau des Forges"]
    for asker, wanted in (
        *((actor(demo, "stranger"), case_id) for case_id in case_ids(demo)),
        (actor(demo, "expert"), own[0].pk),
    ):
        with pytest.raises(NotFound):
            cases.case(wanted, asker=asker)


def test_the_represented_architect_has_no_access(demo: dict[str, Any]) -> None:
    assert not User.objects.filter(name="M. Aurélien Kermadec").exists()


def test_every_mail_is_sent_and_no_act_is_to_come(demo: dict[str, Any]) -> None:
    assert post.still_waiting() == 0
    assert max(one.received_at for one in deposits()) <= timezone.now()


def test_the_journal_tells_the_acts_in_the_order_of_their_hours(demo: dict[str, Any]) -> None:
    for case_id in case_ids(demo):
        told = log_entries.entries(log.acts_of(case_id), asker=case_id, seen_nodes=None, size=1000)
        hours = [entry.claims["received_at"] for entry in reversed(told.items)]

        assert len(hours) > 20
        assert hours == sorted(hours)


def test_the_receipts_are_true(demo: dict[str, Any]) -> None:
    one = next(d for d in deposits() if d.number == "12 bis")

    verdict = verify_receipt(
        receipt(origin=one.log_origin, index=one.log_index),
        file=BytesIO(blobs.path_of(one.blob_id).read_bytes()),
        known=[verifier_key()],
    )

    assert (verdict.valid, verdict.key_trusted, verdict.file_matches) == (True, True, True)


def test_loading_it_again_changes_nothing(demo: dict[str, Any]) -> None:
    before, said = demo["file"].read_bytes(), StringIO()

    call_command("load_demo", "--out", str(demo["file"]), stderr=said)

    assert said.getvalue() == "La démonstration est déjà chargée : rien n'a été changé.\n"
    assert demo["file"].read_bytes() == before


def test_a_real_installation_takes_no_demo(settings: Settings, tmp_path: Path) -> None:
    settings.DEMO = False

    with pytest.raises(CommandError, match="ne se charge pas dans une installation réelle"):
        call_command("load_demo", "--out", str(tmp_path / "demo.json"))

    assert list(tmp_path.iterdir()) == []
