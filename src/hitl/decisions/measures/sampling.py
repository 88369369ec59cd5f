"""Are the labels of a log a random sample of known shares? If so they speak for every decision."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from hitl.decisions.counts import Integers, Table
from hitl.decisions.measures.group import ACTED
from hitl.decisions.measures.measured import percent

PER_ONE = 1000
"""Review probabilities are counted in thousandths."""
_SIGNIFICANT = 2.58
"""Standard errors beyond which a number of labels is no chance."""
_EXPECTED = 3.0
"""Labels that a group should have had for their absence to be no chance (5 %)."""


@dataclass(frozen=True, slots=True)
class Strata:
    """Rows by review probability: all, labelled and wrong ones; rows without a probability are not in it."""

    probability: Integers
    """In thousandths."""
    sizes: Integers
    labelled: Integers
    wrong: Integers
    unjudged: Integers
    """Without a label though a person acted on them."""

    @classmethod
    def of(cls, cells: Table) -> "Strata":
        """Return the strata of some rows."""
        known = cells.between("probability_bin", 0, PER_ONE + 1)
        bins, place = np.unique(known.keys["probability_bin"], return_inverse=True)
        columns = []
        for labels in ((-1, 0, 1), (0, 1), (0,)):
            counted = known.sums["n"] * np.isin(known.keys["correct"], labels)
            sums = np.zeros(len(bins), dtype=np.int64)
            np.add.at(sums, place.reshape(-1), counted)
            columns.append(sums)
        acted = known.where(human_action=ACTED, correct=None)
        unjudged = np.zeros(len(bins), dtype=np.int64)
        np.add.at(unjudged, np.searchsorted(bins, acted.keys["probability_bin"]), acted.sums["n"])
        columns.append(unjudged)
        return cls(bins.astype(np.int64), *columns)

    @property
    def n(self) -> int:
        """Rows with a review probability."""
        return int(self.sizes.sum())

    @property
    def expected(self) -> float:
        """Labels that the review probabilities promise."""
        return int(self.sizes @ self.probability) / PER_ONE

    @property
    def silent(self) -> npt.NDArray[np.bool_]:
        """Which strata have no label."""
        return np.equal(self.labelled, 0)

    def without_silent(self) -> "Strata":
        """Return the strata that have a label."""
        some = ~self.silent
        return Strata(
            self.probability[some],
            self.sizes[some],
            self.labelled[some],
            self.wrong[some],
            self.unjudged[some],
        )

    def judged(self, *, as_wrong: bool) -> "Strata":
        """Return the strata as if what a person acted on and did not label were wrong, or right."""
        wrong = self.wrong + self.unjudged if as_wrong else self.wrong
        labelled, none = self.labelled + self.unjudged, np.zeros_like(self.unjudged)
        return Strata(self.probability, self.sizes, labelled, wrong, none)

    def fault(self, floor: float) -> str:
        """Return why the labels are no sample with these probabilities; empty if they may be."""
        hopeless = int(self.sizes[self.probability == 0].sum())
        if hopeless:
            return f"{percent(hopeless / self.n)} of {self.n:,} decisions had no chance of review (`review_probability` 0): nothing speaks for them"
        return self.broken_promise(floor)

    def shortfall(self) -> str:
        """Return how many promised labels are not there, if more than chance would leave out."""
        labels, expected, error = self._promise()
        if not expected or expected - labels <= _SIGNIFICANT * error:
            return ""
        return f"{percent(1 - labels / expected)} of the labels that `review_probability` promises are missing: if those were wrong, the rate would be higher by as much"

    def silence(self, *, is_strict: bool) -> str:
        """Return which rows no label speaks for; with strict false only where that is no chance."""
        silent = self.silent
        if not is_strict:
            silent = silent & (self.sizes * self.probability >= _EXPECTED * PER_ONE)
        rows = int(self.sizes[silent].sum())
        if not rows:
            return ""
        shown = ", ".join(f"{value / PER_ONE:g}" for value in self.probability[silent][:5])
        return f"{percent(rows / self.n)} of {self.n:,} decisions, those with review probability {shown}, have no label: nothing speaks for them"

    def broken_promise(self, floor: float) -> str:
        """Return how far the labels are from as many as the probabilities promise, beyond chance; empty if near."""
        labels, expected, error = self._promise()
        away = labels - expected
        if abs(away) <= _SIGNIFICANT * error or floor * expected <= labels <= expected / floor:
            return ""
        found = (
            f"{labels:,} decisions have a label where `review_probability` promises {expected:,.0f}"
        )
        if away < 0:
            return f"{found}: only {percent(labels / expected)} of them are there, the floor is {percent(floor)}"
        return f"{found}: labels came in other ways, so they are no random sample"

    def _promise(self) -> tuple[int, float, float]:
        """Labels that are there, that are expected, and the standard error of their number."""
        share = self.probability / PER_ONE
        error = math.sqrt(float((self.sizes * share * (1.0 - share)).sum()))
        return int(self.labelled.sum()), self.expected, error
