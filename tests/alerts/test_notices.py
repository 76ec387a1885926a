"""The avis de dépôt: one for each basket and addressee, nothing in it that tells too much, and
the checkpoint lines at its end."""

import hashlib
import re
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accedit.domain.alerts import queries
from accedit.domain.alerts.enums import How
from accedit.domain.alerts.followers import log_fates
from accedit.domain.alerts.models import Addressee, Notice
from accedit.domain.alerts.operations import notices
from accedit.domain.alerts.operations import roster as lists
from accedit.domain.cases import queries as cases
from accedit.domain.cases.enums import TaskKind
from accedit.domain.cases.followers import make_tasks
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.models import InnerLeaf, Leaf, LogHead
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.signatures import sign_head, verifier_key
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import access
from accedit.domain.filing.models import Room
from accedit.domain.filing.operations import boxes, rooms
from accedit.domain.people.models import User
from accedit.domain.people.operations import groups
from accedit.domain.post.enums import Fate
from accedit.domain.post.models import Letter, Message
from accedit.domain.post.operations import sending
from accedit_ledger.checkpoint import Checkpoint as Head
from accedit_ledger.tree import Frontier, leaf_hash
from tests import cast
from tests.cast import NOON, Gymnase


def mails(g: Gymnase) -> dict[str, Message]:
    """The avis of this case, by the name of whom they are for."""
    rows = Notice.objects.filter(room_id=g.case.pk, message__isnull=False)
    return {row.addressee.name: row.message for row in rows.select_related("message", "addressee")}  # type: ignore[misc]


def letters(g: Gymnase) -> dict[str, Letter]:
    rows = Notice.objects.filter(room_id=g.case.pk, letter__isnull=False)
    return {row.addressee.name: row.letter for row in rows.select_related("letter", "addressee")}  # type: ignore[misc]


def entries(g: Gymnase, *kinds: str) -> list[Told]:
    page = evidence.entries(
        log.acts_of(g.case.pk), asker=g.expert.user_id, seen_nodes=None, kinds=kinds, size=500
    )
    return list(page.items)[::-1]


EVERYBODY = {
    "Anne Vasseur",
    "Me Claire Aubry",
    "Me Hugo Blin",
    "Me Inès Carel",
    "Me Omar Diallo",
    "Sols Dubreuil",
}


def test_everybody_of_the_list_gets_one_mail_for_a_basket_of_any_size(g: Gymnase) -> None:
    """The depositor too, and the expert; the party served by post gets a letter."""
    cast.deposited("a.pdf", "b.pdf", "c.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert set(mails(g)) == EVERYBODY
    assert Notice.objects.filter(room_id=g.case.pk).count() == len(EVERYBODY) + 1
    assert set(letters(g)) == {"Menuiserie Fauvel"}
    addresses = {name: User.objects.get(name=name, pk__in=people(g)).email for name in EVERYBODY}
    assert {name: mail.to for name, mail in mails(g).items()} == addresses


def people(g: Gymnase) -> list[UUID]:
    return [who.user_id for who in g.everyone]


def test_each_basket_tells_everybody_again(g: Gymnase) -> None:
    for name in ("a.pdf", "b.pdf"):
        cast.deposited(name, box=g.boxes["demandeur"], by=g.owner_counsel)

    counts = [
        Notice.objects.filter(addressee=one, message__isnull=False).count()
        for one in queries.roster(g.case.pk)
        if one.user_id
    ]
    assert counts == [2] * len(EVERYBODY)


def test_the_mail_says_how_many_whose_where_and_when_and_has_no_document(g: Gymnase) -> None:
    cast.deposited("a.pdf", "b.pdf", box=g.boxes["bureau d'études"], by=g.engineer_counsels[0])

    mail = mails(g)["Me Claire Aubry"]
    firm = g.engineer_counsels[0].firm
    assert mail.subject == (
        "[Dossier 2026-14] 2 pièces déposées — Gymnase municipal, parquet déformé"
    )
    assert mail.body.startswith(
        f"Bonjour,\n\nMe Inès Carel ({firm}) a déposé 2 pièces dans la boîte aux lettres de la partie "
        "« bureau d'études »,\nle 16/11/2026 à 12 h 00 (heure de Paris).\n"
    )
    assert f"http://localhost:8000/dossiers/{g.case.pk}\n" in mail.body
    assert "voie électronique agréée" in mail.body


def test_names_of_pieces_stay_out_of_mails(g: Gymnase) -> None:
    """H6: off by default; nothing that the file or its title says is in a mail or its subject."""
    cast.deposited("SECRET-diagnostic.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    for mail in mails(g).values():
        assert "SECRET" not in mail.subject + mail.body
    # the letter goes with the pieces themselves, and lists what it carries
    assert "Pièce n° 1 — SECRET-diagnostic.pdf" in letters(g)["Menuiserie Fauvel"].body


def test_names_of_pieces_are_said_where_the_case_allows_it(g: Gymnase) -> None:
    Room.objects.filter(pk=g.case.pk).update(names_in_alerts=True)

    cast.deposited("constat.pdf", "plan\u202efdp.exe", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert (
        "\n    Pièce n° 1 — constat.pdf\n    Pièce n° 2 — plan[U+202E]fdp.exe\n"
        in mails(g)["Me Hugo Blin"].body
    )
    assert "constat" not in mails(g)["Me Hugo Blin"].subject


def test_late_is_said_in_subject_and_body(g: Gymnase) -> None:
    box = g.boxes["demandeur"]
    boxes.set_due(box.folder_id, due_at=NOON, actor=g.expert, at=NOON - timedelta(days=1))
    box.refresh_from_db()

    cast.deposited("a.pdf", box=box, by=g.owner_counsel)

    mail = mails(g)["Me Hugo Blin"]
    assert mail.subject == (
        "[Dossier 2026-14] 1 pièce déposée (hors délai) — Gymnase municipal, parquet déformé"
    )
    assert "\nElle est arrivée hors délai : à l'expert d'apprécier.\n" in mail.body


def test_in_time_nothing_is_said_of_time_limits(g: Gymnase) -> None:
    box = g.boxes["demandeur"]
    boxes.set_due(
        box.folder_id,
        due_at=NOON + timedelta(seconds=1),
        actor=g.expert,
        at=NOON - timedelta(days=1),
    )
    box.refresh_from_db()

    cast.deposited("a.pdf", box=box, by=g.owner_counsel)

    assert "délai" not in mails(g)["Me Hugo Blin"].subject + mails(g)["Me Hugo Blin"].body


def test_the_lines_at_the_end_are_a_checkpoint_of_the_log_as_it_was(g: Gymnase) -> None:
    """Each recipient thereby holds a witness: the lines cover the deposit they tell of."""
    origin = log.acts_of(g.case.pk)

    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    mail = mails(g)["Me Hugo Blin"]
    lines, key = re.findall(
        r"Empreinte du journal, à conserver :\n((?:.+\n){3})Clé du journal : (\S+)\n\Z", mail.body
    )[0]
    head = Head.parse(lines)
    assert head.origin == origin
    assert head.size == piece.log_index + 1
    assert root_at(origin, head.size) == head.root
    assert key == verifier_key()
    assert lines.strip() in letters(g)["Menuiserie Fauvel"].body


def root_at(origin: str, size: int) -> bytes:
    tree = Frontier()
    for leaf in Leaf.objects.filter(log__origin=origin, index__lt=size).order_by("index"):
        tree, _ = tree.append(leaf_hash(bytes(leaf.data)))
    return tree.root()


def test_whoever_left_is_told_of_nothing_that_comes_after(g: Gymnase) -> None:
    """I13: revoked before a deposit, never learns of it, by any of the ways it is told."""
    gone = Addressee.objects.get(room_id=g.case.pk, user=g.architect_counsel.user_id)
    lists.leave(gone, at=NOON)

    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert set(mails(g)) == EVERYBODY - {"Me Hugo Blin"}


def test_whoever_may_no_longer_read_is_not_told_even_if_still_on_the_list(g: Gymnase) -> None:
    user = User.objects.get(pk=g.architect_counsel.user_id)
    rooms.let_out(user, room=g.case.room, at=NOON)

    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert set(mails(g)) == EVERYBODY - {"Me Hugo Blin"}


def test_the_roster_in_the_log_is_those_who_may_read_with_how_each_is_told(g: Gymnase) -> None:
    """I18: who was told is who may read, frozen in the entry."""
    groups.remove(User.objects.get(pk=g.contractor.user_id), of=g.case.group)

    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    lines = InnerLeaf.objects.filter(
        log__origin=piece.log_origin, index=piece.log_index, claim="roster"
    )
    values: list[dict[str, str]] = [line.value or {} for line in lines]
    readers = {value["reader"]: value["told"] for value in values if "reader" in value}
    others = [value for value in values if "reader" not in value]
    told = set(mails(g)) - {"Me Hugo Blin"}
    assert readers == {
        str(g.expert.user_id): How.MAIL,
        str(g.assistant.user_id): How.NONE,
        str(g.owner_counsel.user_id): How.MAIL,
        str(g.architect_counsel.user_id): How.MAIL,
        **{str(who.user_id): How.MAIL for who in g.engineer_counsels},
    }
    assert [line["name"] for line in others] == ["Menuiserie Fauvel"]
    assert told == EVERYBODY - {"Me Hugo Blin", "Sols Dubreuil"}


@pytest.mark.django_db
def test_before_consent_one_is_told_twice() -> None:
    """By mail and by letter, until they answer (decision 2)."""
    g = cast.gymnase(consents=False)

    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert set(mails(g)) == EVERYBODY
    assert set(letters(g)) == EVERYBODY - {"Anne Vasseur"} | {"Menuiserie Fauvel"}


def test_each_notice_is_an_entry_that_holds_the_address_and_the_digest(g: Gymnase) -> None:
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    queued = {told.claims["recipient"]["name"]: told for told in entries(g, "alert.queued")}
    (letter,) = entries(g, "letter.prepared")
    assert set(queued) == EVERYBODY
    for name, mail in mails(g).items():
        claims = queued[name].claims
        assert claims["address"] == mail.to
        assert claims["message_sha256"] == hashlib.sha256(mail.body.encode()).hexdigest()
        assert claims["piece_ids"] == [str(piece.node_id)]
    assert letter.claims["recipient"]["name"] == "Menuiserie Fauvel"


def test_a_party_does_not_see_the_addresses_of_the_others_in_the_journal(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    within = cases_view(g)
    addresses = {told.claims.get("address") for told in within if told.kind == "alert.queued"}
    assert addresses == {User.objects.get(pk=g.contractor.user_id).email}


def cases_view(g: Gymnase) -> list[Told]:
    standings = access.room(g.case.pk, asker=g.contractor)
    page = cases.journal(g.case.pk, within=standings, asker=g.contractor, size=500)
    return list(page.items)


@pytest.mark.parametrize(
    ("fate", "kind"),
    [
        (Fate.SENT, "alert.sent"),
        (Fate.REFUSED, "alert.refused"),
        (Fate.FAILED, "alert.failed"),
    ],
)
def test_what_became_of_a_mail_is_entered_once_with_the_server_s_words(
    g: Gymnase, fate: Fate, kind: str
) -> None:
    """H7."""
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    mail = mails(g)["Me Hugo Blin"]
    Message.objects.filter(pk=mail.pk).update(
        fate=fate, fate_at=NOON, answer="mots du serveur", digest="d" * 64, tries=3
    )

    counts = [log_fates(at=NOON) for _ in range(3)]

    (told,) = entries(g, "alert.sent", "alert.refused", "alert.failed")
    assert counts == [1, 0, 0]
    assert told.kind == kind
    assert told.claims["recipient"]["name"] == "Me Hugo Blin"
    assert told.claims["address"] == mail.to
    assert told.claims["answer" if "answer" in told.claims else "reason"] == "mots du serveur"
    assert told.claims["message_sha256"] == "d" * 64
    assert told.claims["received_at"] == "2026-11-16T11:00:00.000Z"


def test_a_mail_that_came_to_nothing_makes_one_task(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    mail = mails(g)["Me Hugo Blin"]
    Message.objects.filter(pk=mail.pk).update(fate=Fate.REFUSED, fate_at=NOON)

    for _ in range(3):
        make_tasks(at=NOON)

    tasks = {(task.kind, task.subject) for task in cases.open_tasks(g.case)}
    assert tasks == {
        (TaskKind.MAIL_REFUSED, "Me Hugo Blin"),
        (TaskKind.SERVE_BY_POST, "Menuiserie Fauvel"),
    }
    assert cases.open_tasks(g.case).count() == 2


def test_the_counts_of_a_case_are_those_of_its_own_mails(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    while sending.send_next(at=timezone.now(), transport=sending.show_only):
        pass
    Message.objects.filter(pk=mails(g)["Me Hugo Blin"].pk).update(fate=Fate.REFUSED)

    assert queries.fates(g.case.pk) == {
        "waiting": 0,
        "sent": 5,
        "refused": 1,
        "failed": 0,
        "to_print": 1,
    }
    assert set(queries.fates(g.stranger_case.pk).values()) == {0}


def test_fates_make_the_log_grow_and_it_stays_whole(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    origin = log.acts_of(g.case.pk)
    before = sign_head(origin).size
    while sending.send_next(at=timezone.now(), transport=sending.show_only):
        pass

    log_fates(at=timezone.now())

    assert sign_head(origin).size == before + len(EVERYBODY)
    assert LogHead.objects.get(origin=origin).size == before + len(EVERYBODY)


def test_a_deposit_that_is_rolled_back_tells_nobody(
    g: Gymnase, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail and the fact stand or fall together."""
    before = Message.objects.count()

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(notices, "_queued", broken)
    with pytest.raises(RuntimeError):
        cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    assert Message.objects.count() == before
    assert entries(g, "deposit.accepted") == []
