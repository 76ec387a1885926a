"""Keys by which programs act for a person."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction

from accedit.domain.people.access import digest
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import ApiToken, User
from accedit.shared.fields import one_line


@transaction.atomic
def create_token(
    user: User, *, name: str, scope: Scope, at: datetime, room_id: UUID | None = None
) -> tuple[ApiToken, str]:
    """The token and its secret, which is shown once and kept nowhere."""
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
    return token, secret


@transaction.atomic
def revoke_token(token: ApiToken, *, at: datetime) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=at)
