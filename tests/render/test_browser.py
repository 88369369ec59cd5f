from pathlib import Path

import pytest
from playwright.sync_api import Browser, Request

from hitl.record.release import ReleaseRecord
from hitl.render.page import render_page
from tests.render.sample_forecast import a_flooded, a_hostile_forecast
from tests.render.sample_record import a_hold, a_hostile, a_judged

pytestmark = pytest.mark.browser


def test_hostile_replies_run_nothing_fetch_nothing_and_say_nothing(
    browser: Browser, tmp_path: Path
) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_page(a_hostile()), encoding="utf-8")
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
    page.wait_for_timeout(200)

    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert said == []
    assert page.evaluate("window.pwned") is None
    assert page.locator("script, main img, iframe").count() == 0
    policy = (
        page.locator("meta[http-equiv='Content-Security-Policy']").get_attribute("content") or ""
    )
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    text = page.inner_text("main")
    assert "<script>window.pwned=1</script>" in text
    assert "⟨U+202E⟩gnp.exe" in text
    assert "\u202e" not in text
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize(
    "record",
    [
        pytest.param(a_hold(), id="recorded"),
        pytest.param(a_judged(), id="judged"),
        pytest.param(a_hostile(), id="hostile"),
        pytest.param(a_flooded(), id="forecast"),
        pytest.param(a_hostile_forecast(), id="hostile-forecast"),
    ],
)
def test_the_style_applies_and_nothing_leaves_the_screen(
    browser: Browser, tmp_path: Path, record: ReleaseRecord, scheme: str, width: int
) -> None:
    file = tmp_path / "index.html"
    file.write_text(render_page(record), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(file.as_uri())

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == ("rgb(18, 19, 22)" if scheme == "dark" else "rgb(246, 246, 243)")
    cut = "[...document.querySelectorAll('#main .wide')].filter(one => !one.querySelector('.cases') && one.scrollWidth > one.clientWidth).length"
    assert page.evaluate(cut) == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
    page.close()
