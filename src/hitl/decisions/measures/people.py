"""Rates and means of what people did, with intervals that respect that one person's decisions are alike."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from hitl.decisions.counts import Integers, Table
from hitl.decisions.grid import PER_E
from hitl.decisions.measures.group import GroupCounts
from hitl.decisions.measures.measured import Figure, only, reaches
from hitl.decisions.measures.tables import summed
from hitl.stats.ratio import Mean, Rate, clustered_mean, clustered_rate, plain_rate

_LEAST_MS = 0.5
Wanted = Mapping[str, object]


def rate_by_person(
    group: GroupCounts, trials: Wanted, events: Wanted, *, is_planted: bool = False
) -> Figure:
    """Return the share of rows with some values among others, clustered by reviewer.

    Rows that name nobody are one more cluster. If fewer of the rows than the floor name a person, or reviewers are not
    counted by the group's keys, the interval is that of independent rows, and the method says so.

    Raises:
        ValueError: no row is a trial.
    """
    cells, people = (
        (group.planted, group.planted_people) if is_planted else (group.cells, group.people)
    )
    among = cells.where(**trials)
    k, n = among.where(**events).n, among.n
    named = people.where(**trials) if people is not None else None
    if named is None or not reaches(named.n, n, group.rules.coverage_floor):
        return _rate(plain_rate(k, n, group.rules.confidence), _unclustered(named, n))
    hits, sizes = by_person(named.where(**events), "n"), by_person(named, "n")
    hits, sizes = np.append(hits, k - hits.sum()), np.append(sizes, n - sizes.sum())
    rate = clustered_rate(hits, sizes, group.rules.confidence)
    return _rate(rate, _clusters(rate.n_clusters, int(sizes[-1])))


def log_seconds_by_person(group: GroupCounts, trials: Wanted) -> Figure:
    """Return the geometric mean of review seconds, clustered by reviewer as rates are.

    The logarithm of each time is known to half a bin, 2.5 %; over many rows that averages out.

    Raises:
        ValueError: no row has a time.
    """
    among, name = group.cells.where(**trials), "review_bin"
    n = among.total(f"n_{name}")
    named = group.people.where(**trials) if group.people is not None else None
    if named is None or not reaches(named.total(f"n_{name}"), n, group.rules.coverage_floor):
        squares = _squares(group.review.where(**trials)) if group.review is not None else None
        mean = clustered_mean(
            np.array([_logs(among)]), np.array([n]), group.rules.confidence, squares
        )
        seen = None if named is None else named.total(f"n_{name}")
        return _geometric(mean, _not_clustered(seen, n))
    sizes = by_person(named, f"n_{name}")
    logs = (by_person(named, f"sum_{name}") + 0.5 * sizes) / PER_E
    rest = n - int(sizes.sum())
    logs = np.append(logs, _logs(among) - float(logs.sum()) if rest else 0.0)
    mean = clustered_mean(logs, np.append(sizes, rest), group.rules.confidence)
    return _geometric(mean, _clusters(mean.n_clusters, rest))


def satisfaction_by_person(group: GroupCounts, trials: Wanted) -> Figure:
    """Return the mean satisfaction, clustered by reviewer as rates are.

    Where people cannot be respected the limits are those of a share: no mean of numbers from 0 to 1 varies more.

    Raises:
        ValueError: no row has one.
    """
    among, name = group.cells.where(**trials), "satisfaction_milli"
    n, total = among.total(f"n_{name}"), among.total(f"sum_{name}")
    named = group.people.where(**trials) if group.people is not None else None
    if named is None or not reaches(named.total(f"n_{name}"), n, group.rules.coverage_floor):
        limits = [
            plain_rate(k, n, group.rules.confidence).interval
            for k in (total // 1000, -(-total // 1000))
        ]
        seen = None if named is None else named.total(f"n_{name}")
        method = f"limits of a share, {_not_clustered(seen, n)}"
        return Figure(total / 1000 / n, limits[0].low, limits[1].high, method, n)
    sizes, sums = by_person(named, f"n_{name}"), by_person(named, f"sum_{name}")
    sizes, sums = np.append(sizes, n - sizes.sum()), np.append(sums, total - sums.sum())
    mean = clustered_mean(sums / 1000.0, sizes, group.rules.confidence)
    said = _clusters(mean.n_clusters, int(sizes[-1]))
    if mean.interval is None:
        return Figure(mean.estimate, None, None, f"{mean.reason}, {said}", n)
    low, high = max(0.0, mean.interval.low), min(1.0, mean.interval.high)
    return Figure(mean.estimate, low, high, f"{mean.interval.method}, {said}", n)


def by_person(table: Table, measure: str) -> Integers:
    """Return one sum for each reviewer, at the place of the reviewer's code."""
    codes = table.keys["reviewer_id"].astype(np.intp)
    return summed(codes, table.sums[measure], len(table.words["reviewer_id"]))


def _logs(table: Table) -> float:
    """The sum of the logarithms of milliseconds, each taken at the middle of its bin."""
    return (table.total("sum_review_bin") + 0.5 * table.total("n_review_bin")) / PER_E


def _squares(review: Table) -> NDArray[np.float64]:
    bins, n = review.keys["review_bin"], review.sums["n"]
    timed = bins >= 0
    return np.array([float((n[timed] * ((bins[timed] + 0.5) / PER_E) ** 2).sum())])


def _rate(rate: Rate, said: str) -> Figure:
    interval = rate.interval
    method = f"{interval.method}, {said}"
    return Figure(interval.estimate, interval.low, interval.high, method, interval.n, rate.k)


def _geometric(mean: Mean, said: str) -> Figure:
    if mean.interval is None:
        return Figure(_seconds(mean.estimate), None, None, f"{mean.reason}, {said}", mean.n)
    low, high = _seconds(mean.interval.low), _seconds(mean.interval.high)
    return Figure(_seconds(mean.estimate), low, high, f"logarithms, {mean.interval.method}, {said}", mean.n)  # fmt: skip


def _seconds(logarithm: float) -> float:
    """Times are whole milliseconds, so less than half of one is none."""
    milliseconds = float(np.expm1(logarithm))
    return milliseconds / 1000 if milliseconds >= _LEAST_MS else 0.0


def _clusters(n_clusters: int, n_unnamed: int) -> str:
    people = f"{n_clusters:,} reviewer" + ("" if n_clusters == 1 else "s")
    return f"{people}, unnamed ones as one" if n_unnamed else people


def _unclustered(named: Table | None, n: int) -> str:
    return _not_clustered(None if named is None else named.n, n)


def _not_clustered(n_named: int | None, n: int) -> str:
    if n_named is None:
        return "as if rows were independent: reviewers are not counted by these keys"
    return f"as if rows were independent: {only(n_named, n, 'decisions')} name a person"
