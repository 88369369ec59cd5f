from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from hitl.recalibrate.parts import Recalibration
from hitl.render.recalibration.page import render_recalibration
from tests.render.sample_recalibration import (
    DIFF,
    HOSTILE_DIFF,
    a_hostile_recalibration,
    a_recalibration,
    a_recalibration_of_thirty,
    a_type,
    an_empty_recalibration,
)

pytestmark = pytest.mark.browser


def _opened(page: Page, folder: Path, document: Recalibration, diff: str) -> Path:
    file = folder / "index.html"
    file.write_text(render_recalibration(document, diff), encoding="utf-8")
    page.goto(file.as_uri(), wait_until="networkidle")
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    return file


def test_a_hostile_log_runs_nothing_fetches_nothing_and_says_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page()
    asked: list[str] = []
    said: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    file = _opened(page, tmp_path, a_hostile_recalibration(), HOSTILE_DIFF)

    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert said == []
    assert page.evaluate("window.pwned") is None
    assert page.locator("script, main img, iframe").count() == 0
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1400])
@pytest.mark.parametrize(
    ("document", "diff"),
    [
        pytest.param(a_recalibration(), DIFF, id="rich"),
        pytest.param(an_empty_recalibration(), "", id="empty"),
        pytest.param(a_hostile_recalibration(), HOSTILE_DIFF + "+" + "x" * 400, id="hostile"),
        pytest.param(a_recalibration_of_thirty(), DIFF, id="thirty"),
    ],
)
def test_the_style_applies_and_nothing_leaves_the_screen(
    browser: Browser, tmp_path: Path, document: Recalibration, diff: str, width: int, scheme: str
) -> None:
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    _opened(page, tmp_path, document, diff)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 19, 22)" if scheme == "dark" else "rgb(246, 246, 243)")
    cut = "[...document.querySelectorAll('#main .wide')].filter(one => !one.querySelector('.sides') && one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(cut) == 0
    page.close()


def test_no_labels_of_a_picture_lie_over_each_other(browser: Browser, tmp_path: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    _opened(page, tmp_path, a_recalibration_of_thirty(), "")
    overlaps = page.evaluate(
        """[...document.querySelectorAll('svg.curve')].flatMap(svg => {
          const boxes = [...svg.querySelectorAll('text')].map(one => [one.textContent, one.getBoundingClientRect()]);
          return boxes.flatMap(([a, p], i) => boxes.slice(i + 1)
            .filter(([, q]) => p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 3 && q.top < p.bottom - 3)
            .map(([b]) => a + ' | ' + b));
        })"""
    )

    assert page.locator("svg.curve").count() > 10
    assert overlaps == []
    page.close()


@pytest.mark.parametrize(
    ("auto", "proposed"), [(0.85, 0.8935), (0.9312, "never"), (0.9999, 0.9998), (0.4001, 0.4002)]
)
def test_no_label_leaves_its_picture(
    browser: Browser, tmp_path: Path, auto: float, proposed: float | str
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    moved = a_type().model_copy(update={"auto": auto, "proposed": proposed})
    _opened(page, tmp_path, a_recalibration(moved), "")
    beyond = page.evaluate(
        """[...document.querySelectorAll('svg.curve text')].map(one => {
          const box = one.getBoundingClientRect(), paper = one.closest('figure').getBoundingClientRect();
          return Math.max(paper.left - box.left, box.right - paper.right);
        })"""
    )

    assert max(beyond) <= 0
    page.close()


def test_the_letters_of_a_picture_stay_readable_on_a_telephone(
    browser: Browser, tmp_path: Path
) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 900})
    _opened(page, tmp_path, a_recalibration(), "")
    heights = page.evaluate(
        "[...document.querySelectorAll('svg.curve text')].map(one => one.getBoundingClientRect().height)"
    )

    assert min(heights) >= 9
    page.close()
