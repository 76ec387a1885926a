"""From an id and an asker to a case, a party, a line of its roster."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from accedit.domain.cases.models import Case, Party, RosterLine
from accedit.domain.filing import access as filing
from accedit.domain.filing.enums import Means
from accedit.domain.filing.models import Box
from accedit.domain.filing.operations.deposits import Behalf
from accedit.domain.filing.queries import Standings
from accedit.domain.people.access import covered
from accedit.domain.people.enums import Covers, Scope
from accedit.domain.people.models import Group, User
from accedit.domain.people.rights import Actor
from accedit.domain.post.models import Letter
from accedit.shared.refusals import Forbidden, NotFound


@dataclass(frozen=True, slots=True)
class Entered:
    """A case, and what the asker holds in its room."""

    case: Case
    standings: Standings


def case(case_id: UUID, *, asker: Actor) -> Entered:
    standings = filing.room(case_id, asker=asker)
    found = Case.objects.select_related("group").filter(pk=case_id).first()
    if found is None:
        raise NotFound
    found.room = standings.room
    return Entered(found, standings)


def managed_case(case_id: UUID, *, asker: Actor, covers: Covers) -> Entered:
    """The case, for its expert or for an assistant whose delegation names the act."""
    entered = case(case_id, asker=asker)
    if asker.scope is not Scope.MANAGE or not covered(
        asker, owner_id=entered.case.room.owner_id, act=covers
    ):
        raise Forbidden(what="seul l'expert, ou son assistant s'il le lui a confié, peut le faire")
    return entered


def behalf(party_id: UUID, *, box: Box, means: Means, received_on: date | None) -> Behalf:
    """For whom a piece is entered: a party of the side whose box it is, of this case."""
    party = Party.objects.filter(pk=party_id, side=box.side).first()
    if party is None:
        raise NotFound
    return Behalf(party_id=party.pk, name=party.name, means=means, received_on=received_on)


def own_line(case_id: UUID, *, asker: Actor) -> RosterLine:
    """One's own line of the liste de diffusion."""
    case(case_id, asker=asker)
    line = (
        RosterLine.objects.select_related("case__room", "addressee")
        .filter(case=case_id, user=asker.user_id, left_at__isnull=True)
        .first()
    )
    if line is None:
        raise NotFound
    return line


def line(line_id: UUID, *, asker: Actor, covers: Covers) -> RosterLine:
    found = (
        RosterLine.objects.select_related("case__room", "addressee", "user", "party")
        .filter(pk=line_id)
        .first()
    )
    if found is None:
        raise NotFound
    managed_case(found.case_id, asker=asker, covers=covers)
    return found


def case_of_group(group_id: UUID, *, asker: Actor) -> Case:
    """The case that this group serves, for its expert: to everybody else groups do not exist,
    since a name of one may speak of a sealed space."""
    found = Group.objects.filter(pk=group_id, room_id__isnull=False).first()
    if found is None or found.room_id is None:
        raise NotFound
    entered = case(found.room_id, asker=asker)
    if not entered.standings.is_owner:
        raise NotFound
    filing.owned_room(found.room_id, asker=asker)
    return entered.case


def group(group_id: UUID, *, asker: Actor) -> Group:
    case_of_group(group_id, asker=asker)
    return Group.objects.get(pk=group_id)


def group_person(person_id: UUID, *, group: Group, within: Standings, enters: bool) -> User:
    """Who may enter a group: an active member of its room; who may leave it: whoever is in it."""
    if enters:
        return filing.member(person_id, within=within)
    found = User.objects.filter(pk=person_id, memberships__group=group).first()
    if found is None:
        raise NotFound
    return found


def letter(case_id: UUID, letter_id: UUID, *, asker: Actor) -> Letter:
    """A letter of this case, for whoever prints it."""
    managed_case(case_id, asker=asker, covers=Covers.LETTERS)
    found = Letter.objects.filter(pk=letter_id, reference=case_id).first()
    if found is None:
        raise NotFound
    return found


def represented_party(party_id: UUID, *, asker: Actor) -> Party:
    """A party, for the lawyer who acts for it today."""
    found = (
        Party.objects.select_related("case__room", "side")
        .filter(pk=party_id, mandates__counsel=asker.user_id, mandates__until__isnull=True)
        .first()
    )
    if found is None or asker.scope is not Scope.MANAGE:
        raise NotFound
    case(found.case_id, asker=asker)
    return found
