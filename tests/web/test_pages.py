"""The pages as a browser without a script uses them."""

import re
from html import unescape
from pathlib import Path

import pytest

from hitl.review.words import Assignment
from tests.review.releases import pairs
from tests.web.caller import Caller
from tests.web.rooms import Room, a_room, a_sent
from tests.web.served import in_thread


def a_form(item: object, revision: str, **changes: str) -> dict[str, str]:
    sent = a_sent(item)  # type: ignore[arg-type]
    fields = {"do": "save", "revision": revision, "preference": str(sent.preference), "reason": "because"}  # fmt: skip
    for mark in sent.marks:
        fields[f"action_{mark.side}"] = mark.action
        fields[f"category_{mark.side}"] = mark.category or ""
    return fields | changes


def test_a_whole_review_without_a_script(room: Room, alice: Caller) -> None:
    items = {item.item_id: item for item in room.items("alice")}
    place = alice.get("/next").header("location") or ""
    visited = []
    while place.startswith("/items/"):
        page = alice.get(place)
        assert page.status == 200
        item_id = place.removeprefix("/items/")
        visited.append(item_id)
        saved = alice.post(place, a_form(items[item_id], page.revision))
        assert saved.status == 303, saved.text
        place = saved.header("location") or ""
    refused = alice.post("/lock", {"token": "wrong"})
    locked = alice.post("/lock", {"token": room.token("alice")})

    assert visited == list(items)
    assert place == "/"
    assert (refused.status, locked.status) == (422, 303)
    assert "not your access token" in refused.text
    assert alice.get(f"/items/{visited[0]}").header("location") == "/"
    assert alice.post(f"/items/{visited[0]}", a_form(items[visited[0]], "1")).header("location") == "/"  # fmt: skip
    assert alice.get("/next").header("location") == "/"


def test_later_undo_and_leaving(room: Room, alice: Caller) -> None:
    first, second = room.items("alice")[:2]
    page = alice.get(f"/items/{first.item_id}")
    later = alice.post(f"/items/{first.item_id}", {"do": "later"})
    alice.post(f"/items/{second.item_id}", a_form(second, page.revision))
    undone = alice.post("/undo", {})
    shown = alice.get(undone.header("location") or "")
    left = alice.post("/leave", {})

    assert later.header("location") == f"/items/{second.item_id}"
    assert undone.header("location") == f"/items/{second.item_id}"
    assert "taken back" in shown.text
    assert "because" in shown.text
    assert left.status == 303
    back = Caller(alice.port)
    back.enter(room.token("alice"))
    progress = back.get("/api/progress").json
    assert (progress["n_done"], progress["n_later"]) == (0, 1)


def test_after_the_merge_the_pages_say_that_voting_has_ended(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    (room.folder / "ratings.json").write_text("{}")
    refused = alice.post(f"/items/{item}", {"do": "later"})

    assert refused.status == 409
    for path in ("/", "/lock"):
        page = alice.get(path)
        assert page.status == 200
        assert "Voting has ended" in page.text
        assert 'href="/next"' not in page.text
        assert 'name="token"' not in page.text
    assert not alice.get("/api/progress").json["can_lock"]


def test_what_was_written_comes_back_as_it_was_written(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0].item_id
    reason = "\n\u202eleft\u202c \u200bA\u00a0B \x1b </textarea> & \ufeff"
    page = alice.get(f"/items/{item}")
    fields = {"do": "save", "revision": page.revision, "preference": "tie", "reason": reason}
    fields |= {"action_A": "modify", "action_B": "modify", "right_answer_A": reason}
    assert alice.post(f"/items/{item}", fields).status == 303
    drawn = alice.get(f"/items/{item}").text
    fields_of = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", drawn, re.DOTALL)

    assert [unescape(text) for text in fields_of] == [reason, "", reason]


def test_a_save_that_failed_leads_back_to_the_item(room: Room, alice: Caller) -> None:
    path = f"/items/{room.items('alice')[0].item_id}"
    forged = alice.post(path, {"csrf": "0" * 64, "do": "save"})
    lost = alice.get("/items/00")

    assert (forged.status, lost.status) == (403, 404)
    assert f'href="{path}"' in forged.text
    assert 'class="button primary" href="/"' in lost.text


def test_an_incomplete_form_comes_back_with_all_that_was_typed(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    page = alice.get(f"/items/{item.item_id}")
    fields = a_form(item, page.revision, action_B="", right_answer_B="the better one", reason="long")  # fmt: skip
    answer = alice.post(f"/items/{item.item_id}", fields)

    assert answer.status == 422
    assert "say what you would do with output B" in answer.text
    assert "the better one" in answer.text
    assert "long" in answer.text
    assert alice.get("/api/progress").json["n_done"] == 0


def test_a_form_with_nothing_in_it_says_everything_that_is_missing(
    room: Room, alice: Caller
) -> None:
    item = room.items("alice")[0]
    answer = alice.post(f"/items/{item.item_id}", {})

    assert answer.status == 422
    for words in ("output A", "output B", "which output is better"):
        assert words in answer.text


def test_a_text_that_is_too_long_is_refused_and_shown(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    answer = alice.post(f"/items/{item.item_id}", a_form(item, "0", reason="x" * 20_001))

    assert answer.status == 422
    assert "at most 20,000 characters" in answer.text


def test_a_form_of_no_known_revision_is_stale(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    for revision in ("", "-1", "²", "9" * 50, "zero"):
        answer = alice.post(f"/items/{item.item_id}", a_form(item, revision))
        assert answer.status == 409, revision


def test_a_stale_form_shows_what_stands_and_what_was_typed(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    alice.post(f"/items/{item.item_id}", a_form(item, "0", reason="first window"))
    stale = alice.post(f"/items/{item.item_id}", a_form(item, "0", reason="second window"))
    again = alice.post(
        f"/items/{item.item_id}", a_form(item, stale.revision, reason="second window")
    )

    assert stale.status == 409
    assert "another window" in stale.text
    assert "saved now: A " in stale.text
    assert "second window" in stale.text
    assert again.status == 303


def test_the_confidence_keeps_what_was_typed(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    page = alice.post(f"/items/{item.item_id}", {"do": "confidence", "reason": "half a thought"})

    assert page.status == 200
    assert "half a thought" in page.text
    assert ">not saved<" in page.text
    assert ">not saved<" not in alice.post(f"/items/{item.item_id}", {"do": "confidence"}).text
    assert alice.get(f"/api/items/{item.item_id}").json["shows_confidence"]


def test_a_button_that_does_not_exist_does_nothing(room: Room, alice: Caller) -> None:
    item = room.items("alice")[0]
    assert alice.post(f"/items/{item.item_id}", {"do": "approve all"}).status == 422


def test_what_is_no_form_is_refused(room: Room, alice: Caller) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        assert alice.ask("POST", "/leave", b"x=1", {"Content-Type": kind}).status == 415
    fields = "&".join(f"f{n}=1" for n in range(100)).encode()
    kind = "application/x-www-form-urlencoded"
    assert alice.ask("POST", "/leave", fields, {"Content-Type": kind}).status == 400


def test_who_has_not_entered_is_led_to_the_entry(port: int) -> None:
    caller = Caller(port)
    for path in ("/next", "/lock", "/items/ab"):
        answer = caller.get(path)
        assert (answer.status, answer.header("location")) == (303, "/")
    assert caller.post("/leave", {}).status == 401
    assert caller.post("/enter", {"token": "x"}).status == 403


def test_an_item_that_others_have_taken_says_so(tmp_path: Path) -> None:
    room = a_room(tmp_path / "review", pairs(1), raters=1, assignment=Assignment.OPEN)
    item = room.items("alice")[0].item_id
    with in_thread(room) as port:
        alice, bob = Caller(port), Caller(port)
        alice.enter(room.token("alice"))
        bob.enter(room.token("bob"))
        assert alice.get(f"/items/{item}").status == 200
        refused = bob.get(f"/items/{item}")
        alice.post("/leave", {})
        after = bob.get(f"/items/{item}")

    assert refused.status == 409
    assert "others have taken this item" in refused.text
    assert after.status == 200


def test_a_disk_that_fails_is_told_and_nothing_is_saved(
    room: Room, alice: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    for item in room.items("alice"):
        alice.post(f"/items/{item.item_id}", a_form(item, "0"))
    (room.folder / "ballots").write_text("in the way")
    answer = alice.post("/lock", {"token": room.token("alice")})

    assert answer.status == 503
    assert "nothing of it is saved" in answer.text
    assert "cannot be written" in caplog.text
    assert not alice.get("/api/progress").json["is_locked"]


def test_an_adjudicator_waits_and_then_reads_what_raters_said(room: Room) -> None:
    with in_thread(room, attempts=100) as port:
        dora = Caller(port)
        dora.enter(room.token("dora"))
        before = dora.get("/")
        early = dora.get(f"/items/{room.items('dora')[0].item_id}")
        too_early = dora.post("/lock", {"token": room.token("dora")})
        for name, action in zip(room.raters, ("approve", "modify", "reject"), strict=True):
            rater = Caller(port)
            rater.enter(room.token(name))
            for item in room.items(name):
                marks = [{"side": side, "action": action, "category": "wrong"} for side in "AB"]
                body = {
                    "revision": 0,
                    "marks": marks,
                    "preference": "tie",
                    "reason": f"by {action}",
                }
                assert rater.send("PUT", f"/api/items/{item.item_id}", body).status == 200
            assert rater.send("POST", "/api/lock", {"token": room.token(name)}).status == 200
        after = dora.get(dora.get("/next").header("location") or "")

    assert "0 of 3 raters have locked" in before.text
    assert (early.status, too_early.status) == (409, 409)
    assert "not yours to settle" in early.text
    for words in ("rater 1", "rater 2", "rater 3", "by approve", "by modify", "by reject"):
        assert words in after.text
    assert "alice" not in after.text
