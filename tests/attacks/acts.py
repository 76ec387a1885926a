"""The same act through two doors, so that one test shows a row on both.

`Rest` uses a token and the raw call; `Pages` a session, the basket and its last screen.
Each keeps what the person was answered, and can tell what came of it in the tables.
"""

import json
from dataclasses import dataclass
from functools import cache
from typing import Protocol
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx

from accedit.domain.filing.models import Basket, BasketItem, Box, Deposit
from accedit.domain.people.rights import Actor
from tests import cast
from tests.attacks.browser import browser
from tests.front import client


@dataclass(frozen=True)
class Outcome:
    """`status` and `said` of the answer that decided; the deposits there are now of this act."""

    status: int
    said: str
    deposits: list[Deposit]


class Acts(Protocol):
    name: str

    def deposit(
        self,
        who: Actor,
        box: Box,
        *,
        name: str,
        content: bytes = b"x",
        upload: str = "",
        **more: str,
    ) -> Outcome: ...


@cache
def token(user_id: UUID, who: Actor) -> str:
    return cast.token_for(who)


class Rest:
    name = "rest"

    def client(self, who: Actor) -> httpx.Client:
        return client(token=token(who.user_id, who))

    def deposit(
        self,
        who: Actor,
        box: Box,
        *,
        name: str,
        content: bytes = b"x",
        upload: str = "",
        **more: str,
    ) -> Outcome:
        key = upload or uuid4().hex
        query = "&".join(f"{k}={quote(v, safe='')}" for k, v in {"name": name, **more}.items())
        with self.client(who) as api:
            answer = api.post(
                f"/api/v1/nodes/{box.folder_id}/deposits?{query}",
                content=content,
                headers={"Idempotency-Key": key},
            )
        made = Deposit.objects.filter(box=box, upload=key)
        return Outcome(answer.status_code, answer.text, list(made))


class Pages:
    name = "pages"

    def client(self, who: Actor) -> httpx.Client:
        return browser(who)

    def deposit(
        self,
        who: Actor,
        box: Box,
        *,
        name: str,
        content: bytes = b"x",
        upload: str = "",
        **more: str,
    ) -> Outcome:
        """Through the basket: the first refusal met on the way is the answer."""
        upload = upload or uuid4().hex
        with self.client(who) as pages:
            basket = self.basket(pages, box)
            if isinstance(basket, httpx.Response):
                return Outcome(basket.status_code, basket.text, [])
            sent = self.send(pages, basket, name=name, content=content, upload=upload, **more)
            if sent.status_code >= 400:
                return Outcome(sent.status_code, sent.text, self._made(basket, upload))
            done = pages.post(f"/paniers/{basket}/confirmer")
            return Outcome(done.status_code, done.text, self._made(basket, upload))

    def basket(self, pages: httpx.Client, box: Box) -> str | httpx.Response:
        """The id of one's open basket of this box, or the answer that says no."""
        answer = pages.post(
            f"/dossiers/{box.folder.room_id}/deposer", data={"boite": str(box.folder_id)}
        )
        found = answer.headers.get("location", "")
        return found.rsplit("/", 1)[1] if found.startswith("/paniers/") else answer

    def send(
        self,
        pages: httpx.Client,
        basket: str,
        *,
        name: str,
        content: bytes,
        upload: str,
        **more: str,
    ) -> httpx.Response:
        query = "&".join(f"{k}={quote(v, safe='')}" for k, v in more.items())
        return pages.post(
            f"/paniers/{basket}/fichiers" + (f"?{query}" if query else ""),
            content=content,
            headers={
                "X-File-Name": quote(name, safe=""),
                "X-Upload-Id": upload,
                "Content-Type": "application/octet-stream",
                "Accept": "application/json",
            },
        )

    def _made(self, basket: str, upload: str) -> list[Deposit]:
        return list(Deposit.objects.filter(basket=basket, upload__endswith=upload))


BOTH: list[Rest | Pages] = [Rest(), Pages()]


def sentence(outcome: Outcome) -> str:
    """The French sentence of a refusal, whichever the door."""
    try:
        return str(json.loads(outcome.said)["detail"])
    except ValueError:
        return outcome.said


def left_behind(box: Box, who: Actor) -> int:
    """Files that wait in this person's open baskets for this box."""
    return BasketItem.objects.filter(
        basket__in=Basket.objects.filter(box=box, owner=who.user_id, deposited_at=None)
    ).count()
