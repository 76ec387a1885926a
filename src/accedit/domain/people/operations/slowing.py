"""Wrong passwords, codes and tokens slow down whoever types them (G2, G3).

A try is counted before it is judged, so that a hundred at once are a hundred, and taken
back if it was right. What waits is refused without being judged or counted: nobody makes
another wait longer by going on. The counters are rows: every process sees the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from accedit.domain.people.models import Slowdown
from accedit.domain.people.reckoning import Allowance, seconds
from accedit.shared.refusals import Kind, Refusal

MINUTE = timedelta(minutes=1)
FROM_THERE = Allowance(
    5, timedelta(seconds=2), 15 * MINUTE, 60 * MINUTE
)  # this account, this network
NETWORK = Allowance(30, timedelta(seconds=1), 5 * MINUTE, 10 * MINUTE)
ACCOUNT = Allowance(20, timedelta(seconds=1), MINUTE, 60 * MINUTE)  # from wherever
ACCOUNT_CODE = Allowance(5, timedelta(seconds=5), 15 * MINUTE, 24 * 60 * MINUTE)
EVERYBODY = Allowance(1000, timedelta(seconds=1), timedelta(seconds=10), MINUTE)
TOKENS = Allowance(30, timedelta(seconds=1), MINUTE, 10 * MINUTE)
ASKING = Allowance(
    5, timedelta(seconds=10), 15 * MINUTE, 60 * MINUTE
)  # a recovery, from one network
KEPT = timedelta(days=2)

Keys = Mapping[str, Allowance]


class TooManyTries(Refusal):
    kind = Kind.FORBIDDEN
    code = "rate_limited"
    sentence = "Trop d'essais de suite. Réessayez dans {words}. Rien n'est bloqué : depuis un appareil où vous vous êtes déjà connecté, ou avec une clé d'identification, vous entrez sans attendre."

    def __init__(self, *, wait: int) -> None:
        self.wait = wait
        super().__init__(words=in_words(wait))


def in_words(wait: int) -> str:
    if wait < 2:
        return "1 seconde"
    if wait < 120:
        return f"{wait} secondes"
    return f"{-(-wait // 60)} minutes"


@transaction.atomic
def count(keys: Keys, *, at: datetime) -> None:
    """One more try for each key. Raises `TooManyTries` where one must still wait; nothing is
    counted then."""
    rows = _locked(keys, at=at)
    late = [row.until for row in rows if row.until > at]
    if late:
        raise TooManyTries(wait=seconds(until=max(late), at=at))
    for row in rows:
        allowance = keys[row.key]
        row.tries = 1 if row.last_at + allowance.forgets <= at else row.tries + 1
        row.last_at, row.until = at, at + allowance.wait(row.tries)
    Slowdown.objects.bulk_update(rows, ["tries", "last_at", "until"])


@transaction.atomic
def take_back(keys: Keys, *, at: datetime) -> None:
    """The try was right: it costs nothing, and wipes nothing of the wrong ones before it."""
    held = Slowdown.objects.select_for_update().filter(key__in=keys).order_by("key")
    ours = [row.pk for row in held if row.tries > 0]
    Slowdown.objects.filter(key__in=ours).update(tries=F("tries") - 1, until=at)


@transaction.atomic
def forget(keys: Keys) -> None:
    """Who this is has been shown in full: their own earlier slips are no longer held against them."""
    Slowdown.objects.filter(key__in=keys).delete()


def _locked(keys: Keys, *, at: datetime) -> list[Slowdown]:
    """The rows of these keys, ours until the end of the transaction, made at first need; always
    in the same order, so that no two wait for each other."""
    Slowdown.objects.bulk_create(
        [Slowdown(key=key, last_at=at, until=at) for key in sorted(keys)], ignore_conflicts=True
    )
    return list(Slowdown.objects.select_for_update().filter(key__in=keys).order_by("key"))


@transaction.atomic
def sweep(*, at: datetime) -> int:
    """What nobody has tried for two days goes away."""
    return Slowdown.objects.filter(last_at__lt=at - KEPT).delete()[0]
