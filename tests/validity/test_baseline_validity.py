"""The limits of a baseline hold the truth of generated logs as often as they promise.

One log holds many small ones: the model's name says which, so that one baseline measures them all, group by group.
"""

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from scipy.stats import binom

from hitl.decisions.counts import Counts
from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.parts import Group
from hitl.decisions.measures.rules import BaselineRules, Key
from hitl.decisions.measures.words import Metric
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from hitl.stats.proportion import exact_interval
from tests.decisions.log_truth import truth_of
from tests.decisions.logs import (
    CREEP,
    NEW,
    OLD,
    REVIEWERS,
    SPIKE,
    TYPES,
    WEEKEND,
    Confidence,
    Labels,
    Step,
    Truth,
    rows_sql,
)
from tests.decisions.measures.baselines import AT, baseline_of, found

pytestmark = pytest.mark.validity

LOGS = 120
PEOPLE = 20
BY_MODEL = BaselineRules(by=(Key.RESOLVED_MODEL,))
NORMAL = "SQRT(-2 * LN(1 - (HASH(reviewer_id, 'a') % 1000003) / 1000003.0)) * COS(2 * PI() * (HASH(reviewer_id, 'b') % 1000003) / 1000003.0)"
OF_PERSON = f"'log-' || CAST(CAST(SUBSTR(reviewer_id, 2) AS INTEGER) // {PEOPLE} AS VARCHAR)"
OF_ROW = f"'log-' || CAST(HASH(decision_id) % {LOGS} AS VARCHAR)"


def most_errors(promised: float, runs: int) -> int:
    """Errors that a kept promise exceeds once in a million simulations."""
    return int(binom.ppf(1.0 - 1e-6, runs, promised))


def counted(folder: Path, truth: Truth, replaced: str = "", where: str = "TRUE") -> Counts:
    path = folder / "log.parquet"
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = f"* REPLACE ({replaced})" if replaced else "*"
        sql = f"SELECT {columns} FROM ({rows_sql(truth)}) WHERE {where}"  # noqa: S608  # the test's own
        connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    with open_log([str(path)], AT) as log:
        return count_log(log)


def many(
    folder: Path, truth: Truth, model: str, also: str = "", where: str = "TRUE"
) -> list[Group]:
    """Return the groups of many logs in one."""
    counts = counted(folder, truth, f"{model} AS resolved_model{also}", where)
    groups = [group for group in baseline_of(counts, BY_MODEL).groups if group.by]
    assert len(groups) == LOGS
    return groups


def missed(groups: list[Group], metric: Metric, truth: float) -> int:
    """Return how often a number is there and its interval lies beside the truth."""
    n = 0
    for group in groups:
        one = next(one for one in group.measures if one.metric is metric)
        assert one.low is not None, one.reason
        assert one.high is not None
        n += not one.low <= truth <= one.high
    return n


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Group], Truth]:
    """Logs of 20 people each, who differ in how often they override and in how long they take."""
    truth = Truth(
        rows=LOGS * PEOPLE * 40, reviewers=LOGS * PEOPLE, auto_from=2, timeouts=0, override=0.12,
        override_after=0.12, reviewer_sd=0.7, seed=3,
    )  # fmt: skip
    slower = f", review_seconds * EXP(0.4 * {NORMAL}) AS review_seconds"
    return many(tmp_path_factory.mktemp("people"), truth, OF_PERSON, slower), truth


def test_the_override_rate_of_people_who_differ_is_covered(
    people: tuple[list[Group], Truth],
) -> None:
    groups, _ = people

    assert missed(groups, Metric.OVERRIDE_RATE, 0.12) <= most_errors(0.05, LOGS)


def test_limits_of_independent_rows_would_miss_it_far_more_often(
    people: tuple[list[Group], Truth],
) -> None:
    groups, _ = people
    n = 0
    for group in groups:
        one = next(one for one in group.measures if one.metric is Metric.OVERRIDE_RATE)
        alone = exact_interval(one.k or 0, one.n)
        n += not alone.low <= 0.12 <= alone.high

    assert n > most_errors(0.05, LOGS)


def test_the_geometric_mean_of_review_times_is_covered(people: tuple[list[Group], Truth]) -> None:
    groups, truth = people
    mean = float(np.exp(truth_of(truth).mean_log_seconds))

    assert missed(groups, Metric.REVIEW_SECONDS_GEOMETRIC_MEAN, mean) <= most_errors(0.05, LOGS)


def test_the_95th_percentile_of_waiting_is_covered(people: tuple[list[Group], Truth]) -> None:
    groups, _ = people

    assert missed(groups, Metric.WAIT_SECONDS_P95, 120 * np.log(20)) <= most_errors(0.05, LOGS)


STEPS = (Step(0.8, "auto", 0.1), Step(0.6, "audit", 0.5), Step(0, "queue"))
SELECTED = Truth(
    rows=LOGS * 2_000, types=tuple(replace(one, steps=STEPS) for one in TYPES), confidence=Confidence.STEEP,
    error=0.02, seed=5,
)  # fmt: skip
"""Those that are surely right are seen less often."""


@pytest.fixture(scope="module")
def selected(tmp_path_factory: pytest.TempPathFactory) -> list[Group]:
    return many(tmp_path_factory.mktemp("selected"), SELECTED, OF_ROW)


def test_the_error_escape_rate_is_covered_though_doubtful_decisions_are_seen_more_often(
    selected: list[Group],
) -> None:
    assert missed(selected, Metric.ERROR_ESCAPE_RATE, truth_of(SELECTED).whole.escape) <= most_errors(0.05, LOGS)  # fmt: skip


def test_the_estimates_of_the_error_escape_rate_lie_around_the_truth(selected: list[Group]) -> None:
    values = [
        one.value
        for group in selected
        for one in group.measures
        if one.metric is Metric.ERROR_ESCAPE_RATE
    ]
    estimates = np.array(values, dtype=float)

    error = estimates.std(ddof=1) / np.sqrt(LOGS)
    assert abs(estimates.mean() - truth_of(SELECTED).whole.escape) < 5 * error


def test_labels_as_they_come_would_miss_the_truth(selected: list[Group]) -> None:
    n = missed(selected, Metric.LABELLED_ERROR_RATE, truth_of(SELECTED).whole.escape)

    assert n > LOGS / 2


def test_the_corrected_rate_covers_the_errors_that_people_miss(tmp_path: Path) -> None:
    truth = Truth(
        rows=LOGS * 1_500, error=0.06, seeded=0.05, detection=0.6, audit=0.4, timeouts=0, seed=8
    )

    groups = many(tmp_path, truth, OF_ROW)

    escape = truth_of(truth).whole.escape
    assert missed(groups, Metric.DETECTED_ESCAPE_RATE, escape) <= most_errors(0.05, LOGS)
    assert missed(groups, Metric.ERROR_ESCAPE_RATE, escape) > most_errors(0.05, LOGS)


@pytest.mark.parametrize("labels", [Labels.ALL, Labels.REVIEWED])
def test_true_confidence_is_called_wrong_no_more_often_than_promised(
    labels: Labels, tmp_path: Path
) -> None:
    truth = Truth(
        rows=LOGS * 600,
        confidence=Confidence.CALIBRATED,
        labels=labels,
        audit=0.3,
        timeouts=0,
        seed=9,
    )

    groups = many(tmp_path, truth, OF_ROW)

    assert sum(called_wrong(groups)) <= most_errors(0.025, LOGS)


def test_confidence_that_is_too_bold_is_called_wrong(tmp_path: Path) -> None:
    truth = Truth(rows=LOGS * 400, confidence=Confidence.OVERCONFIDENT, labels=Labels.ALL, seed=9)

    assert sum(called_wrong(many(tmp_path, truth, OF_ROW))) > 0.95 * LOGS


def called_wrong(groups: list[Group]) -> list[bool]:
    found = [group.calibration.is_miscalibrated for group in groups if group.calibration]
    assert len(found) == LOGS
    return [bool(one) for one in found]


@pytest.mark.parametrize(
    "truth", [SPIKE, CREEP, WEEKEND, REVIEWERS], ids=["spike", "creep", "weekend", "people"]
)
def test_before_and_after_an_upgrade_the_truth_lies_within_the_limits(
    truth: Truth, tmp_path: Path
) -> None:
    baseline: Baseline = baseline_of(counted(tmp_path, truth))

    rates = truth_of(truth)
    for model, expected in ((OLD, rates.before.override), (NEW, rates.after.override)):
        one = found(baseline, Metric.OVERRIDE_RATE, resolved_model=model)
        assert one.low is not None
        assert one.high is not None
        assert one.low <= expected <= one.high


def test_labels_of_what_was_sent_to_people_say_nothing_of_what_escaped(tmp_path: Path) -> None:
    truth = Truth(rows=4_000, labels=Labels.SENT, error=0.04)

    one = found(baseline_of(counted(tmp_path, truth)), Metric.ERROR_ESCAPE_RATE)

    assert one.value is None
    assert one.reason.startswith("none of")
