import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from hitl.render.review.offline import offline_page
from hitl.review.ballot import ballot_problems, signed_ballot
from hitl.review.packed import Packed
from hitl.review.parts import Packet
from hitl.review.votes import Ballot
from hitl.review.words import Action, Choice, ErrorCategory
from tests.render.review.sample_views import HOSTILE
from tests.review.releases import a_candidate, packed

pytestmark = pytest.mark.browser

ODD = 'a é 漢 😀 " \\ \t / \u2028 \x7f \ud83d'
"""What JSON writes in more ways than one, and half a pair that nobody can sign."""


@pytest.fixture
def review() -> Packed:
    candidates = [
        a_candidate("one", "restart the database now", "roll the release back now"),
        a_candidate("two", "all is well", "all is well"),
        a_candidate("three", HOSTILE, HOSTILE.upper() + "x" * 100_000),
    ]
    return packed(candidates, raters=3, title=HOSTILE)


def the_token(review: Packed) -> tuple[str, Packet]:
    invitation = next(one for one in review.invitations.invitations if one.name == "alice")
    return invitation.token, review.packets[invitation.reviewer]


@pytest.fixture
def file(review: Packed, tmp_path: Path) -> Path:
    _, packet = the_token(review)
    ref = next(ref for ref in review.plan.packets if ref.reviewer == packet.reviewer)
    path = tmp_path / f"{packet.reviewer}.html"
    path.write_text(offline_page(packet, ref, 60.0), encoding="utf-8", newline="")
    return path


@pytest.fixture
def page(browser: Browser, file: Path) -> Iterator[Page]:
    context = browser.new_context(accept_downloads=True)
    page = context.new_page()
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    yield page
    assert said == []
    assert [url for url in asked if not url.startswith("blob:")] == [file.as_uri()] * len(
        [url for url in asked if not url.startswith("blob:")]
    )
    assert page.evaluate("window.pwned") is None
    context.close()


def the_item(page: Page) -> str:
    return page.locator(".item-place:not([hidden]) form").get_attribute("data-item") or ""


def two_sides(packet: Packet, item_id: str) -> bool:
    return len(next(item for item in packet.items if item.item_id == item_id).sides) == 2


def vote_by_keys(page: Page, packet: Packet) -> None:
    is_pair = two_sides(packet, the_item(page))
    page.keyboard.press("1")
    if is_pair:
        page.keyboard.press("7")
        page.keyboard.press("a")
    page.keyboard.press("r")
    page.keyboard.insert_text(ODD)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")


def downloaded(page: Page, tmp_path: Path) -> tuple[str, Ballot]:
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the ballot").click()
    path = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(path)
    text = path.read_text(encoding="utf-8")
    return waiting.value.suggested_filename, Ballot.model_validate_json(text)


def lock(page: Page, token: str) -> None:
    page.get_by_role("button", name="Lock and sign").first.click()
    page.get_by_label("Your access token").fill(token)
    page.locator("#lock-form button.primary").click()


def test_a_long_pause_counts_up_to_the_limit_and_time_after_the_last_sign_of_a_left_item_not(
    browser: Browser, file: Path, review: Packed
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(file.as_uri())
    _, packet = the_token(review)
    first = the_item(page)
    page.clock.fast_forward(20_000)
    page.keyboard.press("1")
    page.clock.fast_forward(3_600_000)
    page.keyboard.press("ArrowRight")
    page.clock.fast_forward(3_600_000)
    page.keyboard.press("ArrowLeft")
    page.clock.fast_forward(5_000)
    if two_sides(packet, first):
        page.keyboard.press("5")
        page.keyboard.press("t")
    page.keyboard.press("Enter")
    state = page.evaluate("JSON.parse(Object.values(localStorage)[0])")
    context.close()

    # 20 s, then an hour that counts as 60 s until the way to the next item; back for 5 s.
    assert state["votes"][first]["seconds"] == pytest.approx(85, abs=2)


def test_a_packet_filled_by_keyboard_gives_the_ballot_that_python_would_sign(
    page: Page, review: Packed, tmp_path: Path
) -> None:
    token, packet = the_token(review)
    for _ in packet.items:
        vote_by_keys(page, packet)
    lock(page, token)

    name, ballot = downloaded(page, tmp_path)

    assert name == f"{packet.reviewer}.json"
    assert ballot_problems(ballot, packet, review.plan) == ()
    assert ballot == signed_ballot(packet, ballot.votes, token, ballot.locked_at)
    assert len(ballot.votes) == len(packet.items)
    for vote in ballot.votes:
        assert vote.reason == ODD.replace("\ud83d", "\ufffd")
        assert vote.marks[0].action is Action.APPROVE
        assert vote.preference is (Choice.A if two_sides(packet, vote.item_id) else None)
        assert vote.seconds is not None
        assert vote.seconds < 60
        assert not vote.saw_confidence


def test_what_was_said_outlives_the_window_and_travels_in_a_draft(
    page: Page, browser: Browser, file: Path, review: Packed, tmp_path: Path
) -> None:
    token, packet = the_token(review)
    vote_by_keys(page, packet)
    page.reload()

    assert page.locator("#n-done").inner_text() == "1"
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Save draft to a file").click()
    draft = tmp_path / "draft.json"
    waiting.value.save_as(draft)
    other = browser.new_context().new_page()
    other.goto(file.as_uri())
    assert other.locator("#n-done").inner_text() == "0"
    other.get_by_role("button", name="All items").click()
    other.locator("#load-draft").set_input_files(draft)
    other.wait_for_selector("#n-done:text('1')")
    foreign = json.loads(draft.read_text()) | {"review_id": "00"}
    draft.write_text(json.dumps(foreign))
    other.locator("#load-draft").set_input_files(draft)
    other.wait_for_selector("#problems:not([hidden])")

    assert "no draft of this packet" in other.inner_text("#problems")
    assert token not in page.evaluate("JSON.stringify(localStorage)")
    other.context.close()


def test_a_browser_that_keeps_nothing_says_so_for_as_long_as_it_is_true(
    page: Page, review: Packed
) -> None:
    _, packet = the_token(review)
    assert page.locator("#unkept").is_hidden()
    page.evaluate(
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError') } })"
    )
    vote_by_keys(page, packet)

    assert page.inner_text("#said") == "Item 1 is saved."
    assert "keeps nothing" in page.inner_text("#unkept")


def test_a_window_that_slept_writes_its_old_votes_over_no_newer_ones(
    page: Page, file: Path, review: Packed
) -> None:
    token, packet = the_token(review)
    slept = page.context.new_page()
    slept.add_init_script(
        "addEventListener('storage', (event) => event.stopImmediatePropagation(), true)"
    )
    slept.goto(file.as_uri())
    for _ in range(2):
        vote_by_keys(page, packet)
    vote_by_keys(slept, packet)
    assert slept.locator("#n-done").inner_text() == "2", "the same item once more"
    assert slept.locator("#items .summary:text('open')").count() == 1
    page.bring_to_front()
    page.reload()
    lock(page, token)
    page.locator("#accept-blanks").check()
    page.locator("#lock-form button.primary").click()
    page.wait_for_selector("#locked:not([hidden])")
    slept.goto("about:blank")
    page.reload()

    assert page.locator("#locked").is_visible()
    assert page.locator("#n-done").inner_text() == "2"


def test_a_rejection_asks_why_a_wrong_token_signs_nothing_and_a_blank_must_be_confirmed(
    page: Page, review: Packed, tmp_path: Path
) -> None:
    token, packet = the_token(review)
    while not two_sides(packet, the_item(page)):
        page.keyboard.press("ArrowRight")
    item = the_item(page)
    for key in ("4", "7", "t", "Enter"):
        page.keyboard.press(key)
    assert "say what is wrong with output B" in page.inner_text("#problems")
    place = page.locator(".item-place:not([hidden])")
    place.locator("[name=category_B]").select_option("unsafe")
    place.locator("[name=severity_B]").select_option("high")
    place.locator("[name=right_answer_B]").fill("roll back")
    place.get_by_role("button", name="Show stated confidence").click()
    place.get_by_role("button", name="Save and next").click()

    lock(page, "not the token")
    page.wait_for_selector("#problems:not([hidden])")
    assert "this is not your access token" in page.inner_text("#problems")
    assert "2 items have no vote" in page.inner_text("#problems")
    page.locator("#accept-blanks").check()
    page.get_by_label("Your access token").fill(token)
    page.locator("#lock-form button.primary").click()
    _, ballot = downloaded(page, tmp_path)

    (vote,) = ballot.votes
    assert ballot_problems(ballot, packet, review.plan) == ()
    assert vote.item_id == item
    assert vote.saw_confidence
    assert vote.preference is Choice.TIE
    assert [mark.action for mark in vote.marks] == [Action.ESCALATE, Action.REJECT]
    assert vote.marks[1].category is ErrorCategory.UNSAFE
    assert vote.marks[1].right_answer == "roll back"


def test_a_save_is_undone_until_the_lock_and_nothing_is_changed_after_it(
    page: Page, review: Packed
) -> None:
    token, packet = the_token(review)
    first = the_item(page)
    vote_by_keys(page, packet)
    page.keyboard.press("u")

    assert page.locator("#n-done").inner_text() == "0"
    assert the_item(page) == first
    page.keyboard.press("Enter")
    for _ in packet.items[1:]:
        vote_by_keys(page, packet)
    lock(page, token)
    page.wait_for_selector("#locked:not([hidden])")
    page.reload()
    assert page.is_visible("#locked")
    page.get_by_role("button", name="All items").click()
    page.get_by_role("button", name="Item 1", exact=True).click()
    assert page.locator(".item-place:not([hidden]) input[type=radio]:not([disabled])").count() == 0
    assert page.locator(".item-place:not([hidden]) [data-do=undo]").is_disabled()


def test_the_same_packet_gives_the_same_file(review: Packed, file: Path) -> None:
    _, packet = the_token(review)
    ref = next(ref for ref in review.plan.packets if ref.reviewer == packet.reviewer)

    text = offline_page(packet, ref, 60.0)

    assert text == file.read_text(encoding="utf-8")
    assert "http://" not in text
    assert "https://" not in text
    assert " style=" not in text
