"""People who deposit, and what they wrote down outside the house of what it answered."""

import hashlib
import http.client
import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

MIB = 1024 * 1024
PATIENCE = 90.0  # seconds for one deposit, kills and restarts included
SIZES = (1, 700, 20_000, 300_000, 2 * MIB + 17)


class GaveUp(AssertionError):
    """The house did not come back, or refuses what it should take."""


@dataclass
class Acknowledged:
    """One file that the house said it has."""

    sha256: str
    upload: str
    deposit: str = ""  # its identifier, where the answer gave it
    answer: bytes = b""
    receipt: bytes = b""
    basket: str = ""


@dataclass
class Ledger:
    """What was answered, kept where nothing is killed."""

    lines: list[Acknowledged] = field(default_factory=list)
    told_otherwise: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)


@dataclass
class Writer:
    port: int
    ledger: Ledger
    dice: random.Random
    patience: float = PATIENCE
    sizes: tuple[int, ...] = SIZES

    def insisting(self, ask: "Callable[[], Any]", what: str) -> Any:
        """`ask` until it answers something; a dead line is only a reason to ask again."""
        until = time.monotonic() + self.patience
        seen = "nothing"
        while time.monotonic() < until:
            try:
                if (found := ask()) is not None:
                    return found
                seen = (self.ledger.refusals or ["nothing"])[-1]
            except (OSError, http.client.HTTPException) as fault:
                seen = repr(fault)
            time.sleep(0.02)
        raise GaveUp(f"{what}: {seen}")

    def request(
        self, method: str, target: str, *, body: bytes = b"", headers: dict[str, str]
    ) -> tuple[int, dict[str, str], bytes]:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            host = {"Host": f"localhost:{self.port}"}
            line.request(method, target, body=body or None, headers=host | headers)
            answer = line.getresponse()
            content = answer.read()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, content
        finally:
            line.close()

    def content(self) -> bytes:
        return self.dice.randbytes(self.dice.choice(self.sizes))

    def refused(self, status: int, body: bytes) -> None:
        self.ledger.refusals.append(f"{status} {body[:300]!r}")


@dataclass
class Program(Writer):
    """Deposits by REST with a key of its own, and keeps each receipt."""

    box: str = ""
    token: str = ""

    def deposit(self) -> None:
        content, key = self.content(), uuid4().hex
        answer = self.insisting(lambda: self._sent(content, key), "a deposit by REST")
        line = Acknowledged(
            hashlib.sha256(content).hexdigest(), key, json.loads(answer)["deposit_id"], answer
        )
        self.ledger.lines.append(line)
        line.receipt = self.insisting(lambda: self._receipt(line.deposit), "a receipt")
        if self.dice.random() < 0.3:
            again = self.insisting(lambda: self._sent(content, key), "the same deposit again")
            if again != answer:
                self.ledger.told_otherwise.append(f"{answer!r} then {again!r}")

    def _sent(self, content: bytes, key: str) -> bytes | None:
        status, _, body = self.request(
            "POST",
            f"/api/v1/nodes/{self.box}/deposits?name=constat.pdf",
            body=content,
            headers=self._headers | {"Idempotency-Key": key},
        )
        if status in (200, 201):
            return body
        self.refused(status, body)
        return None

    def _receipt(self, deposit: str) -> bytes | None:
        status, _, body = self.request(
            "GET", f"/api/v1/deposits/{deposit}/receipt", headers=self._headers
        )
        return body if status == 200 else self.refused(status, body)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@dataclass
class Browser(Writer):
    """Fills a basket of one or two files and deposits it, as the pages do."""

    case: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def deposit(self) -> None:
        basket = self.insisting(self._basket, "a basket")
        sent = []
        for _ in range(self.dice.choice((1, 2))):
            content, upload = self.content(), uuid4().hex
            self.insisting(
                lambda c=content, u=upload: self._added(basket, c, u),  # type: ignore[misc]
                "a file of a basket",
            )
            sent.append((hashlib.sha256(content).hexdigest(), upload))
        self.insisting(lambda: self._confirmed(basket), "the deposit of a basket")
        self.ledger.lines += [
            Acknowledged(sha256, f"{basket} {upload}", basket=basket) for sha256, upload in sent
        ]

    def _basket(self) -> str | None:
        status, told, body = self.request(
            "GET", f"/dossiers/{self.case}/deposer", headers=self._headers
        )
        found = re.fullmatch(r"/paniers/([0-9a-f-]{36})", told.get("location", ""))
        return found[1] if found else self.refused(status, body)

    def _added(self, basket: str, content: bytes, upload: str) -> bool | None:
        status, _, body = self.request(
            "POST",
            f"/paniers/{basket}/fichiers",
            body=content,
            headers=self._headers | {"X-File-Name": "dire.pdf", "X-Upload-Id": upload},
        )
        return True if status in (200, 201) else self.refused(status, body)

    def _confirmed(self, basket: str) -> bool | None:
        """Said to be done: the page that says so was answered, not only asked for."""
        headers = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}
        target = f"/paniers/{basket}/confirmer"
        status, told, body = self.request("POST", target, body=b"do=confirm", headers=headers)
        if told.get("location") != f"/paniers/{basket}/recu":
            return self.refused(status, body)
        status, _, body = self.request("GET", told["location"], headers=self._headers)
        return True if status == 200 else self.refused(status, body)

    @property
    def _headers(self) -> dict[str, str]:
        return {
            "Cookie": f"{self.cookies['session_name']}={self.cookies['session']}; "
            f"{self.cookies['csrf_name']}={self.cookies['csrf']}",
            "X-CSRFToken": self.cookies["csrf"],
            "Origin": f"http://localhost:{self.port}",
        }


def writers(
    *, port: int, seeded: dict[str, Any], ledger: Ledger, dice: random.Random
) -> list[Program | Browser]:
    programs = [
        Program(port, ledger, random.Random(dice.random()), box=one["box"], token=one["token"])
        for one in seeded["programs"]
    ]
    browsers = [
        Browser(port, ledger, random.Random(dice.random()), case=seeded["case"], cookies=one)
        for one in seeded["browsers"]
    ]
    return [*programs, *browsers]
