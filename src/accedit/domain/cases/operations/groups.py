"""Groups of a case: people who are given rights together. Flat, and the owner's alone.

The group of the liste de diffusion follows the liste de diffusion and is not changed here.
What happens to a group is told in a log of its own, which the owner sees: a group may serve
a sealed space only, and the room's log must not tell of it. Where entering or leaving it
gives or takes a right, `rights.changed` says so in the log of that place.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.cases import access
from accedit.domain.evidence.enums import Audience
from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access as filing
from accedit.domain.filing.operations import grants, rooms
from accedit.domain.filing.operations.grants import ChangedMeanwhile
from accedit.domain.filing.operations.rooms import AlreadySo
from accedit.domain.filing.queries import changes, room_grants, scope_paths
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.rights import reaching
from accedit.domain.people.models import Group, User
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from accedit.shared.fields import folded, one_line
from accedit.shared.refusals import Kind, Refusal

NAME = "Nom du groupe"


class GroupNameTaken(Refusal):
    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Un groupe de ce nom existe déjà dans ce dossier : choisissez un autre nom."


class FollowsTheRoster(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = "Ce groupe suit la liste de diffusion : il change quand une partie ou un avocat entre dans le dossier ou en sort."


@transaction.atomic
def make_group(case_id: UUID, *, name: str, actor: Actor, at: datetime) -> Group:
    filing.owned_room(case_id, asker=actor)
    rooms.locked(case_id)
    name = _free_name(name, room_id=case_id)
    group = groups.create_group(name=name, room_id=case_id)
    _told(group, "group.made", {}, actor=actor, at=at)
    return group


@transaction.atomic
def rename_group(group_id: UUID, *, name: str, actor: Actor, at: datetime) -> Group:
    group = _locked(group_id, actor=actor)
    before, name = group.name, _free_name(name, room_id=_room(group), but=group)
    if name != before:
        groups.rename(group, name=name)
        _told(group, "group.renamed", {"before": before, "after": name}, actor=actor, at=at)
    return group


@transaction.atomic
def change_group(
    group_id: UUID,
    *,
    person_id: UUID,
    enters: bool,
    actor: Actor,
    at: datetime,
    seen: str | None = None,
) -> Preview:
    """A member of the room enters the group, or leaves it. Only a member may enter; whoever is
    in it may be taken out. Raises `AlreadySo`, `ChangedMeanwhile`."""
    group = _locked(group_id, actor=actor)
    within = filing.owned_room(_room(group), asker=actor)
    person = access.group_person(person_id, group=group, within=within, enters=enters)
    if enters == groups.holds(group, user=person):
        raise AlreadySo(
            what=f"{person.name} est déjà dans ce groupe."
            if enters
            else f"{person.name} n'est pas dans ce groupe."
        )
    preview = changes.of_group(group=group.pk, person=person.pk, enters=enters, within=within)
    if seen is not None and seen != preview.mark:
        raise ChangedMeanwhile
    if enters:
        groups.add(person, to=group)
    else:
        groups.remove(person, of=group)
    rooms.turn(within.room)
    moved = [{"id": str(person.pk), "name": person.name}]
    said = {"added": moved if enters else [], "removed": [] if enters else moved}
    _told(group, "group.changed", said, actor=actor, at=at, about=person)
    _tell_rights(group, preview, actor=actor, at=at)
    return preview


def _tell_rights(group: Group, preview: Preview, *, actor: Actor, at: datetime) -> None:
    """One entry for each place where the group was given something, in the log of that place."""
    room_id = _room(group)
    paths = scope_paths(room_id)
    entries = []
    for grant in room_grants(room_id):
        if grant.subject != group.pk:
            continue
        here = [
            shift
            for shift in preview.top
            if shift.place in paths and grant.node in {p.id for p in reaching(paths[shift.place])}
        ]
        sealed = next((place.id for place in reversed(paths[grant.node]) if place.sealed), None)
        held = sorted(grant.rights)
        entries.append(grants.Told(grant.node, sealed, before=held, after=held, shifts=here))
    grants.tell(room_id, entries, subject=group, actor=actor, at=at)


def _locked(group_id: UUID, *, actor: Actor) -> Group:
    case = access.case_of_group(group_id, asker=actor)
    rooms.locked(case.pk)
    if case.group_id == group_id:
        raise FollowsTheRoster
    return access.group(group_id, asker=actor)


def _room(group: Group) -> UUID:
    assert group.room_id is not None
    return group.room_id


def _free_name(name: str, *, room_id: UUID, but: Group | None = None) -> str:
    name = " ".join(one_line(name, what=NAME, limit=100).split())
    others = Group.objects.filter(room_id=room_id)
    if but is not None:
        others = others.exclude(pk=but.pk)
    if folded(name) in {folded(other) for other in others.values_list("name", flat=True)}:
        raise GroupNameTaken
    return name


def _told(
    group: Group,
    kind: str,
    claims: Mapping[str, object],
    *,
    actor: Actor,
    at: datetime,
    about: User | None = None,
) -> None:
    log.append(
        log.acts_of(_room(group), sealed=group.pk),
        [
            Fact(
                kind=kind,
                claims={"actor": actor.claim(), "group": grants.claim_of(group), **claims},
                received_at=at,
                actor_id=actor.user_id,
                about=about.pk if about else None,
                audience=Audience.CONCERNED,
            )
        ],
    )
