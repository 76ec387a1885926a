"""A store with one case, to be damaged by hand and checked by `fsck`."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoDbBlocker

from accedit.domain.evidence.operations.signatures import sign_head
from accedit.domain.filing.models import Basket, Deposit
from accedit.domain.filing.operations import baskets
from tests import cast
from tests.cast import Gymnase
from tests.store import own, undone


@dataclass(frozen=True)
class House:
    """A store with one case, three deposited pieces and a basket that waits."""

    g: Gymnase
    pieces: list[Deposit]
    basket: Basket
    folder: Path
    origin: str

    @property
    def piece(self) -> Deposit:
        return self.pieces[1]

    @property
    def log(self) -> str:
        return f"(select id from evidence_loghead where origin = '{self.origin}')"

    @property
    def subject(self) -> str:
        return f"Dossier 2026-14, pièce n° {self.piece.number} (dépôt {self.piece.pk})"


@pytest.fixture(scope="module")
def built(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[House]:
    with django_db_blocker.unblock(), own(tmp_path_factory.mktemp("maison")) as folder:
        g = cast.gymnase()
        box, counsel = g.boxes["demandeur"], g.owner_counsel
        pieces = cast.deposited("a.pdf", "b.pdf", "c.pdf", box=box, by=counsel)
        basket = baskets.open_basket(box=box, actor=counsel, at=cast.NOON)
        baskets.add_file(basket, stored=cast.stored(b"en attente"), name="d.pdf", upload="d")
        sign_head(pieces[0].log_origin)
        yield House(g, pieces, basket, folder, pieces[0].log_origin)


@pytest.fixture
def house(built: House, tmp_path: Path) -> Iterator[House]:
    """The store as it was built, for one test to damage."""
    kept = tmp_path / "garde"
    shutil.copytree(built.folder.parent, kept)
    with undone():
        yield built
    shutil.rmtree(built.folder.parent)
    shutil.copytree(kept, built.folder.parent)


def fsck(*words: str) -> list[dict[str, str]]:
    """The damages found, as `--json` tells them; the exit code says whether there are any."""
    out = StringIO()
    try:
        call_command("fsck", "--json", *words, stdout=out, stderr=StringIO())
        code = 0
    except CommandError as refusal:
        code = refusal.returncode
    answer = json.loads(out.getvalue())
    assert (answer["ok"], code) == ((True, 0) if not answer["damages"] else (False, 1))
    return list(answer["damages"])


def sentences(*words: str) -> list[str]:
    return [damage["sentence"] for damage in fsck(*words)]


def run(order: str, *values: Any) -> None:
    """As whoever has all rights on the database."""
    with connection.cursor() as cursor:
        cursor.execute(order, values)
        assert cursor.rowcount > 0, "nothing was damaged"


def total(house: House) -> int:
    return sum(piece.blob.size for piece in house.pieces)
