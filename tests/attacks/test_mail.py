"""Rows H4, H6, H10: a name writes no header; a mail names no piece, and no more of a case than it must;
it says that a program wrote it, so that no other program answers."""

from email import message_from_bytes
from email.policy import default
from uuid import uuid4

import pytest

from accedit.domain.filing.models import Basket, Room
from accedit.domain.post.models import Message
from accedit.domain.post.operations.sending import compose
from tests import cast
from tests.attacks.acts import BOTH, Pages, Rest
from tests.attacks.browser import browser
from tests.cast import Gymnase

doors = pytest.mark.parametrize("acts", BOTH, ids=lambda acts: acts.name)
Acts = Rest | Pages
INJECTIONS = [
    "x\r\nBcc: voleur@x.example",
    "x\nSubject: autre",
    'x"\r\nSet-Cookie: a=b',
    "x\x00y",
    "x\u2028Bcc: voleur@x.example",
]
STRANGE = [
    "a@x.example, b@x.example",
    "=?utf-8?q?Bcc:?=",
    "Me Été; Bcc",
    "<b>gras</b>",
    "%0d%0aBcc: x",
]


@doors
@pytest.mark.attack("H4", "pages", "rest")
def test_h4_a_name_typed_by_anybody_writes_no_header(acts: Acts, committed: None) -> None:
    """As title, reference, party and lawyer of a new case, through the door; then read back."""
    who = cast.expert(name="Ève Noël", email=f"eve.{uuid4().hex}@expert.example")
    for text in INJECTIONS:
        refused = opened(acts, who, text, f"{uuid4().hex}@avocat.example")
        assert refused in (400, 422), ascii(text)
    for text in STRANGE:
        address = f"{uuid4().hex}@avocat.example"
        assert opened(acts, who, text, address) < 400, text
        message = Message.objects.get(to=address)
        raw = message_from_bytes(compose(message).as_bytes(), policy=default)
        assert [raw["Bcc"], raw["Cc"]] == [None, None]
        assert [one.addr_spec for one in raw["To"].addresses] == [address]
        assert len(raw.get_all("Subject", [])) == 1
    for address in (
        "a@x,b@y",
        '"a b"@x.example',
        "a@x.example\r\nBcc: v@x",
        "é@x.example",
        "a@b@c",
    ):
        assert opened(acts, who, "Me Simple", address) in (400, 422), address


def opened(acts: Acts, who: object, text: str, address: str) -> int:
    """The status of a case opened with `text` wherever somebody types a name."""
    if isinstance(acts, Rest):
        with acts.client(who) as api:  # type: ignore[arg-type]
            counsel = {"name": text, "email": address, "firm": f"Cabinet {text}"}
            party = {"name": text, "side": "demandeur", "kind": "company", "counsel": counsel}
            answer = api.post(
                "/api/v1/cases",
                json={
                    "template": "unofficial",
                    "title": text,
                    "reference": text[:90],
                    "parties": [party],
                },
            )
        return int(answer.status_code)
    form = {
        "template": "unofficial",
        "title": text,
        "reference": text[:90],
        "ticket": uuid4().hex,
        "parties": "1",
        "p0-name": text,
        "p0-side": "demandeur",
        "p0-kind": "company",
        "p0-counsel": "1",
        "p0-c0-name": text,
        "p0-c0-email": address,
        "p0-c0-firm": f"Cabinet {text}",
    }
    return page_opened(who, form)


def page_opened(who: object, form: dict[str, str]) -> int:
    with browser(who) as pages:  # type: ignore[arg-type]
        answer = pages.post("/dossiers/nouveau", data=form | {"do": "open"})
    return int(answer.status_code)


@doors
@pytest.mark.attack("H6", "pages", "rest")
def test_h6_a_mail_of_deposit_names_no_piece(acts: Acts, committed: None) -> None:
    """Canaries in the name, the title and the content; the words of the case come from the case."""
    people: Gymnase = cast.gymnase()
    box, who = people.boxes["demandeur"], people.owner_counsel
    acts.deposit(
        who,
        box,
        name="CANARI-NOM.pdf",
        content=b"CANARI-CONTENU",
        **({"title": "CANARI-TITRE"} if acts.name == "rest" else {}),
    )
    quiet = mails_of(people)
    Room.objects.filter(pk=people.case.pk).update(names_in_alerts=True)
    acts.deposit(who, box, name="CANARI-NOM-2.pdf")
    told = mails_of(people)[len(quiet) :]

    assert len(quiet) == len(told) == 6
    assert [text for text in quiet if "CANARI" in text] == []
    assert all("CANARI-NOM-2.pdf" in text for text in told)
    assert all("Secret" not in text for text in quiet + told)


@doors
@pytest.mark.attack("H10", "pages", "rest")
def test_h10_a_mail_asks_no_program_to_answer(acts: Acts, committed: None) -> None:
    """RFC 3834: an out-of-office program answers neither `Auto-Submitted` nor a mail without
    « reply to »; and what answers all the same reaches no act of ours: no mail comes in."""
    people: Gymnase = cast.gymnase()
    acts.deposit(people.owner_counsel, people.boxes["demandeur"], name="dire.pdf")
    mails = [compose(message) for message in messages_of(people)]

    assert len(mails) == 6
    assert {mail["Auto-Submitted"] for mail in mails} == {"auto-generated"}
    assert {mail["Reply-To"] for mail in mails} == {None}
    assert len({mail["Message-ID"] for mail in mails}) == 6


def messages_of(people: Gymnase) -> list[Message]:
    baskets = Basket.objects.filter(box__folder__room=people.case.pk).values("pk")
    return list(Message.objects.filter(reference__in=baskets).order_by("created_at"))


def mails_of(people: Gymnase) -> list[str]:
    return [f"{message.subject}\n{message.body}" for message in messages_of(people)]
