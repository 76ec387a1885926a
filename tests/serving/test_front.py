"""The front behind the real HTTP server: what it refuses, and what it lets through."""

import hashlib
import json
import os
import socket

import pytest

from accedit.machine.processes import waited_for
from tests.serving.conftest import House
from tests.serving.test_paths import TRICKS

BOX = "0f8fad5b-d9cb-469f-a165-70867728950e"
MIB = 1 << 20


def test_a_page_goes_through_the_bridge(house: House) -> None:
    answer = house.ask("/dossiers?tri=date", headers=("Accept-Language: fr",))

    assert answer.status == 200
    assert answer.json["PATH_INFO"] == "/dossiers"
    assert answer.json["QUERY_STRING"] == "tri=date"
    assert answer.json["HTTP_ACCEPT_LANGUAGE"] == "fr"
    assert answer.json["HTTP_HOST"] == f"localhost:{house.port}"


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.:1", "localhost:1"])
def test_a_strange_host_is_refused_before_anything_else(house: House, host: str) -> None:
    answer = house.ask("/dossiers", host=host if ":" in host else f"{host}:80")

    assert answer.status == 400
    assert "vérifiez le lien suivi" in answer.text
    assert host not in answer.text


@pytest.mark.parametrize(
    "raw", [trick for trick in TRICKS if trick.startswith(b"/") and b"\x01" not in trick]
)
def test_an_address_with_two_readings_is_refused_in_french(house: House, raw: bytes) -> None:
    answer = house.ask(raw)

    assert answer.status == 400
    assert "Cette adresse est mal écrite" in answer.text


def test_a_program_gets_its_refusal_as_a_problem(house: House) -> None:
    answer = house.ask("/api/v1//cases")

    assert answer.status == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Demande illisible",
        "status": 400,
        "detail": "Cette adresse est mal écrite : reprenez le lien depuis sa page.",
        "code": "invalid",
    }


@pytest.mark.parametrize(
    "method", ["OPTIONS", "PATCH", "TRACE", "CONNECT", "PROPFIND", "MKCOL", "FOO", "get"]
)
def test_other_methods_are_refused(house: House, method: str) -> None:
    answer = house.ask("/dossiers", method=method)

    assert answer.status in {400, 405}  # CONNECT's target has a form of its own
    assert answer.status == 400 or answer.headers["allow"] == "GET, HEAD, POST, PUT, DELETE"


def test_no_header_changes_the_method(house: House) -> None:
    answer = house.ask("/dossiers", method="POST", headers=("X-HTTP-Method-Override: DELETE",))

    assert answer.json["REQUEST_METHOD"] == "POST"


def test_head_is_decided_like_get_and_has_no_body(house: House) -> None:
    answer = house.ask("/dossiers", method="HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["content-length"]) > 0


def test_each_answer_has_its_own_number(house: House) -> None:
    numbers = {house.ask("/dossiers").headers["x-request-id"] for _ in range(3)}

    assert len(numbers) == 3


def test_what_a_client_says_of_itself_is_not_believed(house: House) -> None:
    answer = house.ask(
        "/dossiers",
        headers=(
            "X-Request-Id: forged",
            "X-Forwarded-Host: evil.example",
            "X-Forwarded-Proto: https",
            "X_Real_Ip: 6.6.6.6",
            "Proxy: evil.example",
        ),
    )

    assert answer.json["HTTP_X_REQUEST_ID"] == answer.headers["x-request-id"] != "forged"
    assert {
        "HTTP_X_FORWARDED_HOST",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_X_REAL_IP",
        "HTTP_PROXY",
    } & set(answer.json) == set()
    assert answer.json["wsgi.url_scheme"] == "http"


def test_the_client_is_the_nearest_address_that_is_no_proxy_of_ours(house: House) -> None:
    answer = house.ask("/dossiers", headers=("X-Forwarded-For: 6.6.6.6, 203.0.113.9, 127.0.0.1",))

    assert answer.json["REMOTE_ADDR"] == "203.0.113.9"


def test_two_cookie_lines_are_one(house: House) -> None:
    answer = house.ask("/dossiers", headers=("Cookie: a=1", "Cookie: b=2"))

    assert answer.json["HTTP_COOKIE"] == "a=1; b=2"


def test_a_body_too_large_for_a_form_is_refused_with_words(house: House) -> None:
    page = house.ask("/dossiers", method="POST", body=b"x" * 100_001)
    program = house.ask("/api/v1/cases", method="POST", body=b"x" * 5 * MIB)

    assert (page.status, program.status) == (413, 413)
    assert "les fichiers se déposent dans une boîte" in page.text
    assert program.json["code"] == "too_large"


def test_a_body_without_length_is_measured_too(house: House) -> None:
    block = b"186a0\r\n" + b"x" * 100_000 + b"\r\n"
    head = f"POST /dossiers HTTP/1.1\r\nHost: localhost:{house.port}\r\nConnection: close\r\n"

    small = house.send(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
    large = house.send(
        head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + block * 2 + b"0\r\n\r\n"
    )

    assert small.json["length"] == 5
    assert large.status == 413


def test_a_bug_is_a_numbered_page_and_the_number_is_in_the_log(house: House) -> None:
    answer = house.ask("/boom")

    number = answer.headers["x-request-id"]
    told = [line for line in house.logged() if line.get("number") == number]
    assert answer.status == 500
    assert f"signalez l’erreur n° {number}" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert [(line["error"], line["request"]) for line in told] == [("ValueError", number)]
    assert "secret" not in house.log.read_text()


def test_a_refusal_of_a_raw_route_has_one_form_for_each_asker(house: House) -> None:
    program, person = house.ask("/api/v1/refused"), house.ask("/refused")

    assert (program.status, person.status) == (404, 404)
    assert program.json["code"] == "not_found"
    assert "n'existe pas, ou ne vous est pas ouverte" in program.json["detail"]
    assert "ne vous est pas ouverte" in person.text


def test_health_is_for_this_machine_alone(house: House) -> None:
    assert house.ask("/sante").json["status"] == "ok"
    assert house.ask("/sante", headers=("X-Forwarded-For: 203.0.113.9",)).status == 404
    assert house.ask("/sante", host="pieces.example:80").status == 400


def test_the_content_address_gives_content_only(house: House) -> None:
    assert house.ask("/dossiers", host="127.0.0.1").status == 404
    assert house.ask("/api/v1/cases", host="127.0.0.1").status == 404
    assert house.ask("/c/abc", host="localhost").json["PATH_INFO"] == "/c/abc"
    assert house.ask("/statique/main.css", host="127.0.0.1").status == 200


def test_the_content_address_ignores_cookies(house: House) -> None:
    answer = house.ask("/c/abc/cookies", host="127.0.0.1", headers=("Cookie: session=1",))

    assert answer.json == {}


def test_the_demos_second_address_leads_to_the_first(demo_house: House) -> None:
    answer = demo_house.ask("/dossiers?x=%C3%A9", host="127.0.0.1")

    assert answer.status == 302
    assert answer.headers["location"] == f"http://localhost:{demo_house.port}/dossiers?x=%C3%A9"


def test_the_demos_second_address_answers_rest_without_cookies(demo_house: House) -> None:
    answer = demo_house.ask("/api/v1/cases", host="127.0.0.1", headers=("Cookie: session=1",))

    assert answer.json["PATH_INFO"] == "/api/v1/cases"
    assert "HTTP_COOKIE" not in answer.json


def test_the_demo_posts_nothing_at_its_second_address(demo_house: House) -> None:
    assert demo_house.ask("/connexion", method="POST", host="127.0.0.1", body=b"x").status == 404


class TestStatics:
    def test_a_hashed_name_is_kept_a_year_and_never_shared(self, house: House) -> None:
        answer = house.ask("/statique/main.0123456789ab.css")

        assert answer.headers["cache-control"] == "max-age=31536000, immutable"
        assert answer.headers["content-type"] == "text/css; charset=utf-8"
        assert answer.headers["x-content-type-options"] == "nosniff"

    def test_any_other_name_is_asked_for_again(self, house: House) -> None:
        first = house.ask("/statique/main.css")
        again = house.ask(
            "/statique/main.css", headers=(f"If-None-Match: {first.headers['etag']}",)
        )

        assert first.headers["cache-control"] == "no-cache"
        assert (again.status, again.body) == (304, b"")

    @pytest.mark.parametrize(
        "name", ["absent.css", "secret.py", "link.css", "fonts", "fonts/", "", "MAIN.css"]
    )
    def test_what_is_not_in_the_list_is_absent(self, house: House, name: str) -> None:
        assert house.ask(f"/statique/{name}").status == 404

    def test_nothing_is_posted_there(self, house: House) -> None:
        assert house.ask("/statique/main.css", method="POST", body=b"x").status == 404


class TestRawBodies:
    def test_a_large_body_arrives_in_blocks_and_whole(self, house: House) -> None:
        body = os.urandom(MIB) * 5 + b"the end"

        answer = house.ask(
            f"/api/v1/nodes/{BOX}/deposits?name=d%C3%A9cembre.pdf", method="POST", body=body
        )

        assert answer.status == 201
        assert answer.json == {
            "sha256": hashlib.sha256(body).hexdigest(),
            "blocks": [MIB] * 5 + [7],
            "box": BOX,
            "query": {"name": "décembre.pdf"},
        }

    def test_an_empty_body_has_no_block(self, house: House) -> None:
        answer = house.ask(f"/api/v1/nodes/{BOX}/deposits", method="POST")

        assert answer.json["blocks"] == []

    def test_a_broken_body_is_told_to_its_handler(self, house: House) -> None:
        head = f"POST /api/v1/nodes/{BOX}/deposits HTTP/1.1\r\nHost: localhost:{house.port}\r\n"
        with socket.create_connection(("127.0.0.1", house.port)) as line:
            line.sendall(head.encode() + b"Content-Length: 9000000\r\n\r\n" + b"x" * (3 * MIB))

        assert waited_for(
            lambda: any("broken_after" in event for event in house.events()), seconds=20
        )

    def test_the_method_is_part_of_the_route(self, house: House) -> None:
        answer = house.ask(f"/api/v1/nodes/{BOX}/deposits")

        assert answer.json["REQUEST_METHOD"] == "GET"  # Django's to answer


class TestRawAnswers:
    def test_a_file_arrives_whole_and_its_delivery_is_counted(self, house: House) -> None:
        answer = house.ask("/c/whole", host="127.0.0.1")

        size = house.file.stat().st_size
        assert (
            hashlib.sha256(answer.body).digest() == hashlib.sha256(house.file.read_bytes()).digest()
        )
        assert {"sent": size, "completed": True} in house.events()

    def test_head_of_a_file_sends_and_counts_nothing(self, house: House) -> None:
        answer = house.ask("/c/head", method="HEAD", host="127.0.0.1")

        assert answer.body == b""
        assert answer.headers["content-length"] == str(house.file.stat().st_size)
        assert {"sent": 0, "completed": True} in house.events()

    def test_a_reader_who_leaves_is_seen_and_counted_as_unfinished(self, house: House) -> None:
        head = f"GET /c/left HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", house.port)) as line:
            line.sendall(head.encode())
            line.recv(MIB)

        assert waited_for(
            lambda: any(event.get("completed") is False for event in house.events()), seconds=20
        )
        unfinished = [event for event in house.events() if event.get("completed") is False]
        assert unfinished[0]["sent"] < house.file.stat().st_size

    def test_a_file_that_ends_too_soon_is_cut_not_closed(self, house: House) -> None:
        answer = house.ask("/torn")

        assert answer.headers["content-length"] == str(2 * MIB)
        assert len(answer.body) < 2 * MIB
        assert "the disk has gone" not in house.log.read_text()

    def test_a_stream_of_djangos_is_pulled_and_closed(self, house: House) -> None:
        answer = house.ask("/streaming")

        assert b"one " in answer.body
        assert b"database" in answer.body
        assert {"closed": "streaming"} in house.events()

    def test_a_file_answer_of_djangos_is_whole(self, house: House) -> None:
        answer = house.ask("/file")

        assert answer.headers["content-type"] == "application/pdf"
        assert answer.body.count(b"%PDF") == MIB

    def test_blocking_work_is_done_in_the_database_threads(self, house: House) -> None:
        assert house.ask("/thread").text.startswith("database")


def test_numbers_of_requests_at_once_are_not_mixed(house: House) -> None:
    before = len(house.logged())
    lines = [socket.create_connection(("127.0.0.1", house.port), timeout=30) for _ in range(20)]
    for line in lines:
        line.sendall(f"GET /boom HTTP/1.1\r\nHost: localhost:{house.port}\r\n\r\n".encode())
    for line in lines:
        line.recv(100)
        line.close()

    assert waited_for(
        lambda: len([one for one in house.logged()[before:] if "error" in one]) == 20, seconds=20
    )
    told = [line for line in house.logged()[before:] if "error" in line]
    assert [line["request"] for line in told] == [line["number"] for line in told]
    assert len({line["request"] for line in told}) == 20
    assert json.dumps(told).count("secret") == 0
