from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from hitl.decisions.measures.baseline import Baseline
from hitl.render.baseline.page import render_baseline
from tests.render.sample_baseline import a_baseline, a_hostile_baseline, an_empty_baseline

pytestmark = pytest.mark.browser


def test_a_hostile_log_runs_nothing_fetches_nothing_and_says_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_baseline(a_hostile_baseline()), encoding="utf-8")
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(file.as_uri(), wait_until="networkidle")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert said == []
    assert page.evaluate("window.pwned") is None
    assert page.locator("script, main img, iframe").count() == 0
    assert "<script>window.pwned=1</script>" in page.inner_text("main")
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize(
    "baseline",
    [
        pytest.param(a_baseline(), id="rich"),
        pytest.param(an_empty_baseline(), id="refused"),
        pytest.param(a_hostile_baseline(), id="hostile"),
    ],
)
def test_the_style_applies_and_nothing_leaves_the_screen(
    browser: Browser, tmp_path: Path, baseline: Baseline, scheme: str, width: int
) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_baseline(baseline), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(file.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 19, 22)" if scheme == "dark" else "rgb(246, 246, 243)")
    cut = "[...document.querySelectorAll('#main .wide')].filter(one => !one.querySelector('.sides') && one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(cut) == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the baseline"
    page.close()


def test_tables_too_wide_for_a_telephone_can_be_reached_and_scrolled_by_keyboard(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_baseline(a_baseline()), encoding="utf-8")
    page = browser.new_page(viewport={"width": 400, "height": 900})
    page.goto(file.as_uri())
    table = page.locator("[aria-label='By model']")

    table.focus()
    assert page.evaluate("document.activeElement.getAttribute('role')") == "region"
    assert table.evaluate("one => one.scrollWidth > one.clientWidth")
    first = table.locator("tbody th").first
    before = first.evaluate("one => one.getBoundingClientRect().x")
    table.evaluate("one => one.scrollTo({left: 30, behavior: 'instant'})")

    assert table.evaluate("one => one.scrollLeft") > 0
    assert first.evaluate("one => one.getBoundingClientRect().x") == before
    page.close()
