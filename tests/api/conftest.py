"""One gymnasium case for each file of tests, really committed; a program for each person."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from accedit.domain.people.enums import Scope
from accedit.domain.people.rights import Actor
from tests import cast
from tests.cast import Gymnase
from tests.front import client, committed

__all__ = ["committed"]

Programs = Callable[..., httpx.Client]


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture
def program(people: Gymnase) -> Iterator[Programs]:
    """`program(who)`: REST with a key of `who` that may do all; narrower if asked."""
    with ExitStack() as stack:

        def made(who: Actor, **narrower: object) -> httpx.Client:
            token = cast.token_for(who, **narrower)  # type: ignore[arg-type]
            return stack.enter_context(client(token=token))

        yield made


@pytest.fixture
def expert(people: Gymnase, program: Programs) -> httpx.Client:
    return program(people.expert)


@pytest.fixture
def lawyer(people: Gymnase, program: Programs) -> httpx.Client:
    return program(people.owner_counsel, scope=Scope.DEPOSIT)
