"""The gymnasium case, for the tests of pages: made once a file, given anew to each test."""

from pathlib import Path

import pytest
from pytest_django import Settings

from tests.cast import Gymnase
from tests.store import cast_once, g

__all__ = ["cast_once", "g"]


@pytest.fixture
def gymnase(g: Gymnase, tmp_path: Path, settings: Settings) -> Gymnase:
    """With a signer that remembers nothing: what other tests signed was taken back."""
    settings.SIGNER_FOLDER = tmp_path / "signer"
    return g
