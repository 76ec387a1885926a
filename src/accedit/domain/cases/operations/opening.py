"""A case in one act: tree, group, a box and an archive per side, rights, liste de diffusion.

The five manual steps of today (tree, users and groups, boxes, rights, alerts) are one
transaction: a case is whole or is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4

from django.db import transaction

from accedit.domain.alerts.enums import How
from accedit.domain.cases import stages
from accedit.domain.cases.enums import RosterRole, Template
from accedit.domain.cases.models import Case
from accedit.domain.cases.operations.parties import PartyDraft, enter_line, enter_party, told
from accedit.domain.filing.models import Node
from accedit.domain.filing.operations import places, rooms
from accedit.domain.filing.rights import READING
from accedit.domain.people.access import space_of
from accedit.domain.people.enums import Covers
from accedit.domain.people.models import Space
from accedit.domain.people.operations import groups
from accedit.domain.people.rights import Actor
from accedit.shared.fields import optional_line
from accedit.shared.refusals import Invalid


@dataclass(frozen=True, slots=True)
class CaseDraft:
    template: Template
    title: str
    reference: str
    parties: Sequence[PartyDraft] = field(default_factory=tuple)
    court: str = ""
    register_number: str = ""


@transaction.atomic
def open_case(draft: CaseDraft, *, actor: Actor, at: datetime) -> Case:
    """Everything of the template is there when this returns; invitations are in the outbox."""
    if len(draft.parties) > 60:
        raise Invalid(
            what="Un dossier s'ouvre avec 60 parties au plus : ajoutez les autres ensuite."
        )
    space = space_of(actor, covers=Covers.OPEN_CASES)
    kind = stages.KINDS[draft.template]
    room_id = uuid4()
    root = rooms.open_room(
        room_id=room_id,
        space=space,
        title=draft.title,
        reference=draft.reference,
        notice=kind.channel,
        at=at,
    )
    case = Case.objects.create(
        pk=room_id,
        room=root.room,
        group=groups.create_group(name=f"Liste de diffusion {draft.reference}", room_id=room_id),
        template=draft.template,
        court=optional_line(draft.court, what="Juridiction"),
        register_number=optional_line(draft.register_number, what="Numéro de rôle", limit=60),
        colour=Case.objects.filter(room__space=space).count() % stages.COLOURS,
    )
    _opened(case, space=space, actor=actor, at=at)
    _plant(root, kind=kind, at=at)
    _rights(case, root=root, space=space, actor=actor, at=at)
    for party in draft.parties:
        enter_party(case, draft=party, actor=actor, at=at)
    return case


def _opened(case: Case, *, space: Space, actor: Actor, at: datetime) -> None:
    told(
        case,
        "case.opened",
        actor=actor,
        at=at,
        reference=case.room.reference,
        title=case.room.title,
        template=case.template,
        court=case.court or None,
        register_number=case.register_number or None,
        mission_sha256=None,
        expert={"id": str(space.expert_id), "name": space.expert.name},
    )


def _plant(root: Node, *, kind: stages.Kind, at: datetime) -> None:
    for name in kind.folders:
        places.plant(root, name=name, at=at)
    places.plant(root, name=stages.BOXES, at=at)
    places.plant(root, name=stages.ARCHIVES, at=at)
    places.plant(root, name=stages.EXPERT_SPACE, at=at, sealed=True)


def _rights(case: Case, *, root: Node, space: Space, actor: Actor, at: datetime) -> None:
    """The group reads everything from the root; the expert is of the group and is told too."""
    rooms.grant(root, to=case.group, rights=READING, by=space.expert_id, at=at)
    rooms.let_in(space.expert, room=root.room, at=at)
    groups.add(space.expert, to=case.group)
    enter_line(
        case,
        name=space.expert.name,
        role=RosterRole.EXPERT,
        how=How.MAIL,
        at=at,
        user=space.expert,
    )
    told(
        case,
        "rights.changed",
        actor=actor,
        at=at,
        node_id=str(root.pk),
        subject={"id": str(case.group_id), "name": case.group.name},
        before=[],
        after=sorted(right.value for right in READING),
        gained=[str(space.expert_id)],
        lost=[],
    )
