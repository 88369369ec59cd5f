"""Which part of a change is another mix of work, and which remains with the same mix."""

import numpy as np

from hitl.decisions.change.crude import alone, change_of
from hitl.decisions.change.parts import Change, MixSplit
from hitl.decisions.change.rules import LEAST_COMMON, ComparisonRules
from hitl.decisions.change.sample import Pair, Sample, by_kind_of_work
from hitl.decisions.change.words import Cluster
from hitl.decisions.change.yardstick import Yardstick
from hitl.decisions.counts import MISSING
from hitl.decisions.measures.measured import only, percent, rounded
from hitl.decisions.measures.words import Stand
from hitl.stats.standardised import MixShift, Period, mix_shift

_NOTHING = 1e-14
_IN_COMMON = ", in the work that both sides have"


def split_change(
    yardstick: Yardstick, crude: Change, before: Sample, after: Sample, rules: ComparisonRules
) -> MixSplit:
    """Take a change apart, by action type and tenth of confidence.

    Refused where the crude change is, where too few decisions have both or are of a kind that both sides have,
    and where nobody stands on both sides: then other people are a part of the mix that cannot be told.
    """
    if crude.stand is Stand.REFUSED:
        return refused_split(crude.reason)
    unplaced = max(one.unplaced_share for one in (before, after))
    reason = _unplaced(before, after, rules.coverage_floor)
    if not reason and yardstick.cluster is Cluster.REVIEWER:
        reason = _strangers(before, after)
    if reason:
        return refused_split(reason, unplaced)
    pairs = by_kind_of_work(before, after, yardstick.cluster)
    if pairs is None:
        return refused_split("too many kinds of work by too many people to be told apart", unplaced)
    largest = yardstick.largest
    # A mean of whole numbers up to `largest` is a share of it, so one decomposition serves both.
    first, second = (Period(sums, n * largest) for sums, n in pairs)
    shift = mix_shift(first, second, rules.confidence, LEAST_COMMON)
    if shift.within_part is not None and (fewest := _fewest(pairs)) < 2:
        return refused_split(
            alone(yardstick.cluster, fewest) + _IN_COMMON, unplaced, shift.common_share
        )
    if shift.within_part is None or shift.mix_part is None or shift.support_part is None:
        return refused_split(_uncommon(shift), unplaced, shift.common_share)
    return MixSplit(
        stand=Stand.MEASURED,
        within=change_of(yardstick, shift.within_part, shift.n_clusters, largest),
        mix=_part(yardstick, shift.mix_part),
        unshared=_part(yardstick, shift.support_part),
        common=rounded(shift.common_share),
        unattributed=rounded(unplaced),
    )


def refused_split(
    reason: str, unattributed: float | None = None, common: float | None = None
) -> MixSplit:
    """Return a change that cannot be taken apart."""
    return MixSplit(
        stand=Stand.REFUSED,
        reason=reason,
        unattributed=rounded(unattributed),
        common=rounded(common),
    )


def people_in_common(before: Sample, after: Sample) -> int:
    """Return how many people decided on both sides."""
    first, second = (one.rows.keys["person"][one.n > 0] for one in (before, after))
    common = np.intersect1d(first, second)
    return int((common != MISSING).sum())


def _fewest(pairs: tuple[Pair, Pair]) -> int:
    """Groups of decisions in the work that both sides have, of the side that has fewer."""
    (_, first), (_, second) = pairs
    both = (first.sum(axis=1) > 0) & (second.sum(axis=1) > 0)
    return min(int(np.count_nonzero(n[both].sum(axis=0))) for n in (first, second))


def _part(yardstick: Yardstick, part: float) -> float | None:
    """What is left over by rounding alone is nothing."""
    part = 0.0 if abs(part) < _NOTHING else part
    return rounded(yardstick.change(part * yardstick.largest))


def _unplaced(before: Sample, after: Sample, floor: float) -> str:
    worst = max((before, after), key=lambda one: one.unplaced_share)
    if worst.unplaced_share < 1.0 and 1.0 - worst.unplaced_share >= floor:
        return ""
    n_placed = round((1.0 - worst.unplaced_share) * worst.n_all)
    known = only(n_placed, worst.n_all, "decisions")
    return f"{known} have an action type and a confidence; the floor is {percent(floor)}"


def _strangers(before: Sample, after: Sample) -> str:
    if people_in_common(before, after):
        return ""
    return "nobody decided on both sides: other people cannot be told from another model or time"


def _uncommon(shift: MixShift) -> str:
    share = f"only {percent(shift.common_share)}" if shift.common_share else "none"
    return f"{share} of the decisions of a side are of a kind that the other has; it takes {percent(LEAST_COMMON)}"
