"""How long people took, and how long decisions waited for them."""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import bdtr

from hitl.decisions.counts import MISSING, Table
from hitl.decisions.grid import time_edges
from hitl.decisions.measures.group import ACTED, GroupCounts
from hitl.decisions.measures.measured import Basis, Figure, counted, joined, measured, refused
from hitl.decisions.measures.parts import Measured
from hitl.decisions.measures.people import log_seconds_by_person
from hitl.decisions.measures.words import Metric
from hitl.decisions.words import HumanAction
from hitl.stats.interval import check_share, one_sided_level
from hitl.stats.quantile import quantile_rank

_METHOD = "order statistics of bins 5 % wide, as if rows were independent"
_QUANTILES = {
    Metric.REVIEW_SECONDS_MEDIAN: ("review", 0.5),
    Metric.REVIEW_SECONDS_P95: ("review", 0.95),
    Metric.WAIT_SECONDS_MEDIAN: ("wait", 0.5),
    Metric.WAIT_SECONDS_P95: ("wait", 0.95),
}
_HAS = {
    "review": "on which a person acted say how long it took",
    "wait": "on which a person acted say how long they waited",
}
_NOBODY = "a person acted on no decision"
_UNCOUNTED = "times are counted by model, action type, pool and lane only"


def time_measures(group: GroupCounts) -> Iterator[Measured]:
    """Yield quantiles and the geometric mean of times of decisions on which a person acted."""
    floor = group.rules.coverage_floor
    for metric, (part, q) in _QUANTILES.items():
        table = group.review if part == "review" else group.wait
        if table is None:
            n = group.cells.where(human_action=ACTED).n
            yield refused(metric, Basis(n, 0, _HAS[part]), _UNCOUNTED)
            continue
        basis, timed = _timed(table, part)
        reason = basis.refusal(floor)
        figure = None if reason else binned_quantile(timed, part, q, group.rules.confidence)
        if figure is None:
            few = f"{counted(basis.attributed, 'time')} cannot bound such a quantile"
            yield refused(metric, basis, reason or few)
        else:
            yield measured(metric, basis, figure, _timeouts(group, part))
    yield _geometric_mean(group)


def _geometric_mean(group: GroupCounts) -> Measured:
    acted = {"human_action": ACTED}
    among = group.cells.where(**acted)
    basis = Basis(among.n, among.total("n_review_bin"), _HAS["review"], _NOBODY)
    metric = Metric.REVIEW_SECONDS_GEOMETRIC_MEAN
    if reason := basis.refusal(group.rules.coverage_floor):
        return refused(metric, basis, reason)
    figure = log_seconds_by_person(group, acted)
    note = "" if figure.low is not None else "no interval: nothing shows how far it may be off"
    return measured(metric, basis, figure, joined(note, _timeouts(group, "review")))


def _timed(table: Table, part: str) -> tuple[Basis, Table]:
    acted = table.where(human_action=ACTED)
    timed = acted.between(f"{part}_bin", 0, np.iinfo(np.int32).max)
    return Basis(acted.n, timed.n, _HAS[part], _NOBODY), timed


def _timeouts(group: GroupCounts, part: str) -> str:
    n = group.cells.where(human_action=HumanAction.TIMEOUT).n
    if not n or part == "review":
        return ""
    return f"without {counted(n, 'decision')} to which nobody came in time: the true wait is longer"


def binned_quantile(table: Table, part: str, q: float, confidence: float) -> Figure | None:
    """Bound the q-quantile of times in bins, whatever their distribution.

    The limits are the order statistics of `hitl.stats.quantile`, each at the outer edge of its bin; so the bins
    widen the interval and never shift it. None when there are too few times for either limit.

    Raises:
        ValueError: a share outside (0, 1).
    """
    check_share(q, "q")
    level = one_sided_level(confidence)
    key = f"{part}_bin"
    if (table.keys[key] == MISSING).any():
        raise ValueError("expected rows with a time only")
    n = table.n
    low_rank = _first(n, lambda rank: float(bdtr(rank, n, q)) > level)
    high_rank = _first(n, lambda rank: float(bdtr(rank, n, q)) >= 1.0 - level) + 1
    if low_rank < 1 or high_rank > n:
        return None
    counted = table.by(key)
    below = np.cumsum(counted.sums["n"])

    def edges(rank: int) -> tuple[float, float]:
        return time_edges(int(counted.keys[key][np.searchsorted(below, rank)]))

    middle = sum(edges(quantile_rank(n, q))) / 2
    return Figure(middle, edges(low_rank)[0], edges(high_rank)[1], _METHOD, n)


def _first(n: int, holds: Callable[[int], bool]) -> int:
    """Return the first of 0 .. n-1 for which a claim that stays true holds; n if none."""
    low, high = 0, n
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
