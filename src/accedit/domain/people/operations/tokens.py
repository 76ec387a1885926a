"""Keys by which programs act for a person; made and revoked in the platform's log."""

import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from accedit.domain.evidence.operations import log
from accedit.domain.evidence.operations.keeping import platform_log
from accedit.domain.evidence.operations.log import Fact
from accedit.domain.people.access import actor_of, digest
from accedit.domain.people.enums import Door, Scope
from accedit.domain.people.models import ApiToken, User
from accedit.shared.fields import one_line

NOTED = timedelta(hours=1)


@transaction.atomic
def create_token(
    user: User, *, name: str, scope: Scope, at: datetime, room_id: UUID | None = None
) -> tuple[ApiToken, str]:
    """The token and its secret (256 random bits), which is shown once and kept nowhere."""
    secret = f"acc_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=one_line(name, what="Nom de la clé", limit=100),
        digest=digest(secret),
        scope=scope,
        room_id=room_id,
        epoch=user.epoch,
        created_at=at,
    )
    _log(
        "token.created",
        token,
        at=at,
        token_name=token.name,
        scope=Scope(scope).value,
        case_id=str(room_id) if room_id else None,
    )
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, at: datetime) -> None:
    still = ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
    if still.update(revoked_at=at):
        _log("token.revoked", token, at=at)


@transaction.atomic
def note_used(token: ApiToken, *, at: datetime) -> None:
    """When it last served, to the hour: a busy program writes one row an hour."""
    if token.last_used_at is None or token.last_used_at + NOTED <= at:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=at)


def _log(kind: str, token: ApiToken, *, at: datetime, **claims: Any) -> None:
    actor = actor_of(token.user, door=Door.PAGE)
    told = {"actor": actor.claim(), "token_id": str(token.pk), **claims}
    log.append(platform_log(), [Fact(kind, told, received_at=at, actor_id=actor.user_id)])
