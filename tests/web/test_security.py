import asyncio
import logging
import socket
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.types import Message

from hitl.review.votes import LONGEST_TEXT
from hitl.web.app import create_app
from hitl.web.rates import Rate
from hitl.web.settings import Settings
from hitl.web.shield import HEADERS, LARGEST_BODY, Shield
from hitl.web.site import Site
from tests.web.caller import Answer, Caller
from tests.web.rooms import HandClock, Room, at_desk
from tests.web.served import in_thread


def cookie_of(answer: Answer, word: str) -> Any:  # noqa: ANN401  # a morsel
    jar = SimpleCookie()
    for name, value in answer.headers:
        if name.lower() == "set-cookie":
            jar.load(value)
    return next(morsel for name, morsel in jar.items() if word in name)


def test_every_answer_carries_the_headers(room: Room, port: int, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    stranger = Caller(port)
    answers = {
        "entry": stranger.get("/"),
        "list": alice.get("/"),
        "item": alice.get(f"/items/{item}"),
        "style": alice.get("/static/review.css"),
        "script": alice.get("/static/review.js"),
        "api": alice.get("/api/progress"),
        "description": alice.get("/openapi.json"),
        "nothing": alice.get("/nothing"),
        "nothing in the api": alice.get("/api/nothing"),
        "wrong method": alice.ask("DELETE", "/api/progress"),
        "redirect": alice.get("/next"),
        "not entered": stranger.get("/api/progress"),
        "forged": alice.post("/leave", {"csrf": "0" * 64}),
        "too large": alice.post("/leave", {"x": "y" * LARGEST_BODY}),
        "unfit": alice.send("PUT", f"/api/items/{item}", {"marks": []}),
        "wrong host": alice.get("/", Host="evil.example"),
    }
    for name, answer in answers.items():
        for header, value in HEADERS.items():
            assert answer.header(header) == value, (name, header)
        assert answer.header("server") is None, name
    statuses = {name: answer.status for name, answer in answers.items()}
    assert statuses == {
        "entry": 200,
        "list": 200,
        "item": 200,
        "style": 200,
        "script": 200,
        "api": 200,
        "description": 200,
        "nothing": 404,
        "nothing in the api": 404,
        "wrong method": 405,
        "redirect": 303,
        "not entered": 401,
        "forged": 403,
        "too large": 413,
        "unfit": 422,
        "wrong host": 421,
    }
    for name in ("nothing in the api", "wrong method", "not entered", "unfit"):
        assert list(answers[name].json) == ["problems"], name


def test_the_session_is_new_at_the_entry_and_its_cookie_is_out_of_reach(
    room: Room, port: int
) -> None:
    caller = Caller(port)
    caller.csrf = caller.get("/").csrf
    first = caller.post("/enter", {"token": room.token("alice")})
    again = caller.get("/")
    assert again.status == 200
    caller.csrf = Caller(port, {}).get("/").csrf  # of another browser
    session = cookie_of(first, "session")

    assert session["httponly"]
    assert session["samesite"] == "strict"
    assert session["path"] == "/"
    assert session["max-age"] == str(12 * 3600)
    assert len(session.value) >= 43
    other = Caller(port)
    other.csrf = other.get("/").csrf
    second = other.post("/enter", {"token": room.token("alice")})
    assert cookie_of(second, "session").value != session.value


def test_entering_anew_ends_the_session_that_was_there(
    room: Room, port: int, alice: Caller
) -> None:
    old = dict(alice.cookies)
    stranger = Caller(port)
    stranger.csrf = stranger.get("/").csrf
    stranger.cookies |= old
    assert stranger.post("/enter", {"token": room.token("alice")}).status == 303

    assert Caller(port, old).get("/api/progress").status == 401
    assert stranger.get("/api/progress").status == 200


def test_after_leaving_the_session_opens_nothing(alice: Caller, port: int) -> None:
    kept = dict(alice.cookies)
    assert alice.post("/leave", {}).status == 303
    assert alice.cookies == {}
    assert Caller(port, kept).get("/api/progress").status == 401


def test_a_session_ends_after_twelve_hours(room: Room) -> None:
    clock = HandClock()
    with in_thread(room, clock) as port:
        alice = Caller(port)
        alice.enter(room.token("alice"))
        clock.move(12 * 3600 - 1)
        before = alice.get("/api/progress").status
        clock.move(1)
        after = alice.get("/api/progress").status
        page = alice.post(f"/items/{room.items('alice')[0].item_id}", {})

    assert (before, after, page.status) == (200, 401, 401)
    assert "what you typed comes back" in page.text


def test_a_wrong_token_and_no_token_at_all_get_the_same_answer(room: Room, port: int) -> None:
    wrong = ["", "x", "0" * 40, room.token("alice")[:-1], "é" * 5000]
    answers = []
    for token in wrong:
        caller = Caller(port)
        answer = caller.enter(token)
        answers.append((answer.status, answer.text.replace(answer.csrf, "CSRF")))

    assert answers[0][0] == 401
    assert len(set(answers)) == 1


def test_the_eleventh_attempt_in_a_minute_waits(room: Room, port: int) -> None:
    caller = Caller(port)
    statuses = [caller.enter("wrong").status for _ in range(11)]
    late = caller.enter(room.token("alice"))

    assert statuses == [401] * 10 + [429]
    assert late.status == 429
    assert 1 <= int(late.header("Retry-After") or 0) <= 61


def test_a_form_of_another_session_changes_nothing(room: Room, port: int, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    bob = Caller(port)
    bob.enter(room.token("bob"))
    for forged in ("", "0" * 64, bob.csrf):
        assert alice.post(f"/items/{item}", {"csrf": forged, "do": "later"}).status == 403
        later = alice.send("POST", f"/api/items/{item}/later", **{"X-CSRF-Token": forged})
        assert later.status == 403
    assert alice.get("/api/progress").json["n_later"] == 0


WRITES = (
    ({}, 200),
    ({"Origin": "http://127.0.0.1:PORT"}, 200),
    ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 200),
    ({"Sec-Fetch-Site": "same-origin"}, 200),
    ({"Origin": "null"}, 403),
    ({"Origin": "http://evil.example"}, 403),
    ({"Origin": "https://127.0.0.1:PORT"}, 403),
    ({"Origin": "http://127.0.0.1:1"}, 403),
    ({"Sec-Fetch-Site": "cross-site"}, 403),
    ({"Sec-Fetch-Site": "same-site"}, 403),
    ({"Origin": "http://127.0.0.1:PORT", "Sec-Fetch-Site": "cross-site"}, 403),
)


def test_a_write_from_another_page_is_refused(alice: Caller, port: int) -> None:
    for headers, status in WRITES:
        sent = {name: value.replace("PORT", str(port)) for name, value in headers.items()}
        assert alice.send("POST", "/api/undo", **sent).status == status, headers


HOSTS = {
    "127.0.0.1": 200,
    "localhost:9000": 200,  # through `ssh -L 9000:...`
    "[::1]:80": 200,
    "LOCALHOST.": 200,
    "evil.example": 421,
    "127.0.0.1.evil.example": 421,
    "evil.example:8765": 421,
    "[": 421,
    "evil.example@127.0.0.1": 421,
    "127.0.0.1/evil.example": 421,
    "127.0.0.1#evil.example": 421,
    "": 421,
}


def test_only_this_machines_names_are_answered_to(port: int) -> None:
    found = {host: Caller(port).get("/", Host=host).status for host in HOSTS}
    assert found == HOSTS


def test_a_body_that_hides_its_length_is_cut_off_too(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(
            b"POST /enter HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        piece = b"x" * 65_536
        for _ in range(LARGEST_BODY // len(piece) + 1):
            sock.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        answer = sock.recv(100)

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_form_that_breaks_off_saves_nothing(room: Room, port: int, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    fields = {"csrf": alice.csrf, "do": "save", "revision": "0", "preference": "tie"}
    fields |= {
        "action_A": "approve",
        "action_B": "approve",
        "reason": "not before the disk is " * 9,
    }
    body = urlencode(fields).encode()
    head = f"POST /items/{item} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n"
    head += "Cookie: " + "; ".join(f"{k}={v}" for k, v in alice.cookies.items()) + "\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
        sock.sendall(head.encode() + body[:-20])
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(1000):
            pass

    assert alice.get("/api/progress").json["n_done"] == 0
    whole = alice.post(f"/items/{item}", fields)
    assert whole.status == 303


def test_a_body_that_never_ends_is_not_waited_for(room: Room) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    async def call() -> None:
        with at_desk(room) as desk:
            app = Shield(create_app(Site(desk, Settings())), Settings(), patience=0.01)
            headers = [(b"host", b"127.0.0.1"), (b"content-length", b"10")]
            scope = {"type": "http", "method": "POST", "path": "/enter", "headers": headers}
            await app(scope, receive, send)

    asyncio.run(call())
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


def test_the_longest_texts_are_taken_in_every_script(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    longest = "判" * (LONGEST_TEXT - 1) + "\r\n"
    fields = {"do": "save", "revision": "0", "preference": "tie", "reason": longest}
    for side in "AB":
        fields |= {f"action_{side}": "reject", f"right_answer_{side}": longest}
    assert alice.post(f"/items/{item}", fields).status == 303

    saved = alice.get(f"/api/items/{item}").json["vote"]
    texts = [saved["reason"], *(mark["right_answer"] for mark in saved["marks"])]
    assert texts == [longest.replace("\r\n", "\n")] * 3


def test_no_token_is_in_a_url_a_log_or_the_file_of_votes(
    room: Room, port: int, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    token = room.token("alice")
    caller = Caller(port)
    answer = caller.enter(token)
    caller.post("/lock", {"token": token})
    caller.get("/api/nothing")
    kept = b"".join(path.read_bytes() for path in room.folder.glob("votes.sqlite*"))

    assert answer.header("location") == "/"
    assert token not in caplog.text
    assert token.encode() not in kept
    assert all(value.encode() not in kept for value in caller.cookies.values())
    assert b"alice" not in kept


def test_a_rate_forgets_and_stays_small() -> None:
    rate = Rate(1, 0.0)
    assert [rate.wait("a"), rate.wait("a")] == [0, 0]
    busy = Rate(1, 3600)
    for number in range(10_050):
        assert busy.wait(str(number)) == 0
    assert len(busy._seen) <= 10_000


def test_who_writes_without_end_waits() -> None:
    rate = Rate(3, 60)
    assert [rate.wait("alice") for _ in range(3)] == [0, 0, 0]
    assert 1 <= rate.wait("alice") <= 61
    assert rate.wait("bob") == 0
