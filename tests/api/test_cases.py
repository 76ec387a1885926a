"""Cases over REST: opened in one act, listed, read, joined, closed and reopened."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from accedit.domain.cases.models import Case
from accedit.domain.people.enums import Scope
from accedit.domain.people.models import User
from accedit.shared.paging import encode
from tests import cast
from tests.api.conftest import Programs
from tests.api.told import UNKNOWN, problem
from tests.cast import Gymnase
from tests.front import client


def asked(**other: Any) -> dict[str, Any]:
    """A case as the interfaces describe it: two sides, three parties, one by post."""
    word = uuid4().hex[:8]
    return {
        "template": "judicial_civil",
        "title": "Toiture de l'école",
        "reference": f"2026-{word}",
        "parties": [
            {
                "name": "Commune de Valmont",
                "side": "demandeur",
                "kind": "public_body",
                "counsel": {
                    "name": "Me Rose Petit",
                    "email": f"petit.{word}@avocat.example",
                    "firm": "Cabinet Petit",
                },
            },
            {
                "name": "Assureur de la commune",
                "side": "demandeur",
                "kind": "company",
                "counsels": [
                    {"name": "Me Un", "email": f"un.{word}@avocat.example"},
                    {"name": "Me Deux", "email": f"deux.{word}@avocat.example"},
                ],
            },
            {"name": "Couvreurs réunis", "side": "couvreur", "kind": "company", "by_post": True},
        ],
    } | other


def test_a_case_is_opened_in_one_act(expert: httpx.Client) -> None:
    wanted = asked()

    answer = expert.post("/api/v1/cases", json=wanted)

    said = answer.json()
    case = Case.objects.get(pk=said["id"])
    boxes = {box["side"]: box for box in said["boxes"]}
    assert answer.status_code == 201
    assert [(one["name"], one["side"]) for one in said["parties"]] == [
        ("Commune de Valmont", "demandeur"),
        ("Assureur de la commune", "demandeur"),
        ("Couvreurs réunis", "couvreur"),
    ]
    assert sorted(boxes) == ["couvreur", "demandeur"]
    assert boxes["couvreur"]["depositors"] == []
    emails = {one["name"]: one["email"] for one in boxes["demandeur"]["depositors"]}
    assert emails == {
        "Me Rose Petit": wanted["parties"][0]["counsel"]["email"],
        "Me Un": wanted["parties"][1]["counsels"][0]["email"],
        "Me Deux": wanted["parties"][1]["counsels"][1]["email"],
    }
    assert {one["user_id"] for one in boxes["demandeur"]["depositors"]} == {
        str(pk)
        for pk in User.objects.filter(email__in=emails.values()).values_list("pk", flat=True)
    }
    assert (case.room.title, case.template) == ("Toiture de l'école", "judicial_civil")


def test_its_places_are_there(expert: httpx.Client) -> None:
    said = expert.post("/api/v1/cases", json=asked()).json()

    root = expert.get(f"/api/v1/nodes/{said['root_id']}").json()
    first = next(one for one in said["boxes"] if "Valmont" in one["name"])
    box = expert.get(f"/api/v1/nodes/{first['id']}").json()
    archive = expert.get(f"/api/v1/nodes/{first['archive_id']}").json()

    assert (root["kind"], root["parent_id"]) == ("root", None)
    assert (box["kind"], archive["kind"]) == ("box", "archive")
    assert box["name"] == "Boîte aux lettres de la Commune de Valmont"


def test_an_assistant_opens_a_case_for_the_expert(people: Gymnase, program: Programs) -> None:
    said = program(people.assistant).post("/api/v1/cases", json=asked()).json()

    assert Case.objects.get(pk=said["id"]).room.owner_id == people.expert.user_id


def test_who_opens_no_case(people: Gymnase, program: Programs) -> None:
    """A lawyer, and an expert's key that is narrower than the expert."""
    before = Case.objects.count()
    keys = {
        "a lawyer": program(people.owner_counsel),
        "a key that reads": program(people.expert, scope=Scope.READ),
        "a key that deposits": program(people.expert, scope=Scope.DEPOSIT),
        "a key of one case": program(people.expert, room_id=people.case.pk),
    }

    answers = {who: api.post("/api/v1/cases", json=asked()) for who, api in keys.items()}

    assert {who: problem(answer) for who, answer in answers.items()} == dict.fromkeys(
        keys, (403, "forbidden")
    )
    assert Case.objects.count() == before


WRONG = {
    "nothing": ({}, "template : ce champ est obligatoire."),
    "no template": (
        asked(template="civil"),
        "template : les valeurs possibles sont 'judicial_civil', 'judicial_admin_summary', "
        "'judicial_admin_merits', 'amicable_agreed', 'amicable_convened' ou 'unofficial'.",
    ),
    "no title": (asked(title=""), "title : 1 caractère au moins."),
    "a blank title": (
        asked(title="  "),
        "Intitulé du dossier : ce champ est vide, remplissez-le.",
    ),
    "a long title": (asked(title="t" * 201), "title : 200 caractères au plus."),
    "a number": (asked(reference=12), "reference : écrivez un texte entre guillemets."),
    "a broken title": (
        asked(title="a\nb"),
        "Intitulé du dossier : un caractère invisible interdit s'y trouve, saisissez-le à la main.",
    ),
    "half a character": (asked(title="\ud800"), "title : ce texte n'est pas lisible."),
    "parties as an object": (asked(parties={}), "parties : écrivez une liste entre crochets."),
    "a party of no kind": (
        asked(parties=[{"name": "A", "side": "b", "kind": "ship", "by_post": True}]),
        "parties[0].kind : les valeurs possibles sont 'company', 'person' ou 'public_body'.",
    ),
    "yes for true": (
        asked(parties=[{"name": "A", "side": "b", "kind": "company", "by_post": "yes"}]),
        "parties[0].by_post : écrivez true ou false.",
    ),
    "two addresses": (
        asked(
            parties=[
                {"name": "A", "side": "b", "kind": "company", "email": "a@x.example,b@x.example"}
            ]
        ),
        "parties[0].email : cette valeur n'est pas lisible.",
    ),
    "a party nobody can reach": (
        asked(parties=[{"name": "A", "side": "b", "kind": "company"}]),
        "A : donnez un avocat, une adresse électronique, ou indiquez « par la poste ».",
    ),
    "a side that folds into more letters": (
        asked(parties=[{"name": "A", "side": "\u0149" * 60, "kind": "company", "by_post": True}]),
        "Côté : 60 caractères au plus.",
    ),
    "a firm that folds into more letters": (
        asked(
            parties=[
                {
                    "name": "A",
                    "side": "b",
                    "kind": "company",
                    "counsel": {"name": "Me", "email": "a@b.example", "firm": "\u0149" * 200},
                }
            ]
        ),
        "Cabinet : 200 caractères au plus.",
    ),
    "61 parties": (
        asked(parties=[{"name": "A", "side": "b", "kind": "company", "by_post": True}] * 61),
        "parties : 60 éléments au plus.",
    ),
}


@pytest.mark.parametrize("why", WRONG)
def test_what_is_wrong_is_named_in_one_sentence(expert: httpx.Client, why: str) -> None:
    wanted, sentence = WRONG[why]
    before = Case.objects.count(), User.objects.count()

    answer = expert.post("/api/v1/cases", content=json.dumps(wanted))

    assert problem(answer) == (422, "invalid")
    assert answer.json()["detail"] == sentence
    assert (Case.objects.count(), User.objects.count()) == before


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"[" * 200_000, b"null", b"3", b'"a"', b"[]", b"1" * 5000],
    ids=["empty", "cut", "bytes", "deep", "null", "number", "text", "list", "giant number"],
)
def test_a_body_that_is_no_object_is_refused(expert: httpx.Client, body: bytes) -> None:
    answer = expert.post("/api/v1/cases", content=body)

    assert problem(answer) == (422, "invalid")


def test_a_party_at_odds_with_the_rest_undoes_the_whole_case(expert: httpx.Client) -> None:
    """One act: whole, or not at all."""
    twice = {"name": "A", "side": "a", "kind": "person", "email": "meme@maison.example"}
    before = Case.objects.count(), User.objects.count()

    answer = expert.post("/api/v1/cases", json=asked(parties=[twice, twice | {"side": "b"}]))

    assert problem(answer) == (409, "conflict")
    assert (Case.objects.count(), User.objects.count()) == before


def test_no_other_field_has_any_effect(people: Gymnase, expert: httpx.Client) -> None:
    """A3: whoever owns, what it is and where it lies are not for the body to say."""
    extra = {
        "id": UNKNOWN,
        "room_id": UNKNOWN,
        "owner": str(people.stranger.user_id),
        "owner_id": str(people.stranger.user_id),
        "space_id": UNKNOWN,
        "closed_at": "2020-01-01T00:00:00Z",
        "used_bytes": -1,
        "colour": 99,
        "acl": [],
    }
    party = {"name": "A", "side": "a", "kind": "company", "by_post": True}
    wanted = asked(parties=[party | {"id": UNKNOWN, "user": UNKNOWN, "opened_by_counsel_at": "x"}])

    said = expert.post("/api/v1/cases", json=wanted | extra).json()

    case = Case.objects.get(pk=said["id"])
    assert said["id"] != UNKNOWN
    assert said["parties"][0]["id"] != UNKNOWN
    assert case.room.owner_id == people.expert.user_id
    assert (case.room.closed_at, case.room.used_bytes) == (None, 0)


def test_one_sees_ones_own_cases(people: Gymnase, program: Programs) -> None:
    def listed(api: httpx.Client) -> list[str]:
        return [one["id"] for one in api.get("/api/v1/cases").json()["items"]]

    mine, other = str(people.case.pk), str(people.stranger_case.pk)

    assert listed(program(people.owner_counsel)) == [mine]
    assert listed(program(people.stranger)) == [other]
    assert listed(program(people.owner_counsel, room_id=people.stranger_case.pk)) == []
    assert mine in listed(program(people.expert))
    assert other not in listed(program(people.expert))
    assert listed(program(people.expert, room_id=people.case.pk)) == [mine]


def test_long_lists_come_page_by_page(committed: None) -> None:
    who = cast.expert(name="Nora Simon", email=f"nora.{uuid4().hex[:8]}@expert.example")
    with client(token=cast.token_for(who)) as api:
        opened = [api.post("/api/v1/cases", json=asked(parties=[])).json()["id"] for _ in range(52)]

        first = api.get("/api/v1/cases").json()
        second = api.get("/api/v1/cases", params={"cursor": first["next_cursor"]}).json()

    listed = [one["id"] for one in first["items"] + second["items"]]
    assert (len(first["items"]), len(second["items"])) == (50, 2)
    assert listed == opened[::-1]
    assert second["next_cursor"] is None


def test_a_cursor_made_of_anothers_case_tells_nothing_of_it(
    people: Gymnase, program: Programs
) -> None:
    """When a case that one may not see was opened is not to be learnt by trying."""
    api = program(people.owner_counsel)

    answers = [
        api.get("/api/v1/cases", params={"cursor": encode(one)})
        for one in (str(people.stranger_case.pk), UNKNOWN)
    ]

    assert answers[0].content == answers[1].content
    assert [one["id"] for one in answers[0].json()["items"]] == [str(people.case.pk)]


def test_a_member_reads_the_case_without_anybodys_address(
    people: Gymnase, program: Programs
) -> None:
    answer = program(people.architect_counsel, scope=Scope.READ).get(
        f"/api/v1/cases/{people.case.pk}"
    )

    said = answer.json()
    assert said["reference"] == "2026-14"
    assert len(said["parties"]) == 5
    assert len(said["boxes"]) == 5
    assert "@" not in answer.text


def test_a_case_of_others_is_exactly_like_none(people: Gymnase, program: Programs) -> None:
    api = program(people.stranger)
    calls = [
        ("GET", "/api/v1/cases/{}", None),
        ("GET", "/api/v1/cases/{}/journal", None),
        ("POST", "/api/v1/cases/{}/close", None),
        ("POST", "/api/v1/cases/{}/reopen", {"reason": "x"}),
        (
            "POST",
            "/api/v1/cases/{}/parties",
            {"name": "A", "side": "a", "kind": "company", "by_post": True},
        ),
    ]

    for method, place, body in calls:
        answers = [
            api.request(method, place.format(one), json=body)
            for one in (
                people.case.pk,
                UNKNOWN,
                "null",
                "%31",
                str(people.case.pk).replace("-", ""),
            )
        ]
        assert {problem(answer) for answer in answers} == {(404, "not_found")}, place
        assert len({answer.content for answer in answers}) == 1


def test_the_journal_is_read_newest_first(people: Gymnase, program: Programs) -> None:
    cast.deposited("a.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)
    api = program(people.architect_counsel)

    page = api.get(f"/api/v1/cases/{people.case.pk}/journal").json()

    indices = [line["index"] for line in page["items"]]
    deposit = next(line for line in page["items"] if line["kind"] == "deposit.accepted")
    assert indices == sorted(indices, reverse=True)
    assert deposit["label"] == "Pièce déposée"
    assert deposit["claims"]["depositor"]["name"] == "Me Claire Aubry"
    assert deposit["claims"]["name"] == "a.pdf"
    assert len(deposit["claims"]["sha256"]) == 64


def test_the_journal_pages_join_without_a_hole(people: Gymnase, expert: httpx.Client) -> None:
    for _ in range(8):
        cast.deposited("a.pdf", "b.pdf", box=people.boxes["demandeur"], by=people.owner_counsel)
    place, cursor, indices = f"/api/v1/cases/{people.case.pk}/journal", None, []
    for _ in range(10):
        page = expert.get(place, params={"cursor": cursor} if cursor else {}).json()
        indices += [line["index"] for line in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break

    assert indices == list(range(len(indices)))[::-1]
    assert len(indices) > 50


@pytest.mark.parametrize("cursor", ["x", "WyJhIl0", "bnVsbA", "W10", "é", "W3RydWVd", "%00", "W-W"])
def test_a_cursor_that_was_made_up_is_refused(
    people: Gymnase, expert: httpx.Client, cursor: str
) -> None:
    places = [f"/api/v1/cases/{people.case.pk}/journal", "/api/v1/cases"]

    answers = [expert.get(place, params={"cursor": cursor}) for place in places]

    assert {problem(answer) for answer in answers} == {(422, "invalid")}


def test_a_party_joins_later(expert: httpx.Client) -> None:
    case = expert.post("/api/v1/cases", json=asked()).json()
    word = uuid4().hex[:8]

    answer = expert.post(
        f"/api/v1/cases/{case['id']}/parties",
        json={
            "name": "Étanchéité Morin",
            "side": "étancheur",
            "kind": "company",
            "counsel": {"name": "Me Tard Venu", "email": f"tard.{word}@avocat.example"},
        },
    )

    said = answer.json()
    after = expert.get(f"/api/v1/cases/{case['id']}").json()
    assert answer.status_code == 201
    assert (said["name"], said["side"]) == ("Étanchéité Morin", "étancheur")
    assert [one["name"] for one in said["box"]["depositors"]] == ["Me Tard Venu"]
    assert said["box"] in after["boxes"]
    assert said["id"] in [one["id"] for one in after["parties"]]


def test_who_adds_no_party(people: Gymnase, program: Programs) -> None:
    party = {"name": "A", "side": "a", "kind": "company", "by_post": True}
    place = f"/api/v1/cases/{people.case.pk}/parties"
    keys = [
        program(people.owner_counsel),
        program(people.expert, scope=Scope.READ),
        program(people.expert, scope=Scope.DEPOSIT),
    ]

    assert [problem(api.post(place, json=party)) for api in keys] == [(403, "forbidden")] * 3


def test_a_case_is_closed_and_reopened(expert: httpx.Client) -> None:
    case = expert.post("/api/v1/cases", json=asked()).json()["id"]

    closed = expert.post(f"/api/v1/cases/{case}/close")
    again = expert.post(f"/api/v1/cases/{case}/close", json={})
    refused = expert.post(
        f"/api/v1/cases/{case}/parties",
        json={"name": "A", "side": "a", "kind": "company", "by_post": True},
    )
    reopened = expert.post(f"/api/v1/cases/{case}/reopen", json={"reason": "pièce oubliée"})

    journal = expert.get(f"/api/v1/cases/{case}/journal").json()["items"]
    assert (closed.status_code, reopened.status_code) == (200, 200)
    assert closed.json()["closed_at"] is not None
    assert reopened.json() == {"id": case, "closed_at": None}
    assert (problem(again), problem(refused)) == ((409, "conflict"), (409, "case_closed"))
    assert [(line["kind"], line["claims"]["reason"]) for line in journal[:2]] == [
        ("case.reopened", "pièce oubliée"),
        ("case.closed", None),
    ]


@pytest.mark.parametrize("act", ["close", "reopen"])
def test_who_closes_nothing(people: Gymnase, program: Programs, act: str) -> None:
    """The expert alone; and none of the expert's keys that may only read or deposit."""
    keys = [
        program(people.owner_counsel),
        program(people.assistant),
        program(people.expert, scope=Scope.READ),
        program(people.expert, scope=Scope.DEPOSIT),
    ]

    answers = [api.post(f"/api/v1/cases/{people.case.pk}/{act}") for api in keys]

    assert [problem(answer) for answer in answers] == [(403, "forbidden")] * 4
