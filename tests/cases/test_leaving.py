"""Somebody is let out, or a lawyer takes another's place: at once, whole, and written (A15, I21)."""

from collections.abc import Callable

import pytest
from django.db import transaction

from accedit.domain.alerts import queries as alerts
from accedit.domain.alerts.enums import How
from accedit.domain.cases import access, queries
from accedit.domain.cases.models import Consent, Mandate, Party, RosterLine
from accedit.domain.cases.operations import counsel, leaving, parties
from accedit.domain.cases.operations.counsel import SameCounsel
from accedit.domain.cases.operations.parties import CounselDraft
from accedit.domain.filing import access as filing
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Grant, Node, RoomMember
from accedit.domain.filing.operations import baskets, rooms
from accedit.domain.filing.operations.rooms import RoomClosed
from accedit.domain.filing.queries import checks
from accedit.domain.people.access import CodeNotKnown, NotSignedIn, actor_of, actor_of_token
from accedit.domain.people.access import invitation as invited
from accedit.domain.people.enums import Door, Scope
from accedit.domain.people.models import Invitation, Membership, User
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Message
from accedit.shared.refusals import Forbidden, Invalid, NotFound, Refusal
from tests import cast
from tests.cases.test_roster import line, told
from tests.cast import NOON, Gymnase
from tests.people.test_invitations import code_in


def let_out(
    g: Gymnase, who: Actor, *, by: Actor | None = None, reason: str = "Fin de mission"
) -> None:
    found = RosterLine.objects.get(case=g.case, user=who.user_id, left_at__isnull=True)
    leaving.let_out(g.case.pk, found.pk, reason=reason, actor=by or g.expert, at=NOON)


def test_whoever_is_let_out_holds_nothing_at_once(g: Gymnase) -> None:
    """A15, I21: no right, no grant, no group, no basket, no key; and no way back by themselves."""
    who, box = g.owner_counsel, g.boxes["demandeur"]
    (piece,) = cast.deposited("a.pdf", box=box, by=who)
    basket = baskets.open_basket(box=box, actor=who, at=NOON)
    baskets.add_file(basket, stored=cast.stored(), name="b.pdf", upload="u")
    user = User.objects.get(pk=who.user_id)
    special = groups.create_group(name="Accédit", room_id=g.case.pk)
    groups.add(user, to=special)
    bound = cast.token_for(who, room_id=g.case.pk)
    everywhere = cast.token_for(who)

    let_out(g, who)

    acts: list[Callable[[], object]] = [
        lambda: access.case(g.case.pk, asker=who),
        lambda: filing.node(piece.node_id, asker=who),
        lambda: filing.node(box.folder_id, asker=who),
        lambda: filing.deposit(piece.pk, asker=who),
        lambda: filing.basket(basket.pk, asker=who),
        lambda: access.own_line(g.case.pk, asker=who),
        lambda: access.represented_party(g.parties["Commune de Valmont"].pk, asker=who),
    ]
    for act in acts:
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotSignedIn):
        actor_of_token(bound, door=Door.API)
    assert actor_of_token(everywhere, door=Door.API).user_id == who.user_id
    assert not Grant.objects.filter(node__room=g.case.pk, user=user).exists()
    assert not Membership.objects.filter(user=user, group__room_id=g.case.pk).exists()
    assert not RoomMember.objects.filter(room=g.case.pk, user=user, left_at=None).exists()
    assert list(checks.damages(room=g.case.pk)) == []


def test_it_is_written_and_what_was_there_stays_as_history(g: Gymnase) -> None:
    (piece,) = cast.deposited("a.pdf", box=g.boxes["entreprise"], by=g.contractor)
    old = line(g, "Sols Dubreuil")

    let_out(g, g.contractor, reason="N'est plus partie")

    (removed,) = told(g, "member.removed")
    taken = told(g, "rights.changed")[-1]
    old.refresh_from_db()
    assert (removed.claims["member"]["name"], removed.claims["reason"]) == (
        "Sols Dubreuil",
        "N'est plus partie",
    )
    assert (taken.claims["before"], taken.claims["after"]) == (["add"], [])
    assert taken.claims["lost"] == [str(g.contractor.user_id)]
    assert old.left_at == NOON
    assert Consent.objects.filter(line=old, given=True).exists()
    assert filing.node(piece.node_id, asker=g.expert).node == piece.node


def test_whoever_left_is_told_of_nothing_more(g: Gymnase) -> None:
    """I13: neither mail nor letter, nor a line in the roster that a deposit freezes."""
    let_out(g, g.architect_counsel)
    before = Message.objects.filter(to_name="Me Hugo Blin").count()

    cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    names = [one.name for one in alerts.roster(g.case.pk)]
    assert Message.objects.filter(to_name="Me Hugo Blin").count() == before
    assert "Me Hugo Blin" not in names


def test_a_private_account_is_signed_out_and_a_professional_is_not(g: Gymnase) -> None:
    private, lawyer = (
        User.objects.get(pk=who.user_id).epoch for who in (g.contractor, g.owner_counsel)
    )

    let_out(g, g.contractor)
    let_out(g, g.owner_counsel)

    assert User.objects.get(pk=g.contractor.user_id).epoch == private + 1
    assert User.objects.get(pk=g.owner_counsel.user_id).epoch == lawyer


def test_an_invitation_that_waits_opens_nothing_any_more(g: Gymnase) -> None:
    User.objects.filter(pk=g.contractor.user_id).update(password="!inutilisable")
    parties.invite(line(g, "Sols Dubreuil"), actor=g.expert, at=NOON)
    sent = Invitation.objects.filter(user=g.contractor.user_id).latest("created_at")
    code = code_in(Message.objects.get(pk=sent.message_id).body)

    let_out(g, g.contractor)

    with pytest.raises(CodeNotKnown):
        invited(code, address=sent.address, at=NOON)


def test_a_party_without_anybody_left_is_served_by_post(g: Gymnase) -> None:
    found = line(g, "Me Claire Aubry")
    alone = leaving.losing(found).alone

    leaving.let_out(
        g.case.pk, found.pk, reason="Fin", address="1 place\n76000 Rouen", actor=g.expert, at=NOON
    )

    town = Party.objects.get(pk=g.parties["Commune de Valmont"].pk)
    entered = line(g, "Commune de Valmont")
    assert [party.name for party in alone] == ["Commune de Valmont"]
    assert (town.by_post, town.address) == (True, "1 place\n76000 Rouen")
    assert (entered.addressee.how, entered.addressee.address) == (How.POST, town.address)
    assert told(g, "party.state_changed")[-1].claims["after"] == "by_post"


def test_a_party_that_keeps_a_counsel_is_not_alone(g: Gymnase) -> None:
    """The negative control: the engineers have two lawyers."""
    assert leaving.losing(line(g, "Me Inès Carel")).alone == []

    let_out(g, g.engineer_counsels[0])

    assert not RosterLine.objects.filter(case=g.case, name="Bureau d'études Novatech").exists()


def test_what_one_loses_is_said_before(g: Gymnase) -> None:
    basket = baskets.open_basket(box=g.boxes["demandeur"], actor=g.owner_counsel, at=NOON)
    baskets.add_file(basket, stored=cast.stored(), name="b.pdf", upload="u")
    cast.token_for(g.owner_counsel, room_id=g.case.pk)

    found = leaving.losing(line(g, "Me Claire Aubry"))

    assert (found.reads, found.files_waiting, found.keys) == (True, 1, 1)
    assert found.places == [g.boxes["demandeur"].folder.name]


def test_only_the_expert_lets_out_with_a_reason_and_never_themselves(g: Gymnase) -> None:
    mine = line(g, "Anne Vasseur")
    tries: list[tuple[type[Refusal], Callable[[], object]]] = [
        (Forbidden, lambda: let_out(g, g.contractor, by=g.assistant)),
        (Forbidden, lambda: let_out(g, g.contractor, by=g.owner_counsel)),
        (NotFound, lambda: let_out(g, g.contractor, by=g.stranger)),
        (Invalid, lambda: let_out(g, g.contractor, reason="  ")),
        (
            Forbidden,
            lambda: leaving.let_out(g.case.pk, mine.pk, reason="x", actor=g.expert, at=NOON),
        ),
        (
            NotFound,
            lambda: leaving.let_out(
                g.stranger_case.pk, mine.pk, reason="x", actor=g.stranger, at=NOON
            ),
        ),
    ]

    for kind, act in tries:
        with pytest.raises(kind), transaction.atomic():
            act()
    rooms.close_room(g.case.pk, actor=g.expert, at=NOON)
    with pytest.raises(RoomClosed), transaction.atomic():
        let_out(g, g.contractor)
    assert told(g, "member.removed") == []


def test_a_private_party_may_come_back_with_the_account_it_had(g: Gymnase) -> None:
    user = User.objects.get(pk=g.contractor.user_id)
    party = g.parties["Sols Dubreuil"]
    let_out(g, g.contractor)
    party.refresh_from_db()

    parties._private_party(party, box=g.boxes["entreprise"], actor=g.expert, at=NOON)

    party.refresh_from_db()
    assert party.user == user
    assert filing.node(g.boxes["entreprise"].folder_id, asker=g.contractor, need=Right.ADD)


# Counsel


NEW = CounselDraft("Me Nadia Petit", "petit@avocat.example", "Cabinet Petit")


def joined(g: Gymnase, *, replacing: Actor | None, party: str = "Commune de Valmont") -> User:
    return counsel.join(
        g.case.pk,
        g.parties[party].pk,
        draft=NEW,
        replacing=replacing.user_id if replacing else None,
        actor=g.expert,
        at=NOON,
    )


def test_the_new_counsel_takes_the_place_of_the_old_and_the_side_keeps_what_is_its(
    g: Gymnase,
) -> None:
    box = g.boxes["demandeur"]
    (piece,) = cast.deposited("a.pdf", box=box, by=g.owner_counsel)

    user = joined(g, replacing=g.owner_counsel)

    new = actor_of(user, door=Door.PAGE)
    (second,) = cast.deposited("b.pdf", box=box, by=new)
    (side,) = [s for s in queries.sides(g.case) if s.side.word == "demandeur"]
    assert [mandate.counsel for mandate in side.counsel] == [user]
    assert Right.READ in filing.node(piece.node_id, asker=new).rights
    assert (second.number, second.side) == ("2", piece.side)
    with pytest.raises(NotFound):
        filing.node(piece.node_id, asker=g.owner_counsel)
    (changed,) = told(g, "counsel.changed")
    assert changed.claims["before"]["name"] == "Me Claire Aubry"
    assert changed.claims["after"]["name"] == "Me Nadia Petit"
    assert told(g, "member.removed")[-1].claims["member"]["name"] == "Me Claire Aubry"
    assert line(g, "Me Nadia Petit").consents.filter(answered_at=None).exists()
    assert Invitation.objects.filter(user=user, room_id=g.case.pk).exists()
    assert not RosterLine.objects.filter(case=g.case, name="Commune de Valmont").exists()
    assert list(checks.damages(room=g.case.pk)) == []


def test_a_co_counsel_comes_beside_and_nobody_leaves(g: Gymnase) -> None:
    user = joined(g, replacing=None)

    acting = Mandate.objects.filter(party=g.parties["Commune de Valmont"], until=None)
    assert {m.counsel_id for m in acting} == {user.pk, g.owner_counsel.user_id}
    assert told(g, "counsel.changed")[-1].claims["before"] is None
    assert Right.ADD in filing.node(g.boxes["demandeur"].folder_id, asker=g.owner_counsel).rights


def test_who_acts_for_another_side_too_keeps_that_side_only(g: Gymnase) -> None:
    both = CounselDraft("Me Claire Aubry", User.objects.get(pk=g.owner_counsel.user_id).email or "")
    counsel.join(g.case.pk, g.parties["M. Paul Bertin"].pk, draft=both, actor=g.expert, at=NOON)

    joined(g, replacing=g.owner_counsel)

    rights = [
        Right.ADD in filing.node(g.boxes[side].folder_id, asker=g.owner_counsel).rights
        for side in ("demandeur", "architecte")
    ]
    assert rights == [False, True]
    assert told(g, "member.removed") == []


def test_a_party_served_by_post_is_served_through_its_lawyer(g: Gymnase) -> None:
    joined(g, replacing=None, party="Menuiserie Fauvel")

    names = [one.name for one in alerts.roster(g.case.pk)]
    assert "Menuiserie Fauvel" not in names
    assert "Me Nadia Petit" in names
    assert Party.objects.get(pk=g.parties["Menuiserie Fauvel"].pk).by_post is False


def test_who_changes_no_counsel(g: Gymnase) -> None:
    town = g.parties["Commune de Valmont"].pk
    tries: list[tuple[type[Refusal], Actor, CounselDraft]] = [
        (Forbidden, g.assistant, NEW),
        (Forbidden, g.owner_counsel, NEW),
        (NotFound, g.stranger, NEW),
        (Invalid, g.expert, CounselDraft("", "x@y.example")),
        (Invalid, g.expert, CounselDraft("Me X", "pas une adresse")),
        (
            SameCounsel,
            g.expert,
            CounselDraft("Me A", User.objects.get(pk=g.owner_counsel.user_id).email or ""),
        ),
    ]

    for kind, who, draft in tries:
        with pytest.raises(kind), transaction.atomic():
            counsel.join(g.case.pk, town, draft=draft, actor=who, at=NOON)
    with pytest.raises(NotFound), transaction.atomic():
        joined(g, replacing=g.architect_counsel)
    assert told(g, "counsel.changed") == []


def test_a_late_side_reads_the_whole_past_file(g: Gymnase) -> None:
    (piece,) = cast.deposited("a.pdf", box=g.boxes["demandeur"], by=g.owner_counsel)

    party = parties.join_party(
        g.case.pk,
        draft=parties.PartyDraft(
            "Assureur SA", "assureur", parties.PartyKind.COMPANY, counsel=[NEW]
        ),
        actor=g.expert,
        at=NOON,
    )

    (mandate,) = Mandate.objects.filter(party=party)
    late = actor_of(mandate.counsel, door=Door.PAGE)
    assert Right.DOWNLOAD in filing.node(piece.node_id, asker=late).rights
    assert late.scope == Scope.MANAGE
    assert Node.objects.filter(room=g.case.pk, side=party.side_id).count() == 2
