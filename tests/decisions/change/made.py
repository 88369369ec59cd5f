"""Counts made by hand, as the reduction would make them of a log: one line a kind of decision."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from hitl.decisions.change.compare import compare_log
from hitl.decisions.change.comparison import LogComparison
from hitl.decisions.change.days import day_number
from hitl.decisions.change.parts import MetricChange
from hitl.decisions.change.rules import ComparedLog, ComparisonRules
from hitl.decisions.change.side import Wanted
from hitl.decisions.counts import Counts, Table
from hitl.decisions.measures.words import Metric

OLD, NEW = "acme/model-2026-05-01", "acme/model-2026-05-18"
LOG = ComparedLog(("log.parquet",), "0", "2026-07-01T00:00:00+00:00")
_WORDS = (
    "resolved_model", "action_type", "lane", "human_action", "outcome", "reviewer_id", "reviewer_pool",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """Some decisions that are alike; None is no value, confidence in hundredths."""

    n: int = 1
    model: str | None = OLD
    day: int | None = 0
    """Counted from 1 May 2026."""
    action: str | None = "restart"
    confidence: int | None = 50
    person: str | None = "ann"
    did: str | None = "approve"
    lane: str | None = "queue"
    outcome: str | None = None
    correct: int | None = None
    seeded: int = 0
    review_bin: int | None = None
    satisfaction: int | None = None
    probability: int | None = None


def counts_of(lines: list[Line]) -> Counts:
    """Return the counts of some decisions."""
    texts = {
        "resolved_model": [line.model for line in lines],
        "action_type": [line.action for line in lines],
        "lane": [line.lane for line in lines],
        "human_action": [line.did for line in lines],
        "outcome": [line.outcome for line in lines],
        "reviewer_id": [line.person for line in lines],
        "reviewer_pool": [None for _ in lines],
    }
    words = {key: tuple(sorted({one for one in texts[key] if one is not None})) for key in _WORDS}
    keys = {
        key: np.array(
            [-1 if one is None else words[key].index(one) for one in texts[key]], np.int32
        )
        for key in _WORDS
    }
    first = day_number_of_may()
    numbers = {
        "day": [None if line.day is None else first + line.day for line in lines],
        "correct": [line.correct for line in lines],
        "seeded": [line.seeded for line in lines],
        "confidence_bin": [line.confidence for line in lines],
        "probability_bin": [line.probability for line in lines],
        "confidence_band": [None if line.confidence is None else min(line.confidence // 10, 9) for line in lines],
    }  # fmt: skip
    keys |= {name: _codes(values) for name, values in numbers.items()}
    n = np.array([line.n for line in lines], np.int64)
    sums = {"n": n}
    for name, values in (
        ("review_bin", [line.review_bin for line in lines]),
        ("satisfaction_milli", [line.satisfaction for line in lines]),
    ):
        sums[f"n_{name}"] = n * np.array([one is not None for one in values])
        sums[f"sum_{name}"] = n * np.array([one or 0 for one in values])
    cells = Table(
        {key: keys[key] for key in keys if key not in {"reviewer_id", "confidence_band"}},
        words,
        sums,
    )
    named = keys["reviewer_id"] >= 0
    people = Table(
        {key: codes[named] for key, codes in keys.items()},
        words,
        {name: values[named] for name, values in sums.items()},
    )
    return Counts(cells, cells, cells, people)


def _codes(values: list[int | None]) -> NDArray[np.int32]:
    return np.array([-1 if one is None else one for one in values], np.int32)


def day_number_of_may() -> int:
    """Return 1 May 2026."""
    return day_number(date(2026, 5, 1))


def compared(
    lines: list[Line], wanted: Wanted | None = None, rules: ComparisonRules | None = None
) -> LogComparison:
    """Compare the two models of some decisions, or the sides that are wanted."""
    wanted = Wanted(OLD, NEW) if wanted is None else wanted
    return compare_log(counts_of(lines), wanted, rules or ComparisonRules(), LOG)


def of(comparison: LogComparison, metric: Metric) -> MetricChange:
    """Return one metric."""
    return next(one for one in comparison.metrics if one.metric is metric)
