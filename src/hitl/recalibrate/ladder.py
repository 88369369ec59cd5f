"""Counts at or above each threshold, from high to low: what the test walks down, and what a curve shows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import Integers, Table
from hitl.recalibrate.labelling import CENSUS, Labelling
from hitl.recalibrate.scores import GRAIN
from hitl.stats.risk_tail import stratified_uppers

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ladder:
    """Decisions at or above each threshold; rows are strata, columns are thresholds."""

    thresholds: Integers
    """Ten-thousandths, from high to low."""
    labelling: Labelling
    sizes: Integers
    """All of them."""
    labelled: Integers
    """Those with a label."""
    errors: Integers
    """Those whose label says wrong."""
    missing: Integers
    """Those that should have a label and have none."""

    @property
    def judged(self) -> Integers:
        """Those with a label, and those that count as wrong because they should have one."""
        return self.labelled + self.missing

    @property
    def wrong(self) -> Integers:
        """Those whose label says wrong, and those that count as wrong."""
        return self.errors + self.missing

    @property
    def n_all(self) -> Integers:
        """All decisions at or above each threshold."""
        return _total(self.sizes)

    @property
    def n(self) -> Integers:
        """Labelled ones."""
        return _total(self.labelled)

    @property
    def k(self) -> Integers:
        """Ones whose label says wrong."""
        return _total(self.errors)

    def rates(self) -> Numbers:
        """Return the error rate at or above each threshold, weighted by stratum; NaN where labels say nothing.

        Labels that should be there and are not are left out of the rate: they widen its limit alone.
        """
        some = self.labelled > 0
        own = np.divide(self.errors, self.labelled, out=np.zeros(self.sizes.shape), where=some)
        total = (own * self.sizes).sum(axis=0)
        is_silent = ((self.sizes > 0) & ~some).any(axis=0) | (self.n_all == 0)
        return np.where(is_silent, np.nan, total / np.maximum(1, self.n_all))

    def effective(self) -> Integers:
        """Return so many labels drawn from all decisions would say as much, at each threshold; it never falls.

        Kish's number: where most labels are of few decisions, as those of escalations are, they count for little.
        """
        parts = np.divide(
            self.sizes.astype(np.float64) ** 2,
            self.judged,
            out=np.zeros(self.sizes.shape),
            where=self.judged > 0,
        ).sum(axis=0)
        is_silent = ((self.sizes > 0) & (self.judged == 0)).any(axis=0)
        known = ~is_silent & (parts > 0)
        found = np.divide(self.n_all**2, parts, out=np.zeros(parts.shape), where=known)
        # A quotient of floats can lie just below the whole number that it is.
        return np.maximum.accumulate(np.floor(found + 1e-6).astype(np.int64))

    def limits(self, delta: float) -> Numbers:
        """Return the upper limit of the error rate at or above each threshold, each by itself."""
        return stratified_uppers(self.sizes, self.judged, self.wrong, delta)

    def at(self, threshold: int) -> int:
        """Return the column of a threshold."""
        return int(np.flatnonzero(self.thresholds == threshold)[0])

    def only(self, thresholds: Integers) -> "Ladder":
        """Return the columns of some of the thresholds."""
        keep = np.isin(self.thresholds, thresholds)
        cut = {
            name: getattr(self, name)[:, keep]
            for name in ("sizes", "labelled", "errors", "missing")
        }
        return replace(self, thresholds=self.thresholds[keep], **cut)


def build_ladder(scored: Table, thresholds: Sequence[int], labelling: Labelling) -> Ladder:
    """Return the counts of decisions at or above thresholds.

    Args:
        scored: decisions of one type and model that could run alone, with a confidence.
        thresholds: ten-thousandths, in any order; the same one twice counts once.
        labelling: their strata.
    """
    falling = np.array(sorted(set(thresholds), reverse=True), dtype=np.int64)
    strata = labelling.stratum_of(scored.keys["probability"].astype(np.int64))
    cell = strata * (GRAIN + 1) + scored.keys["score"]
    label, n = scored.keys["label"], scored.sums["n"]
    is_owed = np.zeros(len(label), dtype=bool)
    if not labelling.is_stated:
        is_census = np.array([chance == CENSUS for chance in labelling.chances])
        is_owed = (label < 0) & (is_census[strata] | (scored.keys["person"] == 1))
    elif labelling.owes_seen:
        is_owed = (label < 0) & (scored.keys["person"] == 1)

    def above(keep: npt.NDArray[np.bool_]) -> Integers:
        size = len(labelling.chances) * (GRAIN + 1)
        counts = np.bincount(cell, n * keep, size).astype(np.int64).reshape(-1, GRAIN + 1)
        return counts[:, ::-1].cumsum(axis=1)[:, GRAIN - falling]

    everything = np.ones(len(label), dtype=bool)
    return Ladder(
        falling, labelling, above(everything), above(label >= 0), above(label == 0), above(is_owed)
    )


def _total(counts: Integers) -> Integers:
    found: Integers = counts.sum(axis=0)
    return found
