from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from hitl.render.review.page import entry_page, item_page, list_page, lock_page
from tests.render.review.conftest import Shelf
from tests.render.review.sample_views import (
    a_hostile,
    a_list,
    a_pair,
    a_shadow,
    a_single,
    a_vote,
    an_adjudicated,
)

pytestmark = pytest.mark.browser

ITEM = "0a" * 16
PATH = f"/items/{ITEM}"
PAGES: dict[str, Callable[[], str]] = {
    "pair": lambda: item_page(a_pair(vote=a_vote(), problems=("say why",))),
    "single": lambda: item_page(a_single()),
    "shadow": lambda: item_page(a_shadow()),
    "adjudicated": lambda: item_page(an_adjudicated()),
    "hostile": lambda: item_page(a_hostile()),
    "list": lambda: list_page(a_list()),
    "lock": lambda: lock_page(a_list()),
    "entry": lambda: entry_page("nobody has this token", "c5f"),
}
CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (text) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, at) => sum + c * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const found = rgba(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let worst = [21, ''], n = 0;
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || one.closest('script, style, option, .hidden, .skip') || !one.checkVisibility()) continue;
    const [a, b] = [light(rgba(getComputedStyle(one).color)), light(ground(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    n += 1;
    if (ratio < worst[0]) worst = [ratio, `${one.tagName}.${one.className}: ${one.textContent.slice(0, 40)}`];
  }
  return [n, ...worst];
}"""

SMALL_TARGETS = """[...document.querySelectorAll('button, .button, .choice, .check, select, .items .name, summary')]
  .filter(one => one.checkVisibility() && !one.matches('.hidden'))
  .map(one => [one.textContent.trim().slice(0, 30), Math.round(one.getBoundingClientRect().height * 10) / 10])
  .filter(([, height]) => height < 44)"""


@contextmanager
def opened(
    browser: Browser,
    shelf: Shelf,
    page: str,
    path: str = PATH,
    **options: Any,  # noqa: ANN401  # of a context
) -> Iterator[Page]:
    context = browser.new_context(**options)
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.goto(shelf.put(path, page))
    yield tab
    assert said == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(browser: Browser, shelf: Shelf, scheme: Any) -> None:  # noqa: ANN401  # a literal
    found = {}
    with opened(browser, shelf, PAGES["entry"](), "/", color_scheme=scheme) as page:
        for name, draw in PAGES.items():
            page.goto(shelf.put(f"/{name}", draw()))
            page.evaluate(
                "document.querySelectorAll('.diff-switch').forEach(one => { one.checked = true; })"
            )
            page.evaluate("document.getElementById('keys')?.show()")
            found[name] = page.evaluate(CONTRAST)

    assert all(n > 5 for n, _, _ in found.values())
    assert {name: where for name, (_, worst, where) in found.items() if worst < 4.5} == {}


def test_on_a_telephone_nothing_leaves_the_screen_and_every_target_is_large(
    browser: Browser, shelf: Shelf
) -> None:
    small, wide = {}, {}
    options = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    with opened(browser, shelf, PAGES["entry"](), "/", **options) as page:
        for name, draw in PAGES.items():
            page.goto(shelf.put(f"/{name}", draw()))
            small[name] = page.evaluate(SMALL_TARGETS)
            wide[name] = page.evaluate("document.documentElement.scrollWidth")

    assert small == {name: [] for name in PAGES}
    assert wide == dict.fromkeys(PAGES, 390)


def test_sides_stand_beside_each_other_where_there_is_room(browser: Browser, shelf: Shelf) -> None:
    width = 1000
    with opened(
        browser, shelf, PAGES["hostile"](), viewport={"width": width, "height": 900}
    ) as page:
        a, b = (page.locator(f".side-{side}").bounding_box() for side in "AB")
        text = page.locator(".side-A .text").first.bounding_box()

        assert a
        assert b
        assert text
        assert a["y"] == b["y"]
        assert a["x"] + a["width"] <= b["x"]
        assert text["height"] <= 500
        assert page.evaluate("document.documentElement.scrollWidth") == width
        assert page.evaluate("window.pwned") is None


def test_a_whole_vote_is_given_by_keys(browser: Browser, shelf: Shelf) -> None:
    with opened(browser, shelf, item_page(a_pair())) as page:
        assert page.locator(".what").first.is_hidden()
        for key in ("1", "Shift+Digit3", "a", "d", "r"):
            page.keyboard.press(key)
        page.keyboard.type("a 1 b 2 ?")
        assert page.locator(".side-B .what").is_visible()
        assert page.locator(".side-A .what").is_hidden()
        assert page.locator(".diff-switch").is_checked()
        assert (
            page.locator("p.hidden[role=status]").text_content()
            == "Mark words that only one output has"
        )
        page.keyboard.press("Escape")
        with page.expect_navigation():
            page.keyboard.press("Enter")

    ((path, form, _),) = shelf.posts
    assert path == PATH
    assert form["do"] == "save"
    assert (form["action_A"], form["action_B"], form["preference"]) == ("approve", "reject", "A")
    assert form["reason"] == "a 1 b 2 ?"
    assert form["csrf"] == a_pair().frame.csrf
    assert form["revision"] == "0"


@pytest.mark.parametrize(
    ("key", "path", "do"),
    [("l", PATH, "later"), ("u", "/undo", "undo"), ("c", PATH, "confidence")],
)
def test_keys_press_the_other_buttons_with_an_empty_form(
    browser: Browser, shelf: Shelf, key: str, path: str, do: str
) -> None:
    with opened(browser, shelf, item_page(a_pair())) as page, page.expect_navigation():
        page.keyboard.press(key)

    assert [(where, form["do"]) for where, form, _ in shelf.posts] == [(path, do)]


def test_an_incomplete_vote_is_not_sent(browser: Browser, shelf: Shelf) -> None:
    with opened(browser, shelf, item_page(a_pair())) as page:
        page.keyboard.press("1")
        page.keyboard.press("s")
        assert page.evaluate("document.querySelector('form.item').matches(':invalid')")

    assert shelf.posts == []


def test_arrows_go_to_other_items_and_what_was_typed_comes_back(
    browser: Browser, shelf: Shelf
) -> None:
    shelf.put(
        f"/items/{'0c' * 16}",
        item_page(a_pair(item=a_pair().item.model_copy(update={"item_id": "0c" * 16}))),
    )
    with opened(browser, shelf, item_page(a_pair())) as page:
        page.keyboard.press("2")
        page.keyboard.press("r")
        page.keyboard.type("not yet")
        page.keyboard.press("Escape")
        page.keyboard.press("ArrowRight")
        page.wait_for_url(f"**/items/{'0c' * 16}")
        assert page.locator("textarea[name=reason]").input_value() == ""
        page.goto(shelf.address + PATH)

        assert page.locator("textarea[name=reason]").input_value() == "not yet"
        assert page.locator("[name=action_A][value=modify]").is_checked()
        assert "not saved yet" in page.inner_text("#said")
        shelf.put(PATH, item_page(a_pair(revision=1)))
        page.reload()
        assert page.locator("textarea[name=reason]").input_value() == ""


def test_what_was_typed_outlives_the_list_and_a_new_entry_but_not_leaving(
    browser: Browser, shelf: Shelf
) -> None:
    shelf.put("/entry", entry_page("", "c5f"))
    shelf.put("/", list_page(a_list()))
    with opened(browser, shelf, item_page(a_pair())) as page:
        page.keyboard.press("r")
        page.keyboard.type("not yet")
        for way in ("/entry", "/"):
            page.goto(shelf.address + way)
            page.goto(shelf.address + PATH)
            assert page.locator("textarea[name=reason]").input_value() == "not yet"
        page.evaluate(
            "document.forms[0].addEventListener('submit', (event) => event.preventDefault())"
        )
        page.get_by_role("button", name="Leave").click()
        assert page.evaluate("sessionStorage.length") == 0


def test_what_is_chosen_stands_beside_the_buttons(browser: Browser, shelf: Shelf) -> None:
    with opened(browser, shelf, item_page(a_pair())) as page:
        assert page.inner_text(".so-far") == "A: — · B: — · Better: —"
        page.keyboard.press("1")
        page.locator("input[name=action_B][value=reject]").check()
        page.keyboard.press("t")
        assert page.inner_text(".so-far") == "A: Approve · B: Reject · Better: Equally good"


def test_single_keys_can_be_switched_off_and_stay_off(browser: Browser, shelf: Shelf) -> None:
    with opened(browser, shelf, item_page(a_pair())) as page:
        assert page.locator("kbd").first.is_visible()
        page.keyboard.press("?")
        page.get_by_label("Single keys work").uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        assert page.locator("input[name=action_A]:checked").count() == 0
        assert page.locator("form kbd").first.is_hidden()
        page.reload()
        page.keyboard.press("1")
        assert page.locator("input[name=action_A]:checked").count() == 0
        page.get_by_role("button", name="Keys").click()
        page.get_by_label("Single keys work").check()
        page.keyboard.press("Escape")
        page.keyboard.press("1")
        assert page.locator("input[name=action_A]:checked").count() == 1


def test_signs_of_life_come_at_most_every_fifteen_seconds_and_only_with_activity(
    browser: Browser, shelf: Shelf
) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.goto(shelf.put(PATH, item_page(a_pair())))
    page.keyboard.press("1")
    page.clock.fast_forward(16_000)
    assert shelf.posts == []
    for _ in range(3):
        with page.expect_response("**/alive"):
            page.keyboard.press("2")
        page.keyboard.press("1")
        page.clock.fast_forward(16_000)
    context.close()

    assert [path for path, _, _ in shelf.posts] == [f"/api{PATH}/alive"] * 3
    assert {token for _, _, token in shelf.posts} == {a_pair().frame.csrf}


def test_the_token_of_a_link_is_filled_in_and_leaves_the_address(
    browser: Browser, shelf: Shelf
) -> None:
    url = shelf.put("/", entry_page("", "c5f"))
    with opened(browser, shelf, entry_page("", "c5f"), "/") as page:
        page.goto(f"{url}#q6rweuaha72ewrkd")

        page.wait_for_url(url)
        assert page.get_by_label("Access token").input_value() == "q6rweuaha72ewrkd"
        with page.expect_navigation():
            page.keyboard.press("Enter")

    assert shelf.posts[-1][:2] == ("/enter", {"csrf": "c5f", "token": "q6rweuaha72ewrkd"})


def test_without_a_script_everything_is_there_by_pointer(browser: Browser, shelf: Shelf) -> None:
    with opened(browser, shelf, item_page(a_pair()), java_script_enabled=False) as page:
        assert page.locator("kbd:visible").count() == 0
        page.locator("[name=action_A][value=approve]").check()
        page.locator("[name=action_B][value=modify]").check()
        page.locator("[name=category_B]").select_option("incomplete")
        page.locator("[name=preference][value=tie]").check()
        page.locator(".diff-switch").check()
        page.get_by_role("button", name="Save and next").click()
        page.wait_for_url(f"**{PATH}")

    ((_, form, _),) = shelf.posts
    assert (form["action_B"], form["category_B"], form["preference"], form["do"]) == ("modify", "incomplete", "tie", "save")  # fmt: skip


def test_problems_have_the_focus_and_the_first_stop_skips_the_head(
    browser: Browser, shelf: Shelf
) -> None:
    with opened(browser, shelf, PAGES["pair"]()) as page:
        assert page.evaluate("document.activeElement.id") == "problems"
    with opened(browser, shelf, PAGES["single"]()) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the item"
        page.keyboard.press("Tab")
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
