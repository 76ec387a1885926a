"""The professionals' directory, one's own tokens, the people of a group."""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models import Q, QuerySet

from accedit.domain.people.enums import PersonKind
from accedit.domain.people.models import (
    ApiToken,
    Colleague,
    Delegation,
    Invitation,
    Membership,
    Space,
    User,
)
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, NotFound

PUBLIC = (PersonKind.PROFESSIONAL, PersonKind.EXPERT)


def directory(*, asker: Actor, words: str = "", limit: int = 50) -> Sequence[User]:
    """Professionals only, to experts and their assistants only (S2: « annuaire des professionnels »)."""
    if asker.kind not in (PersonKind.EXPERT, PersonKind.ASSISTANT):
        raise Forbidden(what="l'annuaire des professionnels est ouvert aux experts")
    found = User.objects.filter(kind__in=PUBLIC, is_active=True).select_related("firm")
    for word in words.split()[:5]:
        found = found.filter(
            Q(name__icontains=word) | Q(firm__name__icontains=word) | Q(title__icontains=word)
        )
    return list(found.order_by("name", "pk")[:limit])


def tokens(*, asker: Actor) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(user_id=asker.user_id).order_by("-created_at")


def groups_of(
    user_id: UUID, *, room_ids: Sequence[UUID] | None = None
) -> dict[UUID, frozenset[UUID]]:
    """The groups of a person, by the room they serve."""
    rows = Membership.objects.filter(user_id=user_id, group__room_id__isnull=False)
    if room_ids is not None:
        rows = rows.filter(group__room_id__in=room_ids)
    found: dict[UUID, set[UUID]] = {}
    for room, group in rows.values_list("group__room_id", "group_id"):
        if room is not None:
            found.setdefault(room, set()).add(group)
    return {room: frozenset(groups) for room, groups in found.items()}


def latest_invitations(*, room_id: UUID) -> dict[UUID, Invitation]:
    """The last invitation of each person of a room."""
    rows = Invitation.objects.filter(room_id=room_id).order_by("user_id", "created_at")
    return {row.user_id: row for row in rows}


def accounts_at(address: str, *, room_id: UUID | None = None) -> Sequence[User]:
    """The accounts that may sign in with this address: the professional's own, or else one for
    each case of a private person, narrowed to `room_id` where it is given."""
    found = User.objects.filter(email=address.strip().lower(), is_active=True)
    own = found.exclude(kind=PersonKind.PRIVATE)
    if own.exists():
        return list(own)
    return list(found.filter(only_room=room_id) if room_id else found.order_by("created_at", "pk"))


def recovery_codes(user: User) -> list[str]:
    """The recovery codes that have not been used yet."""
    kept = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return list(kept.wrap().get_unused_codes()) if kept else []


@dataclass(frozen=True, slots=True)
class PasskeySeen:
    id: int
    name: str
    since: datetime
    last_used: datetime | None


def passkeys(*, asker: Actor, only: int | None = None) -> list[PasskeySeen]:
    """One's own passkeys, oldest first; `only` one of them, or `NotFound`."""
    rows = Authenticator.objects.filter(user=asker.user_id, type=Authenticator.Type.WEBAUTHN)
    if only is not None:
        rows = rows.filter(pk=only)
        if not rows:
            raise NotFound
    return [
        PasskeySeen(row.pk, row.data["name"], row.created_at, row.last_used_at)
        for row in rows.order_by("created_at", "pk")
    ]


def people_of_firm(chief: User) -> list[User]:
    """Everybody inscribed at the firm that `chief` administers; nothing of their cases."""
    rows = User.objects.filter(firm=chief.firm_id, kind=PersonKind.PROFESSIONAL)
    return list(rows.order_by("-is_active", "name", "pk"))


def waiting_proposals(chief: User) -> list[Colleague]:
    """As they were typed: nothing of the person's own account shows in them."""
    rows = Colleague.objects.filter(firm=chief.firm_id)
    return list(rows.filter(answered_at__isnull=True).order_by("proposed_at", "pk"))


def own_proposals(*, asker: Actor) -> list[Colleague]:
    if asker.kind is not PersonKind.PROFESSIONAL:
        return []
    rows = Colleague.objects.filter(user=asker.user_id, answered_at__isnull=True)
    return list(rows.select_related("firm").order_by("proposed_at", "pk"))


def has_application(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def has_passkey(user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.WEBAUTHN).exists())


def delegations(space: Space) -> list[Delegation]:
    """What is confided today in a space, by name of the assistant."""
    return list(
        Delegation.objects.filter(space=space, ended_at__isnull=True)
        .select_related("delegate")
        .order_by("delegate__name", "pk")
    )


def marks_of_people(user_ids: Collection[UUID]) -> dict[UUID, Hashable]:
    """For each person, what changes whenever what they may do may have changed."""
    groups: dict[UUID, frozenset[UUID]] = {}
    for user, group in Membership.objects.filter(user__in=user_ids).values_list("user", "group"):
        groups[user] = groups.get(user, frozenset()) | {group}
    acting: dict[UUID, frozenset[UUID]] = {}
    for user, given in Delegation.objects.filter(
        delegate__in=user_ids, ended_at__isnull=True
    ).values_list("delegate", "pk"):
        acting[user] = acting.get(user, frozenset()) | {given}
    rows = User.objects.filter(pk__in=user_ids).values_list("pk", "is_active", "epoch", "only_room")
    return {row[0]: (*row, groups.get(row[0]), acting.get(row[0])) for row in rows}


def marks_of_tokens(digests: Collection[str]) -> dict[str, Hashable]:
    """For each token, what changes when it no longer opens what it opened."""
    rows = ApiToken.objects.filter(digest__in=digests)
    return {row[0]: row for row in rows.values_list("digest", "revoked_at", "scope", "room_id")}
