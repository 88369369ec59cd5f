"""Failed cases, failure modes and measures of a record."""

import json

import numpy as np
from numpy.typing import NDArray

from hitl.golden.case import Case
from hitl.record.parts import ArmMeasure, Failure, IntervalPart, MeasurePart
from hitl.record.shown import Shown
from hitl.score.failures import FailedCase
from hitl.score.measures import MeasureColumns
from hitl.score.release import headline
from hitl.stats.bootstrap import MeasureComparison

INPUT_SHOWN = 1000
"""Characters of a case's input that the record keeps."""


def failure_part(row: FailedCase, shown: Shown) -> Failure:
    """Return one row of the failed-case table, its texts redacted."""
    return Failure(
        case_id=row.case.id,
        subset=row.subset,
        severity=row.case.severity.value,
        zero_tolerance=row.case.zero_tolerance,
        verdict=row.kind.value,
        expected=shown.texts(row.expected),
        input=shown.text(input_text(row.case))[:INPUT_SHOWN],
        previous=shown.reply(row.previous),
        candidate=shown.reply(row.candidate),
        case_digest=row.digest,
    )


def input_text(case: Case) -> str:
    """Return a case's input as text."""
    if isinstance(case.input, str):
        return case.input
    return json.dumps(case.input, ensure_ascii=False)


def measure_part(columns: MeasureColumns, comparison: MeasureComparison | None) -> MeasurePart:
    """Return one measure side by side over the cases that both arms measured."""
    known = columns.known
    n = int(known.sum())
    statistic = headline(columns.name).value
    ratio = comparison.ratio if comparison else None
    if ratio is None:
        message = f"no ratio: too few cases, or nothing to divide by (n = {n})"
    else:
        message = f"{statistic} ratio x {ratio.estimate:.3g} [{ratio.low:.3g}, {ratio.high:.3g}] (n = {n})"
    return MeasurePart(
        n_cases=n,
        previous=arm_measure(columns.previous, known),
        candidate=arm_measure(columns.candidate, known),
        ratio=IntervalPart.of(ratio) if ratio else None,
        statistic=statistic,
        message=message,
    )


def arm_measure(values: NDArray[np.float64], known: NDArray[np.bool_]) -> ArmMeasure:
    """Summarise one arm's case means of a measure."""
    missing, there = int(np.isnan(values).sum()), values[known]
    if len(there) == 0:
        return ArmMeasure(n=0, missing=missing, mean=None, median=None, p95=None)
    return ArmMeasure(
        n=len(there),
        missing=missing,
        mean=float(np.mean(there)),
        median=float(np.quantile(there, 0.5, method="inverted_cdf")),
        p95=float(np.quantile(there, 0.95, method="inverted_cdf")),
    )
