"""One gymnasium case for the whole door, really committed: tests make what they change."""

import pytest

from tests import cast
from tests.cast import Gymnase
from tests.front import committed

__all__ = ["committed"]


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()
