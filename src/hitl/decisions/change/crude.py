"""A metric on both sides and its change as it was seen, the same people standing in both."""

from dataclasses import dataclass, replace

from hitl.decisions.change.alike import Known, apart
from hitl.decisions.change.parts import Change, SideLevel
from hitl.decisions.change.rules import ComparisonRules
from hitl.decisions.change.sample import Pair, Sample, by_cluster
from hitl.decisions.change.words import Cluster
from hitl.decisions.change.yardstick import Yardstick
from hitl.decisions.measures.measured import only, percent, rounded
from hitl.decisions.measures.words import Stand
from hitl.stats.interval import Interval
from hitl.stats.ratio import clustered_mean, clustered_rate
from hitl.stats.ratio_change import mean_change, rate_change


@dataclass(frozen=True, slots=True)
class Crude:
    """What both sides show; the yardstick says what the intervals were clustered by after all."""

    yardstick: Yardstick
    before: SideLevel | None
    after: SideLevel | None
    change: Change
    note: str = ""


def crude_change(
    yardstick: Yardstick, before: Sample, after: Sample, rules: ComparisonRules
) -> Crude:
    """Return the metric before and after, and the change between them.

    Intervals are clustered by reviewer, with what one person's decisions on both sides have in common taken
    out. Where too few decisions name the person, days stand in for people, and the note says so.
    """
    n = before.n_all + after.n_all
    if reason := missing(before, after, rules):
        return Crude(yardstick, None, None, refused_change(reason, n))
    yardstick, note = grouped(yardstick, before, after, rules.coverage_floor)
    pairs = by_cluster(before, after, yardstick.cluster)
    levels = [
        _level(yardstick, one, pair, rules.confidence)
        for one, pair in zip((before, after), pairs, strict=True)
    ]
    if yardstick.cluster is Cluster.REVIEWER and min(before.n_people, after.n_people) < 2:
        change = refused_change(alone(yardstick.cluster, 1), n)
    else:
        change = change_between(yardstick, pairs, rules.confidence)
    return Crude(yardstick, levels[0], levels[1], change, note)


def change_between(yardstick: Yardstick, pairs: tuple[Pair, Pair], confidence: float) -> Change:
    """Return the change between two sides, given as (sums, n) by cluster, or why it has no interval."""
    fewest = min(int((n > 0).sum()) for _, n in pairs)
    n = sum(int(n.sum()) for _, n in pairs)
    if fewest < 2:
        return refused_change(alone(yardstick.cluster, fewest), n)
    if yardstick.is_share:
        found = rate_change(*pairs, confidence)
        return change_of(yardstick, found.interval, found.n_clusters, 1)
    (sums0, n0), (sums1, n1) = pairs
    mean = mean_change((sums0.astype(float), n0), (sums1.astype(float), n1), confidence)
    if mean.interval is None:
        return refused_change(mean.reason, n)
    return change_of(yardstick, mean.interval, mean.n_clusters, 1)


def change_of(yardstick: Yardstick, interval: Interval, n_clusters: int, largest: int) -> Change:
    """Return an interval of a difference of means, or of their `largest`-th part, as a change."""
    value, low, high = (
        rounded(yardstick.change(one * largest))
        for one in (interval.estimate, interval.low, interval.high)
    )
    return Change(
        stand=Stand.MEASURED,
        value=value,
        low=low,
        high=high,
        method=interval.method,
        n=interval.n // largest,
        n_clusters=n_clusters,
    )


def refused_change(reason: str, n: int) -> Change:
    """Return a change that cannot be said."""
    return Change(stand=Stand.REFUSED, reason=reason, n=n, n_clusters=0)


def missing(before: Sample, after: Sample, rules: ComparisonRules) -> str:
    """Return why there is no number on a side, or none that can be compared; empty if there is."""
    reasons = []
    for name, one in (("before", before), ("after", after)):
        reason = one.basis.refusal(rules.coverage_floor)
        if not reason and not one.n_all:
            reason = f"none of {one.basis.attributed:,} decisions counts here"
        reasons += [f"{name}: {reason}"] if reason else []
    if reasons:
        return "; ".join(reasons)
    known = [Known(one.basis.attributed, one.basis.population) for one in (before, after)]
    return apart(f"of {before.basis.what} {before.basis.has}", known[0], known[1], rules)


def grouped(
    yardstick: Yardstick, before: Sample, after: Sample, floor: float
) -> tuple[Yardstick, str]:
    """Return the yardstick by day, and a note, where too few decisions name the person."""
    fewest = min((before, after), key=lambda one: one.named_share)
    is_enough = fewest.named_share > 0.0 and fewest.named_share >= floor
    if yardstick.cluster is not Cluster.REVIEWER or is_enough:
        return yardstick, ""
    n_named = round(fewest.named_share * fewest.n_all)
    note = (
        f"{only(n_named, fewest.n_all, 'decisions')} name the person (floor {percent(floor)}): "
        "the intervals are by day and do not respect that one person's decisions are alike"
    )
    return replace(yardstick, cluster=Cluster.DAY), note


def alone(cluster: Cluster, n: int) -> str:
    """Return why a side with so few groups of decisions has no interval."""
    return f"a side has {n} {cluster.value}: nothing shows how far one differs from another"


def _level(yardstick: Yardstick, sample: Sample, pair: Pair, confidence: float) -> SideLevel:
    sums, n = pair
    interval: Interval | None
    if yardstick.is_share:
        rate = clustered_rate(sums, n, confidence)
        # One group's likeness cannot be seen, so its interval would be far too narrow.
        interval = rate.interval if rate.n_clusters > 1 else None
        estimate = rate.interval.estimate
    else:
        mean = clustered_mean(sums.astype(float), n, confidence)
        interval, estimate = mean.interval, mean.estimate
    largest = float(yardstick.largest)
    return SideLevel(
        value=_in_unit(yardstick, estimate),
        low=_in_unit(yardstick, max(0.0, interval.low)) if interval else None,
        high=_in_unit(yardstick, min(largest, interval.high)) if interval else None,
        k=sample.total if yardstick.is_share else None,
        n=sample.n_all,
        population=sample.basis.population,
        unattributed=rounded(sample.basis.unattributed) or 0.0,
    )


def _in_unit(yardstick: Yardstick, mean: float) -> float:
    return float(f"{yardstick.level(mean):.12g}")
