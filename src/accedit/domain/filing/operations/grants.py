"""Rights are given on a place to a member or to a group of the case, and taken back.

The owner alone decides: not a delegate, nor whoever holds « gérer » (I16, attacks.md A17).
Each change is reckoned again under the room's lock, written with who gained and who lost
what, and turns the room's epoch, in one transaction. A change that would change nothing
writes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.filing import access, queries
from accedit.domain.filing.access import Reached
from accedit.domain.filing.enums import Right
from accedit.domain.filing.models import Grant, Node
from accedit.domain.filing.operations import rooms
from accedit.domain.filing.queries import changes
from accedit.domain.filing.queries.changes import Preview
from accedit.domain.filing.rights import Shift
from accedit.domain.people.models import Group, User
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Invalid, Kind, Refusal


class ChangedMeanwhile(Refusal):
    """What was shown is not what would happen now: somebody changed something in between."""

    kind = Kind.IN_THE_WAY
    code = "conflict"
    sentence = "Les droits de ce dossier ont changé pendant que vous regardiez : relisez ce que ce changement ouvrira et fermera, puis confirmez de nouveau."


@dataclass(frozen=True, slots=True)
class Changed:
    """What is held now at the place, and what it changed for whom."""

    node: Node
    subject: User | Group
    rights: frozenset[Right]
    preview: Preview


@transaction.atomic
def give(
    node_id: UUID,
    *,
    to: str,
    rights: Collection[Right],
    actor: Actor,
    at: datetime,
    seen: str | None = None,
) -> Changed:
    """`to` (`user:ID`, `group:ID`) holds exactly `rights` at this place, in place of what was
    given there before; none deletes the grant. `seen` is the mark of the preview that was
    confirmed. Raises `NotFound` for whoever is not of the room, `ChangedMeanwhile`."""
    reached = _locked(node_id, actor=actor)
    subject = access.subject(to, within=reached.standings)
    if subject.pk == reached.standings.room.owner_id:
        raise Invalid(what="L'expert a déjà tous les droits dans son dossier.")
    wanted = frozenset(rights)
    preview = changes.of_grant(
        node=node_id, subject=subject.pk, rights=wanted, within=reached.standings
    )
    _same(preview, seen=seen)
    before = held_at(reached.node, subject)
    if before != wanted:
        if wanted:
            rooms.grant(reached.node, to=subject, rights=wanted, by=actor.user_id, at=at)
        else:
            rooms.revoke(reached.node, of=subject)
        tell(
            reached.node.room_id,
            [
                Told(
                    reached.node.pk,
                    queries.sealed_above(reached.node),
                    before=before,
                    after=wanted,
                    shifts=preview.top,
                )
            ],
            subject=subject,
            actor=actor,
            at=at,
        )
    return Changed(reached.node, subject, wanted, preview)


@transaction.atomic
def take_back(node_id: UUID, *, of: str, actor: Actor, at: datetime) -> Changed:
    """All that was given at this place to `of`."""
    return give(node_id, to=of, rights=(), actor=actor, at=at)


def _locked(node_id: UUID, *, actor: Actor) -> Reached:
    """The place, decided again now that the room is locked."""
    room_id = access.owned_place(node_id, asker=actor).node.room_id
    rooms.locked(room_id)
    return access.owned_place(node_id, asker=actor)


def _same(preview: Preview, *, seen: str | None) -> None:
    if seen is not None and seen != preview.mark:
        raise ChangedMeanwhile


def held_at(node: Node, subject: User | Group) -> frozenset[Right]:
    """What was given to this subject at this place, and nowhere else."""
    whose = {"user": subject} if isinstance(subject, User) else {"group": subject}
    found = Grant.objects.filter(node=node, **whose).values_list("rights", flat=True).first()
    return frozenset(Right(right) for right in found or ())


@dataclass(frozen=True, slots=True)
class Told:
    """One entry: at which place, in the log of which sealed space if any, what was and what is."""

    node: UUID
    sealed: UUID | None
    before: Collection[Right]
    after: Collection[Right]
    shifts: Sequence[Shift]


def tell(
    room_id: UUID, entries: Iterable[Told], *, subject: User | Group, actor: Actor, at: datetime
) -> None:
    """`rights.changed`, each in the log that tells of its place."""
    entries = list(entries)
    names = names_in(shift for entry in entries for shift in entry.shifts)
    for entry in entries:
        claims = {
            "actor": actor.claim(),
            "node_id": str(entry.node),
            "subject": claim_of(subject),
            "before": sorted(entry.before),
            "after": sorted(entry.after),
            **gained_and_lost(entry.shifts, names=names),
        }
        log.append(
            log.acts_of(room_id, sealed=entry.sealed),
            [
                Fact(
                    kind="rights.changed",
                    claims=claims,
                    received_at=at,
                    actor_id=actor.user_id,
                    node=entry.node,
                    about=subject.pk if isinstance(subject, User) else None,
                )
            ],
        )


def claim_of(subject: User | Group) -> dict[str, str]:
    kind = "user" if isinstance(subject, User) else "group"
    return {"id": str(subject.pk), "name": subject.name, "kind": kind}


def names_in(shifts: Iterable[Shift]) -> Mapping[UUID, str]:
    people = User.objects.filter(pk__in={shift.person for shift in shifts})
    return dict(people.values_list("pk", "name"))


def gained_and_lost(
    shifts: Sequence[Shift], *, names: Mapping[UUID, str]
) -> dict[str, list[dict[str, Any]]]:
    """As the log says it: a person, a place, the rights. Lower down, the same holds."""

    def line(shift: Shift, rights: Collection[Right]) -> dict[str, Any]:
        return {
            "id": str(shift.person),
            "name": names[shift.person],
            "node_id": str(shift.place),
            "rights": sorted(rights),
        }

    return {
        "gained": [line(shift, shift.gained) for shift in shifts if shift.gained],
        "lost": [line(shift, shift.lost) for shift in shifts if shift.lost],
    }
