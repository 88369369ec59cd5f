import pytest

from hitl.decisions.measures.parts import TargetPart
from hitl.decisions.measures.words import Met, Metric, Stand, Unit
from hitl.decisions.targets import Targets
from hitl.render.baseline import numbers as written
from hitl.render.baseline.words import METRICS, TARGETS, group_name, met_shape, target_words
from tests.render.sample_baseline import a_measured, a_refused


def test_every_metric_has_a_title_of_its_own_and_one_sentence() -> None:
    titles = [METRICS[metric].title for metric in Metric]

    assert len(set(titles)) == len(titles)
    for metric in Metric:
        assert METRICS[metric].sentence.endswith(".")


def test_every_target_of_a_policy_has_its_words() -> None:
    assert set(TARGETS) == set(Targets.model_fields)


def test_a_target_that_this_version_does_not_know_keeps_its_name() -> None:
    assert target_words("reply_rate\x1b").title == "reply rate⟨U+001B⟩"


def test_every_state_has_a_shape_of_its_own() -> None:
    assert len({met_shape(met) for met in Met}) == len(Met)


def test_a_value_that_is_missing_and_one_that_is_empty_have_names() -> None:
    assert group_name({"reviewer_pool": None}) == "reviewer pool not named in the log"
    assert group_name({"lane": ""}) == "“”"


@pytest.mark.parametrize(
    ("value", "stand"),
    [
        pytest.param(None, Stand.MEASURED, id="measured without a value"),
        pytest.param(float("nan"), Stand.MEASURED, id="not a number"),
        pytest.param(float("inf"), Stand.MEASURED, id="infinite"),
        pytest.param(0.0, Stand.REFUSED, id="refused with a value"),
    ],
)
def test_what_is_no_number_is_not_said(value: float | None, stand: Stand) -> None:
    odd = a_measured(Metric.OVERRIDE_RATE, 9).model_copy(update={"value": value, "stand": stand})

    assert written.figure(odd) == "not said"
    assert not written.is_said(odd)


def test_a_refusal_without_a_reason_still_says_something() -> None:
    assert written.why_not(a_refused(Metric.RECALL, reason="")) != ""
    assert written.why_not(None) != ""


@pytest.mark.parametrize(
    ("unit", "low", "high", "says"),
    [
        (Unit.SHARE, 0.05, 0.12, "5.0 to 12.0 %"),
        (Unit.SECONDS, 30.0, 60.0, "30 to 60 s"),
        (Unit.SECONDS, 100.0, 240.0, "100 s to 4 min"),
        (Unit.USD, 1.0, 2.5, "1.00 to 2.50 USD"),
        (Unit.USD, 0.0203, 3e30, "0.0203 to over 1,000,000,000 USD"),
        (Unit.LOG_ODDS, -0.4, 0.4, "−0.40 to +0.40"),
        (Unit.SCORE, -0.5, 0.25, "−0.500 to 0.250"),
        (Unit.SCORE, -0.5, 2.25, "−0.50 to 2.25"),
        (Unit.PER_10000, 120.0, 1234.0, "120 to 1,234"),
        (Unit.WEIGHT, None, 1.0, "—"),
        (Unit.WEIGHT, 0.5, float("inf"), "—"),
    ],
)
def test_limits_are_written_with_their_unit(
    unit: Unit, low: float | None, high: float | None, says: str
) -> None:
    assert written.range_in_unit(unit, low, high) == says


def test_a_number_that_speaks_of_more_than_it_stands_on_says_both() -> None:
    measured = a_measured(Metric.ERROR_ESCAPE_RATE, 200)

    assert written.basis(measured) == "n = 200 of 217"
    assert written.basis(measured.model_copy(update={"population": 200})) == "n = 200"


@pytest.mark.parametrize(
    ("name", "low", "high", "says"),
    [
        ("escalation_rate", 0.1, 0.2, "10.0 to 20.0 %"),
        ("review_latency_p95_minutes", 2.0, 3.5, "2 to 3.50 min"),
        ("feedback_used_within_days", 13.0, 13.0, "exact"),
        ("feedback_used_within_days", None, None, "no interval"),
    ],
)
def test_a_target_says_its_interval_in_its_own_unit(
    name: str, low: float | None, high: float | None, says: str
) -> None:
    target = TargetPart(name=name, value=1.0, low=low, high=high, n=3, met=Met.MET)

    assert written.target_range(target) == says
