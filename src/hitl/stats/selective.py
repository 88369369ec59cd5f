"""Ways to choose a threshold from labels, to compare by what becomes of their promises."""

import math
from enum import StrEnum
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

from hitl.stats.counts import Counts
from hitl.stats.fixed_sequence import Steps, fixed_sequence
from hitl.stats.interval import check_share
from hitl.stats.risk_tail import lower_tails, upper_limits
from hitl.stats.threshold_plan import quantile_grid, start_step


class Rule(StrEnum):
    """A way to choose the lowest threshold above which errors seem rare enough."""

    FIXED_SEQUENCE = "fixed sequence"
    """From high to low until one fails its exact test: `fixed_sequence`. Holds its promise."""
    NAIVE = "naive"
    """The lowest threshold whose labels show no more errors than the target. Promises nothing."""
    POINTWISE = "pointwise"
    """The lowest threshold whose own exact limit is within the target. Its limit holds for a
    threshold that was named before, not for the lowest of many."""
    SGR = "sgr"
    """Binary search, each look at its share of the chance."""
    BONFERRONI = "bonferroni"
    """The lowest of 20 thresholds, each tested at a twentieth of the chance. Holds its promise."""


BONFERRONI_THRESHOLDS = 20
"""Thresholds among which `Rule.BONFERRONI` chooses."""


def choose(rule: Rule, counts: Steps, target: float, delta: float) -> int | None:
    """Return the index of the step that a rule chooses, or None where it chooses none.

    Args:
        rule: the way to choose.
        counts: of one stratum, since the other rules know nothing of weights. Rows without a
            label are not looked at.
        target: largest error rate, strictly between 0 and 1.
        delta: chance of a threshold that is too low, strictly between 0 and 1.

    Raises:
        ValueError: for more strata than one, counts that cannot be, or a share outside (0, 1).

    Source: Geifman and El-Yaniv (2017), "Selective classification for deep neural networks",
    algorithm 2, for `Rule.SGR`; here it keeps the lowest threshold that passed. Its promise
    counts the looks, but which thresholds are looked at depends on the errors.

    >>> counts = Steps.cumulated(*(np.array(of) for of in ([200, 200], [200, 200], [0, 8], [0, 1])))
    >>> [choose(rule, counts, target=0.02, delta=0.05) for rule in Rule]
    [0, 1, 0, None, 0]
    """
    labelled, errors = _checked(counts, target, delta)
    match rule:
        case Rule.FIXED_SEQUENCE:
            start = start_step(labelled, target, delta)
            return fixed_sequence(counts, target, delta, start).chosen
        case Rule.NAIVE:
            return _lowest((labelled > 0) & (errors <= target * labelled))
        case Rule.POINTWISE:
            return _lowest(upper_limits(errors, labelled, delta) <= target)
        case Rule.SGR:
            return _searched(labelled, errors, target, delta)
        case Rule.BONFERRONI:
            few = quantile_grid(np.diff(labelled, prepend=0), BONFERRONI_THRESHOLDS)
            passes = lower_tails(errors[few], labelled[few], target) <= delta / max(1, few.size)
            found = _lowest(passes)
            return None if found is None else int(few[found])
    assert_never(rule)


def sgr_bound(k: int, m: int, delta: float, rows: int | None = None) -> float:
    """Return the limit b of `Rule.SGR`: P(Binomial(m, b) <= k) = delta / ceil(log2 rows).

    Args:
        k: errors among the rows above the threshold, 0 to m.
        m: rows above the threshold. With none the limit is 1.
        delta: strictly between 0 and 1.
        rows: labelled rows in all, which set the number of looks; m where not given.

    Raises:
        ValueError: unless 0 <= k <= m, for fewer rows than m, or a delta outside (0, 1).

    >>> round(sgr_bound(10, 1000, 0.05), 6)
    0.021276
    """
    check_share(delta, "delta")
    total = m if rows is None else rows
    if not 0 <= k <= m <= total:
        raise ValueError(f"expected 0 <= k <= m <= rows, not {k}, {m}, {total}")
    if k == m:
        return 1.0
    return float(betaincinv(k + 1, m - k, 1.0 - delta / _looks(total)))


def _looks(rows: int) -> int:
    return max(1, math.ceil(math.log2(max(1, rows))))


def _searched(labelled: Counts, errors: Counts, target: float, delta: float) -> int | None:
    rows = int(labelled[-1]) if labelled.size else 0
    found, low, high = None, 0, labelled.size - 1
    for _ in range(_looks(rows)):
        if low > high:
            break
        middle = (low + high + 1) // 2
        if sgr_bound(int(errors[middle]), int(labelled[middle]), delta, rows) <= target:
            found, low = middle, middle + 1
        else:
            high = middle - 1
    return found


def _lowest(passes: NDArray[np.bool_]) -> int | None:
    passing = np.flatnonzero(passes)
    return int(passing[-1]) if passing.size else None


def _checked(counts: Steps, target: float, delta: float) -> tuple[Counts, Counts]:
    check_share(target, "target")
    check_share(delta, "delta")
    if counts.sizes.ndim != 2 or counts.sizes.shape[0] != 1:
        raise ValueError("expected one stratum: these rules do not weight labels")
    return counts.labelled[0], counts.errors[0]
