"""In the demo only: the invented people, so that a newcomer signs in as any of them.

The demo writes them to `demo.json` in its data folder. Outside the demo nothing here
reads anything, whatever lies in the folder.
"""

import json
from dataclasses import dataclass

from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings

ROLES = {
    "expert": "expert",
    "assistant": "assistant de l'expert",
    "counsel": "avocat",
    "party": "partie sans avocat",
    "stranger": "expert d'un autre dossier",
}


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: str
    email: str
    password: str
    secret: str

    @property
    def code(self) -> str:
        """What the person's authenticator shows now."""
        _, now, *_ = yield_hotp_counters_from_time()
        return str(format_hotp_value(hotp_value(self.secret, now)))


def people() -> list[Person]:
    path = settings.DATA / "demo.json"
    if not settings.DEMO or not path.is_file():
        return []
    return [
        Person(
            name=row["name"],
            role=ROLES.get(row["role"], row["role"]),
            email=row["email"],
            password=row["password"],
            secret=row["totp_secret"],
        )
        for row in json.loads(path.read_text(encoding="utf-8"))["people"]
    ]


def person(*, email: str) -> Person | None:
    return next((one for one in people() if one.email == email), None)
