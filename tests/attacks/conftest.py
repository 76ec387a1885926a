"""One gymnasium case and a stranger's, really committed, for the whole table."""

import pytest

from tests import cast
from tests.cast import Gymnase
from tests.front import committed

__all__ = ["committed"]


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()
