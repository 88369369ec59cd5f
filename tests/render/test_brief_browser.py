from pathlib import Path

import pytest
from playwright.sync_api import Browser

from hitl.record.release import ReleaseRecord
from hitl.render.brief.page import render_brief_page
from tests.render.sample_brief import a_styled
from tests.render.sample_record import a_hostile, a_ship

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_styled(), id="everything"),
        pytest.param(a_ship(), id="nothing changed"),
        pytest.param(a_hostile(), id="hostile"),
    ],
)
def test_the_style_applies_nothing_runs_and_nothing_leaves_the_screen(
    browser: Browser, tmp_path: Path, record: ReleaseRecord, scheme: str, width: int
) -> None:
    file = tmp_path / "brief.html"
    file.write_text(render_brief_page(record), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 19, 22)" if scheme == "dark" else "rgb(246, 246, 243)")
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert said == []
    assert page.evaluate("window.pwned") is None
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the brief"
    page.close()
