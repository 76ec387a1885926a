"""Rows D: content is given inert, whatever it is and however large."""

import pytest

from accedit.domain.documents.operations import previews
from tests.attacks.acts import BOTH, Pages, Rest
from tests.attacks.payloads import payloads
from tests.cast import Gymnase

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
MIB = 1024 * 1024
SIZES = [0, 1, 65_535, 65_536, MIB - 1, MIB, MIB + 1, 5 * MIB]


@pytest.mark.attack("D1", "rest")
def test_d1_content_is_given_as_inert_bytes(people: Gymnase) -> None:
    """Forty files that would act: never shown in place, never sniffed, never run."""
    box, who = people.boxes["demandeur"], people.owner_counsel
    rest = Rest()
    for name, content in payloads():
        piece = rest.deposit(who, box, name=name, content=content).deposits[0]
        with rest.client(people.expert) as api:
            answer = api.get(f"/api/v1/nodes/{piece.node_id}/content")

        assert answer.content == content
        assert answer.headers["content-type"] == "application/octet-stream", name
        assert answer.headers["content-disposition"].startswith("attachment"), name
        assert answer.headers["x-content-type-options"] == "nosniff", name
        assert "sandbox" in answer.headers["content-security-policy"], name
        assert previews.pages(piece) is None, name


@doors
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.attack("D14", "pages", "rest")
def test_d14_any_size_comes_back_byte_for_byte(acts: Acts, size: int, people: Gymnase) -> None:
    box, who = people.boxes["architecte"], people.architect_counsel
    content = bytes(i * 7 % 251 for i in range(1024)) * (size // 1024 + 1)

    piece = acts.deposit(who, box, name=f"{size}.bin", content=content[:size]).deposits[0]
    with Rest().client(who) as api:
        whole = api.get(f"/api/v1/nodes/{piece.node_id}/content")
        end = api.get(
            f"/api/v1/nodes/{piece.node_id}/content",
            headers={"Range": f"bytes={max(size - 3, 0)}-"},
        )

    assert piece.blob.size == size
    assert whole.content == content[:size]
    assert end.content == content[:size][max(size - 3, 0) :] or size == 0
