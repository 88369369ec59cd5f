"""What `hitl plan` says of the forecast, before a log is read."""

import pytest

from hitl.gate.plan_forecast import forecast_plan
from tests.manifest.test_forecast_classes import read

BOTH = "policy: p.yaml\nbaseline: {decisions: [a.parquet, b.parquet]}\n"


@pytest.mark.parametrize(
    ("named", "lacking"),
    [
        ("", "the release names no `baseline`"),
        ("policy: p.yaml\n", "the release names no `baseline`"),
        ("baseline: {decisions: a.parquet}\n", "the release names no `policy`"),
    ],
)
def test_it_says_why_nothing_would_be_forecast(named: str, lacking: str) -> None:
    said = forecast_plan(read("subset: main, authority: signal", named))
    assert said.startswith("No forecast")
    assert lacking in said


def test_it_says_on_whose_decisions_and_how_replies_are_read() -> None:
    more = BOTH + "decision_fields: {action_type: action.kind}\n"
    said = forecast_plan(read("subset: main, authority: signal", more))
    assert "decisions of model-1.10 in a.parquet, b.parquet" in said
    assert "the reply's `action_type`, else `action.kind` of its JSON" in said
    assert "its confidence the reply's `confidence`;" in said
    assert "no recalibration is named" in said


def test_a_model_of_the_baseline_goes_before_the_previous_one() -> None:
    more = "policy: p.yaml\nbaseline: {decisions: a.parquet, model: older}\nrecalibration: r.json\n"
    said = forecast_plan(read("subset: main, authority: signal", more))
    assert "decisions of older in" in said
    assert "recalibration" not in said
