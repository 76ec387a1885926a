"""The vocabulary: fixed, documented, and kept by `check`."""

import re
from pathlib import Path

import pytest
from tests.ledger.sample import deposit_claims

from accedit_ledger.canonical import JSON
from accedit_ledger.vocabulary import KINDS, MissingClaims, UnknownKind, check, table

PAGE = Path(__file__).parents[2] / "docs" / "log-vocabulary.md"


def test_the_page_of_the_docs_is_made_from_the_vocabulary() -> None:
    assert PAGE.read_text("utf-8") == table()


def test_a_kind_is_a_noun_and_a_participle() -> None:
    assert [name for name in KINDS if not re.fullmatch(r"[a-z]+\.[a-z]+(_[a-z]+)*", name)] == []
    assert [kind.name for kind in KINDS.values() if len(set(kind.claims)) != len(kind.claims)] == []
    assert [kind.name for kind in KINDS.values() if not kind.french[0].isupper()] == []


def test_a_whole_entry_passes_and_may_say_more() -> None:
    check("deposit.accepted", deposit_claims())
    check("deposit.accepted", deposit_claims() | {"clock_uncertain": True})


@pytest.mark.parametrize("claim", KINDS["deposit.accepted"].claims)
def test_an_entry_that_leaves_something_out_is_refused(claim: str) -> None:
    claims = {name: value for name, value in deposit_claims().items() if name != claim}

    with pytest.raises(MissingClaims, match=claim):
        check("deposit.accepted", claims)


@pytest.mark.parametrize("actor", [None, "Me Martin", {}, {"id": "1", "name": "Me Martin"}])
def test_an_act_without_a_named_actor_is_refused(actor: JSON) -> None:
    with pytest.raises(MissingClaims, match="actor"):
        check("deposit.accepted", deposit_claims() | {"actor": actor})


def test_a_kind_that_is_not_in_the_list_or_not_its_own_is_refused() -> None:
    with pytest.raises(UnknownKind):
        check("deposit.accept", {})
    with pytest.raises(MissingClaims, match="kind"):
        check("deposit.accepted", deposit_claims() | {"kind": "deposit.rejected"})
