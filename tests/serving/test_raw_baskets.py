"""Files from a page into a basket: one by one with JavaScript, many in a plain form without."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils.timezone import now

from accedit.domain.filing.models import Basket, BasketItem
from accedit.domain.filing.operations import baskets, rooms
from accedit.interfaces.web.signed_in import FACTOR
from tests import cast
from tests.cast import Gymnase
from tests.front import GONE, ask, browser, client

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def people(committed: None) -> Gymnase:
    return cast.gymnase()


@pytest.fixture(scope="module")
def page(people: Gymnase) -> Iterator[httpx.Client]:
    with browser(people.owner_counsel) as found:
        yield found


@pytest.fixture
def basket(people: Gymnase) -> Basket:
    """The open basket of the town's lawyer, empty."""
    found = baskets.open_basket(box=people.boxes["demandeur"], actor=people.owner_counsel, at=now())
    for item in BasketItem.objects.filter(basket=found):
        baskets.remove_item(found, item_id=item.pk)
    return found


def place(basket: Basket) -> str:
    return f"/paniers/{basket.pk}/fichiers"


def named(name: str, upload: str = "") -> dict[str, str]:
    return {"X-File-Name": quote(name, safe=""), "X-Upload-Id": upload or uuid4().hex}


def items(basket: Basket) -> list[tuple[str, int]]:
    return list(BasketItem.objects.filter(basket=basket).values_list("name", "size"))


def stored() -> int:
    return sum(1 for path in Path(settings.BLOB_FOLDER).rglob("*") if path.is_file())


def sentence(answer: httpx.Response) -> str:
    found: str = answer.json()["detail"]
    return found


# With JavaScript.


def test_a_file_goes_into_the_basket(page: httpx.Client, basket: Basket) -> None:
    content = b"x" * MIB + b"y"

    answer = page.post(place(basket), content=content, headers=named("pièce n° 1.pdf"))

    item = BasketItem.objects.get(basket=basket)
    assert answer.status_code == 201
    assert answer.json() == {
        "id": str(item.pk),
        "name": "pièce n° 1.pdf",
        "size": MIB + 1,
        "sha256": hashlib.sha256(content).hexdigest(),
    }


def test_the_same_upload_again_changes_nothing(page: httpx.Client, basket: Basket) -> None:
    first = page.post(place(basket), content=b"a", headers=named("a.pdf", "envoi-1"))
    before = stored()

    again = page.post(place(basket), content=b"a", headers=named("a.pdf", "envoi-1"))
    other = page.post(place(basket), content=b"b", headers=named("a.pdf", "envoi-1"))

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert again.json() == first.json()
    assert items(basket) == [("a.pdf", 1)]
    assert stored() == before


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        (named("../a.pdf"), 422, "bad_name"),
        (named(""), 422, "bad_name"),
        (named("a\r\nX: y"), 422, "bad_name"),
        ({"X-File-Name": "%ff%fe.pdf", "X-Upload-Id": "u"}, 422, "bad_name"),
        ({"X-File-Name": "a.pdf"}, 422, "invalid"),
        ({"X-File-Name": "a.pdf", "X-Upload-Id": "é u".encode()}, 422, "invalid"),
        ({**named("a.pdf"), "X-CSRFToken": "x" * 32}, 403, "forbidden"),
        ({**named("a.pdf"), "X-CSRFToken": ""}, 403, "forbidden"),
        ({**named("a.pdf"), "Origin": "https://evil.example"}, 403, "forbidden"),
        ({**named("a.pdf"), "Origin": settings.CONTENT_URL}, 403, "forbidden"),
        ({**named("a.pdf"), "Origin": "null"}, 403, "forbidden"),
        ({**named("a.pdf"), "Sec-Fetch-Site": "same-site"}, 403, "forbidden"),
        ({**named("a.pdf"), "Sec-Fetch-Site": "cross-site"}, 403, "forbidden"),
        ({**named("a.pdf"), "Sec-Fetch-Site": "none"}, 403, "forbidden"),
        (
            {**named("a.pdf"), "Content-Length": str(settings.MAX_UPLOAD_BYTES + 1)},
            413,
            "too_large",
        ),
    ],
)
def test_a_refusal_says_why_and_keeps_the_rest(
    page: httpx.Client, basket: Basket, headers: dict[str, str], status: int, code: str
) -> None:
    page.post(place(basket), content=b"la", headers=named("déjà là.pdf"))
    before = stored()

    answer = page.post(place(basket), content=b"abc", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert sentence(answer).endswith((".", "2.", "perdus."))
    assert items(basket) == [("déjà là.pdf", 2)]
    assert stored() == before


def test_a_page_that_hides_where_it_comes_from_is_believed_on_its_browsers_word(
    page: httpx.Client, basket: Basket
) -> None:
    answer = page.post(
        place(basket),
        content=b"abc",
        headers={**named("a.pdf"), "Origin": "null", "Sec-Fetch-Site": "same-origin"},
    )

    assert answer.status_code == 201


def test_a_file_that_breaks_off_is_not_there(
    people: Gymnase, page: httpx.Client, basket: Basket
) -> None:
    cookies = "; ".join(f"{one.name}={one.value}" for one in page.cookies.jar)
    headers = {
        **named("coupe.pdf"),
        "cookie": cookies,
        "x-csrftoken": page.headers["x-csrftoken"],
        "origin": settings.BASE_URL,
    }
    before = stored()

    answer = ask(
        "POST",
        place(basket),
        headers=[(name.lower().encode(), value.encode()) for name, value in headers.items()],
        body=[b"x" * MIB, b"y", GONE],
    )

    assert answer.status is None
    assert items(basket) == []
    assert stored() == before


def test_who_is_not_signed_in_or_whose_basket_it_is_not(
    people: Gymnase, page: httpx.Client, basket: Basket
) -> None:
    """A basket of somebody else does not exist, for the expert either."""
    with client(headers={"Origin": settings.BASE_URL}) as stranger:
        nobody = stranger.post(place(basket), content=b"a", headers=named("a.pdf"))
    with browser(people.expert) as other:
        expert = other.post(place(basket), content=b"a", headers=named("a.pdf"))
        unknown = other.post(f"/paniers/{uuid4()}/fichiers", content=b"a", headers=named("a.pdf"))

    assert (nobody.status_code, nobody.json()["code"]) == (401, "unauthenticated")
    assert (expert.status_code, expert.content) == (404, unknown.content)
    assert items(basket) == []


def test_a_token_is_no_session(people: Gymnase, basket: Basket) -> None:
    with client(token=cast.token_for(people.owner_counsel)) as program:
        answer = program.post(place(basket), content=b"a", headers=named("a.pdf"))

    assert answer.status_code == 401


def test_a_session_that_has_not_shown_its_second_factor_opens_nothing(
    people: Gymnase, page: httpx.Client, basket: Basket
) -> None:
    session = SessionStore(page.cookies[settings.SESSION_COOKIE_NAME])
    factor = session.pop(FACTOR)
    session.save()

    answer = page.post(place(basket), content=b"a", headers=named("a.pdf"))

    session[FACTOR] = factor
    session.save()
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert items(basket) == []


def test_a_closed_case_says_so_before_the_file_comes(committed: None) -> None:
    other = cast.gymnase()
    basket = baskets.open_basket(box=other.boxes["demandeur"], actor=other.owner_counsel, at=now())
    rooms.close_room(other.case.pk, actor=other.expert, at=now())

    with browser(other.owner_counsel) as page:
        answer = page.post(place(basket), content=b"a", headers=named("a.pdf"))

    assert (answer.status_code, answer.json()["code"]) == (409, "case_closed")


# Without JavaScript.


@pytest.fixture(scope="module")
def plain(people: Gymnase) -> Iterator[httpx.Client]:
    with browser(people.owner_counsel) as found:
        found.secret = found.headers.pop("X-CSRFToken")  # type: ignore[attr-defined]
        yield found


def sent(
    plain: httpx.Client, basket: Basket, *files: tuple[str, bytes], token: str | None = None
) -> httpx.Response:
    secret: str = plain.secret if token is None else token  # type: ignore[attr-defined]
    return plain.post(
        place(basket),
        data={"csrfmiddlewaretoken": secret},
        files=[("fichiers", one) for one in files],
    )


def told(plain: httpx.Client) -> str:
    """What the next page says; it is said once."""
    return plain.get("/compte").text


def test_several_files_come_in_one_form(plain: httpx.Client, basket: Basket) -> None:
    large = bytes(range(256)) * 4096 * 3

    answer = sent(plain, basket, ("un.pdf", b"1"), ("plan.dwg", large), ('c"est là.txt', b""))

    assert (answer.status_code, answer.headers["location"]) == (303, f"/paniers/{basket.pk}")
    assert items(basket) == [("un.pdf", 1), ("plan.dwg", len(large)), ('c"est là.txt', 0)]
    assert (
        BasketItem.objects.get(basket=basket, name="plan.dwg").sha256
        == hashlib.sha256(large).hexdigest()
    )


def test_one_bad_file_is_told_and_the_others_stay(plain: httpx.Client, basket: Basket) -> None:
    answer = sent(plain, basket, ("un.pdf", b"1"), ("..", b"2"), ("trois.pdf", b"3"))

    page = told(plain)
    assert answer.status_code == 303
    assert items(basket) == [("un.pdf", 1), ("trois.pdf", 1)]
    assert "il est vide, ou fait seulement de points" in page
    assert "il est vide, ou fait seulement de points" not in told(plain)


def test_a_file_that_is_too_large_is_told_and_the_others_stay(
    plain: httpx.Client, basket: Basket, settings: object
) -> None:
    settings.MAX_UPLOAD_BYTES = MIB  # type: ignore[attr-defined]

    answer = sent(plain, basket, ("gros.bin", b"x" * (2 * MIB)), ("petit.pdf", b"p"))

    assert answer.status_code == 303
    assert items(basket) == [("petit.pdf", 1)]
    assert "dépasse la taille permise" in told(plain)


def test_the_same_form_sent_twice_adds_nothing(plain: httpx.Client, basket: Basket) -> None:
    sent(plain, basket, ("un.pdf", b"1"), ("deux.pdf", b"1"))
    before = stored()

    sent(plain, basket, ("un.pdf", b"1"), ("deux.pdf", b"1"))

    assert items(basket) == [("un.pdf", 1), ("deux.pdf", 1)]
    assert stored() == before


def test_a_form_without_a_chosen_file_is_no_file(plain: httpx.Client, basket: Basket) -> None:
    boundary = "limite"
    token = plain.secret  # type: ignore[attr-defined]
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="fichiers"; filename=""\r\n'
        f"Content-Type: application/octet-stream\r\n\r\n\r\n--{boundary}--\r\n"
    )

    answer = plain.post(
        place(basket),
        content=body.encode(),
        headers={"Content-Type": f"multipart/form-data; boundary={boundary}"},
    )

    assert answer.status_code == 303
    assert items(basket) == []


@pytest.mark.parametrize("token", ["", "x" * 32, "x" * 64])
def test_a_form_of_another_page_stores_nothing(
    plain: httpx.Client, basket: Basket, token: str
) -> None:
    before = stored()

    answer = sent(plain, basket, ("un.pdf", b"1"), token=token)

    assert answer.status_code == 403
    assert "Rechargez-la" in answer.text
    assert items(basket) == []
    assert stored() == before


def test_a_form_whose_token_comes_after_the_file_stores_nothing(
    plain: httpx.Client, basket: Basket
) -> None:
    secret = plain.secret  # type: ignore[attr-defined]
    before = stored()

    answer = plain.post(
        place(basket),
        files=[("fichiers", ("un.pdf", b"1")), ("csrfmiddlewaretoken", (None, secret.encode()))],
    )

    assert answer.status_code == 403
    assert stored() == before


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=x", b"rien de lisible"),
        (
            "multipart/form-data; boundary=x",
            b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb",
        ),
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
    ],
)
def test_a_form_that_cannot_be_read_says_so(
    plain: httpx.Client, basket: Basket, content_type: str, body: bytes
) -> None:
    answer = plain.post(place(basket), content=body, headers={"Content-Type": content_type})

    assert answer.status_code == 422
    assert "Cet envoi n&#x27;est pas lisible" in answer.text


def test_what_came_before_the_line_broke_stays(plain: httpx.Client, basket: Basket) -> None:
    """The half of a file is nothing; the whole one before it is in the basket."""
    cookies = "; ".join(f"{one.name}={one.value}" for one in plain.cookies.jar)
    token = plain.secret  # type: ignore[attr-defined]
    field = '--x\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    file = '--x\r\nContent-Disposition: form-data; name="fichiers"; filename="{}"\r\n\r\n'
    whole = field.format("csrfmiddlewaretoken", token) + file.format("un.pdf") + "1\r\n"
    before = stored()

    ask(
        "POST",
        place(basket),
        headers=[
            (b"cookie", cookies.encode()),
            (b"content-type", b"multipart/form-data; boundary=x"),
        ],
        body=[whole.encode(), file.format("deux.pdf").encode() + b"y" * MIB, b"y" * MIB, GONE],
    )

    assert items(basket) == [("un.pdf", 1)]
    assert stored() == before + 1


def test_whoever_is_not_signed_in_gets_a_page(basket: Basket) -> None:
    with client() as stranger:
        answer = stranger.post(place(basket), files=[("fichiers", ("un.pdf", b"1"))])

    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("text/html")
