"""What happens in a case, told live to those whose page is open (server-sent events).

    GET /dossiers/{case_id}/evenements?depuis=HOUR

A message counts what came since, as far as its receiver may know of it: it is reckoned
for that receiver when it is sent (A13, I8, I13), by the rule of the journal. Its id is the
hour of the last entry that they may see, so that ids count nothing. When the
session, the access or the right ends, so does the stream.
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import Error

from accedit.domain.cases import access as cases
from accedit.domain.evidence.operations.log import stamp
from accedit.domain.filing.queries.news import News, newest, news
from accedit.domain.people.rights import Actor
from accedit.serving import answers
from accedit.serving.browsers import Browser
from accedit.serving.messages import RawRequest, RawResponse
from accedit.serving.pulse import Rests, pulse
from accedit.serving.threads import in_thread
from accedit.shared.refusals import Refusal

HEARTBEAT = 15.0  # seconds of silence on the line; proxies cut what is silent for longer
AT_ONCE = 6  # streams of one person in one process
LATEST = 1.0  # seconds within which a stirred stream is decided, or ended
BEGINNING = b"retry: 4000\n\n"
ALIVE = b":\n\n"
streams: Counter[UUID] = Counter()  # of each person, in this process


@dataclass(frozen=True, slots=True)
class Receiver:
    """Whose stream this is: known anew each time it matters."""

    request: RawRequest
    case_id: UUID

    def entered(self) -> tuple[Actor, cases.Entered]:
        actor = Browser(self.request).person()
        return actor, cases.case(self.case_id, asker=actor)

    def begins(self, *, since: datetime | None) -> tuple[Rests, datetime]:
        actor, entered = self.entered()
        session = self.request.cookies[settings.SESSION_COOKIE_NAME]
        hour = since or newest(
            within=entered.standings, asker=actor, otherwise=entered.case.room.opened_at
        )
        return Rests(actor.user_id, self.case_id, session=session), hour

    def news(self, *, since: datetime) -> News:
        actor, entered = self.entered()
        return news(within=entered.standings, asker=actor, since=since)


async def of_case(request: RawRequest) -> RawResponse:
    """GET /dossiers/{id}/evenements"""
    Browser(request).refuse_foreign()
    receiver = Receiver(request, UUID(request.params["case_id"]))
    rests, since = await in_thread(partial(receiver.begins, since=_since(request)))
    if streams[rests.user_id] >= AT_ONCE:
        return answers.refused(
            request,
            status=429,
            code="rate_limited",
            sentence="Trop de pages de dossiers sont ouvertes : fermez-en une.",
        )
    return RawResponse(
        200,
        [
            ("Content-Type", "text/event-stream"),
            ("Connection", "close"),
            ("Vary", "Cookie, Authorization"),
            ("X-Accel-Buffering", "no"),
            ("Cache-Control", "private, no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
        ],
        body=stream(receiver, rests=rests, since=since),
    )


async def stream(
    receiver: Receiver, *, rests: Rests, since: datetime
) -> AsyncGenerator[bytes, None]:
    """Ends with the right to it; each message is reckoned right before it is sent.

    The heartbeat has a clock of its own: what the receiver may not know of moves no beat.
    """
    clock = asyncio.get_running_loop().time
    async with pulse.watching(rests) as watch, _counted(rests.user_id):
        yield BEGINNING
        beat = clock() + HEARTBEAT
        while True:
            if not await watch.stirred(within=max(0.0, beat - clock())):
                yield ALIVE
                beat += HEARTBEAT
                continue
            await pulse.steady()
            try:
                async with asyncio.timeout(LATEST):
                    told = await in_thread(partial(receiver.news, since=since))
            except (Refusal, Error, TimeoutError):
                return
            since = told.until
            if not told.empty:
                yield _message(told)


@asynccontextmanager
async def _counted(user_id: UUID) -> AsyncIterator[None]:
    streams[user_id] += 1
    try:
        yield
    finally:
        streams[user_id] -= 1
        if not streams[user_id]:
            del streams[user_id]


def _message(told: News) -> bytes:
    said = {"pieces": told.pieces, "personnes": told.people, "change": told.changed}
    return f"id: {stamp(told.until)}\nevent: dossier\ndata: {json.dumps(said)}\n\n".encode()


def _since(request: RawRequest) -> datetime | None:
    """The hour from which to go on: the last message received, or else what the page shows."""
    given = request.headers.get("last-event-id") or request.query.get("depuis", "")
    try:
        hour = datetime.fromisoformat(given)
    except ValueError:
        return None
    return hour if hour.tzinfo else None
