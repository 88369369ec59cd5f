"""Do decisions go with outcomes, and did that change between two periods?"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

from hitl.stats.counts import Counts, checked_counts
from hitl.stats.interval import Interval, one_sided_level
from hitl.stats.proportion import exact_interval


@dataclass(frozen=True, slots=True)
class Association:
    """How strongly the rows of a fourfold table go with its columns.

    ``log_odds_ratio`` is 0 without association, and above 0 where the first row comes with the
    first column. ``rates`` are the shares of the first column within the first and within the
    second row, None for a row that is empty. Where the table has no ratio, ``reason`` says why.
    """

    log_odds_ratio: Interval | None
    standard_error: float | None
    rates: tuple[Interval | None, Interval | None]
    n: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class AssociationChange:
    """The later association minus the earlier, on the scale on which ``z`` is normal."""

    difference: Interval | None
    z: float | None
    p_two_sided: float | None
    n: int
    reason: str = ""


def association(table: Counts, confidence: float = 0.95) -> Association:
    """Estimate the log odds ratio of a fourfold table, and both conditional rates exactly.

    Half a row is added to each cell, so the ratio is finite; its standard error is the root of
    the summed inverse cells. Unlike a correlation it does not move when one of the base rates
    does. Needs independent rows; each rate's interval holds by itself.

    Where the second decision prevents the outcome, the outcome of that row of the table is a
    judgement and not an observation: say so beside it.

    Args:
        table: counts, decision by outcome, 2 by 2.
        confidence: two-sided, strictly between 0 and 1.

    Returns:
        No ratio where a row or a column of the table is empty: nothing can be compared then.

    Raises:
        ValueError: for a table that is not 2 by 2 or holds no counts, or a confidence outside
            (0, 1).

    Source: Haldane (1956), Annals of Human Genetics 20, 309; Woolf (1955), same journal 19, 251.

    >>> found = association(np.array([[10, 10], [10, 90]]))
    >>> round(found.log_odds_ratio.estimate, 3), round(found.standard_error, 3)
    (2.154, 0.545)
    """
    level = one_sided_level(confidence)
    table = checked_counts(table, "the table", (2, 2))
    n = int(table.sum())
    first, second = (_rate(row, confidence) for row in table)
    reason = _incomparable(table)
    if reason:
        return Association(None, None, (first, second), n, reason)
    cells = table + 0.5
    ratio = float(np.log(cells[0, 0] * cells[1, 1] / (cells[0, 1] * cells[1, 0])))
    error = math.sqrt(float((1.0 / cells).sum()))
    reach = -float(ndtri(level)) * error
    method = "log odds ratio with half a row added to each cell"
    bound = Interval(ratio, ratio - reach, ratio + reach, confidence, method, n)
    return Association(bound, error, (first, second), n)


def association_change(
    before: Counts, after: Counts, confidence: float = 0.95
) -> AssociationChange:
    """Test whether decisions go with outcomes as they did before, by the log odds ratios.

    The level is kept while the rates of decisions and of outcomes change, as they do when a model
    does; a correlation of 0/1 data would call that a change. Needs independent rows within and
    between the periods: decisions that are alike within reviewers call more changes than stated.

    Args:
        before: counts, decision by outcome, 2 by 2.
        after: the same for the later period.
        confidence: two-sided, strictly between 0 and 1.

    Returns:
        No difference where either table has no ratio.

    Raises:
        ValueError: as `association`.
    """
    found = [association(table, confidence) for table in (before, after)]
    n = found[0].n + found[1].n
    (one, first), (other, second) = ((a.log_odds_ratio, a.standard_error) for a in found)
    if one is None or other is None or first is None or second is None:
        named = zip(("before", "after"), found, strict=True)
        reason = "; ".join(f"{when}: {a.reason}" for when, a in named if a.reason)
        return AssociationChange(None, None, None, n, reason)
    change, error = other.estimate - one.estimate, math.hypot(first, second)
    return _changed(change, error, confidence, "difference of log odds ratios", n)


def correlation_change(
    before: tuple[float, int], after: tuple[float, int], confidence: float = 0.95
) -> AssociationChange:
    """Test whether two correlations of continuous scores differ, by Fisher's z.

    Each is given as (correlation, pairs). Assumes pairs that are jointly normal and independent.
    It is wrong for 0/1 data: with the same odds ratio in both periods it calls a change in about
    a quarter of cases, and in half of them when the base rate moved. Use `association_change`.

    Returns:
        No difference for a correlation of 1 or -1, or fewer than 4 pairs.

    Raises:
        ValueError: for a correlation outside [-1, 1] (NaN is), fewer than 0 pairs, or a
            confidence outside (0, 1).

    Source: Fisher (1921), Metron 1, 3.

    >>> found = correlation_change((0.5, 100), (0.3, 100))
    >>> round(found.z, 2), round(found.p_two_sided, 3)
    (-1.67, 0.095)
    """
    one_sided_level(confidence)
    n = before[1] + after[1]
    for r, pairs in (before, after):
        if not -1.0 <= r <= 1.0 or pairs < 0:
            raise ValueError(f"expected -1 <= r <= 1 of 0 or more pairs, not {r!r} of {pairs}")
    if any(abs(r) == 1.0 or pairs < 4 for r, pairs in (before, after)):
        reason = "a correlation of 1, or of fewer than 4 pairs, has no known error"
        return AssociationChange(None, None, None, n, reason)
    change = math.atanh(after[0]) - math.atanh(before[0])
    error = math.sqrt(1.0 / (before[1] - 3) + 1.0 / (after[1] - 3))
    return _changed(change, error, confidence, "difference of Fisher's z", n)


def _changed(
    change: float, error: float, confidence: float, method: str, n: int
) -> AssociationChange:
    reach = -float(ndtri(one_sided_level(confidence))) * error
    bound = Interval(change, change - reach, change + reach, confidence, method, n)
    z = change / error
    return AssociationChange(bound, z, 2.0 * float(ndtr(-abs(z))), n)


def _rate(row: Counts, confidence: float) -> Interval | None:
    n = int(row.sum())
    return exact_interval(int(row[0]), n, confidence) if n else None


def _incomparable(table: Counts) -> str:
    for name, sums in (("row", table.sum(axis=1)), ("column", table.sum(axis=0))):
        empty = [place for place, some in zip(("first", "second"), sums, strict=True) if not some]
        if empty:
            return f"the {' and the '.join(empty)} {name} of the table is empty"
    return ""
