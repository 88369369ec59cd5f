"""The forecast in every view: the same numbers, first where something breaks, and never without range or reason."""

import io
import json
from xml.etree import ElementTree

import pytest
from rich.console import Console

from hitl.gate.verdict_words import State
from hitl.manifest.forecast import Setting
from hitl.manifest.gate_class import Authority
from hitl.recalibrate.forecast.parts import GROWS, Forecast, Range
from hitl.record.release import ReleaseRecord
from hitl.render.explain import explain
from hitl.render.forecast.chart import days
from hitl.render.forecast.table import heads, measure_rows, pool_rows
from hitl.render.forecast.words import break_word, estimate, figure, is_shown_first, limits
from hitl.render.github import render_github
from hitl.render.junit import render_junit
from hitl.render.markdown import render_markdown
from hitl.render.page import render_page
from hitl.render.terminal import print_record
from hitl.render.words import next_steps
from tests.render.page_reader import PageReader
from tests.render.sample_forecast import (
    a_flooded,
    a_forecast,
    a_forecast_gate,
    a_hostile_forecast,
    a_pool,
    a_range,
    a_recalibration,
    a_spike,
    an_outlook,
    an_unforetold,
    unsaid,
)
from tests.render.sample_record import a_hold, a_ship


def holding(forecast: Forecast | None = None, **parts: object) -> ReleaseRecord:
    found = {"forecast": forecast or a_spike(), "forecast_gates": (a_forecast_gate(),)}
    return a_hold().model_copy(update=found | parts).sealed()


def shipping(forecast: Forecast, **parts: object) -> ReleaseRecord:
    return a_ship().model_copy(update={"forecast": forecast} | parts).sealed()


def printed(record: ReleaseRecord, width: int = 100) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    print_record(record, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def texts(record: ReleaseRecord) -> dict[str, str]:
    """Every view for people, as text."""
    page = PageReader()
    page.feed(render_page(record).replace("<!doctype html>", ""))
    return {
        "terminal": printed(record),
        "markdown": render_markdown(record).replace("\\", ""),
        "explain": explain(record, None, None),
        "page": page.text,
    }


@pytest.mark.parametrize("view", ["terminal", "markdown", "explain", "page"])
def test_what_would_break_comes_before_the_reasons(view: str) -> None:
    text = texts(holding())[view]
    first = text.index("more comes at Mon 09:00")
    assert first < text.index("Worse by 11.7")
    assert "12.4 %" in text
    assert "10.2 to 15.2 %" in text


@pytest.mark.parametrize("view", ["terminal", "markdown", "explain", "page"])
def test_a_forecast_that_breaks_nothing_stands_after_the_subsets(view: str) -> None:
    text = texts(shipping(a_forecast()))[view]
    subset = a_ship().subsets[0].id
    assert text.index(subset) < text.rindex("Nothing that the policy promises would break")


@pytest.mark.parametrize("view", ["terminal", "markdown", "explain", "page"])
def test_what_cannot_be_forecast_says_why(view: str) -> None:
    text = " ".join(texts(shipping(an_unforetold("the log names no model")))[view].split())
    assert "the log names no model" in text
    assert "Override rate" not in text


@pytest.mark.parametrize("view", ["terminal", "markdown", "explain", "page"])
def test_a_record_without_a_baseline_does_not_speak_of_reviewers(view: str) -> None:
    assert "reviewers would face" not in texts(a_hold())[view]


@pytest.mark.parametrize("view", ["terminal", "markdown", "explain", "page"])
def test_a_recalibration_shows_what_moves_and_what_it_stands_on(view: str) -> None:
    record = holding(recalibration=a_recalibration("it was made for another policy file"))
    text = " ".join(texts(record)[view].replace("\\", "").split())
    assert "not used" in text.lower()
    assert "it was made for another policy file" in text
    assert "0.62" in text
    assert "1,204 labels" in text
    assert "never" in text


def test_every_column_has_a_cell_in_every_row() -> None:
    forecast = a_spike()
    n = len(heads(forecast))
    assert n == 4
    assert all(len(row.cells) == n for row in measure_rows(forecast))
    assert [name for name, _ in pool_rows(forecast)] == ["triage", "experts"]
    assert all(len(rows) == n for _, rows in pool_rows(forecast))


def test_a_limit_that_is_broken_is_marked_by_how_certain_that_is() -> None:
    rows = {row.name: row for row in measure_rows(a_spike())}
    assert [cell.state for cell in rows["Error escape rate"].cells] == [
        None,
        State.UNDECIDED,
        None,
        None,
    ]
    assert all(cell.state is None for cell in rows["Cost a week"].cells)


def test_the_log_goes_before_the_golden_replies_of_the_previous_model() -> None:
    logged = an_outlook(None, override_rate=a_range(0.05, 0.04, 0.06))
    silent = an_outlook(None, override_rate=unsaid("no label"))
    replied = an_outlook(None, override_rate=a_range(0.03, 0.02, 0.04))

    def first(observed: object) -> tuple[str, str, str]:
        forecast = a_forecast(observed=observed, previous=replied)
        cell = measure_rows(forecast)[0].cells[0]
        return cell.figure, cell.under, cell.beside

    assert first(logged) == ("5.0 %", "4.0 to 6.0 %", "by its golden replies 3.0 %")
    assert first(silent) == ("3.0 %", "2.0 to 4.0 %", "by its golden replies")


@pytest.mark.parametrize(
    ("measure", "found", "said", "under"),
    [
        ("queue", a_range(0.004, 0.0, 0.02), "< 0.01", "0 to 0.02"),
        ("p95_wait_minutes", unsaid(f"{GROWS}, at the lower end too"), "no end", f"{GROWS}, at the lower end too"),
        ("p95_wait_minutes", Range(estimate=None, low=12.0, high=None, reason=GROWS), "no end", "at least 12 min"),
        ("utilisation", a_range(1.31, 0.9, 1.8), "131 %", "90 to 180 %"),
        ("cost_usd_per_week", unsaid("no decision says its cost"), "—", "no decision says its cost"),
    ],
)  # fmt: skip
def test_a_number_is_written_with_its_unit_its_range_or_its_reason(
    measure: str, found: Range, said: str, under: str
) -> None:
    assert estimate(measure, found) == said
    assert limits(measure, found) == under


def test_a_number_that_is_not_known_is_never_zero() -> None:
    assert figure("reviews_per_week", None) == "—"
    assert figure("queue", 0.0) == "0"


def test_a_day_draws_both_models_and_the_hours_without_end() -> None:
    first, second = days(a_spike())
    assert first.pool == "triage"
    arrivals, wait = first.panels
    assert arrivals.previous
    assert arrivals.candidate.count("H") == 24
    assert wait.limit is not None
    assert {mark.label for mark in wait.beyond} == {"no end"}
    assert len(wait.beyond) == 8
    assert "grows without end at 08:00" in first.description
    assert second.panels[1].beyond == ()


def test_lines_of_a_day_stay_inside_their_panel() -> None:
    pool = a_pool("one", 1.0, 32, sla=None)
    forecast = a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, pools=(pool,)),), previous=None, observed=None)  # fmt: skip
    (day,) = days(forecast)
    for panel in day.panels:
        assert panel.previous == ""
        heights = [float(step.split()[1].split("H")[0]) for step in panel.candidate.replace("L", "M").split("M")[1:]]  # fmt: skip
        assert all(panel.top <= at <= panel.bottom for at in heights)
        assert panel.limit is None


def test_a_pool_of_which_no_hour_is_known_has_no_picture() -> None:
    pool = a_pool("one", 1.0, 72, by_hour=())
    assert days(a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, pools=(pool,)),))) == ()
    assert days(a_forecast(outlooks=())) == ()


def test_junit_has_a_suite_for_the_rules_on_the_forecast() -> None:
    root = ElementTree.fromstring(render_junit(holding()))  # noqa: S314  # hitl's own
    (suite,) = [one for one in root if one.get("name") == "forecast"]
    assert suite.get("failures") == "2"
    names = [case.get("name") for case in suite.findall("testcase")]
    assert names == ["gate block", "rule forecast.override_rate.max_ratio"]
    signal = holding(forecast_gates=(a_forecast_gate(authority=Authority.SIGNAL),))
    root = ElementTree.fromstring(render_junit(signal))  # noqa: S314  # hitl's own
    (suite,) = [one for one in root if one.get("name") == "forecast"]
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "2")


def test_github_warns_of_what_would_break() -> None:
    text = render_github(holding())
    assert "::warning title=forecast%3A p95_wait_minutes::triage: more comes" in text


@pytest.mark.parametrize("state", [State.FAIL, State.UNDECIDED, State.UNMEASURED])
def test_a_forecast_that_stops_a_release_says_what_to_do(state: State) -> None:
    steps = next_steps(holding(forecast_gates=(a_forecast_gate(state),)))
    assert any(step.startswith("forecast: ") for step in steps)
    silent = holding(forecast_gates=(a_forecast_gate(state, Authority.SIGNAL),))
    assert not any(step.startswith("forecast: ") for step in next_steps(silent))


def test_names_and_reasons_of_a_log_are_harmless_in_every_view() -> None:
    record = a_hostile_forecast()
    page = render_page(record)
    assert "<script" not in page.lower()
    assert "<img" not in page.lower()
    for text in (*texts(record).values(), render_junit(record), render_github(record)):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_thirty_pools_and_types_do_not_flood_the_page() -> None:
    pools = tuple(a_pool(f"pool-{number}", 1.0, 72) for number in range(30))
    forecast = a_forecast(outlooks=(an_outlook(Setting.AS_IT_IS, pools=pools),))
    page = render_page(shipping(forecast))
    assert page.count('class="day"') == 24
    assert "6 more pools are in record.json" in page


def test_only_what_breaks_as_things_are_moves_the_forecast_to_the_front() -> None:
    spike = a_spike()
    later = tuple(one.model_copy(update={"setting": Setting.HELD}) for one in spike.breaks)
    assert is_shown_first(spike)
    assert not is_shown_first(spike.model_copy(update={"breaks": later}))
    assert not is_shown_first(None)
    assert "may break" in render_markdown(shipping(spike.model_copy(update={"breaks": later})))


def test_an_old_record_without_the_parts_can_still_be_read() -> None:
    record = a_hold()
    old = record.model_dump(mode="json", exclude={"forecast", "forecast_gates", "recalibration"})
    assert ReleaseRecord.model_validate_json(json.dumps(old)).forecast is None


def test_what_is_not_there_is_a_dash_and_never_a_word_of_the_program() -> None:
    text = texts(a_flooded())["page"]
    assert " None " not in text
    assert "—" in text


def test_a_break_that_gets_worse_is_not_told_as_one_that_stays() -> None:
    one = a_spike().breaks[1].model_copy(update={"is_certain": True})
    words = [
        break_word(one.model_copy(update={"before": before}))
        for before in (
            a_range(0.01, 0.0, 0.02),
            a_range(0.03, 0.01, 0.04),
            a_range(0.05, 0.03, 0.07),
        )
    ]

    assert words == ["would break", "would break further", "would stay broken"]
