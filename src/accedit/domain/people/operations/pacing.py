"""How many invitations one person sends in an hour (attacks.md H5): what is past the cap is
refused in words, so that nothing is lost unseen."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accedit.domain.people.models import Slowdown
from accedit.domain.people.operations.slowing import in_words
from accedit.domain.people.reckoning import key_of, seconds
from accedit.domain.people.rights import Actor
from accedit.shared.refusals import Kind, Refusal

HOUR = timedelta(hours=1)


class TooManyInvitations(Refusal):
    kind = Kind.FORBIDDEN
    code = "rate_limited"
    sentence = "Vous avez envoyé {most} invitations en une heure. Rien n'est fait de ce que vous demandez maintenant : recommencez dans {words}."


@transaction.atomic
def count_invitation(actor: Actor, *, at: datetime) -> None:
    """One more by this person, in the transaction that sends it. Raises `TooManyInvitations`."""
    row, _ = Slowdown.objects.select_for_update().get_or_create(
        key=key_of("invitations", str(actor.user_id)), defaults={"last_at": at, "until": at}
    )
    if row.until <= at:
        row.tries, row.until = 0, at + HOUR
    most = settings.INVITATIONS_PER_HOUR
    if row.tries >= most:
        raise TooManyInvitations(most=most, words=in_words(seconds(until=row.until, at=at)))
    row.tries, row.last_at = row.tries + 1, at
    row.save(update_fields=["tries", "last_at", "until"])
