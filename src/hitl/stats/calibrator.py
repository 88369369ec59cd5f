"""Repairs of stated scores, fitted to counts: temperature, Platt, beta and isotonic."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from scipy.special import xlog1py, xlogy

from hitl.stats.counts import Counts, Numbers, checked_events, checked_shares
from hitl.stats.logistic import fit_logistic
from hitl.stats.score_map import CLIP, LogOddsMap, Method, Parameters, score_map

MOST_FLEXIBLE_ABOVE = 1_000
"""Isotonic maps follow the noise of fewer rows."""


@dataclass(frozen=True, slots=True)
class ScoreFit:
    """A map that was fitted to ``n`` rows, ``k`` of them right.

    ``parameters`` are those of `score_map`. None where the rows identify no map that keeps the order of scores and
    tells any two of them apart; ``reason`` says why.
    """

    method: Method
    parameters: Parameters | None
    n: int
    k: int
    reason: str = ""

    def apply(self, score: Numbers) -> Numbers:
        """Return the chances of scores.

        Raises:
            ValueError: nothing was fitted.
        """
        if self.parameters is None:
            raise ValueError(f"no {self.method} map was fitted: {self.reason}")
        return score_map(self.method, self.parameters).apply(score)


@dataclass(frozen=True, slots=True)
class _Rows:
    n: Counts
    k: Counts
    score: Numbers

    @property
    def odds(self) -> Numbers:
        return self.rise + self.fall

    @property
    def rise(self) -> Numbers:
        return np.log(np.clip(self.score, CLIP, 1.0 - CLIP))

    @property
    def fall(self) -> Numbers:
        return -np.log1p(-np.clip(self.score, CLIP, 1.0 - CLIP))

    def fit(self, method: Method, parameters: Parameters | None, reason: str = "") -> ScoreFit:
        return ScoreFit(method, parameters, int(self.n.sum()), int(self.k.sum()), reason)


def fit_temperature(n: Counts, k: Counts, score: Numbers) -> ScoreFit:
    """Divide all log-odds by one number, the one under which the rows are likeliest.

    Scores of one half stay; scores that are too high as a whole stay too high. Scores are held within 1e-4 of 0 and 1.

    Args:
        n: rows in each cell.
        k: right rows in each cell.
        score: the score of each cell, 0 to 1.

    Returns:
        No map where all rows are right or all are wrong, for a single score, where one half divides right from wrong
        (the best temperature is 0), and where lower scores are right as often (it is infinite or below 0).

    Raises:
        ValueError: for counts that are no counts, k > n, no row at all, or scores outside [0, 1].

    Source: Guo, Pleiss, Sun and Weinberger (2017), ICML, 1321.
    """
    rows = _checked(n, k, score)
    if reason := _degenerate(rows):
        return rows.fit(Method.TEMPERATURE, None, reason)
    hits, misses = rows.odds[rows.k > 0], rows.odds[rows.k < rows.n]
    if hits.max() <= 0.0 <= misses.min():
        return rows.fit(Method.TEMPERATURE, None, _TURNED)
    if hits.min() >= 0.0 >= misses.max():
        return rows.fit(Method.TEMPERATURE, None, _DIVIDED)
    found = fit_logistic(rows.odds[:, None], 0.0 * rows.odds, rows.k, rows.n)
    if found is None:
        return rows.fit(Method.TEMPERATURE, None, _UNSETTLED)
    slope = float(found.estimates[0])
    if slope <= _LEVEL:
        return rows.fit(Method.TEMPERATURE, None, _TURNED)
    return rows.fit(Method.TEMPERATURE, {"temperature": 1.0 / slope})


def fit_platt(n: Counts, k: Counts, score: Numbers) -> ScoreFit:
    """Put log-odds on a straight line, the one under which the rows are likeliest.

    The line through log-odds and not through scores, so that scores that are right stay as they are; without Platt's
    pull of the labels towards one half, which repairs few rows and moves many. Arguments and refusals are those of
    `fit_temperature`; here any one score that divides right from wrong leaves no map.

    Source: Platt (1999), Advances in Large Margin Classifiers, 61; Cox (1958), Biometrika 45, 562.
    """
    rows = _checked(n, k, score)
    if reason := _degenerate(rows) or _divided(rows):
        return rows.fit(Method.PLATT, None, reason)
    found = _fitted(rows, np.column_stack([rows.odds]))
    if found is None:
        return rows.fit(Method.PLATT, None, _UNSETTLED)
    intercept, slope = found
    if slope <= _LEVEL:
        return rows.fit(Method.PLATT, None, _TURNED)
    return rows.fit(Method.PLATT, {"slope": slope, "intercept": intercept})


def fit_beta(n: Counts, k: Counts, score: Numbers) -> ScoreFit:
    """Bend the two ends of the scale by themselves: logistic on ``ln c`` and ``-ln(1 - c)``.

    Both coefficients are at least 0, so that order is kept. Where the likeliest has one below 0, the likeliest with one
    of them at 0 is taken: the likelihood is concave, so it is the best of all that keep order. Arguments and refusals
    are those of `fit_platt`; it takes three different scores.

    Source: Kull, Silva Filho and Flach (2017), Electronic Journal of Statistics 11, 5052.
    """
    rows = _checked(n, k, score)
    if reason := _degenerate(rows) or _divided(rows):
        return rows.fit(Method.BETA, None, reason)
    if np.unique(rows.odds).size < 3:
        return rows.fit(Method.BETA, None, "two scores do not identify three parameters")
    whole = _fitted(rows, np.column_stack([rows.rise, rows.fall]))
    if whole is not None and min(whole[1:]) >= 0.0:
        maps = [LogOddsMap(whole[1], whole[2], whole[0])]
    else:
        up, down = _fitted(rows, rows.rise[:, None]), _fitted(rows, rows.fall[:, None])
        maps = [LogOddsMap(up[1], 0.0, up[0])] if up and up[1] > _LEVEL else []
        maps += [LogOddsMap(0.0, down[1], down[0])] if down and down[1] > _LEVEL else []
    if not maps:
        return rows.fit(Method.BETA, None, _TURNED)
    best = max(maps, key=lambda one: _likelihood(rows, one))
    if max(best.a, best.b) <= _LEVEL:
        return rows.fit(Method.BETA, None, _TURNED)
    return rows.fit(Method.BETA, {"a": best.a, "b": best.b, "c0": best.intercept})


def fit_isotonic(n: Counts, k: Counts, score: Numbers) -> ScoreFit:
    """Take the likeliest chances that never fall with the score: pooled adjacent violators.

    Straight lines join the ends of the pools. The first pool may be 0 and the last 1 if all of its rows are wrong or
    right, which is what was seen and not what is sure. Arguments are those of `fit_temperature`.

    Returns:
        No map for 1,000 rows or fewer, where all rows are right or all wrong, and where everything falls into one pool.

    Source: Zadrozny and Elkan (2002), KDD, 694; Barlow and others (1972), Statistical Inference under Order Restrictions.
    """
    rows = _checked(n, k, score)
    reason = _degenerate(rows)
    if not reason and rows.n.sum() <= MOST_FLEXIBLE_ABOVE:
        reason = f"{int(rows.n.sum()):,} rows; isotonic takes more than {MOST_FLEXIBLE_ABOVE:,}, because it follows the noise of fewer"
    if reason:
        return rows.fit(Method.ISOTONIC, None, reason)
    found = isotonic_regression(rows.k / rows.n, weights=rows.n.astype(np.float64))
    if len(found.blocks) <= 2:
        return rows.fit(Method.ISOTONIC, None, _TURNED)
    first, last = found.blocks[:-1], found.blocks[1:] - 1
    ends = np.unique(np.concatenate([first, last]))
    values = np.clip(np.maximum.accumulate(found.x[ends]), 0.0, 1.0)
    return rows.fit(
        Method.ISOTONIC, {"scores": tuple(rows.score[ends].tolist()), "values": tuple(values.tolist())}
    )  # fmt: skip


FITS = {
    Method.TEMPERATURE: fit_temperature,
    Method.PLATT: fit_platt,
    Method.BETA: fit_beta,
    Method.ISOTONIC: fit_isotonic,
}
"""Every fit, the simplest first."""

_LEVEL = 1e-6
_DIVIDED = "one score divides right from wrong, so the likeliest map is a step and no number"
_TURNED = "lower scores are right as often as higher ones, so the only map that keeps their order is level"
_UNSETTLED = "the fit did not settle: the rows hardly identify a map"


def _checked(n: Counts, k: Counts, score: Numbers) -> _Rows:
    """Return one cell a score, scores rising, all with rows."""
    k, n = checked_events(k.ravel(), n.ravel())
    score = checked_shares(score.ravel(), "score", n.shape)
    levels, cell = np.unique(score[n > 0], return_inverse=True)
    sums = [np.zeros(levels.size, dtype=np.int64) for _ in range(2)]
    for total, of in zip(sums, (n, k), strict=True):
        np.add.at(total, cell, of[n > 0])
    return _Rows(sums[0], sums[1], levels)


def _degenerate(rows: _Rows) -> str:
    n, k = int(rows.n.sum()), int(rows.k.sum())
    if k in (0, n):
        return f"all {n:,} rows are {'right' if k else 'wrong'}; expected some of both"
    if np.ptp(rows.odds) == 0.0:
        return "a single score identifies no map"
    return ""


def _divided(rows: _Rows) -> str:
    hits, misses = rows.odds[rows.k > 0], rows.odds[rows.k < rows.n]
    if hits.max() <= misses.min():
        return _TURNED
    return _DIVIDED if misses.max() <= hits.min() else ""


def _fitted(rows: _Rows, terms: NDArray[np.float64]) -> list[float] | None:
    """Return the intercept and the coefficients; None where there are none."""
    whole = np.column_stack([np.ones(rows.n.size), terms])
    found = fit_logistic(whole, np.zeros(rows.n.size), rows.k, rows.n)
    return None if found is None else [float(one) for one in found.estimates]


def _likelihood(rows: _Rows, one: LogOddsMap) -> float:
    chance = one.apply(rows.score)
    return float((xlogy(rows.k, chance) + xlog1py(rows.n - rows.k, -chance)).sum())
