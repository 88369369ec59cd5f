"""Whom do labels speak for? By what is known of how decisions came to have one, and never by what they say."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import bdtr, bdtrc, chdtrc
from scipy.stats import hypergeom

from hitl.decisions.counts import Integers, Table
from hitl.decisions.measures.measured import percent
from hitl.recalibrate.scores import GRAIN

MOST_CHANCES = 6
"""Different review probabilities that one action type may have."""
CENSUS = -1
"""Stands for decisions that all have a label, or count as wrong without one."""
FAR = 0.9
"""Labels that are there, over those that should be, beyond which they are no random sample."""
_PER_ONE = 1000
_UNLIKELY = 0.005
_BANDS = 10

Counts = npt.NDArray[np.float64]

Reviews = Counter[tuple[bool, bool]]
"""Decisions that people let stand or overrode by (is overridden, has a label)."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """How the labels of one action type came about; `refusal` says why they speak for nothing."""

    chances: tuple[int, ...]
    """Strata: thousandths of the chance of a label, or `CENSUS`."""
    is_stated: bool = False
    """Whether somebody said that labels are a random sample; then every decision is of the one stratum."""
    refusal: str = ""
    owes_seen: bool = False
    """Whether a decision that a person saw should have a label although labels are a stated sample."""

    def stratum_of(self, probability: Integers) -> Integers:
        """Return the stratum of each line, given its review probability in thousandths."""
        places = np.zeros(len(probability), dtype=np.int64)
        if not self.is_stated:
            for place, chance in enumerate(self.chances):
                places[probability == chance] = place
        return places

    def method(self, n_without: int) -> str:
        """Return how labels were taken, in words; `n_without` is how many count as wrong without a label."""
        if self.is_stated:
            lost = f"; {n_without:,} that a person saw without a verdict count as wrong"
            return f"labels said to be a random sample of the decisions{lost if n_without else ''}"
        if any(chance != CENSUS for chance in self.chances):
            lost = f"; {n_without:,} that should be there are not, and count as wrong"
            return f"labels weighted by review probability{lost if n_without else ''}"
        if n_without:
            return f"every decision but {n_without:,} has a label, and these count as wrong"
        return "every decision has a label"


def find_labelling(
    scored: Table, reviews: Reviews, *, is_stated: bool, owes_seen: bool = False
) -> Labelling:
    """Return the strata of the decisions of one type, the one of all that must have a label first.

    A decision without a review probability, or with one of 0 or 1, must have a label: if it has none it counts as
    wrong, which no choice of labels can abuse. In the other strata labels are a sample; what a person saw and did not
    label counts as wrong there too.

    Args:
        scored: the eligible decisions with a confidence.
        reviews: what people did, and whether labels exist for it.
        is_stated: somebody says that labels are a random sample of all.
        owes_seen: whether what a person saw must have a label in such a sample too, as where the label is what the
            person did.
    """
    if is_stated:
        refusal = _uneven(scored) if owes_seen else _chosen(reviews) or _uneven(scored)
        return Labelling((0,), True, refusal, owes_seen)
    sampled = [chance for chance in _chances(scored) if not _is_complete(scored, chance)]
    if len(sampled) > MOST_CHANCES:
        shown = ", ".join(f"{chance / _PER_ONE:g}" for chance in sampled[:4])
        return Labelling((CENSUS,), False, f"labels came with {len(sampled)} different review probabilities ({shown}, ...), expected {MOST_CHANCES} or fewer: too few labels of each to add up; recalibrate on a stretch in which they did not change")  # fmt: skip
    faults = (
        _broken(scored, chance, len(sampled)) or _drawn_unevenly(scored, chance, len(sampled))
        for chance in sampled
    )
    refusal = next(filter(None, faults), "")
    others = scored.n - scored.where(probability=sampled).n
    return Labelling((*([CENSUS] if others else []), *sampled), False, refusal)


def _chances(scored: Table) -> list[int]:
    """Return the chances that make a sample."""
    found = np.unique(scored.keys["probability"]).tolist()
    return [chance for chance in found if 0 < chance < _PER_ONE]


def _is_complete(scored: Table, chance: int) -> bool:
    return not scored.where(probability=chance, label=None).n


def _broken(scored: Table, chance: int, n_sampled: int) -> str:
    """Return how far labels are from as many as their chance promises; empty if they may be chance's."""
    rows = scored.where(probability=chance)
    n, labels = rows.n, rows.where(label=(0, 1)).n + rows.where(label=None, person=1).n
    share, level = chance / _PER_ONE, _UNLIKELY / n_sampled
    expected = n * share
    few = float(bdtr(labels, n, share))
    many = float(bdtrc(labels - 1, n, share)) if labels else 1.0
    if min(few, many) >= level or FAR * expected <= labels <= expected / FAR:
        return ""
    how = "were labelled in other ways too" if labels > expected else "lost most likely those that were hard to judge"  # fmt: skip
    return f"{labels:,} of {n:,} decisions with review probability {share:g} were seen or have a label, where it promises {expected:,.0f}: labels are no random sample, they {how}; recalibrate on labels that were drawn"


def _chosen(reviews: Reviews) -> str:
    """Return why labels leave errors out: overridden decisions have fewer of them."""
    n, k = reviews[True, False] + reviews[True, True], reviews[True, True]
    others, of = reviews[False, False] + reviews[False, True], reviews[False, True]
    if not n or not others or k * others >= FAR * of * n:
        return ""
    # Fisher's test: as few or fewer of the labels would fall on overrides.
    if float(hypergeom.cdf(k, n + others, k + of, n)) >= _UNLIKELY:
        return ""
    return f"{k:,} of {n:,} overridden decisions have a label and {of:,} of {others:,} approved ones, so labels leave errors out; label what people overrode too"


def _uneven(scored: Table) -> str:
    """Return why labels that were said to be a random sample are none: their share depends on the score."""
    found = _shares(scored, _by_score(scored.where(label=(0, 1))), 1)
    if found is None:
        return ""
    return f"labels are said to be a random sample, but {percent(found[0])} of the decisions in some band of confidence have one and {percent(found[1])} in another; write `review_probability`, or label a sample drawn from all"


def _drawn_unevenly(scored: Table, chance: int, n_sampled: int) -> str:
    """Return why labels of one review probability were not drawn with it: their share depends on the score."""
    rows = scored.where(probability=chance)
    seen = _by_score(rows.where(label=(0, 1))) + _by_score(rows.where(label=None, person=1))
    found = _shares(rows, seen, n_sampled)
    if found is None:
        return ""
    return f"of the decisions with review probability {chance / _PER_ONE:g}, {percent(found[0])} in some band of confidence were seen or have a label and {percent(found[1])} in another, so they were not drawn with that chance; write the chance that each had"


def _by_score(rows: Table) -> Counts:
    return np.bincount(rows.keys["score"], rows.sums["n"], GRAIN + 1).astype(np.float64)


def _shares(scored: Table, labels: Counts, n_tests: int) -> tuple[float, float] | None:
    """Return the least and the largest share with a label by band of the score; None where chance may explain it."""
    sizes = _by_score(scored)
    n, labelled = sizes.sum(), labels.sum()
    if not labelled or labelled == n:
        return None
    bands = np.minimum(_BANDS - 1, (np.cumsum(sizes) - sizes) * _BANDS // n).astype(np.int64)
    of, have = (np.bincount(bands, counts, _BANDS) for counts in (sizes, labels))
    of, have = of[of > 0], have[of > 0]
    promised = of * labelled / n
    square = float(((have - promised) ** 2 / (promised * (1 - labelled / n))).sum())
    shares = have / of
    is_near = shares.min() >= FAR * shares.max()
    if is_near or float(chdtrc(max(1, len(of) - 1), square)) >= _UNLIKELY / n_tests:
        return None
    return float(shares.min()), float(shares.max())
