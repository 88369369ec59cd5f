from typing import Any

from tests.web.caller import Caller
from tests.web.rooms import Room


def a_body(item: dict[str, Any], revision: int = 0, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
    marks = [
        {"side": side["side"], "action": "approve" if side["text"].startswith("one") else "reject", "category": "wrong"}
        for side in item["sides"]
    ]  # fmt: skip
    return {"revision": revision, "marks": marks, "preference": "tie", "reason": "r"} | changes


def test_a_whole_review_in_json(room: Room, alice: Caller) -> None:
    begin = alice.get("/api/progress").json
    seen = []
    while (item_id := alice.get("/api/next").json["item_id"]) is not None:
        item = alice.get(f"/api/items/{item_id}").json
        assert alice.send("POST", f"/api/items/{item_id}/alive").status == 204
        saved = alice.send("PUT", f"/api/items/{item_id}", a_body(item))
        assert saved.status == 200, saved.text
        seen.append(item_id)
    end = alice.get("/api/progress").json
    locked = alice.send("POST", "/api/lock", {"token": room.token("alice")})

    assert (begin["n_items"], begin["n_done"], begin["role"]) == (4, 0, "rater")
    assert seen == [item.item_id for item in room.items("alice")]
    assert (end["n_items"], end["n_done"], end["can_lock"]) == (4, 4, True)
    assert "prefers" not in end["items"][0]["summary"]
    assert "equally good" in end["items"][0]["summary"]
    assert locked.json == {"locked_at": "2026-05-18T12:00:00Z"}
    assert alice.get("/api/progress").json["is_locked"]
    for method, path in (
        ("PUT", f"/api/items/{seen[0]}"),
        ("POST", f"/api/items/{seen[0]}/later"),
        ("POST", f"/api/items/{seen[0]}/alive"),
        ("POST", f"/api/items/{seen[0]}/confidence"),
        ("POST", "/api/undo"),
        ("POST", "/api/lock"),
    ):
        body = a_body(item, 1) if method == "PUT" else {"token": room.token("alice")}
        answer = alice.send(method, path, body)
        assert (answer.status, "locked" in answer.json["problems"][0]) == (409, True), path


def test_a_stale_revision_gets_what_stands(room: Room, alice: Caller) -> None:
    item_id = room.items("alice")[0].item_id
    item = alice.get(f"/api/items/{item_id}").json
    alice.send("PUT", f"/api/items/{item_id}", a_body(item, reason="first"))
    refused = alice.send("PUT", f"/api/items/{item_id}", a_body(item, reason="second"))

    assert refused.status == 409
    assert refused.json["revision"] == 1
    assert refused.json["saved"]["reason"] == "first"


def test_the_confidence_is_hidden_until_asked_for(room: Room, alice: Caller) -> None:
    item_id = room.items("alice")[0].item_id
    assert alice.get(f"/api/items/{item_id}").json["shows_confidence"] is False
    shown = alice.send("POST", f"/api/items/{item_id}/confidence").json
    assert shown["shows_confidence"] is True


NO_VOTES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"revision": "0", "marks": []}',
    b'{"revision": 0, "marks": [{"side": "A", "action": "approve"}], "\\ud800": 1}',
    b'{"revision": 0, "marks": [{"side": "A", "action": "approve"}], "reason": "\\ud800"}',
    b'{"revision": 0, "marks": [{"side": "C", "action": "approve"}]}',
    b'{"revision": -1, "marks": [{"side": "A", "action": "approve"}]}',
    b'{"revision": 0, "marks": [{"side": "A", "action": "approve"}, {"side": "A", "action": "reject"}], "preference": "A"}',
    b'{"revision": ' + b"9" * 5000 + b', "marks": []}',
    b"[" * 100_000,
    b"\xff\xfe",
)


def test_what_is_no_vote_is_refused_in_words(room: Room, alice: Caller) -> None:
    path = f"/api/items/{room.items('alice')[0].item_id}"
    kind = {"Content-Type": "application/json", "X-CSRF-Token": alice.csrf}
    for body in NO_VOTES:
        answer = alice.ask("PUT", path, body, kind)
        assert answer.status in (400, 422), body[:80]
        assert answer.json["problems"], body[:80]
    assert alice.get(path).json["revision"] == 0


def test_unusual_texts_come_back_as_they_were_typed(room: Room, alice: Caller) -> None:
    item_id = room.items("alice")[0].item_id
    item = alice.get(f"/api/items/{item_id}").json
    reason = "\x00 \u202e \x1b[31m <script>alert(1)</script> 🦉"
    assert alice.send("PUT", f"/api/items/{item_id}", a_body(item, reason=reason)).status == 200
    assert alice.get(f"/api/items/{item_id}").json["vote"]["reason"] == reason
    locked = alice.send("POST", "/api/lock", {"token": room.token("alice"), "accept_blanks": True})
    assert locked.status == 200
