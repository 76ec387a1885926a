"""From a session, a token or an id to a person; or the one answer for "no".

Whoever is disabled is nobody, at once, whatever they hold (I21).
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from accedit.domain.people.enums import Covers, Door, PersonKind, Scope
from accedit.domain.people.models import (
    ApiToken,
    Colleague,
    Delegation,
    Invitation,
    Space,
    User,
)
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Forbidden, Kind, NotFound, Refusal


class NotSignedIn(Refusal):
    kind = Kind.FORBIDDEN
    code = "unauthenticated"
    sentence = "Identifiez-vous pour continuer."


class CodeNotKnown(Refusal):
    kind = Kind.FORBIDDEN
    code = "forbidden"
    sentence = (
        "Ce code ne peut pas être utilisé avec cette adresse. Vérifiez les deux, "
        "ou demandez à l'expert un nouveau code : il l'envoie en un clic."
    )


def digest(secret: str) -> str:
    """How codes and tokens are kept: they are random enough to need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of(user: User, *, door: Door) -> Actor:
    if not user.is_active:
        raise NotSignedIn
    return Actor(
        user_id=user.pk,
        name=user.name,
        kind=PersonKind(user.kind),
        door=door,
        firm=user.firm.name if user.firm else "",
        only_room=user.only_room,
    )


def actor_of_token(secret: str, *, door: Door) -> Actor:
    """Who a token acts for. Revoked, older than its owner's epoch, or unknown: the same answer."""
    return holder_of_token(live_token(secret), door=door)


def live_token(secret: str) -> ApiToken:
    """The token with this secret, if it still opens something."""
    token = (
        ApiToken.objects.select_related("user__firm")
        .filter(digest=digest(secret), revoked_at__isnull=True, user__is_active=True)
        .first()
    )
    if token is None or token.epoch != token.user.epoch:
        raise NotSignedIn
    return token


def holder_of_token(token: ApiToken, *, door: Door) -> Actor:
    whole = actor_of(token.user, door=door)
    return Actor(
        user_id=whole.user_id,
        name=whole.name,
        kind=whole.kind,
        door=door,
        firm=whole.firm,
        scope=Scope(token.scope),
        only_room=token.room_id or whole.only_room,
    )


def own_user(asker: Actor) -> User:
    return User.objects.select_related("firm").get(pk=asker.user_id)


def own_token(token_id: UUID, *, asker: Actor) -> ApiToken:
    token = ApiToken.objects.filter(pk=token_id, user_id=asker.user_id).first()
    if token is None:
        raise NotFound
    return token


def space_of(asker: Actor, *, covers: Covers | None = None) -> Space:
    """The space in which `asker` acts: their own, or the one whose expert delegated `covers`."""
    if asker.scope is not Scope.MANAGE or asker.only_room is not None:
        raise Forbidden(what="cette clé d'accès ne permet pas d'ouvrir ni de gérer des dossiers")
    own = Space.objects.filter(expert_id=asker.user_id).first()
    if own:
        return own
    given = (
        Delegation.objects.select_related("space__expert")
        .filter(delegate_id=asker.user_id, ended_at__isnull=True)
        .first()
    )
    if given is None:
        raise Forbidden(what="seul un expert, ou son assistant, ouvre et gère des dossiers")
    if covers is not None and covers.value not in given.covers:
        raise Forbidden(what="l'expert ne vous a pas confié cet acte")
    return given.space


def own_space(asker: Actor) -> Space:
    """The space of an expert, for that expert alone."""
    own = Space.objects.select_related("expert").filter(expert_id=asker.user_id).first()
    if own is None or asker.scope is not Scope.MANAGE:
        raise NotFound
    return own


def delegation(delegation_id: UUID, *, asker: Actor) -> Delegation:
    """What one has confided, and not yet taken back."""
    found = (
        Delegation.objects.select_related("space", "delegate")
        .filter(pk=delegation_id, ended_at__isnull=True, space__expert_id=asker.user_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def staff(asker: Actor) -> User:
    """Whoever runs the platform. To anybody else its pages do not exist."""
    found = User.objects.filter(pk=asker.user_id, is_staff=True, is_active=True).first()
    if found is None:
        raise NotFound
    return found


def firm_administrator(asker: Actor) -> User:
    """Whoever administers their firm. No right in any case comes from it (A20)."""
    found = (
        User.objects.select_related("firm")
        .filter(pk=asker.user_id, administers_firm=True, firm__isnull=False, is_active=True)
        .first()
    )
    if found is None or asker.scope is not Scope.MANAGE:
        raise NotFound
    return found


def colleague(user_id: UUID, *, asker: Actor) -> User:
    """Somebody of the firm that `asker` administers, and of no other."""
    chief = firm_administrator(asker)
    found = User.objects.filter(
        pk=user_id, firm=chief.firm_id, kind=PersonKind.PROFESSIONAL
    ).first()
    if found is None or found.pk == chief.pk:
        raise NotFound
    return found


def proposal(proposal_id: UUID, *, asker: Actor) -> Colleague:
    """A firm's proposal to oneself, not answered yet."""
    found = (
        Colleague.objects.select_related("firm", "user")
        .filter(pk=proposal_id, user=asker.user_id, answered_at__isnull=True)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def delegates_of(owner_ids: Iterable[UUID]) -> dict[UUID, dict[UUID, frozenset[Covers]]]:
    """For each owner, who acts for them and for what."""
    found: dict[UUID, dict[UUID, frozenset[Covers]]] = {}
    rows = Delegation.objects.filter(
        space__expert_id__in=list(owner_ids), ended_at__isnull=True, delegate__is_active=True
    ).values_list("space__expert_id", "delegate_id", "covers")
    for owner, delegate, covers in rows:
        found.setdefault(owner, {})[delegate] = frozenset(Covers(c) for c in covers)
    return found


def covered(asker: Actor, *, owner_id: UUID, act: Covers) -> bool:
    """Whether `asker` is the owner or a delegate whose delegation names this act."""
    if asker.scope is Scope.READ:
        return False
    if asker.user_id == owner_id:
        return True
    return act in delegates_of([owner_id]).get(owner_id, {}).get(asker.user_id, frozenset())


def invitation(code: str, *, address: str, at: datetime) -> Invitation:
    """The invitation that this code opens. Wrong, used, replaced, too old, or for another
    address: one answer, so that nobody learns anything by trying."""
    found = (
        Invitation.objects.select_related("user", "sent_by")
        .filter(code_digest=digest(tidy_code(code)), used_at__isnull=True, replaced_at__isnull=True)
        .filter(expires_at__gt=at, user__is_active=True)
        .first()
    )
    if found is None or (found.address and found.address != address.strip().lower()):
        raise CodeNotKnown
    return found


def tidy_code(code: str) -> str:
    """A code as it was made, however it was typed: capitals, no hyphen, no look-alike letter."""
    typed = "".join(c for c in code.upper() if c.isalnum())
    return typed.translate(str.maketrans("OIL", "011"))
