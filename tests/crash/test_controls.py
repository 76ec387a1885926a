"""A crash test that cannot fail proves nothing: two broken servers, and both are caught.

The mutants of the blob store (no sync of the bytes, of the folder, of those above it) are in
`test_plug.py`; a descriptor that is asked again after a sync failed, in `test_failing_disk.py`.
"""

import random

import pytest

from tests.crash.driver import Blow, Driver
from tests.crash.house import Opened
from tests.crash.writers import GaveUp


def test_a_server_that_signs_first_and_one_without_the_transaction_are_caught() -> None:
    """In this order: what the first leaves is no more signed, what the second leaves is torn."""
    with Opened(changing=False) as house:
        driver = Driver(house, random.Random(7))
        driver.round()
        healthy = driver.look()
        for one in (*driver.programs, *driver.browsers):
            one.patience = 5.0

        house.become("sign_first")
        with pytest.raises(GaveUp, match="signature du journal"):
            driver.round(Blow("finish.before_commit"))
        forked = driver.look()

        house.become("autocommit")
        with pytest.raises(GaveUp):
            driver.round(Blow("finish.node_inserted"))
        struck = house.struck("finish.node_inserted").exists()
        torn = driver.look()

    assert (healthy.faults, healthy.lost) == ([], 0)
    assert any("signataire" in one for one in forked.faults), forked.faults
    assert not any("la fiche de son dépôt manque" in one for one in forked.faults)
    assert struck
    assert any("la fiche de son dépôt manque" in one for one in torn.faults), torn.faults
