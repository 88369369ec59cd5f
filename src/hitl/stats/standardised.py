"""Did a rate change because the work changed, or because the same work is decided otherwise?"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit

from hitl.stats.counts import Counts, Numbers, checked_events
from hitl.stats.interval import Interval, check_share, one_sided_level
from hitl.stats.ratio import FEW_CLUSTERS
from hitl.stats.ratio_change import rate_change


@dataclass(frozen=True, slots=True)
class Period:
    """Events and rows of one period, each by stratum (row) and cluster (column)."""

    k: Counts
    n: Counts


@dataclass(frozen=True, slots=True)
class MixShift:
    """A change of a rate, taken apart; ``crude.estimate`` is the sum of its parts.

    ``mix_part`` comes from strata that became more or less frequent, ``within_part`` from other
    rates inside strata, ``support_part`` from rows in strata that one period does not have.
    ``first_rate`` and ``second_rate`` are the rates that both periods would have with the mix of
    the first, and ``standardised`` their difference. ``common_share`` is the share of rows in
    strata that both periods have, of the period where it is smaller. Where it is too small only
    ``crude`` is given, and ``reason`` says so.
    """

    crude: Interval
    mix_part: float | None
    within_part: Interval | None
    support_part: float | None
    first_rate: float | None
    second_rate: float | None
    standardised: Interval | None
    common_share: float
    n_clusters: int
    n: int
    reason: str = ""


def mix_shift(
    before: Period, after: Period, confidence: float = 0.95, least_common: float = 0.8
) -> MixShift:
    """Take a change of a rate apart into change of mix and change within strata.

    Kitagawa's two parts, over the strata that both periods have:

    - mix: ``sum (w1 - w0)(r0 + r1) / 2``
    - within: ``sum (w0 + w1)/2 (r1 - r0)``

    with w the share of rows and r the rate of a stratum. ``standardised`` weights by w0 alone.
    The intervals are Student's t on the linearised moves of each cluster, both periods together,
    the mix counted as random; the variance is never less than that of independent rows with half
    an event added to each stratum, so that they keep a width where nothing happened. In a period
    with a single cluster the likeness cannot be seen: rows count as independent, ``method`` says
    so, and the intervals may be far too narrow.

    Assumes that rows within a stratum are alike but for chance and cluster: what the strata do
    not hold, such as harder cases of the same type, stays in the within part. Clusters are
    independent. Strata that hold few rows each give approximate limits.

    Args:
        before: the first period, whose mix is the reference of ``standardised``.
        after: the second period, with the same strata and clusters in the same order.
        confidence: two-sided, strictly between 0 and 1.
        least_common: the common share of rows below which nothing is taken apart, strictly
            between 0 and 1.

    Raises:
        ValueError: for counts that are no counts, k > n, other shapes, a period without rows, or
            an argument outside its range.

    Source: Kitagawa (1955), Journal of the American Statistical Association 50, 1168.
    """
    one_sided_level(confidence)
    check_share(least_common, "least_common")
    (k0, n0), (k1, n1) = checked_events(before.k, before.n), checked_events(after.k, after.n)
    if n0.shape != n1.shape or n0.ndim != 2:
        raise ValueError("expected both periods by stratum and cluster, in the same shape")
    earlier, later = ((k.sum(axis=0), n.sum(axis=0)) for k, n in ((k0, n0), (k1, n1)))
    change = rate_change(earlier, later, confidence)
    rows = int(n0.sum() + n1.sum())
    both = (n0.sum(axis=1) > 0) & (n1.sum(axis=1) > 0)
    share = min(int(n[both].sum()) / int(n.sum()) for n in (n0, n1))
    clusters = change.n_clusters
    if share < least_common:
        reason = (
            f"strata that both periods have hold {share:.1%} of the rows; "
            f"expected {least_common:.0%} or more"
        )
        nothing = (None, None, None, None, None, None)
        return MixShift(change.interval, *nothing, share, clusters, rows, reason)
    first, second = _Side.of(k0[both], n0[both]), _Side.of(k1[both], n1[both])
    within = _bounded(first, second, 0.5, confidence)
    mix = float((second.mix - first.mix) @ (first.rates + second.rates)) / 2.0
    return MixShift(
        crude=change.interval,
        mix_part=mix,
        within_part=within,
        support_part=change.interval.estimate - mix - within.estimate,
        first_rate=float(first.mix @ first.rates),
        second_rate=float(first.mix @ second.rates),
        standardised=_bounded(first, second, 0.0, confidence),
        common_share=share,
        n_clusters=clusters,
        n=rows,
    )


@dataclass(frozen=True, slots=True)
class _Side:
    """One period: counts by stratum and cluster, and what follows by stratum."""

    k: NDArray[np.float64]
    n: NDArray[np.float64]
    rows: float
    mix: Numbers
    rates: Numbers

    @classmethod
    def of(cls, k: Counts, n: Counts) -> "_Side":
        strata = n.sum(axis=1)
        rows = float(strata.sum())
        return cls(
            k.astype(np.float64), n.astype(np.float64), rows, strata / rows, k.sum(axis=1) / strata
        )

    @property
    def shares(self) -> Numbers:
        """The share of the rows that each cluster has."""
        shares: Numbers = self.n.sum(axis=0) / self.rows
        return shares

    def moves(self, of_mix: Numbers, of_rate: Numbers) -> Numbers:
        """What each cluster moves: a row by its stratum, and by its event less the rate."""
        residuals = self.k - self.n * self.rates[:, None]
        moves: Numbers = of_mix @ self.n + of_rate @ residuals
        return moves

    def alone(self, of_mix: Numbers, of_rate: Numbers) -> float:
        """The variance if every row stood alone, half an event added to each stratum."""
        strata, events = self.n.sum(axis=1), self.k.sum(axis=1)
        rates = (events + 0.5) / (strata + 1.0)
        return float(strata @ (of_mix * of_mix + of_rate * of_rate * rates * (1.0 - rates)))


def _bounded(first: _Side, second: _Side, later: float, confidence: float) -> Interval:
    """Bound ``sum w (r1 - r0)``, w the mix of which the share ``later`` is the second period's."""
    weights = (1.0 - later) * first.mix + later * second.mix
    changes = second.rates - first.rates
    mixes = (
        (1.0 - later) * (changes - first.mix @ changes) / first.rows,
        later * (changes - second.mix @ changes) / second.rows,
    )
    rates = (-weights / (first.mix * first.rows), weights / (second.mix * second.rows))
    sides = (first, second)
    moved = [side.moves(m, r) for side, m, r in zip(sides, mixes, rates, strict=True)]
    alone = sum(side.alone(m, r) for side, m, r in zip(sides, mixes, rates, strict=True))
    level = one_sided_level(confidence)
    estimate, rows = float(weights @ changes), int(first.rows + second.rows)
    fewest = min(int(np.count_nonzero(side.shares)) for side in sides)
    if fewest < 2:
        reach = -float(ndtri(level)) * math.sqrt(alone)
        method = "linearised, one cluster, its likeness unseen"
    else:
        held = np.maximum(first.shares, second.shares)
        clusters = int(np.count_nonzero(held))
        # As if each cluster were left out in turn: what it moved is divided by what remains.
        left_out = (moved[0] + moved[1]) / (1.0 - held)
        together = (clusters - 1) / clusters * float(left_out @ left_out)
        freedom = max(1.0, min(1.0 / float(side.shares @ side.shares) for side in sides) - 1.0)
        reach = -float(stdtrit(freedom, level)) * math.sqrt(max(together, alone))
        method = "linearised, by cluster" + (", few clusters" if fewest < FEW_CLUSTERS else "")
    low, high = max(-1.0, estimate - reach), min(1.0, estimate + reach)
    return Interval(estimate, low, high, confidence, method, rows)
