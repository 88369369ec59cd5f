"""By how much are scores too bold, too timid, or all too high? A line on the log-odds scale."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logit, ndtri

from hitl.stats.counts import Counts, Numbers, checked_events, checked_shares
from hitl.stats.interval import Interval, check_share, one_sided_level
from hitl.stats.logistic import LogisticFit, fit_logistic


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """The line ``logit P(right) = intercept + slope * logit(score)`` and its offset.

    Right scores have slope 1, intercept 0 and ``in_the_large`` 0. A slope below 1 means scores
    that are too extreme, above 1 too timid. ``in_the_large`` is the intercept at slope 1: below 0
    where scores are too high as a whole. What the rows do not identify is None, and ``reason``
    says why.
    """

    slope: Interval | None
    intercept: Interval | None
    in_the_large: Interval | None
    n: int
    k: int
    reason: str = ""


def calibration_line(
    n: Counts, k: Counts, score: Numbers, confidence: float = 0.95, clip: float = 1e-3
) -> CalibrationLine:
    """Fit right against score by logistic regression of grouped rows, with Wald intervals.

    Scores are held within ``clip`` of 0 and 1, where their log-odds are infinite: a model that
    always says 1 is judged as if it said ``1 - clip``. Needs independent rows; for rows of few
    reviewers the intervals are too narrow.

    Args:
        n: rows in each cell.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.
        confidence: two-sided, strictly between 0 and 1.
        clip: strictly between 0 and one half.

    Returns:
        Nothing where all rows are right or all are wrong. Only ``in_the_large`` for a single
        score, and where one score divides right from wrong, since the best slope is infinite.

    Raises:
        ValueError: for counts that are no counts, k > n, no row at all, scores outside [0, 1], or
            an argument outside its range.

    Source: Cox (1958), Biometrika 45, 562.
    """
    level = one_sided_level(confidence)
    check_share(2.0 * clip, "twice the clip")
    k, n = checked_events(k.ravel(), n.ravel())
    score = checked_shares(score.ravel(), "score", n.shape)
    some = n > 0
    k, n, odds = k[some], n[some], logit(np.clip(score[some], clip, 1.0 - clip))
    rows, right = int(n.sum()), int(k.sum())
    if right in (0, rows):
        reason = f"all {rows} rows are {'right' if right else 'wrong'}, so no line is identified"
        return CalibrationLine(None, None, None, rows, right, reason)

    def bounded(fit: LogisticFit, term: int, method: str) -> Interval:
        estimate, reach = float(fit.estimates[term]), -float(ndtri(level)) * float(fit.errors[term])
        return Interval(estimate, estimate - reach, estimate + reach, confidence, method, rows)

    offset = fit_logistic(np.ones((n.size, 1)), odds, k, n)
    large = bounded(offset, 0, "logistic at slope 1, Wald") if offset else None
    reason = _unidentified(odds, k, n)
    line = (
        None if reason else fit_logistic(np.column_stack([np.ones(n.size), odds]), 0.0 * odds, k, n)
    )
    if line is None or large is None:
        reason = reason or "the fit did not settle: the rows hardly identify a line"
        return CalibrationLine(None, None, large, rows, right, reason)
    slope, intercept = (bounded(line, term, "logistic, Wald") for term in (1, 0))
    return CalibrationLine(slope, intercept, large, rows, right)


def _unidentified(odds: Numbers, k: Counts, n: Counts) -> str:
    if np.ptp(odds) == 0.0:
        return "a single score identifies no slope"
    hits, misses = odds[k > 0], odds[k < n]
    if misses.max() <= hits.min() or hits.max() <= misses.min():
        return "one score divides right from wrong, so the best slope is infinite"
    return ""
