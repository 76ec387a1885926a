"""A lawyer leaves a firm: the experts of their cases hear that the mandates are to be replaced."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from accedit.domain.cases.models import Mandate
from accedit.domain.people.models import User
from accedit.domain.people.operations import firms
from accedit.domain.people.rights import Actor
from accedit.domain.post.operations import outbox

GONE = """Bonjour {expert},

Le cabinet de {lawyer} a fermé son accès : cette personne n'y exerce plus.

Dossier {reference} : elle représentait {parties}. Ses avis de dépôt n'ont plus de lecteur.
Demandez à la partie qui la remplace, puis ajoutez ce conseil : {page}
"""


@transaction.atomic
def part_with(user: User, *, actor: Actor, at: datetime) -> None:
    """Whoever administers the firm learns nothing of these cases. `user` comes from
    `people.access.colleague`."""
    firms.part_with(user, actor=actor, at=at)
    rows = (
        Mandate.objects.filter(
            counsel=user, until__isnull=True, party__case__room__closed_at__isnull=True
        )
        .select_related("party__case__room__owner")
        .order_by("party__case", "party__rank")
    )
    parties: dict[object, list[Mandate]] = {}
    for row in rows:
        parties.setdefault(row.party.case_id, []).append(row)
    for mandates in parties.values():
        room = mandates[0].party.case.room
        outbox.queue(
            to=room.owner.email or "",
            to_name=room.owner.name,
            subject=f"[Dossier {room.reference}] Un conseil est à remplacer",
            body=GONE.format(
                expert=room.owner.name,
                lawyer=user.name,
                reference=room.reference,
                parties=", ".join(mandate.party.name for mandate in mandates),
                page=f"{settings.BASE_URL}/dossiers/{room.pk}/personnes",
            ),
            at=at,
            reference=room.pk,
        )
