"""Every rate of a generated log once more, row by row in plain Python, from the file and not from counts."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from math import exp, log
from pathlib import Path
from typing import Any

import duckdb
import pytest

from hitl.decisions.grid import WIDTH
from hitl.decisions.measures.baseline import Baseline
from hitl.decisions.measures.rules import BaselineRules
from hitl.decisions.measures.words import Metric
from hitl.decisions.reduce import count_log
from hitl.decisions.source import open_log
from tests.decisions.logs import NEW, OLD, Truth, write_log
from tests.decisions.measures.baselines import AT, baseline_of, found

Line = dict[str, Any]
TRUTH = Truth(
    rows=6_000, override=0.08, error=0.06, seeded=0.05, detection=0.7, acts_on_errors=True, satisfaction=0.8,
    right_types=True, passes_on=0.03, audit=0.3, timeouts=0.05, seed=11,
)  # fmt: skip
ACTED = {"approve", "modify", "reject", "escalate"}
OVERRIDDEN = {"modify", "reject"}
ALONE = {"auto", "audit"}
LAST_MATURE = datetime(2026, 5, 15, tzinfo=UTC)
"""The log ends on 28 May; 14 May is the last day that is 14 days older."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_log(tmp_path_factory.mktemp("log") / "log.parquet", TRUTH)


@pytest.fixture(scope="module")
def lines(file: Path) -> list[Line]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        columns = connection.execute(f'SELECT * REPLACE (EPOCH("at") AS "at") FROM \'{file}\'')  # noqa: S608  # the test's own
        names = [column[0] for column in columns.description or []]
        return [dict(zip(names, row, strict=True)) for row in columns.fetchall()]


@pytest.fixture(scope="module")
def baseline(file: Path) -> Baseline:
    with open_log([str(file)], AT) as opened:
        return baseline_of(count_log(opened), BaselineRules(hourly_cost_usd=30))


def share(
    lines: Iterable[Line], of: Callable[[Line], bool], event: Callable[[Line], bool]
) -> tuple[int, int]:
    among = [line for line in lines if of(line)]
    return sum(map(event, among)), len(among)


def is_mature(line: Line) -> bool:
    return bool(line["at"] < LAST_MATURE.timestamp())


RATES: dict[Metric, tuple[Callable[[Line], bool], Callable[[Line], bool]]] = {
    Metric.OVERRIDE_RATE: (lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] in OVERRIDDEN),
    Metric.APPROVE_RATE: (lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] == "approve"),
    Metric.MODIFY_RATE: (lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] == "modify"),
    Metric.REJECT_RATE: (lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] == "reject"),
    Metric.PASSED_ON_RATE: (lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] == "escalate"),
    Metric.TIMEOUT_RATE: (lambda x: x["human_action"] is not None, lambda x: x["human_action"] == "timeout"),
    Metric.REVIEWER_AGREEMENT: (lambda x: x["human_action"] in {"approve", *OVERRIDDEN}, lambda x: x["human_action"] == "approve"),
    Metric.ESCALATION_RATE: (lambda x: x["lane"] is not None, lambda x: x["lane"] not in ALONE),
    Metric.SYNC_REVIEW_RATE: (lambda x: x["lane"] is not None, lambda x: x["lane"] not in ALONE and x["human_action"] in ACTED),
    Metric.AUTO_RESOLVE_RATE: (lambda x: x["lane"] is not None, lambda x: x["lane"] in ALONE and x["human_action"] not in OVERRIDDEN),
    Metric.LABELLED_ERROR_RATE: (lambda x: x["correct"] is not None, lambda x: x["correct"] is False),
    Metric.REVIEW_PRECISION: (lambda x: x["lane"] not in ALONE and x["correct"] is not None, lambda x: x["correct"] is False),
    Metric.BAD_IF_APPROVED: (lambda x: is_mature(x) and x["human_action"] == "approve" and x["outcome"] is not None, lambda x: x["outcome"] == "bad"),
    Metric.BAD_IF_OVERRIDDEN: (lambda x: is_mature(x) and x["human_action"] in OVERRIDDEN and x["outcome"] is not None, lambda x: x["outcome"] == "bad"),
}  # fmt: skip

GROUPS: dict[str, dict[str, str | None]] = {
    "all": {},
    "old model": {"resolved_model": OLD},
    "new model": {"resolved_model": NEW},
    "type": {"action_type": "refund"},
    "pool": {"reviewer_pool": "support"},
    "model and type": {"resolved_model": OLD, "action_type": "reply"},
}


def real(lines: list[Line], by: dict[str, str | None]) -> list[Line]:
    return [line for line in lines if not line["seeded_error"] and all(line[key] == word for key, word in by.items())]  # fmt: skip


@pytest.mark.parametrize("group", GROUPS)
@pytest.mark.parametrize("metric", RATES)
def test_a_rate_is_that_of_the_rows(
    metric: Metric, group: str, lines: list[Line], baseline: Baseline
) -> None:
    by = GROUPS[group]
    k, n = share(real(lines, by), *RATES[metric])

    one = found(baseline, metric, **by)

    if not n:
        assert one.value is None
        return
    assert (one.k, one.n) == (k, n)
    assert one.value == pytest.approx(k / n)
    assert one.low is not None
    assert one.high is not None
    assert one.low <= k / n <= one.high


@pytest.mark.parametrize("group", GROUPS)
def test_means_costs_and_weighted_errors_are_those_of_the_rows(
    group: str, lines: list[Line], baseline: Baseline
) -> None:
    by = GROUPS[group]
    rows = real(lines, by)
    acted = [line for line in rows if line["human_action"] in ACTED]
    wrong = {chance: share(rows, lambda x, c=chance: x["lane"] in ALONE and x["review_probability"] == c and x["correct"] is not None, lambda x: x["correct"] is False) for chance in (0.3,)}  # type: ignore[misc]  # fmt: skip
    cost = sum(line["cost_usd"] for line in rows) + 30 / 3600 * sum(
        line["review_seconds"] for line in acted
    )
    corrected = sum(line["human_action"] in OVERRIDDEN for line in acted)
    logs = [log(line["review_seconds"]) for line in acted]
    happy = [line["satisfaction"] for line in acted]

    def measured(metric: Metric) -> float | None:
        return found(baseline, metric, **by).value

    assert measured(Metric.ERROR_ESCAPE_RATE) == pytest.approx(wrong[0.3][0] / wrong[0.3][1])
    assert measured(Metric.COST_PER_CORRECTED) == pytest.approx(cost / corrected, rel=1e-3)
    assert measured(Metric.REVIEW_SECONDS_GEOMETRIC_MEAN) == pytest.approx(
        exp(sum(logs) / len(logs)), rel=0.01
    )
    assert measured(Metric.SATISFACTION) == pytest.approx(sum(happy) / len(happy), abs=5e-4)
    waits = sorted(line["wait_seconds"] for line in acted)
    assert measured(Metric.WAIT_SECONDS_P95) == pytest.approx(
        waits[-(-95 * len(waits) // 100) - 1], rel=WIDTH
    )


def test_recall_and_precision_are_those_of_the_rows(lines: list[Line], baseline: Baseline) -> None:
    rows = [line for line in real(lines, {}) if line["correct"] is not None]
    for kind in ("restart", "refund", "reply", "close"):
        proposed = share(rows, lambda x, t=kind: x["action_type"] == t, lambda x: x["right_action_type"] == x["action_type"])  # type: ignore[misc]  # fmt: skip
        wanted = share(rows, lambda x, t=kind: x["right_action_type"] == t, lambda x: x["right_action_type"] == x["action_type"])  # type: ignore[misc]  # fmt: skip

        precision = found(baseline, Metric.PRECISION, action_type=kind)
        recall = found(baseline, Metric.RECALL, action_type=kind)
        assert (precision.k, precision.n) == proposed
        assert (recall.k, recall.n) == wanted


def test_the_detection_rate_is_that_of_the_planted_rows(
    lines: list[Line], baseline: Baseline
) -> None:
    planted = [line for line in lines if line["seeded_error"]]

    one = found(baseline, Metric.DETECTION_RATE)

    assert (one.k, one.n) == share(
        planted, lambda x: x["human_action"] in ACTED, lambda x: x["human_action"] != "approve"
    )
    assert baseline.log.n_seeded == len(planted)


def test_the_diagram_counts_the_rows(lines: list[Line], baseline: Baseline) -> None:
    rows = real(lines, {})
    part = baseline.groups[0].calibration
    assert part is not None

    for one in part.bins:
        inside = [line for line in rows if one.low <= line["confidence"] < one.high or (one.high == line["confidence"] == 1)]  # fmt: skip
        labels = [line for line in inside if line["correct"] is not None]
        weights = [1 / line["review_probability"] for line in labels]
        right = sum(weight for weight, line in zip(weights, labels, strict=True) if line["correct"])
        assert (one.n_decisions, one.n) == (len(inside), len(labels))
        assert one.right == pytest.approx(right / sum(weights))
        said = sum(
            weight * line["confidence"] for weight, line in zip(weights, labels, strict=True)
        )
        assert one.said == pytest.approx(said / sum(weights), abs=0.005)
