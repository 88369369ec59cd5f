"""Are the labels of a log a random sample of known shares? If so they speak for every decision."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc

from hitl.decisions.counts import Integers, Table
from hitl.decisions.measures.group import ACTED
from hitl.decisions.measures.measured import counted, percent

PER_ONE = 1000
"""Review probabilities are counted in thousandths."""
_SIGNIFICANT = 2.58
"""Standard errors beyond which a number of labels is no chance."""
_UNLIKELY = 0.005
"""Chance, on either side, below which labels of one stratum are no chance; shared by all strata."""
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

    @property
    def missing(self) -> Integers:
        """Labels that the probabilities promise and nobody gave, where they are more than chance leaves out."""
        promised = self.sizes * self.probability // PER_ONE
        lacking = np.maximum(0, promised - self.labelled - self.unjudged)
        return lacking if self.shortfall() else np.zeros_like(lacking)

    def judged(self, *, as_wrong: bool) -> "Strata":
        """Return the strata as if labels that should be there were: all of them wrong, or all right."""
        unknown = self.unjudged + self.missing
        wrong = self.wrong + unknown if as_wrong else self.wrong
        labelled, none = self.labelled + unknown, np.zeros_like(unknown)
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
        return f"{percent(1 - labels / expected)} of the labels that `review_probability` promises are missing"

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
        if abs(away) <= _SIGNIFICANT * error or _is_near(labels, expected, floor):
            return self._broken_stratum(floor)
        found = f"{counted(labels, 'decision')} with a label where `review_probability` promises {expected:,.0f}"
        if away < 0:
            return f"{found}: only {percent(labels / expected)} of them are there, the floor is {percent(floor)}"
        return f"{found}: labels came in other ways, so they are no random sample"

    def _broken_stratum(self, floor: float) -> str:
        """Too many labels of one stratum must not make up for those that another one lacks."""
        share = self.probability / PER_ONE
        level = _UNLIKELY / max(1, self.sizes.size)
        few = bdtr(self.labelled, self.sizes, share)
        many = np.where(self.labelled > 0, bdtrc(self.labelled - 1, self.sizes, share), 1.0)
        for at in np.flatnonzero(np.minimum(few, many) < level):
            labels, expected = int(self.labelled[at]), float(self.sizes[at] * share[at])
            if not _is_near(labels, expected, floor):
                return f"{labels:,} of the {self.sizes[at]:,} decisions with review probability {share[at]:g} have a label, where it promises {expected:,.0f}: labels are no random sample"
        return ""

    def _promise(self) -> tuple[int, float, float]:
        """Labels that are there, that are expected, and the standard error of their number."""
        share = self.probability / PER_ONE
        error = math.sqrt(float((self.sizes * share * (1.0 - share)).sum()))
        return int(self.labelled.sum()), self.expected, error


def _is_near(labels: int, expected: float, floor: float) -> bool:
    return floor * expected <= labels <= expected / floor
