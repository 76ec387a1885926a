"""Rows J6, J8, J9 where the house itself answers: what is sent, what is told, what is kept."""

import ast
import io
import logging
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.db import connection

from accedit.domain.cases import queries as cases
from accedit.domain.people.models import User
from accedit.domain.people.operations import factors
from accedit.serving.logs import JsonFormatter
from accedit.shared.json_cache import JsonCache
from tests import cast
from tests.attacks.browser import browser
from tests.attacks.routes import routes
from tests.attacks.test_reach import Target, as_person, target
from tests.cast import Gymnase
from tests.front import client
from tests.web.codes import SECRET

__all__ = ["target"]

ROOT = Path(__file__).parents[2]
MAKE_OBJECTS = {"pickle", "cPickle", "_pickle", "dill", "marshal", "shelve", "jsonpickle", "yaml"}


def makers_of_objects(source: str) -> set[str]:
    """The modules imported here that turn bytes into objects of any kind."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        found |= {name.split(".")[0] for name in names} & MAKE_OBJECTS
    return found


@pytest.mark.attack("J9", "pages")
@pytest.mark.attack("J9", "rest")
def test_j9_nothing_that_is_read_becomes_an_object() -> None:
    strays = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "src").rglob("*.py")
        if makers_of_objects(path.read_text(encoding="utf-8"))
    }

    assert strays == set()


def test_a_maker_of_objects_would_be_seen() -> None:
    assert makers_of_objects("from pickle import loads") == {"pickle"}
    assert makers_of_objects("import json, yaml.nodes") == {"yaml"}


@pytest.mark.attack("J9", "pages")
@pytest.mark.attack("J9", "rest")
def test_j9_the_session_and_the_cache_hold_json() -> None:
    kinds: set[type[BaseCache]] = {type(one) for one in caches.all()}

    assert kinds == {JsonCache}
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"


@pytest.mark.django_db
def test_what_is_kept_is_readable_and_what_is_not_json_is_refused() -> None:
    cache.set("tries", [1.5, 2.5], 60)

    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM shared_cache")
        assert cursor.fetchall() == [("[1.5, 2.5]",)]
    assert cache.get("tries") == [1.5, 2.5]
    with pytest.raises(TypeError):
        cache.set("object", object(), 60)


@pytest.mark.django_db
def test_a_key_is_added_once_until_it_expires() -> None:
    assert [cache.add("code", "used", 60), cache.add("code", "used", 60)] == [True, False]
    assert cache.add("code:2", "used", -1)
    assert cache.get("code:2") is None
    assert cache.add("code:2", "used", 60)
    assert cache.delete("code")
    assert not cache.delete("code")
    assert cache.add("code", "used", None)
    assert cache.touch("code", 60)
    assert not cache.touch("nothing", 60)


@pytest.mark.django_db
def test_a_thousand_live_rows_are_all_kept() -> None:
    for number in range(1000):
        cache.add(f"code:{number}", "used", 60)

    assert all(cache.get(f"code:{number}") == "used" for number in range(1000))
    cache.clear()
    assert cache.get("code:1") is None


STATEMENTS = ("'", "1' OR '1'='1", "1);select pg_sleep(9)--", '"\\"; drop table x; --', "%s%(a)s%%")
PAGING = ("suite", "cursor")


def asked_of(source: str) -> set[str]:
    """The query's fields that a module reads."""
    return set(re.findall(r"(?:GET|query)\.get(?:list)?\(\s*\"(\w+)\"", source))


def fields() -> list[str]:
    sources = [
        path.read_text(encoding="utf-8") for path in (ROOT / "src" / "accedit").rglob("*.py")
    ]
    return sorted(set().union(*map(asked_of, sources)) - set(PAGING))


@pytest.mark.parametrize("door", ["pages", "rest"])
@pytest.mark.attack("J8", "pages", "rest")
def test_j8_a_statement_sent_as_a_word_is_a_word(
    door: str, people: Gymnase, target: Target
) -> None:
    """In each field of the query, one after the other along the routes, and in each part of
    each address: a refusal or a page, within its time, never a fault of ours."""
    turn, names = cycle(STATEMENTS), fields()
    with as_person(door, people.expert)() as asking:
        for route in routes():
            if route.door != door or route.pattern.endswith("/evenements"):
                continue  # a stream has no end; its one field is an hour or nothing
            ids = dict(target.ids) | {"role": "expert"}
            for part in route.params:
                broken = ids | {part: quote(next(turn), safe="")}
                not_our_fault(asking, route.filled(defaultdict(lambda: "x", broken)))
            address = route.filled(defaultdict(lambda: "x", ids))
            for some in (names, PAGING):  # a page that is not one may be refused before the rest
                words = urlencode({name: next(turn) for name in some})
                not_our_fault(asking, f"{address}?{words}")


def not_our_fault(asking: httpx.Client, address: str) -> None:
    began = time.monotonic()
    answer = asking.get(address)

    assert answer.status_code < 500, address
    assert time.monotonic() - began < 8, address


@pytest.mark.attack("J6", "pages", "rest")
def test_j6_neither_the_log_nor_a_page_of_error_tells_a_secret(
    people: Gymnase, target: Target, monkeypatch: pytest.MonkeyPatch, told: io.StringIO
) -> None:
    seed = seed_of(people)
    token = cast.token_for(people.expert)
    secrets: dict[str, str] = {
        "key": settings.SECRET_KEY,
        "database": str(settings.DATABASES["default"].get("PASSWORD") or "no password here"),
        "token": token,
        "seed": seed,
    }
    bodies = []
    with browser(people.expert) as page, client(token=token) as api:
        secrets["session"] = str(page.cookies[settings.SESSION_COOKIE_NAME])
        bodies += [page.get(f"/pieces/{uuid4()}"), page.get("/%ff"), page.post("/compte/cles/x")]
        bodies += [api.get(f"/api/v1/nodes/{uuid4()}"), api.get(f"/api/v1/cases?token={token}")]
        page.post("/connexion/code", data={"code": seed})
        monkeypatch.setattr(cases, "cases", breaks(" ".join(secrets.values())))
        bodies += [page.get("/dossiers"), api.get("/api/v1/cases")]
    everything = told.getvalue() + "".join(f"{one.headers} {one.text}" for one in bodies)

    assert [one.status_code for one in bodies[-2:]] == [500, 500]
    assert "unexpected error" in told.getvalue()
    assert [name for name, value in secrets.items() if value in everything] == []


@pytest.fixture
def told() -> Iterator[io.StringIO]:
    """What the technical log writes, all of it."""
    out, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(out), root.level
    handler.setFormatter(JsonFormatter())
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield out
    root.setLevel(level)
    root.removeHandler(handler)


def breaks(words: str) -> Callable[..., None]:
    """A bug of ours whose message holds everything that must not be told."""

    def broken(**_: object) -> None:
        raise RuntimeError(words)

    return broken


def seed_of(people: Gymnase) -> str:
    user = User.objects.get(pk=people.expert.user_id)
    factors.set_authenticator(user, secret=SECRET)
    return SECRET


def test_a_secret_in_the_log_would_be_seen(told: io.StringIO) -> None:
    logging.getLogger("x").warning("a plain word")

    assert "a plain word" in told.getvalue()
