"""Gate classes on the forecast: what they refuse, and what a release must name for them."""

from pathlib import Path

import pytest

from hitl.document.load import parse_document
from hitl.errors import DocumentError
from hitl.manifest.forecast import FORECAST, ForecastMeasure, Setting
from hitl.manifest.release import ReleaseManifest
from hitl.run.inputs import ghosts, unforeseen
from tests.builders import a_golden_set, some_cases
from tests.manifest.test_manifest import RELEASE

MAIN = "  - {subset: main, authority: block, margin: 0.05}\n"


def read(gate_class: str, more: str = "") -> ReleaseManifest:
    text = RELEASE.replace(MAIN, f"{MAIN}  - {{{gate_class}}}\n") + more
    return parse_document(text.encode(), Path("release.yaml"), ReleaseManifest)


def mistakes(gate_class: str) -> str:
    with pytest.raises(DocumentError) as caught:
        read(gate_class)
    return str(caught.value)


@pytest.mark.parametrize("measure", ForecastMeasure)
def test_every_number_of_the_forecast_can_be_limited_without_a_subset(
    measure: ForecastMeasure,
) -> None:
    gate = read(f"authority: block, metric: forecast.{measure}, max: 1").gate_classes[1]
    assert gate.is_about_traffic
    assert gate.subset == FORECAST
    assert gate.setting is Setting.AS_IT_IS


def test_with_a_subset_it_is_one_more_rule_of_that_subset() -> None:
    gate = read(
        "subset: main, authority: block, margin: 0.05, metric: forecast.utilisation, max: 0.9"
    ).gate_classes[1]
    assert gate.is_forecast
    assert not gate.is_about_traffic


@pytest.mark.parametrize(
    ("gate_class", "problem"),
    [
        (
            "authority: block, metric: forecast.wait, max: 1",
            "the forecast has no 'wait'; expected one of forecast.override_rate, forecast.escalation_rate",
        ),
        ("authority: block, metric: forecast., max: 1", "the forecast has no ''"),
        ("authority: block, metric: forecast.override_rate", "needs a limit"),
        (
            "authority: block, metric: forecast.override_rate, max: 1, statistic: p95",
            "`statistic` does not apply to a forecast",
        ),
        (
            "authority: block, metric: forecast.override_rate, max: 1, setting: best",
            "as_it_is",
        ),
        (
            "subset: main, authority: block, metric: latency_ms, max: 1, setting: held",
            "`setting` belongs to a forecast metric",
        ),
        ("authority: block, metric: latency_ms, max: 1", "`subset` is missing"),
        ("authority: block, margin: 0.05", "`subset` is missing"),
        (
            "authority: block, metric: forecast.override_rate, max: 1, floor: 0.9",
            "names no `subset`",
        ),
    ],
)
def test_a_class_that_cannot_work_is_refused_with_what_would(gate_class: str, problem: str) -> None:
    assert problem in mistakes(gate_class)


@pytest.mark.parametrize(
    ("named", "lacking"),
    [
        ("", "`baseline` and `policy`"),
        ("policy: p.yaml\n", "needs `baseline`,"),
        ("baseline: {decisions: d.parquet}\n", "needs `policy`,"),
    ],
)
def test_a_forecast_class_needs_baseline_and_policy(named: str, lacking: str) -> None:
    manifest = read("authority: signal, metric: forecast.override_rate, max: 1", named)
    ((field, problem),) = unforeseen(manifest)
    assert field == "gate_classes[1].metric"
    assert lacking in problem


def test_a_release_that_names_both_lacks_nothing() -> None:
    both = "policy: p.yaml\nbaseline: {decisions: d.parquet}\nrecalibration: r.json\n"
    manifest = read("authority: signal, metric: forecast.override_rate, max: 1", both)
    assert list(unforeseen(manifest)) == []
    assert ghosts(manifest, a_golden_set({"main": some_cases(1)})) == []


def test_a_recalibration_needs_the_policy_whose_thresholds_it_changes() -> None:
    manifest = read("subset: main, authority: signal", "recalibration: r.json\n")
    assert [field for field, _ in unforeseen(manifest)] == ["recalibration"]


def test_a_golden_set_may_not_call_a_subset_forecast_where_a_class_means_the_traffic() -> None:
    both = "policy: p.yaml\nbaseline: {decisions: d.parquet}\n"
    manifest = read("authority: signal, metric: forecast.override_rate, max: 1", both)
    golden = a_golden_set({"main": some_cases(1), "forecast": some_cases(1, "f")})
    assert "another name" in " ".join(problem for _, problem in ghosts(manifest, golden))
