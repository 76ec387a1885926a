"""What the crashing house does in its own processes: made, loaded, swept, looked over."""

import contextlib
import io
import json
import os
import random
import time
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.models import Count
from django.test import Client
from django.utils import timezone
from django.utils.crypto import get_random_string

from accedit.domain.alerts.models import Notice
from accedit.domain.evidence.models import Leaf, LogHead
from accedit.domain.evidence.operations import keeping
from accedit.domain.filing import blobs
from accedit.domain.filing.enums import NodeKind, Right
from accedit.domain.filing.models import BasketItem, Blob, Deposit, Grant, Node, Room
from accedit.domain.filing.operations import archiving, rooms, sweeping
from accedit.domain.filing.operations import grants as rights
from accedit.domain.filing.queries import checks
from accedit.domain.people.access import actor_of
from accedit.domain.people.enums import Door
from accedit.domain.people.models import User
from accedit.domain.post.models import Message
from accedit.machine import grants
from accedit.machine.postgres import APP, OWNER
from accedit.shared.refusals import Refusal
from accedit_ledger.tree import Frontier, leaf_hash
from tests import cast
from tests.web.sessions import signed_in

DAY = timedelta(hours=25)  # after which what nothing names is swept


def prepare(*, owner_url: str) -> None:
    """Tables and rights, as the owner; nobody waits for the disk yet."""
    os.environ["PGOPTIONS"] = "-c synchronous_commit=off"
    connections["default"].settings_dict["USER"] = OWNER
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    grants.apply(owner_url=owner_url, app_role=APP)


def seed() -> dict[str, Any]:
    """The gymnasium case; who deposits there by program, who by page."""
    made = cast.gymnase(at=timezone.now())
    folder = Node.objects.filter(room=made.case.room, kind=NodeKind.FOLDER).first()
    assert folder is not None
    return {
        "case": str(made.case.pk),
        "room": str(made.case.room_id),
        "folder": str(folder.pk),
        "expert": str(made.expert.user_id),
        "granted": str(made.contractor.user_id),
        "programs": [
            {
                "box": str(made.boxes[side].folder_id),
                "token": cast.token_for(who, at=timezone.now()),
            }
            for side, who in _depositors(made)
        ],
        "browsers": [_browser(who) for who in made.engineer_counsels],
    }


def _depositors(made: cast.Gymnase) -> list[tuple[str, Any]]:
    return [
        ("demandeur", made.owner_counsel),
        ("architecte", made.architect_counsel),
        ("entreprise", made.contractor),
    ]


def _browser(who: Any) -> dict[str, str]:
    client = Client()
    cookie = signed_in(client, who).cookies[settings.SESSION_COOKIE_NAME].value
    client.get("/compte", headers={"host": settings.BASE_URL.partition("//")[2]})
    return {
        "session": cookie,
        "session_name": settings.SESSION_COOKIE_NAME,
        "csrf": get_random_string(32),
        "csrf_name": settings.CSRF_COOKIE_NAME,
    }


def change(*, seeded: dict[str, Any], said: str, seed: int) -> None:
    """For ever: give and take back a right on a folder, put a piece away, close and reopen the
    case. Each change of rights is told before it is made and after it is committed, in a file that outlives us."""
    dice = random.Random(seed)
    actor = actor_of(User.objects.get(pk=seeded["expert"]), door=Door.PAGE)
    granted, folder = f"user:{seeded['granted']}", UUID(seeded["folder"])
    _reopen(UUID(seeded["room"]), actor=actor)
    with Path(said).open("a", buffering=1, encoding="ascii") as told:
        while True:
            now = timezone.now()
            wanted = dice.choice([[Right.BROWSE], [Right.BROWSE, Right.READ], []])
            words = " ".join(sorted(wanted)) or "-"
            told.write(f"wants {words}\n")
            rights.give(folder, to=granted, rights=wanted, actor=actor, at=now)
            told.write(f"did {words}\n")
            if dice.random() < 0.3:
                _put_away(UUID(seeded["room"]), actor=actor)
            if dice.random() < 0.1:
                rooms.close_room(UUID(seeded["room"]), actor=actor, at=now)
                _reopen(UUID(seeded["room"]), actor=actor)
            time.sleep(0.02)


def _put_away(room: UUID, *, actor: Any) -> None:
    piece = Node.objects.filter(room=room, evidence=True, parent__kind=NodeKind.BOX).first()
    if piece is not None:
        with contextlib.suppress(Refusal):
            archiving.archive(piece.pk, actor=actor, at=timezone.now())


def _reopen(room: UUID, *, actor: Any) -> None:
    with contextlib.suppress(rooms.AlreadySo):
        rooms.reopen_room(room, actor=actor, at=timezone.now())


def sweep() -> dict[str, int]:
    """As a day later: what nothing names is old enough."""
    swept = sweeping.sweep(at=timezone.now() + DAY)
    return {"files": swept.files}


def sign() -> int:
    return keeping.sign_grown()


def check(*, elsewhere: str = "") -> dict[str, Any]:
    """Everything that the outside ledger is compared with; of a copy of the house, if one is named."""
    if elsewhere:
        _move(Path(elsewhere))
    return {
        "damages": _fsck(),
        "deposits": {
            str(one.pk): {
                "upload": one.upload,
                "sha256": one.blob.sha256,
                "origin": one.log_origin,
                "index": one.log_index,
                "basket": str(one.basket_id),
            }
            for one in Deposit.objects.select_related("blob")
        },
        "roots": {head.origin: _roots(head) for head in LogHead.objects.all()},
        "granted": _granted(),
        "orphans": sum(1 for _ in checks.orphans(before=timezone.now() + DAY)),
        "arrivals": sum(1 for _ in blobs.stale_arrivals(before=timezone.now() + DAY)),
        "files": sum(1 for _ in blobs.listing()),
        "named": Blob.objects.count()
        + BasketItem.objects.filter(basket__deposited_at=None).count(),
        "closed": Room.objects.filter(closed_at__isnull=False).count(),
    }


def _move(data: Path) -> None:
    """This process looks at another folder, its database and the signer's memory in it."""
    connections["default"].settings_dict["HOST"] = str(data / "postgres" / "data")
    settings.BLOB_FOLDER, settings.SIGNER_FOLDER = data / "blobs", data / "signer"
    settings.SIGNER_SOCKET = ""


def _fsck() -> list[str]:
    out = io.StringIO()
    with contextlib.suppress(CommandError):
        call_command("fsck", json=True, stdout=out)
    return [one["sentence"] for one in json.loads(out.getvalue())["damages"]]


def _roots(head: LogHead) -> dict[int, str]:
    """The root of the log at each of its sizes, from the leaves themselves."""
    tree, found = Frontier(0, ()), dict[int, str]()
    for data in Leaf.objects.filter(log=head).order_by("index").values_list("data", flat=True):
        tree, _ = tree.append(leaf_hash(bytes(data)))
        found[tree.size] = tree.root().hex()
    return found


def _granted() -> str:
    grant = Grant.objects.filter(user__name="Sols Dubreuil", node__kind=NodeKind.FOLDER).first()
    return " ".join(sorted(grant.rights)) if grant else "-"


def told() -> dict[str, Any]:
    """What became of the mails: how many wait, and baskets that somebody was not told of once."""
    baskets = Deposit.objects.values_list("basket_id", flat=True).distinct()
    expected = _addressees_of_each(baskets)
    counted = {
        (str(one["basket_id"]), str(one["addressee_id"])): one["n"]
        for one in Notice.objects.values("basket_id", "addressee_id").annotate(n=Count("id"))
    }
    return {
        "waiting": Message.objects.filter(fate="waiting").count()
        + Notice.objects.filter(message__isnull=False, fate_logged_at=None).count(),
        "missing": [key for key in expected if key not in counted],
        "twice": [key for key, n in counted.items() if n != 1],
        "fates": dict(Message.objects.values_list("fate").annotate(n=Count("id"))),
        "messages": [str(pk) for pk in Message.objects.values_list("pk", flat=True)],
    }


def _addressees_of_each(baskets: Any) -> list[tuple[str, str]]:
    """From the roster frozen in each deposit's entry, not from the notices themselves."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select distinct d.basket_id, a.id from filing_deposit d
            join evidence_loghead h on h.origin = d.log_origin
            join evidence_innerleaf l on l.log_id = h.id and l.index = d.log_index
            join alerts_addressee a on a.user_id::text = l.value->>'reader'
                or a.id::text = l.value->>'addressee'
            where l.value->>'told' not in ('none')
            """
        )
        return [(str(basket), str(addressee)) for basket, addressee in cursor.fetchall()]
