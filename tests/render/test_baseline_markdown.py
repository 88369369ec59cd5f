import pytest

from hitl.decisions.measures.baseline import Baseline
from hitl.render.baseline.markdown import render_baseline_markdown
from hitl.render.baseline.words import target_words
from tests.render.sample_baseline import (
    MODELS,
    a_baseline,
    a_baseline_of_many_groups,
    a_hostile_baseline,
    an_empty_baseline,
)


def test_the_summary_has_every_target_with_its_state_value_interval_and_n() -> None:
    baseline = a_baseline()
    text = render_baseline_markdown(baseline)

    assert "Targets: 2 met, 1 missed, 2 undecided, 1 unmeasured." in text
    assert "| Escalation | ● met | 27.2 % | 26.0 to 28.4 % | 15.0 % to 30.0 % | 6,276 |" in text
    assert "| Review time p95 | ✕ missed | 5.70 min | 5.21 to 6.48 min | at most 5 min | 1,584 |" in text  # fmt: skip
    for target in baseline.targets:
        assert f"| {target_words(target.name).title} |" in text


def test_models_stand_side_by_side_with_interval_and_n() -> None:
    text = render_baseline_markdown(a_baseline())

    head = next(line for line in text.splitlines() if line.startswith("| Measure"))
    assert head.index(MODELS[0]) < head.index(MODELS[1])
    assert "| Override | 8.1 % (7.1 to 9.3 %), n = 6,276 of 6,293 | 7.3 % (6.0 to 8.8 %), n = 3,911 of 3,928 |" in text  # fmt: skip


def test_calibration_stands_beside_what_chance_would_give() -> None:
    text = render_baseline_markdown(a_baseline())

    assert "Calibration error 0.031; by chance alone 0.012 to 0.040: no sign of miscalibration." in text  # fmt: skip


def test_what_is_not_said_has_its_reason_once() -> None:
    text = render_baseline_markdown(an_empty_baseline())
    reasons = text[text.index("### Not said") :]

    assert "| Override | not said | not said |" in text
    assert "How often people override cannot be said" in text
    assert reasons.count("only 61.9 % of 1,234 decisions name the model that answered") == 1
    assert "Override, Reviewer agreement" in reasons


@pytest.mark.parametrize("baseline", [a_baseline(), an_empty_baseline(), a_hostile_baseline()])
def test_every_row_of_a_table_has_as_many_cells_as_its_head(baseline: Baseline) -> None:
    tables: list[list[str]] = [[]]
    for line in render_baseline_markdown(baseline).splitlines():
        if line.startswith("|"):
            tables[-1].append(line)
        elif tables[-1]:
            tables.append([])

    for rows in filter(None, tables):
        assert len({row.count("|") for row in rows}) == 1


def test_hostile_names_are_text() -> None:
    text = render_baseline_markdown(a_hostile_baseline())

    assert "<img" not in text.replace("`<img src=x onerror=window.pwned=1>`", "")
    assert "\u202e" not in text
    assert "\x1b" not in text


def test_the_summary_stays_short() -> None:
    assert len(render_baseline_markdown(a_baseline_of_many_groups(500, "x" * 300))) < 20_000


def test_what_stands_out_in_the_rows_is_listed() -> None:
    baseline = a_baseline()
    log = baseline.log.model_copy(update={"notes": ("no decision on 2 of 4 days", "[x](http://y)")})

    shown = render_baseline_markdown(baseline.model_copy(update={"log": log}))

    assert "- no decision on 2 of 4 days\n" in shown
    assert "[x](http" not in shown
