"""Two servers, one release with its arms swapped: what reviewers do gets the same bytes from both."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from hitl.review.candidate import Candidate
from hitl.review.words import Action, Assignment, Mode
from hitl.review.writing import write_review
from hitl.run.arm import Arm
from tests.review.releases import NAMES, SWAPPED_NAMES, a_candidate, an_output, packed, swapped
from tests.web.caller import Answer, Caller
from tests.web.rooms import Room, a_sent
from tests.web.served import in_thread

_RANDOM = re.compile(rb"[0-9a-f]{128}|[0-9a-f]{64}|[A-Za-z0-9_-]{43}")
"""Sessions, tokens of forms, digests that follow from the sealed key, signatures."""
_OWN = ("date",)
SAID = {"bob": Action.ESCALATE, "carol": Action.MODIFY}
"""The others follow the texts: there is something to settle."""


def candidates() -> list[Candidate]:
    both = (
        an_output(Arm.PREVIOUS, "Restart it.", confidence=0.9, tool_calls='[{"name": "restart"}]'),
        an_output(Arm.CANDIDATE, "# Do this\n\n- restart it", confidence=0.4),
    )
    return [
        a_candidate("case-1", "one answer", "other answer"),
        a_candidate("case-2", "the same", "the same"),
        a_candidate("case-3", "only the previous", None),
        a_candidate("case-4", None, "only the candidate"),
        a_candidate("case-5", "", "", outputs=both, context="evidence"),
        a_candidate("case-6", "<script>one</script>", "\u202eother \x1b[31m " + "x" * 5000),
    ]


@dataclass
class Seen:
    """All that came out of one server."""

    answers: list[tuple[str, int, list[tuple[str, str]], bytes]]
    files: list[str]
    tables: dict[str, list[tuple[Any, ...]]]


def masked(content: bytes, port: int) -> bytes:
    """Return bytes without what is drawn at random, or is bound to the sealed key."""
    return _RANDOM.sub(b"RANDOM", content).replace(b":%d" % port, b":PORT")


def noted(what: str, answer: Answer, port: int) -> tuple[str, int, list[tuple[str, str]], bytes]:
    headers = [
        (name, masked(value.encode(), port).decode())
        for name, value in answer.headers
        if name.lower() not in _OWN
    ]
    return what, answer.status, headers, masked(answer.body, port)


def walk(room: Room, port: int) -> Iterator[tuple[str, Answer]]:
    """Do everything that a reviewer can, as every rater and then as the adjudicator."""
    yield "openapi", Caller(port).get("/openapi.json")
    for name in [*room.raters, "dora"]:
        caller = Caller(port)
        yield "entry", caller.get("/")
        yield "wrong token", caller.enter("wrong")
        yield "enter", caller.enter(room.token(name))
        yield "list", caller.get("/")
        for _ in range(40):
            step = caller.get("/api/next")
            yield "next", step
            item_id = step.json["item_id"]
            if item_id is None:
                break
            yield from at_item(room, caller, name, item_id)
        yield "undo", caller.post("/undo", {})
        yield "undo", caller.send("POST", "/api/undo")
        yield "progress", caller.get("/api/progress")
        yield "before lock", caller.get("/lock")
        yield "blanks", caller.post("/lock", {"token": room.token(name)})
        lock = {"token": room.token(name), "accept_blanks": True}
        yield "lock", caller.send("POST", "/api/lock", lock)
        yield "locked", caller.get("/")
        yield "leave", caller.post("/leave", {})


def at_item(room: Room, caller: Caller, name: str, item_id: str) -> Iterator[tuple[str, Answer]]:
    item = next(one for one in room.items(name) if one.item_id == item_id)
    page = caller.get(f"/items/{item_id}")
    yield "page", page
    yield "json", caller.get(f"/api/items/{item_id}")
    yield "alive", caller.send("POST", f"/api/items/{item_id}/alive")
    yield "confidence", caller.post(f"/items/{item_id}", {"do": "confidence"})
    yield "incomplete", caller.post(f"/items/{item_id}", {"do": "save"})
    sent = a_sent(item, reason="because", action=SAID.get(name))
    fields = {"do": "save", "revision": page.revision, "preference": sent.preference or ""}
    fields |= {f"action_{mark.side}": str(mark.action) for mark in sent.marks} | {"reason": "why"}
    yield "save", caller.post(f"/items/{item_id}", fields)
    yield "stale", caller.post(f"/items/{item_id}", fields | {"reason": "other"})


def seen_of(room: Room) -> Seen:
    with in_thread(room, attempts=1000) as port:
        answers = [noted(what, answer, port) for what, answer in walk(room, port)]
    files = sorted(str(path.relative_to(room.folder)) for path in room.folder.rglob("*"))
    tables = {}
    with closing(sqlite3.connect(room.folder / "votes.sqlite")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()  # noqa: S608
            tables[name] = [
                tuple(masked(v.encode(), 0) if isinstance(v, str) else v for v in row)
                for row in rows
            ]
    return Seen(answers, files, tables)


@pytest.mark.parametrize(
    "declared",
    [
        pytest.param({"assignment": Assignment.FIXED, "raters": 3}, id="fixed"),
        pytest.param({"assignment": Assignment.OPEN, "raters": 2}, id="open"),
        pytest.param({"mode": Mode.SINGLE, "raters": 3}, id="single"),
    ],
)
def test_a_release_and_its_swapped_twin_look_the_same(
    tmp_path: Path, declared: dict[str, Any]
) -> None:
    rooms = []
    for name, release, names in (
        ("one", candidates(), NAMES),
        ("two", swapped(candidates()), SWAPPED_NAMES),
    ):
        review = packed(release, names=replace(names), **declared)
        write_review(tmp_path / name, review, with_invitations=False)
        rooms.append(Room(tmp_path / name, review))
    assert rooms[0].packed.sealed != rooms[1].packed.sealed
    one, two = (seen_of(room) for room in rooms)

    assert len(one.answers) == len(two.answers) > 100
    for left, right in zip(one.answers, two.answers, strict=True):
        assert left == right
    assert one.files == two.files
    assert one.tables == two.tables
    told = {what for what, status, _, _ in one.answers if status == 200}
    assert {"page", "json", "list", "progress", "lock", "before lock"} <= told
    assert any(b"What raters said" in body for what, _, _, body in one.answers if what == "page")


def test_no_answer_names_an_arm_a_model_or_a_case(room: Room, port: int) -> None:
    words = [b"previous_", b"candidate", b"acme", b"zenith", b"wisdom", b"case-", b"release-77", b"alice"]  # fmt: skip
    caller = Caller(port)
    caller.enter(room.token("alice"))
    # The style is one for all pages of hitl, whatever they show.
    paths = ["/", "/lock", "/api/progress", "/openapi.json", "/static/review.js"]
    paths += [f"{way}/{item.item_id}" for item in room.items("alice") for way in ("/items", "/api/items")]  # fmt: skip
    for path in paths:
        answer = caller.get(path)
        assert answer.status == 200
        found = [word for word in words if word in answer.body.lower()]
        assert found == [], path
