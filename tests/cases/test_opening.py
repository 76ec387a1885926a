"""A case in one act: whole or not at all, for each kind of case; and a side that joins late."""

from uuid import uuid4

import pytest
from django.db import transaction

from accedit.domain.alerts import queries as alerts
from accedit.domain.alerts.enums import How
from accedit.domain.cases import access, queries, stages
from accedit.domain.cases.enums import PartyKind, RosterState, Template
from accedit.domain.cases.models import Case, Consent, Mandate, Party, RosterLine, Side
from accedit.domain.cases.operations.opening import CaseDraft, open_case
from accedit.domain.cases.operations.parties import (
    CounselDraft,
    PartyDraft,
    join_party,
    open_to_party,
)
from accedit.domain.evidence import queries as evidence
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.queries import Told
from accedit.domain.filing import access as filing
from accedit.domain.filing import queries as rooms
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Box, Node, Room
from accedit.domain.filing.operations.rooms import RoomClosed, close_room
from accedit.domain.filing.queries import checks
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Covers, Door, PersonKind
from accedit.domain.people.models import Invitation, User
from accedit.domain.people.operations import delegations
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter, Message
from accedit.shared.refusals import Forbidden, Invalid, NotFound
from tests import cast
from tests.cast import NOON, Gymnase

READING = {Right.BROWSE, Right.READ, Right.DOWNLOAD}


def address(word: str) -> str:
    return f"{word}.{uuid4().hex[:8]}@x.example"


def two_sides() -> list[PartyDraft]:
    return [
        PartyDraft(
            "Commune de Valmont",
            "demandeur",
            PartyKind.PUBLIC_BODY,
            counsel=[CounselDraft("Me Aubry", address("aubry"), "Cabinet A")],
        ),
        PartyDraft("Sols Dubreuil", "entreprise", PartyKind.COMPANY, email=address("sols")),
        PartyDraft(
            "Menuiserie Fauvel", "menuisier", PartyKind.COMPANY, by_post=True, address="Rouen"
        ),
    ]


def opened(g: Gymnase, *parties: PartyDraft, template: Template = Template.JUDICIAL_CIVIL) -> Case:
    return open_case(
        CaseDraft(template, "Un litige", "2026-99", list(parties)), actor=g.expert, at=NOON
    )


def tree(case: Case, *, asker: Actor) -> list[tuple[int, str, str]]:
    within = filing.room(case.pk, asker=asker)
    return [(node.depth, node.kind, node.name) for node in rooms.places(within=within)]


def told(case: Case, *kinds: str) -> list[Told]:
    page = evidence.entries(
        log.acts_of(case.pk),
        asker=case.room.owner_id,
        seen_nodes=None,
        kinds=kinds or None,
        size=500,
    )
    return list(page.items)[::-1]


def person(case: Case, name: str) -> Actor:
    line = next(line for line in queries.roster(case) if line.name == name)
    assert line.user is not None
    return actor_of(line.user, door=Door.PAGE)


# In one act


@pytest.mark.parametrize("template", list(Template))
def test_each_kind_of_case_is_whole_when_it_opens(g: Gymnase, template: Template) -> None:
    case = opened(g, *two_sides(), template=template)

    places = tree(case, asker=g.expert)
    top = [name for depth, _, name in places if depth == 1]
    kind = stages.KINDS[template]
    assert set(top) == {*kind.folders, stages.BOXES, stages.ARCHIVES, stages.EXPERT_SPACE}
    assert [name for _, k, name in places if k == "box"] == [
        "Boîte aux lettres de la Commune de Valmont",
        "Boîte aux lettres de Menuiserie Fauvel",
        "Boîte aux lettres de Sols Dubreuil",
    ]
    assert [name for _, k, name in places if k == "archive"] == [
        "Dossier archives de la Commune de Valmont",
        "Dossier archives de Menuiserie Fauvel",
        "Dossier archives de Sols Dubreuil",
    ]
    assert case.room.notice == kind.channel
    assert [(line.name, line.role, line.state) for line in queries.roster(case)] == [
        ("Anne Vasseur", "expert", RosterState.CONSENTING),
        ("Me Aubry", "counsel", RosterState.INVITED),
        ("Sols Dubreuil", "party", RosterState.INVITED),
        ("Menuiserie Fauvel", "party", RosterState.BY_POST),
    ]
    assert list(checks.damages(room=case.pk)) == []


@pytest.mark.parametrize("template", [t for t in Template if t.is_judicial])
def test_a_court_case_says_what_it_does_not_replace(template: Template) -> None:
    assert "ne remplace ni" in stages.KINDS[template].channel
    assert stages.KINDS[template].delay == ""


@pytest.mark.parametrize("template", [t for t in Template if not t.is_judicial])
def test_an_amicable_case_says_that_time_still_runs(template: Template) -> None:
    assert "n'arrête pas le délai" in stages.KINDS[template].delay


def test_everybody_reads_all_and_adds_to_their_own_box_only(g: Gymnase) -> None:
    case = opened(g, *two_sides())
    boxes = {box.side_name: box for box in Box.objects.filter(folder__room=case.pk)}

    rights = {
        (name, side): filing.node(box.folder_id, asker=person(case, name)).rights
        for name in ("Me Aubry", "Sols Dubreuil")
        for side, box in boxes.items()
    }

    assert rights == {
        ("Me Aubry", "demandeur"): READING | {Right.ADD},
        ("Me Aubry", "entreprise"): READING,
        ("Me Aubry", "menuisier"): READING,
        ("Sols Dubreuil", "demandeur"): READING,
        ("Sols Dubreuil", "entreprise"): READING | {Right.ADD},
        ("Sols Dubreuil", "menuisier"): READING,
    }


def test_the_expert_s_own_space_exists_for_nobody_else(g: Gymnase) -> None:
    case = opened(g, *two_sides())
    space = Node.objects.get(room=case.pk, name=stages.EXPERT_SPACE)

    assert stages.EXPERT_SPACE in [name for _, _, name in tree(case, asker=g.expert)]
    for name in ("Me Aubry", "Sols Dubreuil"):
        assert stages.EXPERT_SPACE not in [n for _, _, n in tree(case, asker=person(case, name))]
        with pytest.raises(NotFound):
            filing.node(space.pk, asker=person(case, name))


def test_the_log_tells_how_the_case_began(g: Gymnase) -> None:
    case = opened(g, *two_sides())

    kinds = [entry.kind for entry in told(case)]
    (first,) = told(case, "case.opened")
    assert first.index == 0
    assert first.claims["expert"]["name"] == "Anne Vasseur"
    assert (first.claims["template"], first.claims["mission_sha256"]) == ("judicial_civil", None)
    assert kinds.count("party.joined") == 3
    assert kinds.count("member.added") == kinds.count("consent.asked") == 2
    assert kinds.count("invitation.sent") == 2


def test_those_invited_get_a_code_and_the_one_by_post_gets_none(g: Gymnase) -> None:
    case = opened(g, *two_sides())

    sent = {i.user.name: i for i in Invitation.objects.filter(room_id=case.pk)}

    assert set(sent) == {"Me Aubry", "Sols Dubreuil"}
    assert {Message.objects.get(pk=i.message_id).to for i in sent.values() if i.message_id} == {
        User.objects.get(pk=i.user_id).email for i in sent.values()
    }


def test_a_party_with_no_address_for_mail_gets_its_code_by_letter(g: Gymnase) -> None:
    case = opened(
        g, PartyDraft("M. Petit", "voisin", PartyKind.PERSON, address="3 rue Basse\n76000 Rouen")
    )

    (invitation,) = Invitation.objects.filter(room_id=case.pk)
    letter = Letter.objects.get(pk=invitation.message_id or uuid4())
    (line,) = [one for one in queries.roster(case) if one.name == "M. Petit"]
    assert (letter.to_name, letter.address) == ("M. Petit", "3 rue Basse\n76000 Rouen")
    assert line.addressee.how == How.POST


def test_parties_of_one_side_share_a_box(g: Gymnase) -> None:
    counsel = CounselDraft("Me Aubry", address("aubry"))
    case = opened(
        g,
        PartyDraft("A", "demandeur", PartyKind.PERSON, counsel=[counsel]),
        PartyDraft("B", "DEMANDEUR ", PartyKind.PERSON, counsel=[counsel]),
    )

    (side,) = queries.sides(case)
    assert [party.name for party in side.parties] == ["A", "B"]
    assert (
        Side.objects.filter(case=case).count()
        == Box.objects.filter(folder__room=case.pk).count()
        == 1
    )
    assert [line.name for line in queries.roster(case)] == ["Anne Vasseur", "Me Aubry"]


def test_a_lawyer_known_already_keeps_one_identity_and_gets_no_code(g: Gymnase) -> None:
    aubry = User.objects.get(pk=g.owner_counsel.user_id)
    before = Message.objects.count()

    case = opened(
        g,
        PartyDraft(
            "Autre",
            "autre",
            PartyKind.PERSON,
            counsel=[CounselDraft("Maître AUBRY", aubry.email or "")],
        ),
    )

    assert person(case, "Me Claire Aubry").user_id == aubry.pk
    assert Invitation.objects.filter(room_id=case.pk).count() == 0
    assert Message.objects.count() == before + 1
    assert Message.objects.get(to=aubry.email, reference=case.pk).subject == (
        "Vous êtes ajouté au dossier 2026-99 — Un litige"
    )


def test_one_wrong_address_opens_nothing_at_all(g: Gymnase) -> None:
    def everything() -> list[int]:
        return [
            model.objects.count()
            for model in (Room, Case, Node, Party, User, Message, Letter, Invitation, RosterLine)
        ]

    before = everything()

    with pytest.raises(Invalid), transaction.atomic():
        opened(
            g,
            *two_sides(),
            PartyDraft(
                "X", "x", PartyKind.PERSON, counsel=[CounselDraft("Me X", "pas une adresse")]
            ),
        )

    assert everything() == before


@pytest.mark.parametrize(
    "draft",
    [
        PartyDraft("", "demandeur", PartyKind.PERSON, by_post=True),
        PartyDraft("A\nB", "demandeur", PartyKind.PERSON, by_post=True),
        PartyDraft("A", "", PartyKind.PERSON, by_post=True),
        PartyDraft("A", "x" * 61, PartyKind.PERSON, by_post=True),
        PartyDraft("A", "demandeur", PartyKind.PERSON),
        PartyDraft("A", "demandeur", PartyKind.PERSON, email="a@x.example, b@y.example"),
        PartyDraft("A", "demandeur", PartyKind.PERSON, counsel=[CounselDraft("", "a@x.example")]),
    ],
    ids=lambda draft: repr((draft.name, draft.side, draft.email))[:40],
)
def test_a_party_that_cannot_be_read_is_refused_in_words(g: Gymnase, draft: PartyDraft) -> None:
    with pytest.raises(Invalid), transaction.atomic():
        opened(g, draft)


def test_only_an_expert_or_their_assistant_opens_a_case(g: Gymnase) -> None:
    draft = CaseDraft(Template.UNOFFICIAL, "t", "r")

    for who in (g.owner_counsel, g.contractor):
        with pytest.raises(Forbidden):
            open_case(draft, actor=who, at=NOON)
    by_assistant = open_case(draft, actor=g.assistant, at=NOON)
    assert by_assistant.room.owner_id == g.expert.user_id

    delegations.delegate(
        space=g.case.room.space,
        to=User.objects.get(pk=g.assistant.user_id),
        covers=[Covers.LETTERS],
        at=NOON,
    )
    with pytest.raises(Forbidden):
        open_case(draft, actor=g.assistant, at=NOON)


def test_cases_do_not_meet(g: Gymnase) -> None:
    """I11: one's own cases, and nobody else's, in lists and by id."""
    assert [case.pk for case in queries.cases(asker=g.expert).items] == [g.case.pk]
    assert [case.pk for case in queries.cases(asker=g.stranger).items] == [g.stranger_case.pk]
    assert [case.pk for case in queries.cases(asker=g.contractor).items] == [g.case.pk]
    for asker, case in (
        (g.expert, g.stranger_case),
        (g.stranger, g.case),
        (g.contractor, g.stranger_case),
    ):
        with pytest.raises(NotFound):
            access.case(case.pk, asker=asker)


# A side that joins late


def late(word: str = "assureur") -> PartyDraft:
    return PartyDraft(
        "Assurances Ardan",
        word,
        PartyKind.COMPANY,
        counsel=[CounselDraft("Me Noor", address("noor"))],
    )


def test_a_late_side_has_its_box_and_reads_the_whole_past(g: Gymnase) -> None:
    pieces = cast.deposited("a.pdf", "b.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    join_party(g.case.pk, draft=late(), actor=g.expert, at=NOON)

    noor = person(g.case, "Me Noor")
    seen, count = rooms.pieces(within=filing.room(g.case.pk, asker=noor))
    assert count == 2
    assert {piece.pk for piece in seen.items} == {piece.pk for piece in pieces}
    for piece in pieces:
        assert filing.node(piece.node_id, asker=noor).rights == READING
    boxes = rooms.boxes_open_to(within=filing.room(g.case.pk, asker=noor))
    assert [box.side_name for box in boxes] == ["assureur"]
    assert list(checks.damages(room=g.case.pk)) == []


def test_a_late_side_is_told_of_what_comes_next_and_not_of_what_came(g: Gymnase) -> None:
    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)
    join_party(g.case.pk, draft=late(), actor=g.expert, at=NOON)
    noor = User.objects.get(pk=person(g.case, "Me Noor").user_id)
    before = alerts.notices(g.case.pk).filter(addressee__user=noor, message__isnull=False).count()

    cast.deposited("b.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    after = alerts.notices(g.case.pk).filter(addressee__user=noor, message__isnull=False).count()
    assert (before, after) == (0, 1)


def test_a_party_that_joins_a_known_side_shares_its_box(g: Gymnase) -> None:
    boxes = Box.objects.filter(folder__room=g.case.pk).count()

    party = join_party(g.case.pk, draft=late("Demandeur"), actor=g.expert, at=NOON)

    assert party.side_id == g.boxes["demandeur"].side
    assert Box.objects.filter(folder__room=g.case.pk).count() == boxes


def test_nobody_joins_a_closed_case_nor_by_the_hand_of_a_party(g: Gymnase) -> None:
    for who, error in ((g.owner_counsel, Forbidden), (g.stranger, NotFound)):
        with pytest.raises(error):
            join_party(g.case.pk, draft=late(), actor=who, at=NOON)
    close_room(g.case.pk, actor=g.expert, at=NOON)
    with pytest.raises(RoomClosed):
        join_party(g.case.pk, draft=late(), actor=g.expert, at=NOON)


# A represented party


def test_a_represented_party_has_no_access_until_its_counsel_opens_it(g: Gymnase) -> None:
    party = g.parties["M. Paul Bertin"]
    mail = party.email
    before = User.objects.filter(email=mail).count()

    found = access.represented_party(party.pk, asker=g.architect_counsel)
    user = open_to_party(found, email=mail, actor=g.architect_counsel, at=NOON)

    assert before == 0
    assert (user.kind, user.only_room) == (PersonKind.PRIVATE, g.case.pk)
    bertin = actor_of(user, door=Door.PAGE)
    assert filing.node(g.boxes["architecte"].folder_id, asker=bertin).rights == READING | {
        Right.ADD
    }
    assert person(g.case, "M. Paul Bertin").user_id == user.pk
    assert Invitation.objects.filter(user=user).count() == 1


def test_it_is_opened_once_and_by_its_own_counsel_only(g: Gymnase) -> None:
    party = g.parties["M. Paul Bertin"]

    for who in (g.owner_counsel, g.expert, g.contractor, g.stranger):
        with pytest.raises(NotFound):
            access.represented_party(party.pk, asker=who)
    found = access.represented_party(party.pk, asker=g.architect_counsel)
    open_to_party(found, email=party.email, actor=g.architect_counsel, at=NOON)
    with pytest.raises(Invalid):
        open_to_party(found, email=party.email, actor=g.architect_counsel, at=NOON)


def test_a_counsel_whose_mandate_has_ended_opens_nothing(g: Gymnase) -> None:
    party = g.parties["M. Paul Bertin"]
    Mandate.objects.filter(party=party).update(until=NOON)

    with pytest.raises(NotFound):
        access.represented_party(party.pk, asker=g.architect_counsel)


def test_consent_is_asked_of_each_with_the_version_of_the_text(g: Gymnase) -> None:
    case = opened(g, *two_sides())

    asked = Consent.objects.filter(line__case=case)

    assert {(c.line.name, c.text_version, c.given) for c in asked} == {
        ("Me Aubry", stages.CONSENT_VERSION, None),
        ("Sols Dubreuil", stages.CONSENT_VERSION, None),
    }
