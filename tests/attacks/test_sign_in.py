"""Rows G1 to G4, G9 to G11, G16 and H2: whoever tries to come in as somebody else.

Each family has its control: the same test of a house in which the guard is taken away.
"""

import os
import re
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.contrib.auth.hashers import MD5PasswordHasher
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accedit.domain.cases.operations import recovery
from accedit.domain.people.enums import Channel, PersonKind
from accedit.domain.people.models import Invitation, Recovery, Slowdown, User
from accedit.domain.people.operations import accounts, factors, invitations
from accedit.domain.post.models import Message
from accedit.interfaces.web import slowness
from tests import cast
from tests.cast import Gymnase
from tests.store import cast_once, g
from tests.web.codes import SECRET, code_of

__all__ = ["cast_once", "g"]
pytestmark = pytest.mark.django_db
SOAK = os.environ.get("ACCEDIT_SOAK") == "1"
EMAIL = "aubry@avocat.example"


@pytest.fixture
def lawyer() -> User:
    user = accounts.enter_person(
        name="Me Claire Aubry",
        kind=PersonKind.PROFESSIONAL,
        email=EMAIL,
        password=cast.PASSWORD,
        at=cast.NOON,
    )
    factors.set_authenticator(user, secret=SECRET)
    return user


def types_password(client: Client, password: str, *, email: str = EMAIL, **more: str) -> object:
    return client.post("/connexion", {"login": email, "password": password, **more})


def right(client: Client) -> int:
    """302: the password was judged, and right."""
    return int(types_password(client, cast.PASSWORD).status_code)  # type: ignore[attr-defined]


# --- G1: nobody learns whether an address is known


class CountingHasher(MD5PasswordHasher):
    """What a password costs, counted instead of felt."""

    counted = 0

    def encode(self, *args: object, **kwargs: object) -> str:
        type(self).counted += 1
        return str(super().encode(*args, **kwargs))


def hashed(act: Callable[[], object]) -> tuple[object, int]:
    """What came of it, and how many passwords were hashed on the way."""
    CountingHasher.counted = 0
    return act(), CountingHasher.counted


def addresses(lawyer: User) -> dict[str, str]:
    """Known, unknown, disabled, and invited without having come."""
    disabled = accounts.enter_person(
        name="Me Fermé", kind=PersonKind.PROFESSIONAL, email="ferme@avocat.example",
        password=cast.PASSWORD, at=cast.NOON,
    )  # fmt: skip
    accounts.disable(disabled.pk)
    accounts.enter_person(
        name="Me Attendu", kind=PersonKind.PROFESSIONAL, email="attendu@avocat.example",
        at=cast.NOON,
    )  # fmt: skip
    return {
        "known": EMAIL,
        "unknown": "inconnu@avocat.example",
        "disabled": "ferme@avocat.example",
        "invited": "attendu@avocat.example",
    }


FORMS: dict[str, Callable[[Client, str], object]] = {
    "sign-in": lambda client, email: types_password(client, "pas le bon", email=email),
    "forgotten": lambda client, email: client.post("/connexion/oublie", {"email": email}),
    "invitation": lambda client, email: client.post(
        "/invitation", {"email": email, "code": "0000-0000-0000-0000"}
    ),
    "recovery": lambda client, email: client.post("/reprise", {"email": email}),
    "stop": lambda client, email: client.post(
        "/reprise/annuler", {"email": email, "code": "0" * 16}
    ),
}


def anonymous(n: int) -> Client:
    """Each from a network of its own: what is measured is not the waiting."""
    return Client(REMOTE_ADDR=f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}")


def plain(answer: object, email: str) -> tuple[int, str, str]:
    page = answer.content.decode().replace(email, "ADRESSE")  # type: ignore[attr-defined]
    page = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", page)
    return answer.status_code, answer.headers.get("Location", ""), page  # type: ignore[attr-defined]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.attack("G1", "pages")
def test_g1_each_form_answers_alike_and_hashes_alike(
    lawyer: User, settings: Settings, form: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    lawyer.set_password(cast.PASSWORD)
    lawyer.save()
    told, cost = {}, {}
    for n, (kind, email) in enumerate(addresses(lawyer).items()):
        answer, cost[kind] = hashed(partial(FORMS[form], anonymous(n), email))
        told[kind] = plain(answer, email)

    assert len(set(told.values())) == 1, told
    assert len(set(cost.values())) == 1, cost
    if form == "sign-in":
        assert cost["known"] == 1


def timed(form: str, email: str, n: int) -> float:
    client = anonymous(n)
    began = time.perf_counter()
    FORMS[form](client, email)
    return time.perf_counter() - began


def rank_sum(first: list[float], second: list[float]) -> float:
    """Mann and Whitney's p, two-sided, by the normal curve (samples are large)."""
    both = sorted([(t, 0) for t in first] + [(t, 1) for t in second])
    ranks = sum(rank for rank, (_, which) in enumerate(both, start=1) if which == 0)
    m, n = len(first), len(second)
    u = ranks - m * (m + 1) / 2
    z = (u - m * n / 2) / (m * n * (m + n + 1) / 12) ** 0.5
    return 2 * (1 - statistics.NormalDist().cdf(abs(z)))


def samples(form: str, *, count: int) -> tuple[list[float], list[float]]:
    """Known and unknown by turns, so that what the machine does meanwhile falls on both."""
    known, unknown = [], []
    for n in range(count):
        Message.objects.all().delete()
        Recovery.objects.all().delete()
        known.append(timed(form, EMAIL, 2 * n))
        unknown.append(timed(form, f"{uuid4().hex[:5]}@avocat.example", 2 * n + 1))
    return known, unknown


@pytest.mark.parametrize("form", ["sign-in", "forgotten", "recovery"])
def test_g1_no_form_is_slower_for_who_is_known(lawyer: User, form: str) -> None:
    """Medians within a third of each other; `make soak` asks Mann and Whitney of 2 × 5,000."""
    known, unknown = samples(form, count=5000 if SOAK else 15)

    ratio = statistics.median(known) / statistics.median(unknown)
    assert 2 / 3 < ratio < 3 / 2, ratio
    if SOAK:
        assert rank_sum(known, unknown) > 0.01


def test_g1_the_statistic_sees_a_difference() -> None:
    """The control: two milliseconds more for one of them are seen."""
    same = [0.010 + (n * 7919 % 100) / 100_000 for n in range(200)]

    assert rank_sum(same[:100], same[100:]) > 0.01
    assert rank_sum(same[:100], [one + 0.002 for one in same[100:]]) < 0.01


# --- G2, G3: wrong tries slow down whoever makes them


@pytest.mark.attack("G2", "pages")
def test_g2_one_subscriber_s_addresses_are_one(lawyer: User) -> None:
    """10,000 tries from 1,000 addresses of one /64; in the ordinary run, 60 from 60."""
    tries, width = (10_000, 1000) if SOAK else (60, 60)
    answers = [
        types_password(Client(REMOTE_ADDR=f"2001:db8:bad:1::{n % width:x}"), f"mot {n}")
        for n in range(tries)
    ]

    judged = [answer for answer in answers if answer.status_code == 422]  # type: ignore[attr-defined]
    waits = [a for a in answers if a.status_code == 429]  # type: ignore[attr-defined]
    assert len(judged) + len(waits) == tries
    assert len(judged) <= 6 + (20 if SOAK else 2)
    assert all(int(answer.headers["Retry-After"]) > 0 for answer in waits)  # type: ignore[attr-defined]
    assert re.search(r"Réessayez dans \d+ seconde", waits[0].content.decode())  # type: ignore[attr-defined]


def test_g2_without_networks_nobody_would_wait(
    lawyer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: counted by whole addresses, and by nothing else, each is a stranger."""
    monkeypatch.setattr(
        slowness,
        "password_keys",
        lambda request, address: {request.META["REMOTE_ADDR"]: slowness.slowing.FROM_THERE},
    )

    answers = [
        types_password(Client(REMOTE_ADDR=f"2001:db8:bad:1::{n:x}"), "faux").status_code  # type: ignore[attr-defined]
        for n in range(30)
    ]

    assert answers == [422] * 30


@pytest.mark.attack("G2", "rest")
def test_g2_wrong_tokens_slow_their_network_and_no_good_one(g: Gymnase) -> None:
    good = cast.token_for(g.expert)

    def asks(token: str, *, address: str = "198.51.100.7") -> int:
        headers = {"authorization": f"Bearer {token}"}
        return Client(REMOTE_ADDR=address).get("/api/v1/cases", headers=headers).status_code

    wrong = [asks(f"acc_{uuid4().hex}") for _ in range(40)]

    assert wrong[:31] == [401] * 31
    assert set(wrong[31:]) == {429}
    assert asks(good) == 200
    assert asks(f"acc_{uuid4().hex}", address="198.51.100.8") == 401


def signs_in(client: Client) -> None:
    assert right(client) == 302
    assert client.post("/connexion/code", {"code": code_of()}).status_code == 302
    client.post("/connexion/confiance", {"action": "none"})


def flood(*, networks: int) -> None:
    """More wrong tries than an account has free; the wait they earned is then what it would be
    after an hour of them, so that the test's own pace decides nothing."""
    for n in range(networks):
        types_password(anonymous(n), "pas le bon")
    late = Slowdown.objects.filter(until__gt=F("last_at"))
    assert late.update(until=timezone.now() + slowness.slowing.ACCOUNT.longest) > 0


@pytest.mark.attack("G3", "pages")
def test_g3_a_flood_does_not_shut_its_victim_out(lawyer: User) -> None:
    """Where the lawyer has been before nothing changes; elsewhere she waits a minute at most,
    is told how long, and then enters."""
    known = Client(REMOTE_ADDR="192.0.2.1")
    signs_in(known)
    known.post("/deconnexion")

    flood(networks=300 if SOAK else 40)

    assert right(known) == 302
    new = Client(REMOTE_ADDR="192.0.2.2")
    refused = types_password(new, cast.PASSWORD)
    assert refused.status_code == 429  # type: ignore[attr-defined]
    assert 0 < int(refused.headers["Retry-After"]) <= 60  # type: ignore[attr-defined]
    Slowdown.objects.update(until=timezone.now() - timedelta(seconds=1))  # the minute goes by
    assert right(new) == 302


def test_g3_a_device_known_to_one_is_unknown_to_another(lawyer: User) -> None:
    """The control: the attacker's own known browser buys them nothing at the victim's door."""
    own = accounts.enter_person(
        name="Me Malin", kind=PersonKind.PROFESSIONAL, email="malin@avocat.example",
        password=cast.PASSWORD, at=cast.NOON,
    )  # fmt: skip
    factors.set_authenticator(own, secret=SECRET)
    attacker = Client(REMOTE_ADDR="192.0.2.66")
    types_password(attacker, cast.PASSWORD, email="malin@avocat.example")
    attacker.post("/connexion/code", {"code": code_of()})
    attacker.post("/connexion/confiance", {"action": "none"})
    attacker.post("/deconnexion")
    assert attacker.cookies["appareil"].value
    flood(networks=40)

    assert types_password(attacker, "pas le bon").status_code == 429  # type: ignore[attr-defined]
    attacker.cookies["appareil"] = "eyJ4IjoxfQ:forged:signature"
    assert types_password(attacker, "pas le bon").status_code == 429  # type: ignore[attr-defined]


def test_g3_a_known_device_is_slowed_by_its_own_slips(lawyer: User) -> None:
    """The control: the cookie is no way around the waiting."""
    client = Client(REMOTE_ADDR="192.0.2.1")
    signs_in(client)
    client.post("/deconnexion")

    answers = [types_password(client, "pas le bon").status_code for _ in range(8)]  # type: ignore[attr-defined]

    assert answers == [422] * 6 + [429] * 2


# --- G9: codes


def code_at(step: int) -> str:
    _, now, *_ = yield_hotp_counters_from_time()
    return str(format_hotp_value(hotp_value(SECRET, now + step)))


@pytest.mark.parametrize(
    ("step", "opens"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
@pytest.mark.attack("G9", "pages")
def test_g9_one_step_of_a_clock_and_no_more(lawyer: User, step: int, opens: bool) -> None:
    client = Client()
    right(client)

    answer = client.post("/connexion/code", {"code": code_at(step)})

    assert (answer.status_code == 302) is opens


def test_g9_a_code_serves_once_even_to_a_neighbour_step(lawyer: User) -> None:
    first, second = Client(), Client()
    right(first)
    right(second)
    code = code_of()

    assert first.post("/connexion/code", {"code": code}).status_code == 302
    assert second.post("/connexion/code", {"code": code}).status_code == 422


def test_g9_after_five_wrong_codes_one_waits_wherever_one_comes_from(lawyer: User) -> None:
    """Who holds the password and a thousand networks still has five tries, then waits."""
    told = []
    for n in range(12):
        client = anonymous(n)
        assert right(client) == 302
        told.append(client.post("/connexion/code", {"code": f"{n:06d}"}).status_code)

    assert told[:5] == [422] * 5
    assert told.count(429) >= 5


# --- G10: what is long is refused before it is hashed


@pytest.mark.parametrize("size", [1001, 100_000, 10_000_000])
@pytest.mark.parametrize("field", ["login", "password"])
@pytest.mark.attack("G10", "pages")
def test_g10_nothing_long_is_hashed(
    lawyer: User, settings: Settings, size: int, field: str
) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    given = {"login": EMAIL, "password": "x", field: "x" * size}

    answer, cost = hashed(lambda: Client().post("/connexion", given))

    assert cost == 0
    assert answer.status_code in (400, 413, 422)  # type: ignore[attr-defined]


def test_g10_a_password_of_the_right_length_is_hashed(lawyer: User, settings: Settings) -> None:
    """The control: the counter counts."""
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    given = {"login": "inconnu@x.example", "password": "x" * 1000}

    assert hashed(lambda: Client().post("/connexion", given))[1] == 1


# --- G11: where one goes on to


ELSEWHERE = [
    "https://mal.example", "http://mal.example/", "//mal.example", "///mal.example",
    "////mal.example", "/\\mal.example", "\\\\mal.example", "\\/mal.example", "/\t/mal.example",
    "/\n/mal.example", "\t//mal.example", " //mal.example", "https:mal.example", "https:/mal.example",
    "https:///mal.example", "HTTPS://MAL.EXAMPLE", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x", "file:///etc",
    "ftp://mal.example", "mailto:a@mal.example", "//localhost:8000@mal.example",
    "http://localhost:8000@mal.example", "http://localhost:8000.mal.example", "//mal.example%2f..",
    "/%5cmal.example/..//mal.example"[9:], "mal.example", "@mal.example", "?@mal.example", "#//mal.example",
    "//[::1]", "//3232235777", "//mal%E3%80%82example", "//mal。example", "\u2028//mal.example",
    "%2f%2fmal.example", ".//mal.example",
]  # fmt: skip


@pytest.mark.parametrize("place", ELSEWHERE)
@pytest.mark.attack("G11", "pages")
def test_g11_one_never_goes_on_to_another_site(lawyer: User, place: str) -> None:
    client = Client()
    types_password(client, cast.PASSWORD, next=place)
    client.post("/connexion/code", {"code": code_of()})

    went = client.post("/connexion/confiance", {"action": "none"}).headers["Location"]

    assert went == "/dossiers"
    confirmed = client.post("/compte/confirmer", {"password": cast.PASSWORD, "next": place})
    assert confirmed.headers["Location"] == "/dossiers"


def test_g11_one_does_go_on_to_a_place_of_ours(lawyer: User) -> None:
    """The control; and the payloads are forty."""
    client = Client()
    types_password(client, cast.PASSWORD, next="/compte/cles?x=//mal.example")
    client.post("/connexion/code", {"code": code_of()})

    went = client.post("/connexion/confiance", {"action": "none"}).headers["Location"]

    assert went == "/compte/cles?x=//mal.example"
    assert len(set(ELSEWHERE)) == 40


# --- G16: a talkative caller


WORDS = "Je l'ai rappelée au numéro de son cabinet."


@pytest.mark.attack("G16", "pages")
def test_g16_one_person_talked_round_is_not_enough(g: Gymnase) -> None:
    """A caller asks for a lawyer and persuades her expert, who is one person: a week later
    nothing has opened; his own assistant adds nothing. The control: with the operator, it does."""
    operator = cast.expert(name="Paule Martin", email="paule@expert.example")
    User.objects.filter(pk=operator.user_id).update(is_staff=True)
    lawyer = User.objects.get(pk=g.owner_counsel.user_id)
    Client().post("/reprise", {"email": lawyer.email})
    row = Recovery.objects.get(user=lawyer)
    recovery.approve(row.pk, words=WORDS, actor=g.expert, at=timezone.now())
    week = timezone.now() + timedelta(days=7)

    with pytest.raises(recovery.OfOneOffice):
        recovery.approve(row.pk, words=WORDS, actor=g.assistant, at=timezone.now())
    assert not recovery.open_next(at=week)
    recovery.approve(row.pk, words=WORDS, actor=operator, at=timezone.now())
    assert not recovery.open_next(at=timezone.now() + timedelta(hours=23))
    assert recovery.open_next(at=week)


# --- H2: a scanner that opens links, runs scripts and sends forms


class FirstForm(HTMLParser):
    """The first form of the main part of a page, as a scanner would send it: as it stands."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields, self.inside = "", {}, False
        self.feed(page.partition("<main")[2])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form" and not self.action:
            self.action, self.inside = found.get("action") or "", True
        elif tag == "input" and self.inside and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def scans(mail: Message) -> Iterator[int]:
    """Every address in the mail: opened twice, and its first form sent with the address of the mail."""
    for place in re.findall(r"http://localhost:8000(\S*)", mail.body):
        scanner = Client()
        scanner.get(place)
        page = scanner.get(place, follow=True)
        form = FirstForm(page.content.decode())
        if form.action:
            fields = {
                k: v or (mail.to if k in ("email", "login") else "") for k, v in form.fields.items()
            }
            yield scanner.post(form.action, fields).status_code


@pytest.mark.attack("H2", "pages")
def test_h2_a_scanner_uses_nothing_up(g: Gymnase, lawyer: User) -> None:
    guest = accounts.enter_person(
        name="Me Invitée", kind=PersonKind.PROFESSIONAL, email="invitee@avocat.example",
        at=cast.NOON,
    )  # fmt: skip
    invitations.invite(guest, actor=g.expert, channel=Channel.MAIL, about="X", at=timezone.now())
    Client().post("/connexion/oublie", {"email": EMAIL})
    Client().post("/reprise", {"email": EMAIL})
    before = (lawyer.password, User.objects.count())
    mails = list(Message.objects.filter(to__in=[EMAIL, "invitee@avocat.example"]))
    assert len(mails) == 3

    sent = [status for mail in mails for status in scans(mail)]

    assert len(sent) >= 3
    assert Invitation.objects.get(user=guest).used_at is None
    assert Recovery.objects.get(user=lawyer).cancelled_at is None
    lawyer.refresh_from_db()
    assert (lawyer.password, User.objects.count()) == before
    assert not User.objects.get(pk=guest.pk).has_usable_password()


def test_h2_a_form_that_carried_the_code_would_be_seen() -> None:
    """The control: the simulator does send what a page holds."""
    form = FirstForm('<main><form action="/x"><input name="code" value="7K2M"></form></main>')

    assert (form.action, form.fields) == ("/x", {"code": "7K2M"})
