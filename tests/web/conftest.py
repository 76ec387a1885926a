"""The gymnasium case, for the tests of pages."""

import pytest

from tests import cast
from tests.cast import Gymnase


@pytest.fixture
def gymnase(db: None) -> Gymnase:
    return cast.gymnase()
