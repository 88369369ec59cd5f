"""By what odds ratio do two groups differ, when they are compared within strata?"""

import math
from dataclasses import dataclass

import numpy as np

from hitl.stats.counts import Counts, Numbers, checked_counts


@dataclass(frozen=True, slots=True)
class LogOdds:
    """A common log odds ratio of strata with the variance of its error.

    ``estimate`` is None where no stratum can show a difference; ``reason`` says why.
    """

    estimate: float | None
    variance: float | None
    n: int
    reason: str = ""


def common_log_odds(tables: Counts) -> LogOdds:
    """Estimate the log odds ratio that fourfold tables of several strata have in common.

    Mantel-Haenszel's, with the variance of Robins, Breslow and Greenland. Where a group has no event at all, or nothing else,
    that has no value, and Peto's one step is taken: events less what the group's share of the events of both would be,
    over their hypergeometric variance. It is drawn to none, and tells as much as a test of no difference does.

    Strata with an empty group say nothing and are left out. Assumes independent rows, and one odds ratio in all strata; where
    it differs the result is a weighted mean.

    Args:
        tables: counts with the shape (strata, 2, 2): group by event, first group and first column the event.

    Raises:
        ValueError: another shape, or values that are no counts.

    Source: Mantel and Haenszel (1959); Robins, Breslow and Greenland (1986), Biometrics 42, 311; Yusuf, Peto and others
    (1985), Progress in Cardiovascular Diseases 27, 335.

    >>> found = common_log_odds(np.array([[[10, 10], [5, 15]], [[20, 20], [10, 30]]]))
    >>> round(math.exp(found.estimate), 3), found.n
    (3.0, 120)
    """
    checked = checked_counts(tables, "tables", (len(tables), 2, 2)).astype(np.float64)
    full = checked[(checked.sum(axis=2) > 0).all(axis=1)]
    if len(full) == 0:
        return LogOdds(None, None, 0, "no stratum holds both groups")
    n = int(full.sum())
    found = _mantel_haenszel(full) or _one_step(full)
    if found is None:
        return LogOdds(None, None, n, "all rows are alike, so there is nothing to compare")
    return LogOdds(*found, n)


def _mantel_haenszel(tables: Numbers) -> tuple[float, float] | None:
    size = tables.sum(axis=(1, 2))
    a, b, c, d = tables[:, 0, 0], tables[:, 0, 1], tables[:, 1, 0], tables[:, 1, 1]
    r, s, p, q = a * d / size, b * c / size, (a + d) / size, (b + c) / size
    over, under = float(r.sum()), float(s.sum())
    if over <= 0.0 or under <= 0.0:
        return None
    variance = (
        float((p * r).sum()) / (2 * over**2)
        + float((p * s + q * r).sum()) / (2 * over * under)
        + float((q * s).sum()) / (2 * under**2)
    )
    return math.log(over / under), variance


def _one_step(tables: Numbers) -> tuple[float, float] | None:
    size, mine = tables.sum(axis=(1, 2)), tables[:, 0].sum(axis=1)
    events = tables[:, :, 0].sum(axis=1)
    excess = float((tables[:, 0, 0] - mine * events / size).sum())
    spread = mine * (size - mine) * events * (size - events) / (size**2 * np.maximum(size - 1, 1))
    information = float(spread.sum())
    return (excess / information, 1.0 / information) if information > 0.0 else None
